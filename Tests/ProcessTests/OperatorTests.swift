import Foundation
import TestSupport
import Testing

/// What operators do with alarms, through the real binary and into the journal.
@Suite(.serialized)
struct OperatorTests {
    static let hot = "hot:F-01.melt_temp"

    static func yard(port: Int) throws -> Plantyard {
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
                product_from: heat
                tags:
                  - {name: melt_temp, register: "holding:10", type: float32, order: abcd, unit: degC, scan: fast}
                  - {name: phase, register: "holding:12", type: uint16, scan: fast, states: {0: idle, 1: soak}}
            alarms:
              - id: hot
                tag: F-01.melt_temp
                levels: {high: {limit: 1480, priority: high}}
                max_shelve: 1h
                cause: The coil's water flow has fallen.
                consequence: The lining melts.
                guidance: Cut power.
                class: safety
              - id: cold
                tag: F-01.melt_temp
                levels: {low: {limit: 1400, priority: low}}
                when: {tag: F-01.phase, is: soak}
              - id: spec
                tag: F-01.melt_temp
                inclusive: false
                limits:
                  - {product: NdPr, levels: {high: {limit: 1470, priority: low}}}
                  - {product: Nd, levels: {high: {limit: 1460, priority: low}}}
            """)
    }

    static func server(_ value: Float, phase: UInt16 = 1) throws -> PymodbusServer {
        let (high, low) = AlarmJourneyTests.words(value)
        return try PymodbusServer([
            "words holding 10 \(String(high, radix: 16)) \(String(low, radix: 16)) \(phase)"
        ])
    }

    private static func alarm(_ name: String, in yard: Plantyard) throws -> [String: Any] {
        let lines = try yard.cupel("alarms", "list", "--all", "--json").output.split(separator: "\n")
        return try #require(
            try lines.map { try AlarmJourneyTests.json(String($0)) }.first { $0["alarm"] as? String == name })
    }

    static func state(_ name: String, in yard: Plantyard) throws -> String? {
        try alarm(name, in: yard)["state"] as? String
    }

    @Test func everyCommandIsAnsweredShownAndKeptInTheAuditTrail() throws {
        let server = try Self.server(1490)
        let yard = try Self.yard(port: server.port)
        var daemon = try yard.daemon()
        _ = try eventually("UNACK") { try Self.state(Self.hot, in: yard) == "UNACK" ? true : nil }
        func order(_ words: String...) throws -> String {
            try Program(
                Cupel.binary, ["alarms"] + words + ["--config", yard.config, "--state", yard.state]
            ).exit().output
        }

        #expect(try order("ack", Self.hot).hasPrefix("ok"))
        #expect(try order("unack", Self.hot).hasPrefix("ok"))
        #expect(try Self.state(Self.hot, in: yard) == "UNACK")
        #expect(try order("reset", Self.hot).hasPrefix("refused \(Self.hot)"))
        #expect(try yard.cupel("alarms", "shelve", Self.hot, "--for", "10m").status == 64, "a reason is needed")
        #expect(try order("shelve", Self.hot, "--for", "2h", "--why", "x").contains("longer than it may be shelved"))
        #expect(try order("shelve", Self.hot, "--for", "10m", "--why", "probe is changed").hasPrefix("ok"))
        let shelved = try Self.alarm(Self.hot, in: yard)
        #expect(shelved["state"] as? String == "SHLV")
        #expect(shelved["core"] as? String == "UNACK")
        #expect(shelved["hidden_why"] as? String == "probe is changed")
        #expect((shelved["hidden_until"] as? String)?.hasSuffix("Z") == true)
        #expect(shelved["cause"] as? String == "The coil's water flow has fallen.")
        #expect(try order("ack", Self.hot).hasPrefix("stale"), "nobody acknowledges what is hidden")

        // A shelf outlives the daemon; taken off by hand the alarm counts as seen (ISA-18.2 11.7.3).
        daemon.signal(SIGKILL)
        try daemon.exit()
        daemon = try yard.daemon()
        #expect(try Self.state(Self.hot, in: yard) == "SHLV")
        _ = try eventually("a reading") {
            try yard.cupel("now", "F-01.melt_temp").output.contains("good") ? true : nil
        }
        #expect(try order("unshelve", Self.hot).hasPrefix("ok"))
        #expect(try Self.state(Self.hot, in: yard) == "ACKED")

        #expect(try order("out-of-service", Self.hot, "--why", "calibration", "--permit", "P-7").hasPrefix("ok"))
        #expect(try Self.state(Self.hot, in: yard) == "OOS")
        #expect(try order("return", Self.hot).hasPrefix("ok"))
        #expect(try Self.state(Self.hot, in: yard) == "UNACK", "what comes back by itself must be seen")
        #expect(try order("suppress", Self.hot, "--why", "start-up").hasPrefix("ok"))
        #expect(try order("suppress", Self.hot, "--why", "start-up").hasPrefix("already"))
        #expect(try order("unsuppress", Self.hot).hasPrefix("ok"))
        #expect(try order("test", Self.hot).hasPrefix("ok"))
        #expect(try order("ack", "nothing:F-01.melt_temp").hasPrefix("unknown"))

        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        let trail = try yard.sqlite(
            yard.journal, "SELECT what || '|' || before || '|' || after || '|' || answer FROM audit ORDER BY id")
        let rows = trail.split(separator: "\n").map(String.init)
        #expect(rows.first == "ack|UNACK@1.0|ACKED@1.0|ok")
        #expect(rows.contains { $0.hasPrefix("reset|UNACK@1.0|UNACK@1.0|refused: it is not latched") })
        #expect(rows.contains { $0.hasPrefix("ack|SHLV@1.0") && $0.hasSuffix("|stale") })
        #expect(rows.contains { $0.hasPrefix("suppress|DSUP") && $0.hasSuffix("|already") })
        let who = try yard.sqlite(yard.journal, "SELECT DISTINCT who FROM audit")
        #expect(who.trimmingCharacters(in: .whitespacesAndNewlines) == NSUserName())
        let reason = try yard.sqlite(yard.journal, "SELECT why FROM audit WHERE what = 'shelve' AND answer = 'ok'")
        #expect(reason.hasPrefix("probe is changed"))
    }

    @Test func aShownListIsAcknowledgedAsItWasShown() throws {
        let server = try Self.server(1490)
        let yard = try Self.yard(port: server.port)
        let daemon = try yard.daemon()
        _ = try eventually("UNACK") { try Self.state(Self.hot, in: yard) == "UNACK" ? true : nil }
        let shown = yard.path + "/shown"
        try yard.cupel("alarms", "list", "--json").output.write(toFile: shown, atomically: true, encoding: .utf8)
        // It goes and comes again: that one nobody was shown.
        try AlarmJourneyTests.set(server, 1450)
        _ = try eventually("RTNUN") { try Self.state(Self.hot, in: yard) == "RTNUN" ? true : nil }
        try AlarmJourneyTests.set(server, 1490)
        _ = try eventually("UNACK") { try Self.state(Self.hot, in: yard) == "UNACK" ? true : nil }
        let late = try yard.cupel("alarms", "ack", "--shown", shown)
        #expect(late.status == 1)
        #expect(late.output.contains("stale \(Self.hot)@1.0"))
        #expect(try Self.state(Self.hot, in: yard) == "UNACK")
        try yard.cupel("alarms", "list", "--json").output.write(toFile: shown, atomically: true, encoding: .utf8)
        #expect(try yard.cupel("alarms", "ack", "--shown", shown).output.contains("ok \(Self.hot)@2.0"))
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func limitsFollowTheHeatAndAlarmsTheirPhase() throws {
        let server = try Self.server(1465, phase: 0)
        let yard = try Self.yard(port: server.port)
        let daemon = try yard.daemon()
        let spec = "spec:F-01.melt_temp"
        // Nobody knows the product: the strictest limit counts.
        _ = try eventually("the strictest") { try Self.state(spec, in: yard) == "UNACK" ? true : nil }
        #expect(try yard.cupel("heat", "F-01", "2411", "--product", "Gd").output.hasPrefix("refused"))
        #expect(try yard.cupel("heat", "F-01", "2411", "--product", "NdPr").output.hasPrefix("ok"))
        _ = try eventually("within the limits of NdPr") { try Self.state(spec, in: yard) == "RTNUN" ? true : nil }
        #expect(try yard.cupel("heat", "--json").output.contains("\"heat\":\"2411\""))

        // Cold, but idle: the alarm does not belong to this phase.
        try AlarmJourneyTests.set(server, 1300)
        _ = try eventually("suppressed") { try Self.state("cold:F-01.melt_temp", in: yard) == "DSUP" ? true : nil }
        // It was raised at no time that anybody was told: the list for a new reader makes none up.
        let follow = try Program(
            Cupel.binary, ["alarms", "follow", "--json", "--config", yard.config, "--state", yard.state])
        let listed = try follow.line { $0.contains("\"snapshot\"") && $0.contains("\"cold:F-01.melt_temp\"") }
        #expect(!listed.contains("1970"))
        #expect(listed.contains("hidden since it began") || listed.contains("is hidden and does not stand"))
        follow.signal(SIGTERM)
        try follow.exit()
        try server.write(12, 1)
        _ = try eventually("soak") { try Self.state("cold:F-01.melt_temp", in: yard) == "UNACK" ? true : nil }
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        let what = try yard.sqlite(yard.journal, "SELECT what FROM alarm_event WHERE alarm LIKE 'cold:%' ORDER BY seq")
        #expect(what.split(separator: "\n") == ["suppress", "raise-suppressed", "unsuppress", "raise-exit"])
        let product = try yard.sqlite(yard.journal, "SELECT product FROM heat")
        #expect(product.hasPrefix("NdPr"))
    }

    @Test func everyEventSaysWhichLimitsItWasAbout() throws {
        let server = try Self.server(1490)
        let yard = try Self.yard(port: server.port)
        let daemon = try yard.daemon()
        _ = try eventually("UNACK") { try Self.state(Self.hot, in: yard) == "UNACK" ? true : nil }
        let changed = try String(contentsOfFile: yard.config, encoding: .utf8)
            .replacingOccurrences(of: "limit: 1480", with: "limit: 1485")
        try yard.write(changed)
        #expect(try yard.cupel("reload").status == 0)
        try AlarmJourneyTests.set(server, 1450)
        _ = try eventually("RTNUN") { try Self.state(Self.hot, in: yard) == "RTNUN" ? true : nil }
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        let rows = try yard.sqlite(
            yard.journal,
            """
            SELECT what || ' ' || json_extract(alarm_definition.definition, '$.detector.levels.sets[0].limits[0].limit')
            FROM alarm_event JOIN alarm_definition
                ON alarm_definition.alarm = alarm_event.alarm AND revision = alarm_event.definition
            WHERE alarm_event.alarm LIKE 'hot:%' ORDER BY seq
            """)
        #expect(rows.hasPrefix("raise 1480"))
        #expect(rows.contains("clear 1485"))
    }
}
