import Archive
import Foundation
import TestSupport
import Testing

/// A day of the real daemon, and the same day again out of its history and its journal.
@Suite(.serialized)
struct ReplayTests {
    /// Several controllers and classes; delays, phases, logic, votes, groups, quality, re-alarms.
    private static func yard(_ ports: [Int]) throws -> Plantyard {
        let controllers = ports.enumerated().map { number, port in
            """
              - name: F-0\(number + 1)
                address: 127.0.0.1:\(port)
                unit: 1
                timeout: 200ms
                tags:
                  - {name: temp, register: "holding:10", type: float32, order: abcd, unit: degC, scan: fast}
                  - {name: twin, register: "holding:20", type: float32, order: abcd, unit: degC, scan: slow}
                  - {name: phase, register: "holding:30", type: uint16, scan: slow, states: {0: idle, 1: soak}}
            """
        }
        return try Plantyard(
            """
            plant: {name: Test plant, site: T, time_zone: UTC}
            history: {commit_every: 100ms}
            diagnostics: {every: 1s}
            scan: {fast: 50ms, slow: 130ms}
            controllers:
            \(controllers.joined(separator: "\n"))
            alarms:
              - id: hot
                tag: "*.temp"
                levels: {high: {limit: 100, priority: high}, high_high: {limit: 200, priority: critical}}
                deadband: 5
                on_delay: 120ms
                off_delay: 200ms
              - id: soak
                tag: "*.temp"
                levels: {low: {limit: 50, priority: low}}
                when: {tag: "*.phase", is: soak}
                group: cold
              - id: twins
                tag: "*.temp"
                difference: {from: "*.twin"}
                levels: {high: {limit: 30, priority: medium}}
                group: cold
              - id: fast
                tag: "*.temp"
                rate: {over: 200ms, per: 1s}
                levels: {high: {limit: 500, priority: low}}
              - id: sensor
                tag: "*.temp"
                quality: {causes: all, priority: low}
              - id: silent
                tag: "*.twin"
                stale: {after: 1s, priority: low}
              - id: both
                logic: "alarm hot:F-01.temp and alarm hot:F-02.temp"
                priority: critical
            """)
    }

    @Test func theSameConfigurationGivesTheSameEvents() throws {
        let servers = try (0..<2).map { _ in
            try PymodbusServer(["words holding 10 0 0", "words holding 20 0 0", "words holding 30 0"])
        }
        let yard = try Self.yard(servers.map(\.port))
        var random = SeededRandom(seed: 20_261_121)
        var daemon = try yard.daemon()
        func set(_ server: Int, _ address: Int, _ value: Float) throws {
            let (high, low) = AlarmJourneyTests.words(value)
            try servers[server].write(address, high, low)
        }
        for turn in 0..<60 {
            let server = turn > 50 ? 0 : Int(random.next() % 2)
            switch random.next() % 5 {
            case 0, 1: try set(server, 10, random.pick([0, 60, 99, 100, 130, 205, Float.nan]))
            case 2: try set(server, 20, random.pick([0, 60, 100, 130]))
            case 3: try servers[server].write(30, UInt16(random.next() % 2))
            default:
                let alarm = random.pick(["hot:F-01.temp", "soak:F-02.temp", "twins:F-01.temp", "both"])
                switch random.next() % 4 {
                case 0: _ = try yard.cupel("alarms", "ack", "*")
                case 1: _ = try yard.cupel("alarms", "shelve", alarm, "--for", "1s", "--why", "test")
                case 2: _ = try yard.cupel("alarms", "unshelve", alarm)
                default: _ = try yard.cupel("alarms", "out-of-service", alarm, "--why", "test")
                }
                if turn % 3 == 0 { _ = try yard.cupel("alarms", "return", alarm) }
            }
            // A restart in the middle, and a controller that is lost for good towards the end.
            if turn == 30 {
                daemon.signal(SIGTERM)
                #expect(try daemon.exit().status == 0)
                daemon = try yard.daemon()
            }
            if turn == 50 { servers[1].kill() }
            _ = try yard.cupel("now")
        }
        _ = try eventually("the lost controller") {
            try yard.cupel("alarms", "list").output.contains("comms:F-02") ? true : nil
        }
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)

        let replay = try yard.cupel("replay", "--from", "-1h", "--json")
        #expect(replay.status == 0, "\(replay.errors)")
        let lines = try replay.output.split(separator: "\n").map { try AlarmJourneyTests.json(String($0)) }
        let summary = try #require(lines.last?["summary"] as? [String: Any])
        let kinds = Set(lines.compactMap { $0["event"] as? String })
        #expect(kinds.isSuperset(of: ["raise", "clear"]), "the day must have had something to tell: \(kinds)")
        #expect(lines.count > 30, "the day must have had something to tell")
        if summary["isSame"] as? Bool != true {
            let fields = "effective, alarm, what, state, level, value, quality, occ, rev, annunciated"
            let journal = try yard.sqlite(
                yard.journal, "SELECT \(fields) FROM alarm_event WHERE alarm <> 'cupel' ORDER BY effective, alarm, seq")
            Issue.record("journal:\n\(journal)\nreplay:\n\(replay.output)\n\(replay.errors)")
        }
    }

    @Test func anotherLimitIsTriedOnRecordedReadings() throws {
        let yard = try Self.yard([1, 2])
        let readings = yard.path + "/readings.csv"
        let commands = yard.path + "/commands.csv"
        var rows = ["time,tag,value,quality"]
        for second in 0..<20 {
            rows.append(
                "2026-01-03T10:00:\(second < 10 ? "0" : "")\(second).000Z,F-01.temp,\(second < 10 ? 90 : 110),good")
        }
        try rows.joined(separator: "\n").write(toFile: readings, atomically: true, encoding: .utf8)
        try "time,alarm,command,who,args\n2026-01-03T10:00:15.000Z,hot:F-01.temp,ack,kim,\n"
            .write(toFile: commands, atomically: true, encoding: .utf8)
        let without = try yard.cupel("replay", "--readings", readings, "--commands", commands, "--alarm", "hot:*")
        #expect(without.status == 0, "\(without.errors)")
        let events = try without.output.split(separator: "\n").map { try AlarmJourneyTests.json(String($0)) }
        #expect(events.prefix(1).map { $0["event"] as? String } == ["raise"])
        #expect(events.first?["time"] as? String == "2026-01-03T10:00:10.120Z", "with its delay")
        #expect(events.contains { $0["event"] as? String == "ack" && $0["state"] as? String == "ACKED" })

        // A sample a second and three periods of 50 ms: a longer delay must not ripen on evidence that old.
        try yard.write(
            String(contentsOfFile: yard.config, encoding: .utf8)
                .replacingOccurrences(of: "on_delay: 120ms", with: "on_delay: 160ms"))
        let with = try yard.cupel("replay", "--readings", readings, "--commands", commands, "--alarm", "hot:*")
        #expect(with.status == 0)
        #expect(with.output.isEmpty, "\(with.output)")

        try "time,tag,value,quality\n2026-01-03T10:00:00.000Z,F-01.temp,warm,good\n"
            .write(toFile: readings, atomically: true, encoding: .utf8)
        let wrong = try yard.cupel("replay", "--readings", readings)
        #expect(wrong.status == 65)
        #expect(wrong.errors.contains("readings.csv:2"), "\(wrong.errors)")
    }
}
