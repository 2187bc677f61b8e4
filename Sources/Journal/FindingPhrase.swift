import Detection
import Plant

/// What a detector found, in words: `1502.3 degC >= 1500`, `lost: bad:timeout`.
struct FindingPhrase {
    /// What the alarm is about, by name.
    let subject: String
    /// The value as people know it: the name of a state, else a number with its unit.
    let reading: String?

    private let event: AlarmEvent
    private let definition: AlarmDefinition
    private let plant: Plant
    private let notice: AlarmNotice

    init(_ event: AlarmEvent, _ definition: AlarmDefinition, _ plant: Plant, _ notice: AlarmNotice) {
        self.event = event
        self.definition = definition
        self.plant = plant
        self.notice = notice
        let tag = definition.tag.map { plant.tags[$0] }
        switch definition.detector {
        case .comms(let controller, _): subject = "controller \(plant.controllers[controller].name)"
        case .health(let subsystem, _): subject = FindingPhrase.name(of: subsystem)
        case .levels, .test, .lots: subject = tag?.name ?? definition.name
        }
        reading = notice.value.map { value in
            if let tag {
                if let code = Int(exactly: value), let name = tag.states[code] { return name }
                if tag.type == .bool { return value == 0 ? "false" : "true" }
            }
            return FindingPhrase.quantity(value, tag?.unit)
        }
    }

    var text: String {
        // Nobody knows where the value is: whatever the detector looks at, this is the news.
        if event.level == .unknown { return "unknown: \(event.quality.name)" }
        switch definition.detector {
        case .levels(let levels): return levelText(levels) + aside
        case .test(let test, _): return testText(test)
        case .lots(let chart, _): return "\(reading ?? "unknown") \(chartText(chart.rule))"
        case .comms: return "lost: \(event.quality.name)"
        case .health(let subsystem, _):
            return FindingPhrase.failure(of: subsystem) + (event.detail.map { ": \($0)" } ?? "")
        }
    }

    /// What a detector adds to the numbers.
    private var aside: String { event.detail.map { " (\($0))" } ?? "" }

    // MARK: Levels

    private func levelText(_ levels: Levels) -> String {
        let comparison = (levels.isAbove ? ">" : "<") + (levels.isInclusive ? "=" : "")
        let limit = "\(comparison) \(notice.limit.map(\.plainText) ?? "its limit")"
        let value = reading ?? "unknown"
        guard let (name, unit) = figure(levels.figure) else { return "\(value) \(limit)" }
        // Without the figure there is only what was compared.
        let number = notice.figure.map { " \(FindingPhrase.quantity($0, unit))" } ?? ""
        return "\(value), \(name)\(number) \(limit)"
    }

    /// What is compared, with its unit; `nil` for the value itself.
    private func figure(_ figure: Figure) -> (name: String, unit: String?)? {
        switch figure {
        case .value: return nil
        case .deviation(let deviation):
            let unit = deviation.form == .percent ? "%" : notice.unit
            return ("deviation from \(plant.tags[deviation.setpoint].name)", unit)
        case .rate(let rate): return ("rate", "\(notice.unit ?? "1")/\(FindingPhrase.per(rate.per))")
        case .difference(let twin): return ("difference from \(plant.tags[twin].name)", notice.unit)
        case .disagreement(let with): return ("disagreement of \(with.count + 1)", notice.unit)
        case .median(let with): return ("median of \(with.count + 1)", notice.unit)
        case .vote(let with, let need, _): return ("\(need) of \(with.count + 1)", notice.unit)
        }
    }

    // MARK: Tests

    /// The detectors' own words say best what they saw; where one has none, its definition does.
    private func testText(_ test: Detector.Test) -> String {
        let value = reading ?? "unknown"
        let figure = notice.figure.map { FindingPhrase.quantity($0, notice.unit) }
        switch test {
        case .state: return "is \(value)\(aside)"
        case .bits(_, let isSet): return "\(event.detail ?? "a bit") is \(isSet ? "set" : "clear")"
        case .change: return "has changed: \(event.detail ?? "now \(value)")"
        case .edges(let count, let within):
            let edges = notice.figure.map(\.plainText) ?? "\(count)"
            return "has changed \(edges) times in \(FindingPhrase.time(within))\(aside)"
        case .mismatch(let feedback, let transit):
            let said = "\(plant.tags[feedback].name) does not follow within \(FindingPhrase.time(transit))"
            return "is \(value), \(said)\(aside)"
        case .spike(let spike):
            let height = figure.map { " by \($0)" } ?? ""
            return "jumps\(height) > \(spike.threshold.plainText)\(aside)"
        case .stuck(let stuck):
            return "\(value) has not moved for \(FindingPhrase.time(stuck.over))\(aside)"
        case .stale(let after): return event.detail ?? "no good sample for \(FindingPhrase.time(after))"
        case .quality: return "is \(event.detail ?? event.quality.name)"
        case .degraded: return "has lost redundancy\(aside)"
        case .phantom: return "\(value) looks like the cold junction, not the furnace\(aside)"
        case .timeToLimit(let trend):
            return "\(value) \(event.detail ?? "is about to reach \(trend.limit.plainText)")"
        case .logic(let logic): return "is the case: \(event.detail ?? logic.text)"
        }
    }

    private func chartText(_ rule: LotChart.Rule) -> String {
        let kind =
            switch rule {
            case .conformity: "does not conform"
            case .runs: "breaks a run rule"
            case .ewma: "moves the average out of control"
            case .cusum: "moves the sum out of control"
            case .capability: "lowers the capability"
            }
        return kind + (event.detail.map { ": \($0)" } ?? "")
    }

    // MARK: Cupel itself

    private static func name(of subsystem: Subsystem) -> String {
        switch subsystem {
        case .sink(let name): "sink \(name)"
        case .history: "the history"
        case .historyLog: "the history's log"
        case .journal: "the journal"
        }
    }

    private static func failure(of subsystem: Subsystem) -> String {
        switch subsystem {
        case .sink: "fails"
        case .history, .journal: "cannot be written"
        case .historyLog: "is too long"
        }
    }

    /// What is said when it is over.
    static func recovery(of subsystem: Subsystem) -> String {
        switch subsystem {
        case .sink: "delivers again"
        case .history, .journal: "is written again"
        case .historyLog: "is short again"
        }
    }

    // MARK: Words

    private static func quantity(_ value: Double, _ unit: String?) -> String {
        value.plainText + (unit.map { " \($0)" } ?? "")
    }

    /// `min`, `h`, `90 s`: what a rate is counted in.
    private static func per(_ time: Duration) -> String {
        switch time {
        case .seconds(1): "s"
        case .seconds(60): "min"
        case .seconds(3600): "h"
        default: self.time(time)
        }
    }

    /// `40 s`, `5 min`, `8 h`, without rounding.
    private static func time(_ time: Duration) -> String {
        let milliseconds = time.milliseconds
        if milliseconds > 0, milliseconds % 3_600_000 == 0 { return "\(milliseconds / 3_600_000) h" }
        if milliseconds > 0, milliseconds % 60_000 == 0 { return "\(milliseconds / 60_000) min" }
        return "\((Double(milliseconds) / 1000).plainText) s"
    }
}
