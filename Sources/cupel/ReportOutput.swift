import Performance
import Plant

/// The report as people and programs get it.
struct ReportOutput {
    let report: PerformanceReport
    let told: AlarmPast.Told
    /// UTC milliseconds: the beginning that was asked for.
    let asked: Int64
    /// `nil` when nobody asked for it.
    var advice: [AdviceDesk.Answer]?

    var lines: [String] {
        var lines = report.lines()
        lines += [
            "",
            "Told singly \(told.single), in digests \(told.digest), grouped \(told.grouped), counted only \(told.counted)",
        ]
        if asked < report.from {
            lines.append("The journal begins at \(UTCTime.text(report.from)), and so does the report.")
        }
        guard let advice else { return lines }
        lines += ["", "Advice, from the tags' own history, by a simulation; `cupel replay` has the exact answer"]
        if advice.isEmpty { lines.append("  no alarm needs any") }
        return lines + advice.flatMap(\.lines)
    }
}

extension ReportOutput: Encodable {
    enum CodingKeys: String, CodingKey {
        case told, advice
        case askedFrom = "asked_from"
    }

    /// The report's own keys, and these beside them.
    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(told, forKey: .told)
        try container.encode(asked, forKey: .askedFrom)
        try container.encodeIfPresent(advice, forKey: .advice)
    }
}

extension AdviceDesk.Answer {
    fileprivate var lines: [String] {
        switch self {
        case .none(let alarm, let reason): return ["  \(alarm): none, for \(reason)"]
        case .advice(let advice):
            let unit = advice.unit.isEmpty ? "" : " \(advice.unit)"
            let noise = advice.noise.map { ", noise \(Tag.shown($0.band))\(unit) (3 sigma)" } ?? ""
            return ["  \(advice.alarm): \(advice.text)", "    from \(advice.samples) readings\(noise)"]
        }
    }
}

extension AdviceDesk.Answer: Encodable {
    enum CodingKeys: String, CodingKey { case alarm, text }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .advice(let advice): try advice.encode(to: encoder)
        case .none(let alarm, let reason):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(alarm, forKey: .alarm)
            try container.encode("none, for \(reason)", forKey: .text)
        }
    }
}
