import Glibc
import Plant
import Ring
import Synchronization
import Testing

@testable import Annunciation

/// An outlet that answers as it is told, and lets a test wait for what it was given.
final class ScriptedOutlet: Outlet {
    let acknowledges: Bool
    let batchLimit: Int
    let takesHeartbeats: Bool
    private let state: Mutex<State>
    private let doorbell = Doorbell()

    private struct State {
        var answer: @Sendable ([AlarmLine]) -> Delivery
        var sent: [[AlarmLine]] = []
        var isClosed = false
    }

    init(
        acknowledges: Bool = true, batch: Int = 1, heartbeats: Bool = false,
        _ answer: @escaping @Sendable ([AlarmLine]) -> Delivery = { .all(of: $0) }
    ) {
        (self.acknowledges, batchLimit, takesHeartbeats) = (acknowledges, batch, heartbeats)
        state = Mutex(State(answer: answer))
    }

    func answer(_ answer: @escaping @Sendable ([AlarmLine]) -> Delivery) { state.withLock { $0.answer = answer } }

    func send(_ lines: [AlarmLine]) -> Delivery {
        let answer = state.withLock { state in
            state.sent.append(lines)
            return state.answer
        }
        doorbell.ring()
        return answer(lines)
    }

    func close() { state.withLock { $0.isClosed = true } }

    var isClosed: Bool { state.withLock { $0.isClosed } }
    var sent: [[AlarmLine]] { state.withLock { $0.sent } }
    var sequences: [Int64] { sent.flatMap { $0 }.map(\.sequence) }

    /// Waits until it was asked so often.
    func wait(_ count: Int) {
        while true {
            doorbell.listen()
            if sent.count >= count { return }
            doorbell.wait(nanoseconds: 1_000_000_000)
        }
    }
}

/// A journal in memory.
final class ScriptedLedger: SinkLedger {
    struct State {
        var lines: [AlarmLine] = []
        var settled: Int64 = 0
        var records: [DeliveryRecord] = []
        var gaveUp: [String] = []
        var isBroken = false
    }

    struct Broken: Error {}

    let state: Mutex<State>
    private let doorbell = Doorbell()

    init(_ lines: [AlarmLine] = []) { state = Mutex(State(lines: lines)) }

    func lines(after sequence: Int64, limit: Int, repeats: Int64) throws -> [AlarmLine] {
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            return Array(state.lines.filter { $0.sequence > sequence }.prefix(limit))
        }
    }

    func settled(_ sequence: Int64) {
        state.withLock { $0.settled = max($0.settled, sequence) }
        doorbell.ring()
    }

    func record(_ records: [DeliveryRecord]) { state.withLock { $0.records += records } }

    func gaveUp(_ lines: GivenUp) {
        let text = "\(lines.count) up to \(lines.rank), \(lines.last.sequence): \(lines.reason)"
        state.withLock { $0.gaveUp.append(text) }
        doorbell.ring()
    }

    func wait(_ isDone: (State) -> Bool) {
        while true {
            doorbell.listen()
            if state.withLock({ isDone($0) }) { return }
            doorbell.wait(nanoseconds: 1_000_000_000)
        }
    }
}

/// A clock that tests move; a sink that waits for it looks again when it is rung.
final class ScriptedClock: PlantClock {
    private let now = Mutex(Int64(1_000_000_000))
    func monotonic() -> Int64 { now.withLock { $0 } }
    func wall() -> Int64 { now.withLock { $0 } + 1_800_000_000_000_000_000 }
    func move(by duration: Duration) { now.withLock { $0 += duration.nanoseconds } }
}

@Suite(.timeLimit(.minutes(20)))
struct SinkTests {
    private let ledger = ScriptedLedger()
    private let said = Said()
    private let clock = ScriptedClock()

    private func sink(
        _ outlet: ScriptedOutlet, _ selection: SinkSelection = SinkSelection(events: .all), text: String? = nil,
        rate: RateLimit? = nil, position: Int64 = 0, newest: Int64 = 0
    ) -> Sink {
        Sink(
            SinkDefinition(name: "pager", kind: .journald, selection: selection, text: text, rateLimit: rate),
            outlet: outlet, ledger: ledger, position: position, newest: newest, clock: clock,
            log: { [said] in said.take($0) })
    }

    /// Time passes, and the sink looks at its clock.
    private func wake(_ sink: Sink, after duration: Duration) {
        clock.move(by: duration)
        sink.offer([])
    }

    /// Waits until the sink knows what came of its `send`.
    private func endOfTry(_ sink: Sink) {
        while sink.status.trying_since != nil { sched_yield() }
    }

    private func end(_ sink: Sink) {
        sink.stop()
        sink.join()
    }

    @Test func linesGoOutInOrderAndTheLedgerKnows() throws {
        let outlet = ScriptedOutlet()
        let sink = sink(outlet)
        try sink.start()
        sink.offer([.event(1), .event(2)])
        sink.offer([.event(3)])
        ledger.wait { $0.settled == 3 }
        end(sink)
        #expect(outlet.sequences == [1, 2, 3])
        #expect(outlet.isClosed)
        #expect(sink.status.sent == 3)
        let records = ledger.state.withLock { $0.records }
        #expect(records.map(\.sequence) == [1, 2, 3])
        #expect(records.allSatisfy { $0.outcome == .delivered && $0.tries == 1 && $0.acknowledged != nil })
    }

    @Test func aBatchIsTakenAsFarAsItWasTaken() throws {
        let outlet = ScriptedOutlet(batch: 10) { Delivery(taken: min(2, $0.count)) }
        let sink = sink(outlet)
        sink.offer((1...5).map { .event($0) })
        try sink.start()
        ledger.wait { $0.settled == 5 }
        end(sink)
        #expect(outlet.sent.map { $0.map(\.sequence) } == [[1, 2, 3, 4, 5], [3, 4, 5], [5]])
    }

    @Test func aLineThatIsNotTakenIsTriedAgainAndNoneOvertakesIt() throws {
        let outlet = ScriptedOutlet(batch: 10) { _ in .unavailable("nobody there") }
        let sink = sink(outlet)
        sink.offer([.event(1), .event(2)])
        try sink.start()
        outlet.wait(1)
        while sink.status.fault == nil {}
        #expect(sink.status.breaker == "open")
        #expect(sink.status.backlog == 2)
        sink.offer([.event(3)])
        outlet.answer { .all(of: $0) }
        wake(sink, after: .seconds(2))
        ledger.wait { $0.settled == 3 }
        end(sink)
        // One line shows whether it is over, the rest comes with the next batch.
        #expect(outlet.sent.map { $0.map(\.sequence) } == [[1, 2], [1], [2, 3]])
        #expect(sink.status.fault == nil)
        #expect(ledger.state.withLock { $0.records.map(\.tries) } == [2, 2, 1])
    }

    @Test func nothingIsTriedBeforeItsTime() throws {
        let outlet = ScriptedOutlet { _ in .unavailable("busy", after: .seconds(30)) }
        let sink = sink(outlet)
        sink.offer([.event(1)])
        try sink.start()
        outlet.wait(1)
        while sink.status.next_try_ms == nil {}
        wake(sink, after: .seconds(29))
        #expect(sink.status.next_try_ms == 1000)
        wake(sink, after: .seconds(2))
        outlet.wait(2)
        end(sink)
        #expect(outlet.sequences == [1, 1])
    }

    @Test func whatIsRefusedIsADeadLetterAndTheRestGoesOn() throws {
        let outlet = ScriptedOutlet(batch: 10) { lines in
            guard let bad = lines.firstIndex(where: { $0.sequence == 2 }) else { return .all(of: lines) }
            return .refused("HTTP 400", taken: bad)
        }
        let sink = sink(outlet)
        sink.offer((1...4).map { .event($0) })
        try sink.start()
        ledger.wait { $0.settled == 4 && !$0.gaveUp.isEmpty }
        end(sink)
        #expect(outlet.sent.map { $0.map(\.sequence) } == [[1, 2, 3, 4], [3, 4]])
        let records = ledger.state.withLock { $0.records }
        #expect(records.filter { $0.outcome == .refused }.map(\.sequence) == [2])
        #expect(records.first { $0.sequence == 2 }?.reason == "HTTP 400")
        #expect(ledger.state.withLock { $0.gaveUp } == ["1 up to 2, 2: HTTP 400"])
        #expect(sink.status.dead == 1)
    }

    @Test func manyDeadLettersAreToldOfTogether() throws {
        let outlet = ScriptedOutlet { _ in .refused("no") }
        let sink = sink(outlet)
        sink.offer([.event(1)])
        try sink.start()
        ledger.wait { $0.gaveUp.count == 1 }
        sink.offer([.event(2), .event(3)])
        ledger.wait { $0.settled == 3 }
        wake(sink, after: .seconds(61))
        ledger.wait { $0.gaveUp.count == 2 }
        end(sink)
        #expect(ledger.state.withLock { $0.gaveUp.last?.hasSuffix(": no") } == true)
        #expect(sink.status.dead == 3)
    }

    /// The next definition of the sink knows nothing of them.
    @Test func whatWasGivenUpAndNotToldYetIsToldAtTheEnd() throws {
        let outlet = ScriptedOutlet { _ in .refused("no") }
        let sink = sink(outlet)
        sink.offer([.event(1)])
        try sink.start()
        ledger.wait { $0.gaveUp.count == 1 }
        sink.offer([.event(2)])
        ledger.wait { $0.settled == 2 }
        end(sink)
        #expect(ledger.state.withLock { $0.gaveUp } == ["1 up to 2, 1: no", "1 up to 2, 2: no"])
    }

    @Test func aLineThatWasLateCountsAsLate() throws {
        let outlet = ScriptedOutlet { _ in .unavailable("nobody there") }
        let sink = sink(outlet)
        try sink.start()
        var line = AlarmLine.event(1)
        line.committed = Moment(clock)
        sink.offer([line])
        outlet.wait(1)
        endOfTry(sink)
        outlet.answer { .all(of: $0) }
        wake(sink, after: .seconds(100))
        ledger.wait { $0.settled == 1 }
        end(sink)
        #expect(sink.status.written?.p50 ?? 0 >= 100_000)
        #expect(sink.status.acknowledged?.p99 ?? 0 >= 100_000)
    }

    @Test func lowLinesAreGivenUpAtLastAndHighOnesNever() throws {
        let outlet = ScriptedOutlet { _ in .unavailable("nobody there") }
        let sink = sink(outlet)
        sink.offer([.event(1, rank: 1), .event(2, rank: 2)])
        try sink.start()
        while sink.status.fault == nil {}
        wake(sink, after: .seconds(86_401))
        ledger.wait { $0.records.contains { $0.outcome == .expired } }
        outlet.wait(2)
        endOfTry(sink)
        wake(sink, after: .seconds(2 * 86_400))
        outlet.wait(3)
        end(sink)
        #expect(ledger.state.withLock { $0.records.map(\.sequence) } == [1])
        #expect(outlet.sequences.last == 2)
    }

    @Test func aReaderThatCannotAcknowledgeHearsWhatItMissed() throws {
        let outlet = ScriptedOutlet(acknowledges: false) { _ in .unavailable("does not read") }
        let sink = sink(outlet)
        sink.offer([.event(1)])
        try sink.start()
        while sink.status.fault == nil {}
        sink.offer((2...Int64(SinkQueue.limit) + 10).map { .event($0) })
        #expect(sink.status.lost == 10)
        outlet.answer { .all(of: $0) }
        wake(sink, after: .seconds(2))
        outlet.wait(3)
        end(sink)
        #expect(outlet.sent[1].first?.kind == .gap)
        #expect(outlet.sent[1].first?.json == "{\"from\":1,\"lost\":10,\"to\":10,\"what\":\"gap\"}\n")
        #expect(outlet.sent[2].first?.sequence == 11)
        #expect(sink.status.lost == 10)
        #expect(ledger.state.withLock { $0.records.allSatisfy { $0.acknowledged == nil } })
    }

    /// More than fits comes from the journal while somebody reads, and is counted as soon as nobody does.
    @Test func aReaderThatReadsMissesNothingOfABurst() throws {
        let lines = (1...3000).map { AlarmLine.event(Int64($0)) }
        ledger.state.withLock { $0.lines = lines }
        let outlet = ScriptedOutlet(acknowledges: false, batch: 100)
        let sink = sink(outlet)
        sink.offer(lines)
        try sink.start()
        ledger.wait { $0.settled == 3000 }
        end(sink)
        #expect(outlet.sequences == Array(1...3000))
        #expect(sink.status.lost == 0)
    }

    @Test func whatNobodyReadsIsCountedWhileNobodyReads() throws {
        let lines = (1...3000).map { AlarmLine.event(Int64($0)) }
        ledger.state.withLock { $0.lines = lines }
        let outlet = ScriptedOutlet(acknowledges: false, batch: 100) { _ in .unavailable("does not read") }
        let sink = sink(outlet)
        sink.offer(lines)
        try sink.start()
        while sink.status.lost < 2000 {}
        #expect(sink.status.backlog == SinkQueue.limit)
        end(sink)
        #expect(outlet.sent.count == 1)
        #expect(ledger.state.withLock { $0.settled } == 0, "the next run counts anew")
    }

    // MARK: What the other end says

    /// What comes behind it is taken, so it is meant itself.
    @Test func aLowLineThatIsTurnedDownAgainAndAgainIsRefused() throws {
        let outlet = ScriptedOutlet { $0[0].sequence == 2 ? .declined("exited with 1") : .all(of: $0) }
        let sink = sink(outlet)
        sink.offer([.event(1), .event(2, rank: 1), .event(3)])
        try sink.start()
        for tries in 1...5 {
            outlet.wait(1 + tries)
            endOfTry(sink)
            if tries < 5 { #expect(sink.status.dead == 0) }
            wake(sink, after: .seconds(90))
        }
        ledger.wait { $0.settled == 3 }
        end(sink)
        #expect(outlet.sequences == [1, 2, 2, 2, 2, 2, 3, 2])
        let letter = try #require(ledger.state.withLock { $0.records.first { $0.outcome == .refused } })
        #expect(letter.reason == "exited with 1, 6 times, and not for others")
        #expect(letter.tries == 6)
        #expect(sink.status.breaker == "closed")
        #expect(sink.fault == "refuses lines: exited with 1")
    }

    /// A network that is away for a minute must not cost the page that says so.
    @Test func aHighLineThatIsTurnedDownIsTriedForEver() throws {
        let outlet = ScriptedOutlet { _ in .declined("exited with 7") }
        let sink = sink(outlet)
        sink.offer([.event(1, rank: 2)])
        try sink.start()
        for tries in 1...8 {
            outlet.wait(tries)
            endOfTry(sink)
            wake(sink, after: .seconds(90))
        }
        outlet.wait(9)
        end(sink)
        #expect(sink.status.dead == 0)
        #expect(sink.status.backlog == 1)
    }

    /// One text that a provider does not want must not stand before the next page, and a network that is away must not
    /// cost one: only another line that is taken tells the two apart, and only one that is as urgent.
    @Test func aHighLineThatAloneIsTurnedDownLetsTheNextOnePass() throws {
        let outlet = ScriptedOutlet { [1, 3].contains($0[0].sequence) ? .declined("exited with 1") : .all(of: $0) }
        let sink = sink(outlet)
        sink.offer([.event(1, rank: 2), .event(2, rank: 0), .event(3, rank: 2), .event(4, rank: 3)])
        try sink.start()
        for sends in 1...7 {
            outlet.wait(sends)
            endOfTry(sink)
            #expect(sink.status.dead == 0)
            wake(sink, after: .seconds(90))
        }
        outlet.wait(10)
        end(sink)
        // The first, another as urgent; the first again, the one after that, which is taken; the first, and then the rest.
        #expect(outlet.sequences.prefix(10) == [1, 1, 1, 1, 1, 3, 1, 4, 1, 2])
        #expect(ledger.state.withLock { $0.records.filter { $0.outcome == .refused }.map(\.sequence) } == [1])
    }

    /// The line behind it happens to be the first that is tried after an outage.
    @Test func anOutageThatEndsCostsNoLine() throws {
        let outlet = ScriptedOutlet { _ in .declined("exited with 7") }
        let sink = sink(outlet)
        sink.offer([.event(1), .event(2)])
        try sink.start()
        for tries in 1...5 {
            outlet.wait(tries)
            endOfTry(sink)
            if tries == 5 { outlet.answer { .all(of: $0) } }
            wake(sink, after: .seconds(90))
        }
        ledger.wait { $0.settled == 2 }
        end(sink)
        #expect(outlet.sequences == [1, 1, 1, 1, 1, 2, 1])
        #expect(sink.status.dead == 0)
    }

    /// A program that has no use for mild lines takes them, too.
    @Test func aMildLineThatIsTakenSaysNothingOfAPage() throws {
        let outlet = ScriptedOutlet { $0[0].rank > 1 ? .declined("exited with 1") : .all(of: $0) }
        let sink = sink(outlet)
        sink.offer([.event(1, rank: 3), .event(2, rank: 1), .event(3, rank: 2)])
        try sink.start()
        for tries in 1...8 {
            outlet.wait(tries)
            endOfTry(sink)
            wake(sink, after: .seconds(90))
        }
        outlet.wait(9)
        end(sink)
        #expect(Set(outlet.sequences) == [1])
        #expect(sink.status.dead == 0)
    }

    /// That it is there says nothing about whether it takes lines.
    @Test func aSignOfLifeDoesNotEndARefusal() throws {
        let outlet = ScriptedOutlet(heartbeats: true) { lines in
            lines.first?.sequence == 1 ? .refused("too large") : .all(of: lines)
        }
        let sink = sink(outlet)
        sink.offer([.event(1)])
        try sink.start()
        ledger.wait { $0.settled == 1 }
        sink.offer([
            AlarmLine(kind: .heartbeat, sequence: 0, json: "{}\n", text: "", severity: 7, rank: 0, announces: false)
        ])
        outlet.wait(2)
        endOfTry(sink)
        #expect(sink.fault == "refuses lines: too large")
        #expect(sink.status.sent == 0)
        sink.offer([.event(2)])
        ledger.wait { $0.settled == 2 }
        end(sink)
        #expect(sink.fault == nil)
        #expect(sink.status.sent == 1)
    }

    /// What stands is told to a reader as soon as he is back, not with the next news.
    @Test func aReaderThatIsAwayIsLookedForWithoutNews() throws {
        let outlet = ScriptedOutlet(acknowledges: false, heartbeats: true) { _ in .unavailable("nobody reads") }
        let sink = sink(outlet)
        sink.offer([
            AlarmLine(kind: .heartbeat, sequence: 0, json: "{}\n", text: "", severity: 7, rank: 0, announces: false)
        ])
        try sink.start()
        while sink.status.fault == nil {}
        outlet.answer { .all(of: $0) }
        wake(sink, after: .seconds(2))
        outlet.wait(2)
        endOfTry(sink)
        end(sink)
        #expect(outlet.sent[1].isEmpty)
        #expect(sink.fault == nil)
    }

    @Test func aSinkThatRefusesLinesIsNotWell() throws {
        let outlet = ScriptedOutlet { $0[0].sequence < 3 ? .refused("HTTP 401") : .all(of: $0) }
        let sink = sink(outlet)
        sink.offer([.event(1), .event(2)])
        try sink.start()
        ledger.wait { $0.settled == 2 }
        #expect(sink.fault == "refuses lines: HTTP 401")
        #expect(sink.status.breaker == "closed", "the next line is tried at once")
        sink.offer([.event(3)])
        ledger.wait { $0.settled == 3 }
        while sink.fault != nil {}
        end(sink)
        #expect(said.lines == ["sink pager: refused a line: HTTP 401", "sink pager: delivering again"])
    }

    @Test func whatMayHaveArrivedComesAgainAsARepeat() throws {
        let outlet = ScriptedOutlet(batch: 3) { _ in
            var delivery = Delivery.unavailable("no answer", taken: 1)
            delivery.mayHaveArrived = true
            return delivery
        }
        let sink = sink(outlet)
        sink.offer([.event(1), .event(2), .event(3)])
        try sink.start()
        while sink.status.fault == nil {}
        sink.offer([.event(4)])
        outlet.answer { .all(of: $0) }
        wake(sink, after: .seconds(2))
        ledger.wait { $0.settled == 4 }
        end(sink)
        // The same lines again, under one key.
        #expect(outlet.sent.map { $0.map(\.sequence) } == [[1, 2, 3], [2, 3], [4]])
        let later = outlet.sent.dropFirst().flatMap { $0 }
        #expect(later.map(\.sequence) == [2, 3, 4])
        #expect(later.map(\.isRepeat) == [true, true, false])
    }

    /// The time before anybody tried does not count.
    @Test func whatWaitedWhileTheDaemonWasDownIsTriedForAsLong() throws {
        let day: Int64 = 86_400_000
        let now = clock.wall() / 1_000_000
        ledger.state.withLock { $0.lines = [.event(1, rank: 0, time: now - 3 * day)] }
        let outlet = ScriptedOutlet { _ in .unavailable("nobody there") }
        let sink = sink(outlet, position: 0, newest: 1)
        try sink.start()
        while sink.status.fault == nil {}
        wake(sink, after: .seconds(86_000))
        outlet.wait(2)
        #expect(sink.status.dead == 0)
        wake(sink, after: .seconds(500))
        ledger.wait { $0.records.contains { $0.outcome == .expired } }
        end(sink)
        #expect(ledger.state.withLock { $0.records[0].tries } == 2)
    }

    @Test func afterARestartItGoesOnFromTheJournal() throws {
        ledger.state.withLock { $0.lines = (1...1200).map { .event($0) } }
        let outlet = ScriptedOutlet(batch: 100)
        let sink = sink(outlet, position: 3, newest: 1200)
        sink.offer([.event(1201)])
        ledger.state.withLock { $0.lines.append(.event(1201)) }
        #expect(sink.status.behind == 1198)
        try sink.start()
        ledger.wait { $0.settled == 1201 }
        end(sink)
        #expect(outlet.sequences == Array(4...1201))
    }

    @Test func aJournalThatCannotBeReadIsAFaultThatGoesAway() throws {
        ledger.state.withLock { state in
            state.lines = [.event(1)]
            state.isBroken = true
        }
        let outlet = ScriptedOutlet()
        let sink = sink(outlet, position: 0, newest: 1)
        try sink.start()
        while sink.status.fault == nil {}
        #expect(sink.status.fault?.contains("journal") == true)
        ledger.state.withLock { $0.isBroken = false }
        wake(sink, after: .seconds(2))
        ledger.wait { $0.settled == 1 }
        end(sink)
        #expect(sink.status.fault == nil)
    }

    // MARK: Rates

    @Test func whatIsTooMuchComesAsADigestWhenItsTimeIsUp() throws {
        let outlet = ScriptedOutlet()
        let sink = sink(outlet, rate: RateLimit(lines: 1, every: .seconds(60)))
        try sink.start()
        sink.offer([.event(1)])
        ledger.wait { $0.settled == 1 }
        sink.offer([.event(2), .event(3), .event(4)])
        wake(sink, after: .seconds(61))
        ledger.wait { $0.settled == 4 }
        end(sink)
        let lines = outlet.sent.flatMap { $0 }
        #expect(lines.map(\.kind) == [.event, .digest])
        #expect(lines[1].members.map(\.sequence) == [2, 3, 4])
        #expect(ledger.state.withLock { $0.records.map(\.sequence) } == [1, 2, 3, 4])
    }

    @Test func criticalLinesDoNotWaitAndTakeWithThemWhatWaitsBeforeThem() throws {
        let outlet = ScriptedOutlet()
        let sink = sink(outlet, rate: RateLimit(lines: 1, every: .seconds(60)))
        try sink.start()
        sink.offer([.event(1)])
        ledger.wait { $0.settled == 1 }
        sink.offer([.event(2), .event(3), .event(4, rank: 3), .event(5)])
        ledger.wait { $0.settled == 4 }
        #expect(sink.status.backlog == 1)
        end(sink)
        let lines = outlet.sent.flatMap { $0 }
        #expect(lines.map(\.kind) == [.event, .digest, .event])
        #expect(lines.map(\.sequence) == [1, 3, 4])
    }

    /// The reader declares a daemon dead that is silent for 30 s.
    @Test func aSignOfLifeIsNotHeldBackNorCounted() throws {
        let outlet = ScriptedOutlet(heartbeats: true)
        let sink = sink(outlet, rate: RateLimit(lines: 1, every: .seconds(60)))
        let heartbeat = AlarmLine(
            kind: .heartbeat, sequence: 0, json: "{}\n", text: "", severity: 7, rank: 0, announces: false)
        try sink.start()
        sink.offer([heartbeat])
        outlet.wait(1)
        sink.offer([.event(1)])
        ledger.wait { $0.settled == 1 }
        sink.offer([.event(2)])
        sink.offer([heartbeat])
        outlet.wait(3)
        end(sink)
        #expect(outlet.sent.map { $0[0].kind } == [.heartbeat, .event, .heartbeat])
    }

    /// What comes when a sink works again is news, not a sign of life of before.
    @Test func aSignOfLifeThatCannotGoIsDropped() throws {
        let outlet = ScriptedOutlet(heartbeats: true) { _ in .unavailable("nobody there") }
        let sink = sink(outlet)
        let heartbeat = AlarmLine(
            kind: .heartbeat, sequence: 0, json: "{}\n", text: "", severity: 7, rank: 0, announces: false)
        sink.offer([heartbeat])
        try sink.start()
        while sink.status.fault == nil {}
        sink.offer([heartbeat, .event(1)])
        outlet.answer { .all(of: $0) }
        wake(sink, after: .seconds(2))
        ledger.wait { $0.settled == 1 }
        end(sink)
        #expect(outlet.sent.map { $0[0].kind } == [.heartbeat, .event])
        #expect(sink.status.backlog == 0)
    }

    // MARK: Tests by hand, and resending

    /// Whoever has mended a sink and tests it sees that it is mended.
    @Test func aTestThatArrivesEndsTheFault() throws {
        let outlet = ScriptedOutlet { _ in .unavailable("nobody there") }
        let sink = sink(outlet)
        sink.offer([.event(1, rank: 0)])
        try sink.start()
        while sink.status.fault == nil {}
        wake(sink, after: .seconds(86_401))
        ledger.wait { $0.records.contains { $0.outcome == .expired } }
        #expect(sink.fault != nil, "nothing has shown that it works")
        outlet.answer { .all(of: $0) }
        let trials = Trials()
        #expect(sink.test(.test(of: "pager", plant: "P", who: "kim", at: 0), answer: trials.take))
        #expect(trials.wait().delivered)
        end(sink)
        #expect(sink.fault == nil)
        #expect(sink.status.breaker == "closed")
    }

    @Test func aTestGoesPastWhatWaits() throws {
        let outlet = ScriptedOutlet { lines in
            lines[0].kind == .test ? .all(of: lines, answer: "HTTP 204") : .unavailable("HTTP 500")
        }
        let sink = sink(outlet, SinkSelection(minPriority: .critical, events: .escalations))
        _ = sink.resend([.event(1)])
        try sink.start()
        while sink.status.fault == nil {}
        let trials = Trials()
        #expect(sink.test(.test(of: "pager", plant: "P", who: "kim", at: 0), answer: trials.take))
        let trial = trials.wait()
        end(sink)
        #expect(trial.delivered && trial.acknowledged)
        #expect(trial.answer == "HTTP 204")
        #expect(outlet.sent.filter { $0[0].json.contains("\"test\":true") }.count == 1)
        #expect(sink.status.backlog == 1)
    }

    @Test func aTestThatFailsSaysWhy() throws {
        let outlet = ScriptedOutlet(acknowledges: false) { _ in .unavailable("nobody reads /x") }
        let sink = sink(outlet)
        try sink.start()
        let trials = Trials()
        #expect(sink.test(.test(of: "pager", plant: "P", who: "kim", at: 0), answer: trials.take))
        let trial = trials.wait()
        #expect(!trial.delivered)
        #expect(trial.answer == "nobody reads /x")
        end(sink)
        #expect(!sink.test(.test(of: "pager", plant: "P", who: "kim", at: 0), answer: trials.take))
    }

    @Test func aResentLineIsDeliveredWithItsOldNumber() throws {
        let outlet = ScriptedOutlet()
        let sink = sink(outlet, position: 9, newest: 9)
        try sink.start()
        #expect(sink.resend([.event(3)]) == [3])
        outlet.wait(1)
        sink.offer([.event(10)])
        ledger.wait { $0.settled == 10 }
        end(sink)
        #expect(outlet.sequences == [3, 10])
        #expect(ledger.state.withLock { $0.records.map(\.sequence) } == [3, 10])
    }

    // MARK: Stopping

    @Test func whatWaitsGoesOutBeforeTheEndAsLongAsItIsTaken() throws {
        let outlet = ScriptedOutlet()
        let sink = sink(outlet)
        sink.offer((1...50).map { .event($0) })
        sink.stop()
        try sink.start()
        sink.join()
        #expect(outlet.sequences == Array(1...50))
    }

    @Test func aSinkThatFailsEndsAtOnceAndLeavesTheRestForTheNextRun() throws {
        let outlet = ScriptedOutlet { _ in .unavailable("nobody there") }
        let sink = sink(outlet)
        sink.offer([.event(1), .event(2)])
        try sink.start()
        while sink.status.fault == nil {}
        end(sink)
        #expect(outlet.sequences == [1])
        #expect(ledger.state.withLock { $0.settled } == 0)
    }

    @Test func textIsAsThePlantWantsIt() throws {
        let outlet = ScriptedOutlet()
        let sink = sink(outlet, text: "{{alarm}}!")
        sink.offer([.event(1)])
        try sink.start()
        outlet.wait(1)
        end(sink)
        #expect(outlet.sent[0][0].text == "high:F-1.t!\n")
    }
}

/// The answer to a test, for a thread that waits for it.
final class Trials: Sendable {
    private let trial = Mutex<SinkTrial?>(nil)
    private let doorbell = Doorbell()

    func take(_ trial: SinkTrial) {
        self.trial.withLock { $0 = trial }
        doorbell.ring()
    }

    func wait() -> SinkTrial {
        while true {
            doorbell.listen()
            if let trial = trial.withLock({ $0 }) { return trial }
            doorbell.wait(nanoseconds: 1_000_000_000)
        }
    }
}

/// What a sink said to the log.
final class Said: Sendable {
    private let state = Mutex<[String]>([])
    var lines: [String] { state.withLock { $0 } }
    func take(_ line: String) { state.withLock { $0.append(line) } }
}
