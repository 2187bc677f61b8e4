import Annunciation
import Plant
import Testing

/// Who is called, and when. Times are minutes.
@Suite struct EscalationBookTests {
    private static let minute: Int64 = 60_000
    private static let urgent = EscalationPolicy(
        name: "urgent", priorities: [.critical],
        steps: [
            .init(wait: .seconds(300), sinks: ["pager", "horn"]),
            .init(wait: .seconds(600), sinks: ["manager"], times: 3, every: .seconds(300)),
        ])

    private func policy(
        _ name: String = "p", _ priorities: Set<Priority> = [.critical], match: [String] = [], clear: Bool = true,
        steps: EscalationPolicy.Step...
    ) -> EscalationPolicy {
        EscalationPolicy(
            name: name, priorities: priorities, match: match.map(NamePattern.init), endsWithClear: clear,
            steps: steps.isEmpty ? [.init(wait: .seconds(60), sinks: ["s"])] : steps)
    }

    private func event(
        _ what: EscalationEvent.What, _ alarm: String = "hot:F-01.t", tag: String? = "F-01.t", occ: Int = 1,
        priority: Priority = .critical
    ) -> EscalationEvent {
        EscalationEvent(alarm: alarm, tag: tag, occurrence: occ, priority: priority, what: what)
    }

    /// The calls of so many minutes, looked at each minute: `5 urgent 1/1 1 of 1`.
    private func calls(_ book: inout EscalationBook, _ minutes: ClosedRange<Int64>) -> [String] {
        minutes.flatMap { minute in
            book.due(at: minute * Self.minute).map {
                "\(minute) \($0.policy) step \($0.step) call \($0.number) of \($0.times) \($0.sinks.joined(separator: "+"))"
            }
        }
    }

    private func book(_ policies: EscalationPolicy..., at now: Int64 = 0) -> EscalationBook {
        EscalationBook(policies: policies, at: now)
    }

    // MARK: Steps

    @Test func `steps follow each other, each waits from the last call of the one before`() {
        var book = book(Self.urgent)
        book.take(event(.raised), at: 0)
        #expect(
            calls(&book, 0...100) == [
                "5 urgent step 1 call 1 of 1 pager+horn", "15 urgent step 2 call 1 of 3 manager",
                "20 urgent step 2 call 2 of 3 manager", "25 urgent step 2 call 3 of 3 manager",
            ])
        #expect(book.nextDue == nil)
        #expect(book.states.map(\.step) == [0], "it is known that everybody was called")
    }

    @Test func `a step that waits for nothing calls at once, with the one before it`() {
        let step = EscalationPolicy.Step(wait: .zero, sinks: ["a"])
        var book = book(policy(steps: step, .init(wait: .zero, sinks: ["b"], times: 2, every: .seconds(60)), step))
        book.take(event(.raised), at: 0)
        #expect(
            calls(&book, 0...9) == [
                "0 p step 1 call 1 of 1 a", "0 p step 2 call 1 of 2 b", "1 p step 2 call 2 of 2 b",
                "1 p step 3 call 1 of 1 a",
            ])
    }

    @Test func `a late call comes once, and the next after its full time`() {
        var book = book(policy(steps: .init(wait: .seconds(60), sinks: ["a"], times: 5, every: .seconds(60))))
        book.take(event(.raised), at: 0)
        #expect(calls(&book, 30...30) == ["30 p step 1 call 1 of 5 a"])
        #expect(book.nextDue == 31 * Self.minute)
        #expect(calls(&book, 31...32) == ["31 p step 1 call 2 of 5 a", "32 p step 1 call 3 of 5 a"])
    }

    @Test func `the longest late is called first`() {
        var book = book(policy())
        for (minute, alarm) in [(2, "b"), (1, "c"), (2, "a")] as [(Int64, String)] {
            book.take(event(.raised, alarm, tag: nil), at: minute * Self.minute)
        }
        #expect(book.due(at: 99 * Self.minute).map(\.alarm) == ["c", "a", "b"])
    }

    // MARK: Which policies

    private static let choices: [(Set<Priority>, [String], Bool)] = [
        ([.critical], [], true), ([.high], [], false), ([.high, .critical], [], true), ([.critical], ["F-*"], true),
        ([.critical], ["hot:*"], true), ([.critical], ["F-02*"], false), ([.critical], ["X", "F-01.t"], true),
    ]

    @Test(arguments: choices)
    func `a policy is for its priorities and names`(_ priorities: Set<Priority>, _ match: [String], _ calls: Bool) {
        var book = book(policy("p", priorities, match: match))
        book.take(event(.raised), at: 0)
        #expect(book.due(at: Self.minute).isEmpty == !calls)
    }

    @Test func `several run beside each other`() {
        var book = book(Self.urgent, policy("all", [.low, .critical], steps: .init(wait: .seconds(360), sinks: ["s"])))
        book.take(event(.raised), at: 0)
        #expect(calls(&book, 0...10).map { $0.prefix(8) } == ["5 urgent", "6 all st"])
    }

    @Test func `an alarm that gets worse keeps what runs, and begins what is for it now`() {
        var book = book(policy("high", [.high], steps: .init(wait: .seconds(300), sinks: ["s"])), policy("worst"))
        book.take(event(.raised, priority: .high), at: 0)
        book.take(event(.raised, priority: .critical), at: 3 * Self.minute)
        #expect(calls(&book, 3...9).map { $0.prefix(7) } == ["4 worst", "5 high "])
    }

    @Test func `being told again does not begin the waits again, but a policy that has called everybody`() {
        var book = book(policy(steps: .init(wait: .seconds(300), sinks: ["s"])))
        book.take(event(.raised), at: 0)
        book.take(event(.raised), at: 4 * Self.minute)
        #expect(calls(&book, 4...20) == ["5 p step 1 call 1 of 1 s"])
        book.take(event(.unacknowledged), at: 20 * Self.minute)
        #expect(book.nextDue == nil, "nothing was told anew")
        book.take(event(.raised), at: 21 * Self.minute)
        #expect(calls(&book, 21...40) == ["26 p step 1 call 1 of 1 s"])
    }

    // MARK: Ends

    @Test(arguments: [EscalationEvent.What.acknowledged, .hidden, .retired])
    func `it ends for good, and leaves nothing`(_ what: EscalationEvent.What) {
        var book = book(Self.urgent, policy("clear", clear: false))
        book.take(event(.raised), at: 0)
        _ = book.changes()
        book.take(event(what), at: 1)
        #expect(book.isEmpty && calls(&book, 0...100).isEmpty)
        #expect(
            book.changes() == [
                .ended(alarm: "hot:F-01.t", policy: "clear"), .ended(alarm: "hot:F-01.t", policy: "urgent"),
            ])
    }

    @Test func `a clear ends only what ends with it`() {
        var book = book(policy("ends"), policy("goes-on", clear: false))
        book.take(event(.raised), at: 0)
        book.take(event(.cleared), at: 1)
        #expect(calls(&book, 0...9).map { $0.prefix(9) } == ["1 goes-on"])
    }

    @Test func `what waits for an acknowledgement goes on with the next occurrence, another begins with it`() {
        var book = book(
            policy("ends", steps: .init(wait: .seconds(300), sinks: ["s"])),
            policy("goes-on", clear: false, steps: .init(wait: .seconds(300), sinks: ["s"])))
        book.take(event(.raised), at: 0)
        book.take(event(.cleared), at: 2 * Self.minute)
        book.take(event(.raised, occ: 2), at: 3 * Self.minute)
        #expect(book.states.map(\.occurrence) == [2, 2])
        #expect(calls(&book, 3...20).map { $0.prefix(9) } == ["5 goes-on", "8 ends st"])
    }

    @Test func `the past of an occurrence says nothing about the next`() {
        var book = book(policy())
        book.take(event(.raised, occ: 2), at: 0)
        for what in [EscalationEvent.What.acknowledged, .cleared, .hidden, .raised] {
            book.take(event(what, occ: 1), at: 1)
        }
        #expect(book.states.map(\.occurrence) == [2])
        #expect(calls(&book, 1...1).count == 1)
    }

    @Test func `an acknowledgement that is taken back begins again, with what an open alarm without a condition has`() {
        var book = book(policy("ends"), policy("goes-on", clear: false))
        book.take(event(.unacknowledged), at: 0)
        #expect(book.states.map(\.policy) == ["ends", "goes-on"])
        book.take(event(.acknowledged), at: 0)
        book.take(event(.cleared), at: 0)
        #expect(book.states.map(\.policy) == ["goes-on"])
    }

    // MARK: What is kept

    @Test func `changes are given once, the newest of each`() {
        var book = book(Self.urgent)
        #expect(book.changes().isEmpty)
        book.take(event(.raised), at: 0)
        func stands(_ step: Int, _ called: Int, _ minute: Int64) -> EscalationChange {
            .stands(
                EscalationState(
                    alarm: "hot:F-01.t", policy: "urgent", occurrence: 1, step: step, called: called,
                    due: minute * Self.minute))
        }
        #expect(book.changes() == [stands(1, 0, 5)])
        #expect(book.due(at: Self.minute).isEmpty && book.changes().isEmpty)
        _ = book.due(at: 5 * Self.minute)
        #expect(book.changes() == [stands(2, 0, 15)])
        _ = book.due(at: 15 * Self.minute)
        #expect(book.changes() == [stands(2, 1, 20)])
    }

    @Test func `a step of the clock moves the times, not the waits`() {
        var book = book(Self.urgent)
        book.take(event(.raised), at: 0)
        _ = book.changes()
        book.move(by: -60 * Self.minute)
        #expect(book.nextDue == -55 * Self.minute)
        #expect(book.changes().count == 1)
    }

    // MARK: Held

    @Test func `nobody is called about what is held, and once it is released what is late comes once`() {
        var book = book(Self.urgent)
        book.take(event(.raised), at: 0)
        book.hold(["hot:F-01.t", "unknown"])
        #expect(book.held == ["hot:F-01.t"] && book.nextDue == nil)
        #expect(calls(&book, 0...30).isEmpty)
        // An event of it while it is held changes nothing about that.
        book.take(event(.unacknowledged), at: 30 * Self.minute)
        #expect(book.nextDue == nil)
        book.release(["another"])
        #expect(book.nextDue == nil)
        book.release(["hot:F-01.t"])
        #expect(book.nextDue == 5 * Self.minute)
        let late = book.due(at: 31 * Self.minute)
        #expect(late.map(\.due) == [5 * Self.minute])
        #expect(book.nextDue == 41 * Self.minute)
    }

    @Test func `what is held and ends is held no longer, also when it comes again`() {
        var book = book(Self.urgent)
        book.take(event(.raised), at: 0)
        book.hold(["hot:F-01.t"])
        book.take(event(.acknowledged), at: 1)
        #expect(book.held.isEmpty)
        book.take(event(.raised, occ: 2), at: 2)
        #expect(book.nextDue == 2 + 5 * Self.minute)
    }

    // MARK: Restart and change

    private func saved(_ policy: String, occ: Int = 1, step: Int, called: Int = 0, due: Int64) -> EscalationState {
        EscalationState(
            alarm: "hot:F-01.t", policy: policy, occurrence: occ, step: step, called: called, due: due * Self.minute)
    }

    @Test func `a restart goes on, begins what is missing, drops what nobody waits for`() {
        let gone = EscalationState(alarm: "gone", policy: "urgent", occurrence: 1, step: 1, called: 0, due: 0)
        var book = EscalationBook(
            policies: [Self.urgent, policy("new")],
            saved: [saved("urgent", step: 2, called: 1, due: 10), saved("renamed", step: 1, due: 10), gone],
            standing: [event(.raised)], at: 12 * Self.minute)
        #expect(
            Set(book.changes()).isSuperset(of: [
                .ended(alarm: "gone", policy: "urgent"), .ended(alarm: "hot:F-01.t", policy: "renamed"),
            ]))
        #expect(
            calls(&book, 12...30) == [
                "12 urgent step 2 call 2 of 3 manager", "13 new step 1 call 1 of 1 s",
                "17 urgent step 2 call 3 of 3 manager",
            ])
    }

    @Test func `a restart does not begin again what has called everybody`() {
        var book = EscalationBook(
            policies: [Self.urgent], saved: [saved("urgent", step: 0, due: 10)], standing: [event(.raised)], at: 0)
        #expect(book.nextDue == nil && book.changes().isEmpty)
        book.take(event(.acknowledged), at: 1)
        #expect(book.changes() == [.ended(alarm: "hot:F-01.t", policy: "urgent")])
    }

    @Test(arguments: [true, false])
    func `an alarm that has cleared keeps only what does not end with it`(_ clear: Bool) {
        let book = EscalationBook(
            policies: [policy(clear: clear)], saved: [saved("p", step: 1, due: 1)], standing: [event(.cleared)], at: 0)
        #expect(book.states.isEmpty == clear)
    }

    @Test(arguments: [
        // The step is there no longer; there are fewer calls in it; in the last; the wait is another one.
        (3, 0, 0, 0), (2, 3, 3, 0), (3, 4, 0, 0), (2, 1, 2, 1),
    ])
    func `a changed policy goes on by its name`(_ step: Int, _ called: Int, _ nowAt: Int, _ calledNow: Int) {
        let steps = [1, 3, 3].map {
            EscalationPolicy.Step(wait: .seconds(600), sinks: ["s"], times: $0, every: .seconds(60))
        }
        let policies = [
            EscalationPolicy(
                name: "p", priorities: [.critical], steps: Array(steps[..<(step == 3 && called == 0 ? 2 : 3)]))
        ]
        let book = EscalationBook(
            policies: policies, saved: [saved("p", step: step, called: called, due: 7)], standing: [event(.raised)],
            at: 0)
        #expect(book.states == [saved("p", step: nowAt, called: calledNow, due: 7)])
    }

    /// UTC was a year ahead; a row was edited; it is due; it is in time.
    private static let savedMinutes: [(Int64, Int64)] = [
        (525_600, 9), (Int64.max / minute, 9), (-1, 0), (3, 3), (9, 9),
    ]

    @Test(arguments: savedMinutes)
    func `a saved time is no later than its step could make it`(_ minute: Int64, _ expected: Int64) {
        let step = EscalationPolicy.Step(wait: .seconds(540), sinks: ["s"])
        let book = EscalationBook(
            policies: [policy(steps: step)], saved: [saved("p", step: 1, called: -1, due: minute)],
            standing: [event(.raised)], at: 0)
        #expect(book.states == [saved("p", step: 1, due: expected)])
    }

    @Test func `a change of the policies begins the new, ends the old, and leaves the rest its time`() {
        var book = book(Self.urgent, policy("old"))
        book.take(event(.raised), at: 0)
        book.change(
            to: [Self.urgent, policy("new"), policy("others", match: ["F-02*"])], standing: [event(.raised)],
            at: 2 * Self.minute)
        #expect(calls(&book, 2...9).map { $0.prefix(8) } == ["3 new st", "5 urgent"])
        book.change(to: [policy("urgent", match: ["F-02*"])], standing: [event(.raised)], at: 9 * Self.minute)
        #expect(book.isEmpty)
    }
}
