import Annunciation
import Journal
import Plant
import Testing

@testable import Daemon

/// From committed notices to calls, with clocks in the test's hand.
@Suite struct CallDeskTests {
    /// 2026-01-03T10:00:00Z.
    private static let start: Int64 = 1_767_434_400_000
    private static let policies = [
        EscalationPolicy(
            name: "urgent", priorities: [.critical],
            steps: [
                .init(wait: .seconds(300), sinks: ["pager"], times: 2, every: .seconds(60)),
                .init(wait: .seconds(600), sinks: ["manager"]),
            ]),
        EscalationPolicy(
            name: "open", priorities: [.critical], endsWithClear: false,
            steps: [.init(wait: .seconds(3600), sinks: ["log"])]),
    ]

    /// CLOCK_MONOTONIC after so many seconds: it began somewhere else than UTC.
    private func monotonic(_ seconds: Int64) -> Int64 { 77_000_000_123 + seconds * 1_000_000_000 }
    private func wall(_ seconds: Int64) -> Int64 { Self.start * 1_000_000 + seconds * 1_000_000_000 }

    private func desk(saved: [EscalationRecord] = [], standing: [AlarmNotice] = [], at seconds: Int64 = 0) -> CallDesk {
        CallDesk(
            Self.policies, saved: saved, standing: standing, monotonic: monotonic(seconds), wall: wall(seconds))
    }

    private func notice(
        _ what: String, _ state: String?, occ: Int = 1, rev: Int = 0, at seconds: Int64 = 0, id: String = "hot:F-01.t",
        text: String = "F-01.t 1502 degC >= 1500"
    ) -> AlarmNotice {
        let time = Self.start + seconds * 1000
        return AlarmNotice(
            seq: 7, id: id, occ: occ, rev: rev, what: what, state: state, priority: "critical", tag: "F-01.t",
            value: 1502, unit: "degC", sourceTime: time, receivedTime: time, effectiveTime: time, text: text,
            annunciated: true, told: "single")
    }

    private func turn(_ desk: inout CallDesk, _ seconds: Int64, step: Int64 = 0) -> JournalEntry? {
        desk.turn(monotonic: monotonic(seconds), wall: wall(seconds + step))
    }

    // MARK: Calls

    @Test func `a raise is saved at once, a call comes with how far it has come`() throws {
        var desk = desk()
        desk.take([notice("raise", "UNACK", occ: 3, rev: 1)], monotonic: monotonic(0))
        let begin = try #require(turn(&desk, 0))
        #expect(begin.notices.isEmpty && begin.escalations.map(\.policy) == ["open", "urgent"])
        #expect(begin.escalations[1].progress == .init(occurrence: 3, step: 1, called: 0, due: Self.start + 300_000))
        #expect(desk.nextDue == monotonic(300))
        #expect(turn(&desk, 299) == nil)
        let first = try #require(turn(&desk, 300))
        #expect(first.notices.count == 1 && first.escalations.count == 1)
        let call = first.notices[0]
        #expect(
            call.text
                == "F-01.t 1502 degC >= 1500, nobody acknowledged for 5 min: call 1 of 2, step 1 of policy urgent")
        #expect((call.what, call.id, call.occ, call.rev) == ("escalate", "hot:F-01.t", 3, 1))
        #expect(call.onlyTo == ["pager"] && call.effectiveTime == Self.start + 300_000)
        #expect(first.escalations[0].progress == .init(occurrence: 3, step: 1, called: 1, due: Self.start + 360_000))
        #expect(desk.calls == 1)
    }

    @Test func `what people are told is the news, in the state of now`() throws {
        var desk = desk()
        desk.take(
            [notice("raise", "UNACK"), notice("re-alarm", "UNACK", rev: 1, at: 60, text: "still hot")],
            monotonic: monotonic(60))
        _ = turn(&desk, 60)
        #expect(try #require(turn(&desk, 360)).notices[0].text.hasPrefix("still hot, nobody acknowledged for 6 min: "))
        desk.take([notice("clear", "RTNUN", rev: 1, at: 361, text: "back to normal")], monotonic: monotonic(361))
        #expect(turn(&desk, 361)?.escalations == [EscalationRecord(alarm: "hot:F-01.t", policy: "urgent")])
        let last = try #require(turn(&desk, 3660)).notices[0]
        #expect(last.text.hasPrefix("still hot, gone meanwhile, nobody acknowledged for 61 min: call 1 of 1"))
        #expect(last.state == "RTNUN" && last.rev == 1 && last.onlyTo == ["log"])
    }

    @Test(arguments: [
        ("ack", "ACKED"), ("clear", "NORM"), ("shelve", "SHLV"), ("suppress", "DSUP"), ("out-of-service", "OOS"),
        ("reset", "NORM"), ("retired", nil),
    ])
    func `nobody is called when somebody acted, or nobody can see it`(_ what: String, _ state: String?) throws {
        var desk = desk()
        desk.take([notice("raise", "UNACK")], monotonic: monotonic(0))
        _ = turn(&desk, 0)
        desk.take([notice(what, state)], monotonic: monotonic(1))
        #expect(turn(&desk, 1)?.escalations.map(\.progress) == [nil, nil])
        #expect(turn(&desk, 9999) == nil && desk.nextDue == nil && desk.states.isEmpty)
    }

    @Test(arguments: [
        ("raise", "UNACK", "SHLV"), ("raise", "ACKED", "UNACK"), ("superseded", "UNACK", "UNACK"),
        ("test", "UNACK", "UNACK"), ("raise-exit", "ACKED", "UNACK"), ("raise-suppressed", "DSUP", "UNACK"),
    ])
    func `what waits for nobody begins nothing`(_ what: String, _ state: String, _ other: String) {
        var desk = desk()
        desk.take([notice(what, state)], monotonic: monotonic(0))
        #expect((turn(&desk, 0) == nil) == (state != "UNACK" || ["superseded", "test"].contains(what)))
        desk.take([notice("raise-exit", other == "SHLV" ? "SHLV" : "UNACK")], monotonic: monotonic(0))
        #expect(desk.states.isEmpty == (other == "SHLV"))
    }

    @Test func `calls, notices of the daemon and repetitions are not heard`() {
        var desk = desk()
        var again = notice("raise", "UNACK")
        again.dup = true
        desk.take(
            [again, notice("raise", "UNACK", id: "cupel"), notice("escalate", "UNACK")], monotonic: monotonic(0))
        #expect(desk.states.isEmpty && turn(&desk, 0) == nil)
    }

    @Test func `an acknowledgement that is taken back waits anew`() {
        var desk = desk()
        desk.take(
            [notice("raise", "UNACK"), notice("ack", "ACKED"), notice("unack", "UNACK", at: 100, text: "taken back")],
            monotonic: monotonic(100))
        #expect(turn(&desk, 399)?.notices.isEmpty == true)
        #expect(turn(&desk, 400)?.notices.map(\.text).first?.hasPrefix("taken back, nobody acknowledged for 5") == true)
    }

    // MARK: Clocks

    @Test(arguments: [3600, -3600] as [Int64])
    func `a step of UTC changes no wait, and what is saved`(_ step: Int64) throws {
        var desk = desk()
        desk.take([notice("raise", "UNACK")], monotonic: monotonic(0))
        _ = turn(&desk, 0)
        let moved = try #require(turn(&desk, 100, step: step))
        #expect(moved.notices.isEmpty)
        #expect(moved.escalations.map { $0.progress?.due } == [3600, 300].map { Self.start + ($0 + step) * 1000 })
        #expect(turn(&desk, 299, step: step) == nil)
        let call = try #require(turn(&desk, 300, step: step)).notices[0]
        #expect(call.effectiveTime == Self.start + (300 + step) * 1000)
        #expect(call.text.contains("for 5 min"))
    }

    @Test func `the time between two looks at the clocks is no step`() {
        var desk = desk()
        desk.take([notice("raise", "UNACK")], monotonic: monotonic(0))
        _ = turn(&desk, 0)
        #expect(desk.turn(monotonic: monotonic(1), wall: wall(1) + 999_000_000) == nil)
    }

    // MARK: Restart and change

    @Test func `a restart goes on where the journal is, and says since when`() throws {
        let saved = [
            EscalationRecord(
                alarm: "hot:F-01.t", policy: "urgent",
                progress: .init(occurrence: 1, step: 1, called: 1, due: Self.start + 360_000)),
            EscalationRecord(
                alarm: "gone:F-01.t", policy: "urgent",
                progress: .init(occurrence: 1, step: 1, called: 1, due: Self.start)),
        ]
        let standing = [notice("snapshot", "UNACK", text: "stands")]
        var desk = desk(saved: saved, standing: standing, at: 1000)
        let start = try #require(turn(&desk, 1000))
        #expect(start.notices.isEmpty, "no reading has confirmed it")
        #expect(start.escalations.map(\.alarm) == ["gone:F-01.t", "hot:F-01.t"])
        #expect(start.escalations[0].progress == nil)
        #expect(start.escalations[1].progress?.due == Self.start + 4_600_000, "it begins at the start")
        desk.confirm(["hot:F-01.t"], standing: standing, monotonic: monotonic(1001))
        let entry = try #require(turn(&desk, 1001))
        #expect(
            entry.notices.map(\.text) == [
                "stands, the daemon was down when this call was due, nobody acknowledged for 16 min: call 2 of 2, step 1 "
                    + "of policy urgent"
            ])
        #expect(entry.escalations.map(\.progress?.due) == [Self.start + 1_601_000])
        // The next one falls due in this run.
        #expect(try #require(turn(&desk, 1601)).notices[0].text.hasPrefix("stands, nobody acknowledged for 26 min: "))
    }

    private static let grace = CallDesk.grace.components.seconds

    /// How far the saved policy has come at the start of the tests below: its call was due a minute before.
    private func restarted(_ state: String = "UNACK") -> CallDesk {
        desk(
            saved: [
                EscalationRecord(
                    alarm: "hot:F-01.t", policy: "urgent",
                    progress: .init(occurrence: 1, step: 1, called: 0, due: Self.start - 60_000))
            ], standing: [notice("snapshot", state, at: -400, text: "20 degC stands")])
    }

    @Test func `what no reading confirms is called about after the grace, and not before`() throws {
        var desk = restarted()
        #expect(turn(&desk, 0)?.notices.isEmpty == true)
        #expect(desk.unconfirmed == ["hot:F-01.t"] && desk.nextDue == monotonic(Self.grace))
        #expect(turn(&desk, Self.grace - 1) == nil)
        let calls = try #require(turn(&desk, Self.grace)).notices
        #expect(calls.count == 1 && calls[0].text.contains("the daemon was down when this call was due"))
        #expect(desk.unconfirmed.isEmpty)
    }

    @Test func `the grace is as long when UTC is set meanwhile`() throws {
        var desk = restarted()
        _ = turn(&desk, 0)
        #expect(turn(&desk, 1, step: 3600)?.notices.isEmpty == true)
        #expect(turn(&desk, Self.grace - 1, step: 3600) == nil)
        let calls = try #require(turn(&desk, Self.grace, step: 3600)).notices
        #expect(calls.map { $0.text.contains("the daemon was down") } == [true])
    }

    @Test(arguments: [("clear", "RTNUN"), ("clear", "NORM"), ("ack", "ACKED"), ("shelve", "SHLV"), ("retired", nil)])
    func `what ended while nobody looked is not called about`(_ what: String, _ state: String?) {
        var desk = restarted()
        _ = turn(&desk, 0)
        desk.take([notice(what, state, at: 1)], monotonic: monotonic(1))
        #expect(turn(&desk, 1)?.notices.isEmpty == true)
        #expect(turn(&desk, Self.grace)?.notices.isEmpty != false)
        #expect(desk.unconfirmed.isEmpty)
    }

    /// The watch knows before the journal's word of it is heard.
    @Test(arguments: ["RTNUN", nil])
    func `what was looked at and does not stand there any more waits for its news`(_ state: String?) {
        var desk = restarted()
        _ = turn(&desk, 0)
        desk.confirm(
            ["hot:F-01.t"], standing: state.map { [notice("snapshot", $0, at: 1)] } ?? [], monotonic: monotonic(1))
        #expect(turn(&desk, 1) == nil)
        desk.take([notice("clear", "RTNUN", at: 2)], monotonic: monotonic(2))
        #expect(turn(&desk, 2)?.notices.isEmpty == true)
    }

    @Test func `a reading that confirms it brings the value of now`() throws {
        var desk = restarted()
        _ = turn(&desk, 0)
        desk.confirm(["other"], standing: [notice("snapshot", "UNACK")], monotonic: monotonic(1))
        #expect(turn(&desk, 1) == nil)
        desk.confirm(
            ["hot:F-01.t"], standing: [notice("snapshot", "UNACK", at: -400, text: "1600 degC stands")],
            monotonic: monotonic(2))
        let call = try #require(turn(&desk, 2)).notices[0]
        #expect(call.text.hasPrefix("1600 degC stands, the daemon was down when this call was due, nobody ack"))
        #expect(call.text.contains("for 6 min"))
    }

    @Test func `news of a reading confirms it, what only comes back does not`() {
        var desk = restarted()
        _ = turn(&desk, 0)
        desk.take([notice("restored", "UNACK", at: 0)], monotonic: monotonic(0))
        #expect(turn(&desk, 0) == nil)
        desk.take([notice("level-up", "UNACK", at: 1, text: "worse")], monotonic: monotonic(1))
        #expect(turn(&desk, 1)?.notices.map(\.text).first?.hasPrefix("worse, the daemon was down") == true)
    }

    @Test func `one whose condition was gone before needs no reading`() {
        var desk = desk(
            saved: [
                EscalationRecord(
                    alarm: "hot:F-01.t", policy: "open",
                    progress: .init(occurrence: 1, step: 1, called: 0, due: Self.start - 60_000))
            ], standing: [notice("snapshot", "RTNUN", at: -4000)])
        #expect(turn(&desk, 0)?.notices.count == 1)
    }

    @Test func `a change of the policies ends what is gone, and begins what is new`() {
        var desk = desk()
        let raise = notice("raise", "UNACK")
        desk.take([raise], monotonic: monotonic(0))
        _ = turn(&desk, 0)
        desk.change(to: [Self.policies[0]], standing: [notice("snapshot", "UNACK", text: "x")], monotonic: monotonic(9))
        #expect(turn(&desk, 9)?.escalations == [EscalationRecord(alarm: "hot:F-01.t", policy: "open")])
        #expect(turn(&desk, 300)?.notices.first?.text.hasPrefix("x, nobody acknowledged for 5 min") == true)
        desk.change(to: Self.policies, standing: [], monotonic: monotonic(310))
        #expect(desk.states.isEmpty && desk.policies == Self.policies)
    }
}
