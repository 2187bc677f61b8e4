import Foundation
import TestSupport
import Testing

/// What a reload touches, seen from outside: only what changed.
@Suite(.serialized)
struct ReloadTests {
    /// One controller of the test plant: a server that always holds the same number.
    struct Member {
        let name: String
        let value: UInt16
        let server: PymodbusServer

        init(_ name: String, _ value: UInt16) throws {
            (self.name, self.value) = (name, value)
            server = try PymodbusServer(["words holding 0 \(String(value, radix: 16)) 7"])
        }

        /// - Parameter more: a second tag, which changes what is asked.
        func yaml(more: Bool = false) -> String {
            """
              - name: \(name)
                address: 127.0.0.1:\(server.port)
                unit: 1
                tags:
                  - {name: t, register: "holding:0", type: uint16, scan: fast}

            """ + (more ? "      - {name: more, register: \"holding:1\", type: uint16, scan: fast}\n" : "")
        }
    }

    static func yaml(
        _ members: [String], alarms: String = "", sinks: String = "", history: String = "commit_every: 100ms"
    ) -> String {
        """
        plant: {name: Test, site: T, time_zone: UTC}
        history: {\(history)}
        scan: {fast: 100ms}
        controllers:
        \(members.joined())

        """ + (alarms.isEmpty ? "" : "alarms:\n\(alarms)\n") + (sinks.isEmpty ? "" : "sinks:\n\(sinks)\n")
    }

    static func alarm(_ member: String, above limit: Int, id: String = "high") -> String {
        "  - {id: \(id), tag: \(member).t, levels: {high: {limit: \(limit), priority: high}}}\n"
    }

    struct Status: Decodable {
        struct Line: Decodable {
            struct Group: Decodable {
                var name: String
                var scans: Int
                var failed: Int
            }
            var endpoint: String
            var connects: Int
            var failures: [String: Int]
            var groups: [Group]
        }
        struct Recorder: Decodable {
            var newestSequences: [String: UInt64]
            var state: String
            var strayBlocks: UInt64
            var missingScans: UInt64
            var incompleteScans: UInt64
        }
        var lines: [Line]
        var recorder: Recorder

        func line(_ member: Member) throws -> Line {
            try #require(lines.first { $0.endpoint.hasSuffix(":\(member.server.port)") })
        }
    }

    static func status(_ yard: Plantyard) throws -> Status {
        let answer = try yard.cupel("status", "--json")
        guard answer.status == 0 else { throw TestFailure("status: \(answer)") }
        return try JSONDecoder().decode(Status.self, from: Data(answer.output.utf8))
    }

    /// Waits until so many more scans of a member are on disk.
    @discardableResult
    static func scans(_ count: UInt64, of member: Member, _ yard: Plantyard) throws -> UInt64 {
        let before = try status(yard).recorder.newestSequences["\(member.name)/fast"] ?? 0
        return try eventually("\(count) more scans of \(member.name)") {
            let now = try status(yard).recorder.newestSequences["\(member.name)/fast"] ?? 0
            return now >= before + count ? now : nil
        }
    }

    /// The sequence numbers of a member's scans in the history, in the order they were stored.
    static func sequences(_ member: Member, _ yard: Plantyard) throws -> [Int] {
        try yard.sqlite(
            yard.history,
            """
            SELECT hot.sequence FROM hot JOIN scan_group ON scan_group.id = hot.scan_group
            WHERE scan_group.name = '\(member.name)/fast' ORDER BY hot.id
            """
        ).split(separator: "\n").compactMap { Int($0) }
    }

    static func values(_ tag: String, _ yard: Plantyard) throws -> String {
        try yard.sqlite(yard.history, "SELECT DISTINCT value, quality FROM recent WHERE tag = '\(tag)'")
    }

    static func alarmEvents(_ alarm: String, _ yard: Plantyard) throws -> [String] {
        try yard.sqlite(yard.journal, "SELECT what FROM alarm_event WHERE alarm = '\(alarm)' ORDER BY seq")
            .split(separator: "\n").map(String.init)
    }

    @Test func onlyWhatChangedIsTouched() throws {
        // The first to go, so that every number of the plant moves.
        let (gone, alarmed, changed, quiet) = (
            try Member("A", 10), try Member("B", 20), try Member("C", 30), try Member("D", 40)
        )
        let yard = try Plantyard(
            Self.yaml(
                [gone, alarmed, changed, quiet].map { $0.yaml() }, alarms: Self.alarm("B", above: 15)))
        let daemon = try yard.daemon()
        for member in [gone, alarmed, changed, quiet] { try Self.scans(10, of: member, yard) }
        let listed = try eventually("the alarm in the list") {
            let out = try yard.cupel("alarms", "list", "--json").output
            return out.contains("high:B.t") ? out : nil
        }
        #expect(listed.contains("\"state\":\"UNACK\"") && listed.contains("\"occurrence\":1"))
        let before = try Self.status(yard)

        // A goes, C gets another tag, D another alarm.
        try yard.write(
            Self.yaml(
                [alarmed.yaml(), changed.yaml(more: true), quiet.yaml()],
                alarms: Self.alarm("B", above: 15) + Self.alarm("D", above: 35, id: "other")))
        let reloaded = try yard.cupel("reload")
        #expect(reloaded.output == "ok: 2 lines kept, 1 changed, 0 added, 1 removed")
        for member in [alarmed, changed, quiet] { try Self.scans(10, of: member, yard) }

        // Connections and counters go on.
        let after = try Self.status(yard)
        #expect(after.lines.count == 3)
        for member in [alarmed, quiet] {
            let (old, new) = (try before.line(member), try after.line(member))
            #expect(new.connects == 1)
            #expect(new.failures.isEmpty)
            #expect(new.groups[0].scans >= old.groups[0].scans + 10)
            #expect(new.groups[0].failed == 0)
        }
        // What stands goes on standing, untouched; what is new is watched.
        let still = try eventually("the new alarm") {
            let out = try yard.cupel("alarms", "list", "--json").output
            return out.contains("other:D.t") ? out : nil
        }
        #expect(still.contains("high:B.t") && still.contains("\"occurrence\":1"))
        #expect(try Self.alarmEvents("high:B.t", yard) == ["raise"])
        #expect(try Self.alarmEvents("other:D.t", yard) == ["raise"])
        #expect(try yard.cupel("alarms", "ack", "high:B.t").status == 0)

        // A bad file changes nothing.
        try yard.write(Self.yaml([alarmed.yaml(), changed.yaml(more: true), quiet.yaml()]) + "nonsense: 1\n")
        #expect(try yard.cupel("reload").status == 78)
        try Self.scans(10, of: alarmed, yard)
        #expect(try Self.status(yard).line(alarmed).connects == 1)

        // A comes back and counts on.
        let last = try Self.sequences(gone, yard).count
        try yard.write(
            Self.yaml(
                [gone.yaml(), alarmed.yaml(), changed.yaml(more: true), quiet.yaml()],
                alarms: Self.alarm("B", above: 15) + Self.alarm("D", above: 35, id: "other")))
        #expect(try yard.cupel("reload").output == "ok: 3 lines kept, 0 changed, 1 added, 0 removed")
        for member in [gone, alarmed, changed, quiet] { try Self.scans(10, of: member, yard) }
        #expect(try Self.status(yard).line(quiet).connects == 1)
        let end = try Self.status(yard).recorder
        #expect([end.strayBlocks, end.missingScans, end.incompleteScans] == [0, 0, 0])
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)

        // No number is missing, none came twice, and each value lies under its own name.
        for member in [gone, alarmed, changed, quiet] {
            let sequences = try Self.sequences(member, yard)
            #expect(sequences == Array(1...sequences.count), "\(member.name)")
            #expect(try Self.values("\(member.name).t", yard) == "\(member.value)|good")
        }
        #expect(try Self.sequences(gone, yard).count >= last + 10)
        #expect(try Self.values("C.more", yard) == "7|good")
        let events = try yard.sqlite(yard.history, "SELECT kind FROM event ORDER BY id")
        #expect(events == "started\nannotation\nannotation\nstopped")
        #expect(
            try yard.sqlite(
                yard.journal,
                "SELECT what FROM alarm_event WHERE alarm = 'cupel' AND what <> 'restored' ORDER BY seq")
                == "started\nreloaded\nreload-refused\nreloaded\nstopped")
    }

    @Test func aSinkThatStaysKeepsItsReader() throws {
        let (one, other) = (try Member("A", 20), try Member("B", 20))
        let fifo = "  - {name: pipe, fifo: alarms.fifo}\n"
        let yard = try Plantyard(Self.yaml([one.yaml(), other.yaml()], sinks: fifo))
        let daemon = try yard.daemon()
        let reader = try Program("/bin/cat", [yard.state + "/alarms.fifo"])
        try Self.scans(5, of: one, yard)
        try yard.write(
            Self.yaml(
                [one.yaml(), other.yaml()], alarms: Self.alarm("A", above: 15),
                sinks: fifo + "  - {name: log, stdout: text}\n"))
        #expect(try yard.cupel("reload").output == "ok: 2 lines kept, 0 changed, 0 added, 0 removed")
        _ = try reader.line { $0.contains("high:A.t") && $0.contains("\"raise\"") }
        #expect(reader.isRunning, "the pipe was not closed in between")
        // The log's sink is new, and hears of what comes after it.
        _ = try yard.cupel("alarms", "ack", "high:A.t")
        _ = try daemon.line { $0.contains("high:A.t") }
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aHistoryThatRefusesHoldsUpTheNextReloadAndLosesNothing() throws {
        let (one, other) = (try Member("A", 20), try Member("B", 30))
        let yard = try Plantyard(Self.yaml([one.yaml(), other.yaml()]))
        let daemon = try yard.daemon()
        try Self.scans(5, of: one, yard)
        let shell = try Program("/usr/bin/sqlite3", [yard.history])
        // The recorder may be in the middle of a commit.
        shell.send(".timeout 5000")
        shell.send("BEGIN IMMEDIATE; SELECT 'locked';")
        _ = try shell.line { $0 == "locked" }
        try yard.write(Self.yaml([other.yaml()]))
        #expect(try yard.cupel("reload").output == "ok: 1 line kept, 0 changed, 0 added, 1 removed")
        try yard.write(Self.yaml([one.yaml(), other.yaml()]))
        let refused = try yard.cupel("reload")
        #expect(refused.status != 0)
        #expect(refused.errors.contains("has not taken over the last change"))
        shell.send("COMMIT;")
        try Self.scans(10, of: other, yard)
        #expect(try yard.cupel("reload").output == "ok: 1 line kept, 0 changed, 1 added, 0 removed")
        try Self.scans(10, of: one, yard)
        #expect(try Self.status(yard).line(other).connects == 1)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        for member in [one, other] {
            let sequences = try Self.sequences(member, yard)
            #expect(sequences == Array(1...sequences.count), "\(member.name)")
            #expect(try Self.values("\(member.name).t", yard) == "\(member.value)|good")
        }
    }

    /// Schedules, days and reports go by it.
    @Test func anotherTimeZoneStartsEverythingAnew() throws {
        let one = try Member("A", 20)
        let yaml = Self.yaml([one.yaml()])
        let yard = try Plantyard(yaml)
        let daemon = try yard.daemon()
        try Self.scans(5, of: one, yard)
        #expect(yaml.contains("time_zone: UTC"))
        try yard.write(yaml.replacingOccurrences(of: "time_zone: UTC", with: "time_zone: Asia/Seoul"))
        let reloaded = try yard.cupel("reload")
        #expect(reloaded.output.contains("everything was started anew (plant.time_zone: "))
        try Self.scans(5, of: one, yard)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func anotherHistoryStartsEverythingAnew() throws {
        let one = try Member("A", 20)
        let yard = try Plantyard(Self.yaml([one.yaml()]))
        let daemon = try yard.daemon()
        try Self.scans(5, of: one, yard)
        try yard.write(Self.yaml([one.yaml()], history: "path: other.db, commit_every: 100ms"))
        let reloaded = try yard.cupel("reload")
        #expect(reloaded.status == 0)
        #expect(reloaded.output.contains("everything was started anew (history.path: another file)"))
        try Self.scans(5, of: one, yard)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        #expect(try yard.sqlite(yard.history, "SELECT kind FROM event WHERE kind = 'stopped'") == "stopped")
        #expect(try yard.sqlite(yard.state + "/other.db", "SELECT min(sequence) FROM hot") == "1")
    }
}
