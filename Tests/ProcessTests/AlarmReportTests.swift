import Foundation
import Journal
import Performance
import Plant
import TestSupport
import Testing

/// How well the alarms serve their operators, from a past that was written by hand.
@Suite(.serialized)
struct AlarmReportTests {
    static let day = ["--from", "2026-01-03", "--to", "2026-01-04"]

    /// One tag, read once a second, at a controller that nobody has to run.
    static func yard(deadband: String = "0.5", alarm: String = "") throws -> Plantyard {
        try Plantyard(
            """
            plant: {name: Test plant, site: T, time_zone: UTC}
            scan: {fast: 1s}
            controllers:
              - name: F-01
                address: 127.0.0.1:1
                unit: 1
                timeout: 300ms
                tags:
                  - {name: melt_temp, register: "holding:10", type: float32, order: abcd, unit: degC, scan: fast}
            alarms:
              - id: high
                tag: F-01.melt_temp
                levels: {high: {limit: 1480, priority: medium}, high_high: {limit: 1500, priority: critical}}
                deadband: \(deadband)
                guidance: Cut power.
                respond_within: 2m
            \(alarm)
            """)
    }

    static func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    /// The number at the end of a path of keys.
    static func number(_ json: [String: Any], _ path: String) -> Double? {
        let keys = path.split(separator: ".").map(String.init)
        var inner: [String: Any]? = json
        for key in keys.dropLast() { inner = inner?[key] as? [String: Any] }
        return (inner?[keys.last ?? ""] as? NSNumber)?.doubleValue
    }

    static func list(_ json: [String: Any], _ key: String) -> [[String: Any]] {
        (json[key] as? [String: Any])?["list"] as? [[String: Any]] ?? []
    }

    // MARK: A story

    static let hour: Int64 = 3600

    /// A day with a chattering temperature, a trip, a shelf; with an old alarm and a work from days before.
    static var story: [AlarmNotice] {
        let started = AlarmNotice.daemon(.started, text: "started", at: Plantyard.midnight - 48 * hour * 1000)
        let before: [AlarmNotice] = [
            .at(-42 * hour, "out-of-service", "flow:F-01.q", "OOS", who: "kim", why: "no sensor", detail: "permit 17"),
            .at(-36 * hour, "raise", "door:F-01.d", "UNACK", .low, told: "single"),
            .at(-36 * hour + 300, "ack", "door:F-01.d", "ACKED", .low, who: "kim"),
            .at(-30 * hour, "raise", "past:F-01.p", "UNACK", told: "single"),
            .at(-30 * hour + 60, "clear", "past:F-01.p", "RTNUN"),
        ]
        // More than a page of them: what was before must be found all the same.
        let hidden = (0..<60).flatMap { number in
            [
                AlarmNotice.at(-24 * hour + 60 * number, "raise-suppressed", "flow:F-01.q", "OOS"),
                AlarmNotice.at(-24 * hour + 60 * number + 30, "clear-suppressed", "flow:F-01.q", "OOS"),
            ]
        }
        // In the journal before what took effect earlier.
        let trip: [AlarmNotice] = [
            .at(12 * hour, "raise", "trip:F-01.t", "UNACK", .critical, told: "single"),
            .at(12 * hour + 30, "ack", "trip:F-01.t", "ACKED", .critical, who: "lee"),
            .at(12 * hour + 600, "clear", "trip:F-01.t", "NORM", .critical),
        ]
        let told = ["single", "single", "single", "digest", "digest", "grouped"]
        let chatter = (0..<12).flatMap { number -> [AlarmNotice] in
            let time = 10 * hour + 15 * Int64(number)
            let way = number < told.count ? told[number] : "counted"
            return [
                .at(time, "raise", "high:F-01.melt_temp", "UNACK", occurrence: number + 1, told: way),
                .at(time + 5, "clear", "high:F-01.melt_temp", "RTNUN", occurrence: number + 1),
            ]
        }
        let flood = AlarmNotice.daemon(
            .floodBegins, text: "flood", at: Plantyard.midnight + 10 * hour * 1000 + 135_000, annunciated: true)
        let rest: [AlarmNotice] = [
            .at(14 * hour, "shelve", "low:F-01.melt_temp", "SHLV", .low, who: "kim", why: "float stuck"),
            // The day is over.
            .at(24 * hour, "raise", "trip:F-01.t", "UNACK", .critical, occurrence: 2, told: "single"),
        ]
        return [started] + before + hidden + trip + chatter + [flood] + rest
    }

    @Test func theFiguresOfADayWrittenByHand() throws {
        let yard = try Self.yard()
        try yard.writeJournal(Self.story)
        let end = try yard.cupel("alarms", "report", "--json", "--from", "2026-01-03", "--to", "2026-01-04")
        #expect(end.status == 0, "\(end.errors)")
        let report = try Self.json(end.output)
        // 12 raises of the temperature, 4 within a minute, and the trip; the flood is theirs from the 10th raise until
        // fewer than 5 are left within 10 minutes: from 10:02:15 to 10:11:45.
        let figures: [(String, Double)] = [
            ("from", Double(Plantyard.midnight)), ("to", Double(Plantyard.midnight + 86_400_000)),
            ("asked_from", Double(Plantyard.midnight)), ("annunciations", 13), ("late", 0),
            ("rate.per_day.value", 13), ("rate.per_day.target", 120), ("rate.per_hour.value", 13.0 / 24),
            ("rate.per_ten_minutes.value", 13.0 / 144), ("buckets.count", 144), ("buckets.over_one", 1),
            ("buckets.ten_or_more", 1), ("buckets.busiest", 12), ("peak.hour.value", 12),
            ("peak.ten_minutes.value", 12), ("peak.minute.value", 4), ("floods.share.value", 57_000.0 / 86_400),
            ("chattering.alarms.value", 1), ("fleeting.count", 12), ("standing.worst_day.value", 1),
            ("top_ten.share.value", 100), ("annunciated.high", 1200.0 / 13), ("annunciated.critical", 100.0 / 13),
            ("shelved.count", 1), ("shelved.oldest_age_ms", 36_000_000), ("suppressed.count", 0),
            ("out_of_service.count", 1), ("out_of_service.oldest_age_ms", 66 * 3_600_000),
            ("acknowledgement.count", 1), ("told.single", 4), ("told.digest", 2), ("told.grouped", 1),
            ("told.counted", 6),
        ]
        for (path, expected) in figures {
            let found = try #require(Self.number(report, path), "\(path) in \(end.output)")
            #expect(abs(found - expected) < 1e-9, "\(path): found \(found), expected \(expected)")
        }
        let standing = try #require(Self.list(report, "standing").first)
        #expect(standing["alarm"] as? String == "door:F-01.d")
        #expect(Self.number(standing, "since") == Double(Plantyard.midnight - 36 * 3_600_000))
        #expect(Self.list(report, "standing").count == 1)
        let out = try #require(Self.list(report, "out_of_service").first)
        #expect(out["reason"] as? String == "no sensor; permit 17")
        #expect(out["who"] as? String == "kim")
        #expect(Self.list(report, "top_ten").map { $0["alarm"] as? String } == ["high:F-01.melt_temp", "trip:F-01.t"])
        #expect(Self.list(report, "chattering").map { Self.number($0, "raises") } == [12])
        // The temperature at its worst; the controller and the journal; the history; the late scans and the log.
        for (priority, count) in [("critical", 1.0), ("high", 2), ("medium", 1), ("low", 2)] {
            let share = 100 * count / 6
            let found = try #require(Self.number(report, "configured.\(priority)"))
            #expect(abs(found - share) < 1e-9, "\(priority): \(found)")
        }
        #expect(report["advice"] == nil)
    }

    @Test func theSameAsATable() throws {
        let yard = try Self.yard()
        try yard.writeJournal(Self.story)
        let end = try yard.cupel("alarms", "report", "--from", "2026-01-03", "--to", "2026-01-04")
        #expect(end.status == 0, "\(end.errors)")
        let lines = end.output.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        for line in [
            "annunciations per day 13 <= 120 EEMUA 191 ok", "peak in a minute 4 <= 2 EEMUA 191 over",
            "time in flood 0.66 % < 1 % EEMUA 191 ok", "out of service 1 - oldest 2.8 d",
            "Acknowledged: 1, half within 30 s, 95 % within 30 s", "door:F-01.d since 2026-01-01T12:00:00.000Z",
            "Told singly 4, in digests 2, grouped 1, counted only 6",
        ] { #expect(lines.contains(line), "\(line)\nin\n\(end.output)") }
        #expect(!end.output.contains("The journal begins"))
    }

    @Test func aReportBeginsWithTheJournalAndNeedsNoConfiguration() throws {
        let yard = try Self.yard()
        try yard.writeJournal(Self.story)
        try yard.write("plant: [")
        // A state directory whose name says where the journal is, and a configuration that nobody can load.
        let end = try yard.cupel("alarms", "report", "--from", "2025-12-01", "--to", "2026-01-04")
        #expect(end.status == 0, "\(end.errors)")
        #expect(end.output.contains("The journal begins at 2026-01-01T00:00:00.000Z, and so does the report."))
        #expect(end.output.contains("Configured priorities are left out"))
        #expect(end.output.contains("cupel.yaml:1:"))
        #expect(!end.output.contains("configured high"))
        #expect(end.output.contains("Alarm performance 2026-01-01T00:00:00.000Z .. 2026-01-04T00:00:00.000Z (3 d)"))
        #expect(try yard.cupel("alarms", "report", "--advice").status == 78)
    }

    @Test func whatCannotBeReportedIsSaid() throws {
        let yard = try Self.yard()
        #expect(try yard.cupel("alarms", "report").status == 74)
        #expect(try yard.cupel("alarms", "report", "--from", "now", "--to", "-1h").status == 64)
        try yard.writeJournal(Self.story)
        #expect(try yard.cupel("alarms", "report", "--from", "2025-01-01", "--to", "2025-02-01").status == 1)
        #expect(try yard.cupel("alarms", "report", "--alarm", "nobody:*").status == 1)
        #expect(try yard.cupel("alarms", "report", "--alarm", "high:*").errors.contains("history.db"))
    }

    /// The daemon's own journal, while it writes and afterwards.
    @Test func aReportOfARunningDaemonAndOfAStoppedOne() throws {
        let yard = try Self.yard()
        var daemon = try yard.daemon()
        func report() throws -> [String: Any] {
            let end = try yard.cupel("alarms", "report", "--json", "--to", "2999-01-01")
            #expect(end.status == 0, "\(end.errors)")
            return try Self.json(end.output)
        }
        let running = try eventually("the lost controller") {
            let report = try report()
            return Self.number(report, "annunciations") == 1 ? report : nil
        }
        #expect(Self.list(running, "top_ten").map { $0["alarm"] as? String } == ["comms:F-01"])
        let from = try #require(Self.number(running, "from"))
        #expect(try #require(Self.number(running, "asked_from")) < from)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        let stopped = try report()
        #expect(Self.number(stopped, "annunciations") == 1)
        #expect(Self.number(stopped, "from") == from)
        // What has not come yet is no time without alarms.
        #expect(try #require(Self.number(stopped, "to")) <= Date().timeIntervalSince1970 * 1000)

        // An alarm that is taken out of the configuration while it stands does not stand for ever after.
        try yard.write(String(contentsOfFile: yard.config, encoding: .utf8).replacing("F-01", with: "F-02"))
        daemon = try yard.daemon()
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        let retired = try yard.sqlite(yard.journal, "SELECT alarm FROM alarm_event WHERE what = 'retired' ORDER BY seq")
        #expect(retired.split(separator: "\n").contains("comms:F-01"), "\(retired)")
    }

    // MARK: Advice

    /// An hour around a limit: sigma is 0.7, and for three times a minute the value lies just at the limit.
    static func noisy(seed: UInt64) -> [Float] {
        var random = SeededRandom(seed: seed)
        return (0..<3600).map { second in
            // Twelve uniform numbers make a normal one, of variance 1.
            let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
            let middle = (600..<660).contains(second % 1200) ? 1479.5 : 1460
            return Float(middle + 0.7 * normal)
        }
    }

    @Test func adviceIsWhatTheHistoryOfTheTagSays() throws {
        let yard = try Self.yard()
        let values = Self.noisy(seed: 20_260_103)
        try yard.writeHistory(values)
        try yard.writeJournal(Self.story)
        let setting = AlarmSetting(
            alarm: "high:F-01.melt_temp", unit: "degC", limit: 1480, isAbove: true, tuning: Tuning(deadband: 0.5),
            maxGap: .seconds(3), respondWithin: .seconds(120))
        var study = AdviceStudy(setting)
        for (second, value) in values.enumerated() {
            study.take(time: Plantyard.midnight + Int64(second) * 1000, value: Double(value))
        }
        let expected = study.finish()
        #expect(expected.samples == 3600)
        #expect(expected.present.nuisances > 10)
        let better = try #require(expected.recommended)

        struct Report: Decodable {
            struct Line: Decodable {
                let alarm: String
                let text: String
                let samples: Int?
                let recommended: Advice.Outcome?
            }
            let advice: [Line]
        }
        let arguments = ["alarms", "report", "--from", "2026-01-03", "--to", "2026-01-04", "--advice"]
        let end = try Program(
            Cupel.binary, arguments + ["--json", "--config", yard.config, "--state", yard.state]
        ).exit()
        #expect(end.status == 0, "\(end.errors)")
        let found = try JSONDecoder().decode(Report.self, from: Data(end.output.utf8)).advice
        #expect(found.map(\.alarm) == ["high:F-01.melt_temp", "trip:F-01.t"])
        #expect(found.first?.text == expected.text)
        #expect(found.first?.samples == 3600)
        #expect(found.first?.recommended == better)
        #expect(found.last?.text == "none, for the configuration no longer has it")

        let table = try yard.cupel(
            "alarms", "report", "--from", "2026-01-03", "--to", "2026-01-04", "--alarm", "*:F-01*")
        #expect(table.status == 0, "\(table.errors)")
        #expect(table.output.contains("\n  high:F-01.melt_temp: \(expected.text)\n    from 3600 readings, noise "))
        #expect(table.output.contains("\n  comms:F-01: none, for only level alarms have a deadband\n"))
        #expect(!table.output.contains("trip:F-01.t: none"))
    }

    // MARK: The check of a configuration

    @Test(arguments: [("0.5", true), ("1.9", true), ("2.3", false)])
    func aDeadbandInsideTheNoiseIsAWarning(deadband: String, isInside: Bool) throws {
        let yard = try Self.yard(deadband: deadband)
        // Without a history nobody knows the noise.
        let unknown = try yard.cupel("check", "--strict")
        #expect(unknown.status == 0)
        #expect(unknown.errors.isEmpty)
        #expect(unknown.output.hasSuffix("\nno warnings\n") || unknown.output.hasSuffix("\nno warnings"))

        let seed: UInt64 = 7
        // Only the newest readings count: before them the process was wild.
        let values = Self.noisy(seed: seed).enumerated().map { $0 < 2900 ? 1460 + 5 * ($1 - 1460) : $1 }
        try yard.writeHistory(values)
        var meter = NoiseMeter(maxGap: .seconds(3))
        for (second, value) in values.enumerated().suffix(601) {
            meter.take(time: Int64(second) * 1000, value: Double(value))
        }
        let band = try #require(meter.estimate?.band)
        #expect((1.95...2.25).contains(band), "seed \(seed)")

        let check = try yard.cupel("check")
        #expect(check.status == 0)
        let warning =
            "\(yard.config):14:15: deadband \(deadband) is inside the noise of F-01.melt_temp "
            + "(3 sigma = \(band) degC): high will chatter; expected at least \(band)"
        #expect(check.errors.contains(warning) == isInside, "\(check.errors), seed \(seed)")
        #expect(check.output.split(separator: "\n").last == (isInside ? "1 warning" : "no warnings"))
        let strict = try yard.cupel("check", "--strict")
        #expect(strict.status == (isInside ? 78 : 0))
        #expect(strict.output == check.output)
    }

    @Test func delaysThatKeepRaisesApartNeedNoDeadband() throws {
        let yard = try Self.yard(deadband: "0", alarm: "    off_delay: 31s")
        try yard.writeHistory(Self.noisy(seed: 7))
        let check = try yard.cupel("check")
        #expect(!check.errors.contains("noise"), "\(check.errors)")
        try yard.write(String(contentsOfFile: yard.config, encoding: .utf8).replacing("31s", with: "30s"))
        #expect(try yard.cupel("check").errors.contains("inside the noise"))
    }

    @Test func everyWarningHasItsPlaceAndIsCounted() throws {
        let yard = try Self.yard(
            alarm: """
                    on_delay: 1s
                  - id: low
                    tag: F-01.melt_temp
                    levels: {low: {limit: 1300, priority: high}}
                    deadband: 5
                """)
        let check = try yard.cupel("check")
        #expect(check.status == 0)
        #expect(check.errors.contains("\(yard.config):17:15: on_delay: "), "\(check.errors)")
        #expect(check.errors.contains("\(yard.config):18:5: low: high priority without guidance"), "\(check.errors)")
        #expect(check.output.split(separator: "\n").last == "2 warnings")
        #expect(try yard.cupel("check", "--strict").status == 78)
    }
}
