import Plant
import Testing

@testable import Detection

/// Sequences that others published for their alarm systems, where their meaning is ours.
@Suite struct PublishedSequenceTests {
    struct Sequence: Sendable, CustomStringConvertible {
        let name: String
        var handling = Handling()
        var delay: Int64 = 0
        var count: Int?
        /// What happens, and the state it leads to; with a ! when it is annunciated.
        let lines: [String]
        var description: String { name }
    }

    /// Values for the words of the sequences: high at 10, high-high at 13.
    static let values = ["ok": 5.0, "minor": 11, "major": 14, "medium": 11, "high": 11, "critical": 14]

    private func play(_ sequence: Sequence) {
        let count = sequence.count.map { Qualification.RunCount(runs: $0, within: .seconds(10)) }
        var alarm = Alarm(
            .high(on: sequence.delay, gap: 60_000, count: count, handling: sequence.handling))
        var time: Int64 = 0
        for (number, line) in sequence.lines.enumerated() {
            let words = line.split(separator: " ").map(String.init)
            let seen = alarm.events.count
            time += 1
            switch words[0] {
            case "ack": alarm.acknowledge(time)
            case "unack":
                alarm.order(
                    time, .unacknowledge(occurrence: alarm.state.occurrence, revision: alarm.state.revision))
            case "reset": alarm.reset(time)
            case "disable": alarm.order(time, .takeOutOfService(permit: nil, review: nil))
            case "enable": alarm.order(time, .returnToService)
            case "shelve": alarm.order(time, .shelve(for: .seconds(3600), oneShot: false))
            case "unshelve": alarm.order(time, .unshelve)
            case "count":
                let runs = Qualification.RunCount(runs: Int(words[1]) ?? 0, within: .seconds(10))
                alarm.definition = .high(on: sequence.delay, gap: 60_000, count: runs, handling: sequence.handling)
                alarm.take(.restart(time: time))
            case "wait":
                time += Int64(words[1]) ?? 0
                alarm.tick(time)
            default: alarm.sample(time, Self.values[words[0]] ?? .nan)
            }
            let isTold = alarm.events[seen...].contains(where: \.annunciated)
            let found = alarm.state.shown + (isTold ? "!" : "")
            #expect(found == words.last, "\(sequence.name), line \(number): \(line)")
        }
    }

    // MARK: Phoebus

    /// Phoebus latches until an acknowledgement: what ISA-18.2 calls return to normal unacknowledged. Its alarms that do
    /// not latch are those whose return to normal acknowledges.
    ///
    /// Source: ControlSystemStudio/phoebus, AlarmLogicUnitTest.java at 9bdac3221a52. Of 18 sequences these 13 have our
    /// meaning word for word, `testShadesOfInvalid` that of our quality alarms, and these four another:
    /// - `testLatchedAnnunciatedAlarmUndefined` and `testLatchedUnAckToLowerSeverity` make a lost value the worst level
    ///   of the same alarm; ours freezes, and the loss is an alarm of its own (issue 1928 of Phoebus says why).
    /// - `testLatchedAnnunciatedMajMinMajAckMinOK` stays silent when the worst level comes back; see below.
    /// - `testDelayedThenDisabled` starts the delay again when it is enabled; see below.
    static let phoebus: [Sequence] = [
        Sequence(
            name: "testLatchedAnnunciatedAlarmAckOK",
            lines: [
                "minor UNACK!", "minor UNACK", "major UNACK!", "major UNACK", "ack ACKED", "minor ACKED", "ok NORM",
            ]),
        Sequence(
            name: "testLatchedAnnunciatedAlarmOKAck",
            lines: ["minor UNACK!", "major UNACK!", "minor UNACK", "ok RTNUN", "ack NORM"]),
        Sequence(
            name: "testLatchedAnnunciatedAckToLowerSeverity",
            lines: [
                "major UNACK!", "minor UNACK", "ack ACKED", "major UNACK!", "minor UNACK", "ack ACKED", "ok NORM",
            ]),
        Sequence(
            name: "testUnlatchedAnnunciatedMajMinMajAckMinOK", handling: Handling(acknowledgement: .auto),
            lines: ["major UNACK!", "minor UNACK", "major UNACK!", "ack ACKED", "minor ACKED", "ok NORM"]),
        Sequence(
            name: "testUnlatchedAnnunciatedMajMinAckMajAckMinOK", handling: Handling(acknowledgement: .auto),
            lines: [
                "major UNACK!", "minor UNACK", "ack ACKED", "major UNACK!", "ack ACKED", "minor ACKED", "ok NORM",
            ]),
        Sequence(
            name: "testDelayedButShort", delay: 2000,
            lines: ["major NORM", "wait 1000 NORM", "ok NORM", "wait 3000 NORM"]),
        Sequence(
            name: "testUnlatchedDelayedButShortThenAnother", handling: Handling(acknowledgement: .auto), delay: 2000,
            lines: [
                "major NORM", "wait 1000 NORM", "ok NORM", "wait 3000 NORM", "major NORM", "wait 3000 UNACK!",
                "ok NORM",
            ]),
        // The level at the end differs: Phoebus raises at the worst of the delay, we at the last.
        Sequence(
            name: "testLatchedAnnunciatedDelayed", delay: 2000,
            lines: [
                "major NORM", "wait 3000 UNACK!", "ok RTNUN", "ack NORM", "minor NORM", "wait 500 NORM", "major NORM",
                "wait 200 NORM", "minor NORM", "wait 3000 UNACK!",
            ]),
        Sequence(
            name: "testDelayedButShortBurst", delay: 2000,
            lines: Array(repeating: ["major NORM", "wait 1000 NORM", "ok NORM"], count: 10).flatMap { $0 }
                + ["wait 3000 NORM"]),
        Sequence(
            name: "testLatchedAnnunciatedCount", delay: 200_000, count: 3,
            lines: [
                "minor NORM", "ok NORM", "minor NORM", "ok NORM", "minor UNACK!", "ok RTNUN", "ack NORM",
                "count 10 NORM",
            ] + Array(repeating: ["minor NORM", "ok NORM"], count: 9).flatMap { $0 } + ["minor UNACK!"]),
        Sequence(
            name: "testDisabledLatchedAnnunciatedAlarmAckOK",
            lines: [
                "disable OOS", "minor OOS", "enable UNACK!", "minor UNACK", "major UNACK!", "disable OOS",
                "enable UNACK!",
            ]),
        Sequence(
            name: "testUnlatchedAnnunciatedCount", handling: Handling(acknowledgement: .auto), delay: 10_000, count: 5,
            lines: Array(
                repeating: Array(repeating: ["minor NORM", "ok NORM"], count: 4).flatMap { $0 }
                    + ["minor UNACK!", "ok NORM"], count: 2
            ).flatMap { $0 }),
        Sequence(name: "testDelayed", delay: 2000, lines: ["major NORM", "wait 4000 UNACK!"]),
    ]

    @Test(arguments: phoebus)
    func `the sequences of Phoebus`(sequence: Sequence) { play(sequence) }

    @Test func `another cause of the same bad quality is no news`() {
        // testShadesOfInvalid: Disconnected is annunciated, Timeout after it is not.
        var alarm = Alarm(
            AlarmDefinition(
                id: 2, name: "quality:T", rule: "quality", tag: 0, detector: .test(.quality([]), priority: .low),
                qualification: Qualification(maxGap: .milliseconds(5))))
        for (index, quality) in [Quality.disconnected, .timeout, .timeout].enumerated() {
            let bad = Finding(.alarm(.fault), priority: .low)
            alarm.take(.sample(time: Int64(index), bad, value: nil, quality: quality))
        }
        #expect(brief(alarm.events) == ["raise!@0:1.0"] && alarm.state.evidence.quality == .timeout)
    }

    @Test(arguments: [
        // The operator acknowledges pairs: whoever acknowledged the first has not seen that the worst came back.
        Sequence(
            name: "not testLatchedAnnunciatedMajMinMajAckMinOK",
            lines: ["major UNACK!", "minor UNACK", "major UNACK!", "ack ACKED", "minor ACKED", "ok NORM"]),
        // The process is followed all the while, so what was true long enough is told at once.
        Sequence(
            name: "not testDelayedThenDisabled", delay: 2000,
            lines: ["major NORM", "disable OOS", "wait 4000 OOS", "enable UNACK!"]),
    ])
    func `where Phoebus means something else, this is what we do`(sequence: Sequence) { play(sequence) }

    // MARK: alerta

    /// Source: alerta/alerta, tests/test_isa_18_2.py at 4ac0106300cd. It returns from a blackout at the next message,
    /// we at once; and it unshelves to unacknowledged, against ISA-18.2 11.7.3, where this one says ACKED.
    static let alerta: [Sequence] = [
        Sequence(
            name: "test_ack_active_alarm",
            lines: ["ok NORM", "high UNACK!", "ack ACKED", "critical UNACK!", "ack ACKED", "ok NORM"]),
        Sequence(
            name: "test_rtn_before_ack",
            lines: ["ok NORM", "high UNACK!", "ok RTNUN", "medium UNACK!", "medium UNACK", "ok RTNUN", "ack NORM"]),
        Sequence(
            name: "test_operator_unack",
            lines: ["ok NORM", "high UNACK!", "ack ACKED", "unack UNACK", "ack ACKED"]),
        Sequence(
            name: "test_operator_shelve",
            lines: [
                "ok NORM", "high UNACK!", "ack ACKED", "shelve SHLV", "unshelve ACKED", "shelve SHLV", "ok SHLV",
                "unshelve NORM",
            ]),
        Sequence(
            name: "test_out_of_service",
            lines: [
                "ok NORM", "high UNACK!", "ack ACKED", "disable OOS", "high OOS", "medium OOS", "enable UNACK!",
                "disable OOS", "high OOS", "ok OOS", "enable NORM",
            ]),
    ]

    @Test(arguments: alerta)
    func `the sequences of alerta`(sequence: Sequence) { play(sequence) }

    // MARK: OPC UA and JAWS

    /// OPC 10000-9, Annex B.1.2, Table B.1: active, acknowledged, retained. Its second step of the operator, the
    /// confirmation, is the reset of an alarm that latches: it is retained until then.
    @Test func `the trace of OPC UA Part 9`() {
        let rows: [(String, active: Bool, acknowledged: Bool, retained: Bool)] = [
            ("ok", false, true, false), ("high", true, false, true), ("ack", true, true, true),
            ("ok", false, true, true), ("reset", false, true, false), ("high", true, false, true),
            ("ok", false, false, true), ("ack", false, true, true), ("reset", false, true, false),
        ]
        var alarm = Alarm(.high(handling: Handling(latching: true)))
        for (number, row) in rows.enumerated() {
            switch row.0 {
            case "ack": alarm.acknowledge(Int64(number))
            case "reset": alarm.reset(Int64(number))
            default: alarm.sample(Int64(number), Self.values[row.0] ?? .nan)
            }
            #expect(alarm.state.condition == row.active, "row \(number)")
            #expect(alarm.state.acknowledged == row.acknowledged, "row \(number)")
            #expect((alarm.state.core != .norm) == row.retained, "row \(number)")
        }
    }

    /// JeffersonLab/jaws-effective-processor, EffectiveStateRule.java at 73fe16591a89, highest first: disabled, filtered,
    /// masked, shelved, on-delayed, latched, off-delayed, active, normal. Filtered and masked are both suppression by
    /// design. One row differs: JAWS shows normal while a latched alarm is on-delayed, ours stays in sight.
    @Test func `what overrides what is as in JAWS`() {
        var alarm = Alarm(.high(on: 4, off: 4, gap: 60_000, handling: Handling(latching: true)))
        #expect(alarm.state.shown == "NORM")
        alarm.sample(1, 11)
        #expect(alarm.state.shown == "NORM", "on-delayed")
        alarm.tick(5)
        #expect(alarm.state.shown == "UNACK", "active")
        alarm.sample(6, 5)
        #expect(alarm.state.shown == "UNACK", "off-delayed")
        alarm.tick(10)
        #expect(alarm.state.shown == "LATUN", "latched")
        alarm.sample(11, 11)
        #expect(alarm.state.shown == "LATUN", "latched and on-delayed")
        alarm.order(12, .shelve(for: .seconds(60), oneShot: false))
        #expect(alarm.state.shown == "SHLV")
        alarm.suppress(13, .expression)
        #expect(alarm.state.shown == "DSUP", "masked")
        alarm.suppress(14, .phase)
        #expect(alarm.state.shown == "DSUP", "filtered")
        alarm.order(15, .takeOutOfService(permit: nil, review: nil))
        #expect(alarm.state.shown == "OOS", "disabled")
    }
}
