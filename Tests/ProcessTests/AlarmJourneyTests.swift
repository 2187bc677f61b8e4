import Foundation
import TestSupport
import Testing

/// An alarm from the register to the operator and back, across a restart and a kill.
@Suite(.serialized)
struct AlarmJourneyTests {
    static func words(_ value: Float) -> (UInt16, UInt16) {
        (UInt16(truncatingIfNeeded: value.bitPattern >> 16), UInt16(truncatingIfNeeded: value.bitPattern))
    }

    static func yard(port: Int, extra: String = "") throws -> Plantyard {
        try Plantyard(
            """
            plant: {name: Test plant, site: T, time_zone: UTC}
            history: {commit_every: 100ms}
            scan: {fast: 50ms}
            controllers:
              - name: F-01
                address: 127.0.0.1:\(port)
                unit: 1
                timeout: 300ms
                tags:
                  - {name: melt_temp, register: "holding:10", type: float32, order: abcd, unit: degC, scan: fast}
                  - {name: trip, register: "holding:12.0", type: bool, scan: fast}
            alarms:
              - id: high
                tag: F-01.melt_temp
                levels: {high: {limit: 1480, priority: high}, high_high: {limit: 1500, priority: critical}}
                deadband: 5
                guidance: Cut power.
                respond_within: 2m
              - id: trip
                tag: F-01.trip
                state: {is: true, priority: critical}
                latching: true
            \(extra)
            """)
    }

    static func json(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    static func set(_ server: PymodbusServer, _ value: Float) throws {
        let (high, low) = words(value)
        try server.write(10, high, low)
    }

    static func event(_ follow: Program, _ what: String, _ alarm: String) throws -> [String: Any] {
        try json(
            follow.line { line in
                guard let event = try? json(line) else { return false }
                return event["what"] as? String == what && event["id"] as? String == alarm
            })
    }

    @Test func raisedToldAcknowledgedAndKeptAcrossARestart() throws {
        let (high, low) = Self.words(1450)
        let server = try PymodbusServer([
            "words holding 10 \(String(high, radix: 16)) \(String(low, radix: 16)) 0"
        ])
        let yard = try Self.yard(port: server.port)
        var daemon = try yard.daemon()
        let follow = try Cupel.start(
            "alarms", "follow", "--json", "--config", yard.config, "--state", yard.state)
        _ = try eventually("a good reading") {
            try yard.cupel("now", "F-01.melt_temp").output.contains("good") ? true : nil
        }
        // Written twice: the follower may still have been connecting, and then begins with what stands.
        try Self.set(server, 1490)
        let listed = try eventually("the alarm in the list") {
            let out = try yard.cupel("alarms", "list", "--json").output
            return out.contains("high:F-01.melt_temp") ? out : nil
        }
        #expect(listed.contains("\"state\":\"UNACK\""))
        #expect(listed.contains("\"guidance\":\"Cut power.\""))

        try Self.set(server, 1502)
        let worse = try Self.event(follow, "level-up", "high:F-01.melt_temp")
        #expect(worse["level"] as? String == "high_high")
        #expect(worse["priority"] as? String == "critical")
        #expect(worse["value"] as? Double == 1502)
        #expect(worse["limit"] as? Double == 1500)
        #expect(worse["state"] as? String == "UNACK")
        let occurrence = try #require(worse["occ"] as? Int)
        let revision = try #require(worse["rev"] as? Int)

        // What nobody has seen cannot be acknowledged.
        let stale = try yard.cupel("alarms", "ack", "high:F-01.melt_temp@\(occurrence).\(revision + 7)")
        #expect(stale.status == 1)
        #expect(stale.output.hasPrefix("stale"))
        let taken = try yard.cupel("alarms", "ack", "high:F-01.melt_temp@\(occurrence).\(revision)")
        #expect(taken.status == 0)
        let acknowledged = try Self.event(follow, "ack", "high:F-01.melt_temp")
        #expect(acknowledged["state"] as? String == "ACKED")
        #expect(acknowledged["who"] as? String == NSUserName())
        #expect(try yard.cupel("alarms", "ack", "high:F-01.melt_temp").output.hasPrefix("already"))

        // The next daemon knows: same occurrence, still acknowledged, and the stream resumes where it was.
        let last = try #require(acknowledged["seq"] as? Int)
        daemon.signal(SIGKILL)
        try daemon.exit()
        let end = try follow.exit()
        #expect(end.status == 69)
        #expect(end.errors.contains("THE ALARM DAEMON IS GONE"))
        daemon = try yard.daemon()
        let again = try yard.cupel("alarms", "list", "--json").output
        #expect(again.contains("\"state\":\"ACKED\""))
        #expect(again.contains("\"occurrence\":\(occurrence)"))
        let resumed = try Cupel.start(
            "alarms", "follow", "--json", "--since", "\(last)", "--config", yard.config, "--state", yard.state)
        try Self.set(server, 1400)
        let clear = try Self.event(resumed, "clear", "high:F-01.melt_temp")
        #expect(clear["state"] as? String == "NORM")
        #expect(try #require(clear["seq"] as? Int) > last)

        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        // With the daemon stopped the journal still answers.
        let history = try yard.cupel("alarms", "history", "--json")
        #expect(history.status == 0)
        #expect(history.output.contains("\"what\":\"level-up\""))
    }

    @Test func aLatchedTripStaysUntilItIsReset() throws {
        let server = try PymodbusServer(["words holding 10 44b5 4000 1"])
        let yard = try Self.yard(port: server.port)
        let daemon = try yard.daemon()
        let trip = "trip:F-01.trip"
        func state() throws -> String? {
            let lines = try yard.cupel("alarms", "list", "--json").output.split(separator: "\n")
            return try lines.map { try Self.json(String($0)) }.first { $0["alarm"] as? String == trip }?["state"]
                as? String
        }
        _ = try eventually("UNACK") { try state() == "UNACK" ? true : nil }
        try server.write(12, 0)
        _ = try eventually("LATUN") { try state() == "LATUN" ? true : nil }
        #expect(try yard.cupel("alarms", "reset", trip).output.hasPrefix("refused"))
        #expect(try yard.cupel("alarms", "ack", trip).status == 0)
        #expect(try state() == "LATAK")
        #expect(try yard.cupel("alarms", "reset", trip).output.hasPrefix("ok"))
        #expect(try state() == nil)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aLostControllerIsOneAlarmAndFreezesTheOthers() throws {
        let (high, low) = Self.words(1490)
        let server = try PymodbusServer(["words holding 10 \(String(high, radix: 16)) \(String(low, radix: 16)) 0"])
        let yard = try Self.yard(port: server.port)
        let daemon = try yard.daemon()
        _ = try eventually("the process alarm") {
            try yard.cupel("alarms", "list").output.contains("high:F-01.melt_temp") ? true : nil
        }
        server.kill()
        let standing = try eventually("the comms alarm") {
            let out = try yard.cupel("alarms", "list").output
            return out.contains("comms:F-01") ? out : nil
        }
        #expect(standing.contains("high:F-01.melt_temp"))
        #expect(standing.split(separator: "\n").count == 3)
        let now = try yard.cupel("now").output
        #expect(!now.contains("good"))
        #expect(now.contains("bad:"))
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        let gap = try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE kind = 'gap'")
        #expect((Int(gap) ?? 0) >= 1)
    }

    @Test func aCommandGetsEachAnnouncementOnceAlsoAcrossAKill() throws {
        let (high, low) = Self.words(1490)
        let server = try PymodbusServer(["words holding 10 \(String(high, radix: 16)) \(String(low, radix: 16)) 0"])
        let yard = try Self.yard(port: server.port)
        let got = yard.path + "/got"
        try yard.write(
            String(contentsOfFile: yard.config, encoding: .utf8)
                + "\nsinks:\n  - {name: pager, exec: [/usr/bin/tee, -a, \(got)], min_priority: high}\n")
        func announced() throws -> Int {
            let text = (try? String(contentsOfFile: got, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").filter { $0.contains("\"what\":\"raise\"") }.count
        }
        var daemon = try yard.daemon()
        _ = try eventually("the command's line") { try announced() == 1 ? true : nil }
        // The cursor is saved with the next commit, or within a second.
        _ = try eventually("the cursor") {
            let cursor = try yard.sqlite(yard.journal, "SELECT acked_seq FROM sink WHERE name = 'pager'")
            return (Int(cursor) ?? 0) > 1 ? true : nil
        }
        daemon.signal(SIGKILL)
        try daemon.exit()
        daemon = try yard.daemon()
        try Self.set(server, 1400)
        _ = try eventually("the clear") {
            try yard.cupel("alarms", "history", "--json").output.contains("\"what\":\"clear\"") ? true : nil
        }
        try Self.set(server, 1490)
        _ = try eventually("the second announcement") { try announced() == 2 ? true : nil }
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aPipeGetsTheAlarmsOnceSomebodyReadsIt() throws {
        let (high, low) = Self.words(1450)
        let server = try PymodbusServer(["words holding 10 \(String(high, radix: 16)) \(String(low, radix: 16)) 0"])
        let yard = try Self.yard(
            port: server.port, extra: "sinks:\n  - {name: floor, fifo: alarms, min_priority: low}\n")
        let daemon = try yard.daemon()
        try Self.set(server, 1490)
        _ = try eventually("the alarm") {
            try yard.cupel("alarms", "list").output.contains("UNACK") ? true : nil
        }
        let reader = try Program("/bin/cat", [yard.state + "/alarms"])
        let line = try reader.line { $0.contains("\"raise\"") || $0.contains("\"snapshot\"") }
        #expect(line.utf8.count < 4096)
        reader.signal(SIGKILL)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }
}
