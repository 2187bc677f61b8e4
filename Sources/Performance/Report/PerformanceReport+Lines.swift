import Plant

extension PerformanceReport {
    /// As many of the worst as anybody can set right until the next report.
    public static let worst = 10

    /// The report as text for people.
    public func lines() -> [String] {
        var lines = ["Alarm performance \(UTCTime.text(from)) .. \(UTCTime.text(to)) (\(spoken(to - from)))", ""]
        lines += aligned([["figure", "value", "target", "source", "verdict"]] + figures)
        lines += ["", "Acknowledged: \(acknowledgement.count)" + acknowledgementTimes]
        lines.append(
            "Ten-minute buckets: \(buckets.count), more than one annunciation in \(buckets.overOne), "
                + "ten or more in \(buckets.tenOrMore), busiest \(buckets.busiest)")
        lines.append(
            "Priorities annunciated: \(annunciated.text)" + (configured.map { "; configured: \($0.text)" } ?? ""))
        lines += section(
            "Top ten", topTen.list.map { [$0.alarm, "\($0.annunciations)", decimal($0.share) + " %"] })
        lines += section(
            "Chattering",
            chattering.list.map {
                [$0.alarm, "\($0.raises) raises", "in \($0.runs) \($0.runs == 1 ? "run" : "runs")"]
            },
            limit: Self.worst)
        lines += section(
            "Fleeting", fleeting.list.map { [$0.alarm, "\($0.fleeting) of \($0.raises) raises"] }, limit: Self.worst)
        lines += section("Floods", floods.list.map(\.cells))
        lines += section("Standing", standing.list.map { [$0.alarm, "since \(UTCTime.text($0.since))"] })
        lines += section("Shelved", shelved.list.map(\.cells))
        lines += section("Suppressed", suppressed.list.map(\.cells))
        lines += section("Out of service", outOfService.list.map(\.cells))
        lines += section(
            "Days", days.map { [$0.date, "\($0.annunciations) annunciations", "\($0.standing) standing"] })
        if late > 0 { lines += ["", "\(late) records were out of order."] }
        return lines
    }

    private var figures: [[String]] {
        ([
            ("annunciations per day", "", rate.perDay), ("annunciations per hour", "", rate.perHour),
            ("annunciations per 10 min", "", rate.perTenMinutes), ("peak in an hour", "", peak.hour),
            ("peak in 10 min", "", peak.tenMinutes), ("peak in a minute", "", peak.minute),
            ("time in flood", " %", floods.share), ("chattering alarms", "", chattering.alarms),
            ("standing over a day", "", standing.worstDay), ("top ten", " %", topTen.share),
            ("annunciated high and critical", " %", annunciated.urgent),
            ("annunciated medium and above", " %", annunciated.mediumAndUrgent),
        ] + configuredFigures).map { name, unit, figure in
            [
                name, decimal(figure.value, 2) + unit,
                (figure.isExclusive ? "< " : "<= ") + decimal(figure.target) + unit, figure.source.rawValue,
                figure.verdict.rawValue,
            ]
        } + [
            ["fleeting", "\(fleeting.count)", "-"],
            ["shelved", "\(shelved.count)", "-", shelved.oldest],
            ["suppressed", "\(suppressed.count)", "-", suppressed.oldest],
            ["out of service", "\(outOfService.count)", "-", outOfService.oldest],
        ]
    }

    private var configuredFigures: [(String, String, KeyFigure)] {
        guard let configured else { return [] }
        return [
            ("configured high and critical", " %", configured.urgent),
            ("configured medium and above", " %", configured.mediumAndUrgent),
        ]
    }

    private var acknowledgementTimes: String {
        guard let median = acknowledgement.median, let slow = acknowledgement.ninetyFifth else { return "" }
        return ", half within \(spoken(median)), 95 % within \(spoken(slow))"
    }

    /// More rows than `limit` are only counted: the worst come first, and JSON has all.
    private func section(_ title: String, _ rows: [[String]], limit: Int = .max) -> [String] {
        guard !rows.isEmpty else { return [] }
        let more = rows.count > limit ? ["  and \(rows.count - limit) more"] : []
        return ["", title] + aligned(Array(rows.prefix(limit))).map { "  " + $0 } + more
    }
}

extension PerformanceReport.PriorityMix {
    fileprivate var text: String {
        "\(decimal(low)) % low, \(decimal(medium)) % medium, \(decimal(high)) % high, \(decimal(critical)) % critical"
    }
}

extension PerformanceReport.Flood {
    fileprivate var cells: [String] {
        [
            UTCTime.text(begin), spoken(end - begin), "\(count) annunciations", "peak \(peak) in 10 min",
            ongoing ? "goes on" : "",
        ]
    }
}

extension PerformanceReport.Withheld {
    fileprivate var oldest: String { oldestAge.map { "oldest \(spoken($0))" } ?? "" }
}

extension PerformanceReport.Withheld.Alarm {
    fileprivate var cells: [String] { [alarm, "for \(spoken(age))", who ?? "", reason ?? ""] }
}
