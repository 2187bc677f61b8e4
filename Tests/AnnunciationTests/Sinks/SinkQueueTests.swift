import Plant
import TestSupport
import Testing

@testable import Annunciation

extension AlarmLine {
    /// An event as sinks see it.
    static func event(
        _ sequence: Int64, rank: Int = 2, announces: Bool = true, alarm: String = "high:F-1.t",
        only: Set<String>? = nil, time: Int64 = 0, topRank: Int? = nil, raised: Int64? = nil, not: String? = nil
    ) -> AlarmLine {
        AlarmLine(
            sequence: sequence, json: "{\"dup\":false,\"seq\":\(sequence)}\n", text: "event \(sequence)\n", severity: 2,
            rank: rank,
            announces: announces,
            fields: [.alarm: alarm, .occurrence: "1", .what: "raise", .text: "event \(sequence)"], only: only,
            time: time, topRank: topRank, raised: raised, not: not)
    }
}

extension SinkQueue {
    var sequences: [Int64] { items.map(\.line.sequence) }

    mutating func offer(_ sequences: ClosedRange<Int64>, rank: Int = 2, isFailing: Bool = false) {
        offer(sequences.map { .event($0, rank: rank) }, at: 0, isFailing: isFailing) { $0 }
    }

    mutating func catchUp(_ page: [AlarmLine]) {
        catchUp(with: page, born: { _ in 0 }, as: { $0 })
    }
}

@Suite struct SinkQueueTests {
    private static let limit = Int64(SinkQueue.limit)

    @Test func whatIsNotWantedIsSettledAtOnce() {
        var queue = SinkQueue(keepsAll: true, position: 0, newest: 0)
        queue.offer([.event(1), .event(2), .event(3)], at: 0) { $0.sequence == 2 ? $0 : nil }
        #expect(queue.sequences == [2])
        #expect(queue.settled == 1)
        queue.remove(queue.items[...])
        #expect(queue.settled == 3)
    }

    @Test func oneThatAcknowledgesReadsFromTheJournalWhatDidNotFit() {
        var queue = SinkQueue(keepsAll: true, position: 0, newest: 0)
        queue.offer(1...Self.limit + 5)
        #expect(queue.items.count == SinkQueue.limit)
        #expect(queue.isBehind)
        #expect(queue.unseen == 5)
        #expect(queue.gap == nil)
        queue.offer(Self.limit + 6...Self.limit + 6)
        queue.remove(queue.items[...])
        #expect(queue.position == Self.limit)
        queue.catchUp((Self.limit + 1...Self.limit + 6).map { .event($0) })
        #expect(!queue.isBehind)
        #expect(queue.sequences == Array(Self.limit + 1...Self.limit + 6))
    }

    /// Committed after the look into the journal, and offered before it was taken over: it is looked for again.
    @Test func nothingFallsBetweenTheJournalAndTheNextOffer() {
        var queue = SinkQueue(keepsAll: true, position: 4, newest: 6)
        queue.offer(7...7)
        queue.catchUp([.event(5), .event(6)])
        #expect(queue.isBehind)
        queue.catchUp([.event(7)])
        #expect(!queue.isBehind)
        queue.offer(7...8)
        #expect(queue.sequences == [5, 6, 7, 8])
    }

    @Test func anEmptyPageEndsTheCatchingUp() {
        var queue = SinkQueue(keepsAll: true, position: 4, newest: 6)
        queue.catchUp([])
        #expect(!queue.isBehind)
        #expect(queue.settled == 6)
    }

    @Test func oneThatCannotAcknowledgeAndWhoseReaderDoesNotReadLosesTheLeastUrgentOldest() {
        var queue = SinkQueue(keepsAll: false, position: 0, newest: 0)
        queue.offer(1...1, rank: 3, isFailing: true)
        queue.offer(2...2, rank: 1, isFailing: true)
        queue.offer(3...3, rank: 0, isFailing: true)
        queue.offer(4...4, rank: 0, isFailing: true)
        queue.offer(5...Self.limit + 2, rank: 2, isFailing: true)
        #expect(queue.gap == SinkQueue.Gap(from: 3, to: 4, lost: 2))
        queue.offer(Self.limit + 3...Self.limit + 3, rank: 2, isFailing: true)
        #expect(queue.gap == SinkQueue.Gap(from: 2, to: 4, lost: 3))
        #expect(queue.sequences.first == 1)
        #expect(queue.lost == 3)
    }

    @Test func aGapThatGrewWhileItWasToldIsToldAgain() throws {
        var queue = SinkQueue(keepsAll: false, position: 0, newest: 0)
        queue.offer(1...Self.limit + 2, isFailing: true)
        let told = try #require(queue.gap)
        queue.offer(Self.limit + 3...Self.limit + 3, isFailing: true)
        queue.told(told)
        #expect(queue.gap?.lost == 1)
        queue.told(try #require(queue.gap))
        #expect(queue.gap == nil)
    }

    /// The queue's head may go for want of room while it is being sent.
    @Test func whatWasSentIsRemovedByItsNumberAndNotByItsPlace() {
        var queue = SinkQueue(keepsAll: false, position: 0, newest: 0)
        queue.offer(1...Self.limit, isFailing: true)
        let sent = queue.items.prefix(1)
        queue.offer(Self.limit + 1...Self.limit + 1, isFailing: true)
        #expect(queue.sequences.first == 2)
        queue.remove(sent)
        #expect(queue.sequences.first == 2)
    }

    /// It may arrive, and would then be told as lost besides.
    @Test func whatIsBeingSentDoesNotGoForWantOfRoom() {
        var queue = SinkQueue(keepsAll: false, position: 0, newest: 0)
        queue.offer(1...Self.limit, rank: 0, isFailing: true)
        queue.handOut(Array(queue.items.prefix(100)))
        queue.offer(Self.limit + 1...Self.limit + 2, isFailing: true)
        #expect(queue.gap == SinkQueue.Gap(from: 101, to: 102, lost: 2))
        queue.handOut([])
        queue.offer(Self.limit + 3...Self.limit + 3, isFailing: true)
        #expect(queue.gap == SinkQueue.Gap(from: 1, to: 102, lost: 3))
    }

    /// A burst is no reason to lose anything, as long as somebody reads.
    @Test func oneWhoseReaderReadsFindsInTheJournalWhatDidNotFit() {
        var queue = SinkQueue(keepsAll: false, position: 0, newest: 0)
        queue.offer(1...Self.limit + 5)
        #expect(queue.isBehind && queue.gap == nil)
        #expect(queue.unseen == 5)
        // His reader leaves: what he misses is counted, and the newest kept.
        queue.catchUp((Self.limit + 1...Self.limit + 5).map { .event($0) })
        #expect(!queue.isBehind)
        #expect(queue.gap == SinkQueue.Gap(from: 1, to: 5, lost: 5))
        #expect(queue.sequences == Array(6...Self.limit + 5))
    }

    /// It is in no journal that could be read later.
    @Test func aLineWithoutANumberIsCountedWhereItHasNoRoom() {
        var queue = SinkQueue(keepsAll: false, position: 0, newest: 0)
        queue.offer(1...Self.limit, rank: 1)
        queue.offer([.event(0, rank: 3)], at: 0) { $0 }
        #expect(queue.items.count == SinkQueue.limit && queue.sequences.last == 0)
        #expect(queue.gap?.lost == 1 && !queue.isBehind)
    }

    @Test func aHeartbeatWaitsForNobodyAndTakesNoPlace() {
        func heartbeat(_ text: String) -> AlarmLine {
            AlarmLine(kind: .heartbeat, sequence: 0, json: text, text: "", severity: 7, rank: 0, announces: false)
        }
        var queue = SinkQueue(keepsAll: false, position: 0, newest: 0)
        queue.offer([heartbeat("old"), heartbeat("new")], at: 0) { $0 }
        #expect(queue.items.isEmpty)
        #expect(queue.takeHeartbeat()?.json == "new")
        #expect(queue.takeHeartbeat() == nil)
    }

    @Test func whatMayHaveArrivedGoesOutMarked() {
        var queue = SinkQueue(keepsAll: true, position: 0, newest: 0)
        queue.offer(1...3)
        queue.doubt(queue.items.prefix(2))
        #expect(queue.items.map(\.outgoing.isRepeat) == [true, true, false])
        #expect(queue.items[0].outgoing.json == "{\"dup\":true,\"seq\":1}\n")
    }

    @Test func resentLinesWaitOnceAndNeverBeyondTheLimit() {
        var queue = SinkQueue(keepsAll: true, position: 0, newest: 0)
        queue.offer(11...11)
        #expect(queue.resend([.event(3), .event(3), .event(11)], at: 0) == [3, 3, 11])
        #expect(queue.sequences == [11, 3])
        #expect(queue.items.map(\.outgoing.tellsState) == [true, false])
        queue.offer(12...Self.limit + 9)
        #expect(queue.items.count == SinkQueue.limit)
        #expect(queue.resend([.event(4)], at: 0) == [])
    }

    @Test func aLineWithoutANumberComesAgainWhenItHasOne() {
        var queue = SinkQueue(keepsAll: true, position: 0, newest: 0)
        queue.offer([.event(0)], at: 0) { $0 }
        queue.offer(1...1)
        #expect(queue.sequences == [0, 1])
        #expect(queue.settled == 0)
    }

    @Test func resentLinesGoOutWhateverTheirNumber() {
        var queue = SinkQueue(keepsAll: true, position: 9, newest: 9)
        _ = queue.resend([.event(3), .event(4)], at: 0)
        queue.offer(10...10)
        #expect(queue.sequences == [3, 4, 10])
        #expect(queue.position == 10)
    }

    /// Random offers, deliveries and looks into the journal: a queue that keeps all hands out every event once, in order.
    @Test(arguments: 0..<200) func everyEventIsHandedOutOnceAndInOrder(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let before = Int64.random(in: 0...30, using: &random)
        let position = Int64.random(in: 0...before, using: &random)
        var queue = SinkQueue(keepsAll: true, position: position, newest: before)
        var committed = before
        var got: [Int64] = []
        func step(_ queue: inout SinkQueue) {
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let count = Int64.random(in: 1...700, using: &random)
                queue.offer(committed + 1...committed + count)
                committed += count
            case 1:
                let sent = queue.items.prefix(Int.random(in: 0...400, using: &random))
                got += sent.map(\.line.sequence)
                queue.remove(sent)
            default:
                guard queue.items.isEmpty, queue.isBehind else { return }
                let end = min(committed, queue.position + 500)
                queue.catchUp(end > queue.position ? (queue.position + 1...end).map { .event($0) } : [])
            }
        }
        for _ in 0..<40 { step(&queue) }
        while queue.isBehind || !queue.items.isEmpty {
            let sent = queue.items[...]
            got += sent.map(\.line.sequence)
            queue.remove(sent)
            if queue.isBehind {
                let end = min(committed, queue.position + 500)
                queue.catchUp(end > queue.position ? (queue.position + 1...end).map { .event($0) } : [])
            }
        }
        #expect(got == (committed > position ? Array(position + 1...committed) : []), "seed \(seed)")
        #expect(queue.settled == committed, "seed \(seed)")
    }
}
