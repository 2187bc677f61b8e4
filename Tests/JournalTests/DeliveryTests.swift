import GRDB
import Plant
import Store
import Testing

@testable import Journal

/// What became of events at sinks.
@Suite struct DeliveryTests {
    private func record(
        _ sequence: Int64, _ sink: String = "pager", outcome: DeliveryRecord.Outcome = .delivered, tries: Int = 1,
        committed: Int64? = 1000, written: Int64? = 1002, acknowledged: Int64? = 1005, reason: String? = nil
    ) -> DeliveryRecord {
        DeliveryRecord(
            sequence: sequence, sink: sink, committed: committed, written: written, acknowledged: acknowledged,
            tries: tries, outcome: outcome, reason: reason)
    }

    private func run(_ scratch: Scratch, _ body: (Journal) throws -> Void) throws {
        let journal = try scratch.open()
        try journal.start()
        try body(journal)
        journal.stop()
    }

    @Test func deliveriesAreKeptWithTheirTimes() throws {
        let scratch = try Scratch()
        try run(scratch) { journal in
            journal.append(JournalEntry(notices: [.sample(), .sample()]))
            journal.record([record(1), record(1, "mail", acknowledged: nil), record(2)])
        }
        let reader = try JournalReader(path: scratch.journal)
        #expect(try reader.deliveries(limit: 10) == [record(1, "mail", acknowledged: nil), record(1), record(2)])
        #expect(try reader.deliveries(of: 1, limit: 10).count == 2)
        #expect(try reader.deliveries(limit: 1) == [record(2)])
    }

    @Test func whatIsDeliveredAtLastIsNoDeadLetterAnyMore() throws {
        let scratch = try Scratch()
        let refused = record(
            1, outcome: .refused, tries: 2, written: nil, acknowledged: nil, reason: "HTTP 400 Bad Request")
        try run(scratch) { journal in
            journal.append(JournalEntry(notices: [.sample(), .sample()]))
            journal.record([refused, record(2, "mail", outcome: .expired, written: nil, acknowledged: nil)])
        }
        let reader = try JournalReader(path: scratch.journal)
        #expect(
            try reader.letters() == [refused, record(2, "mail", outcome: .expired, written: nil, acknowledged: nil)])
        #expect(try reader.letters(of: "pager") == [refused])
        try run(scratch) { $0.record([record(1, committed: nil, written: 2000, acknowledged: 2001)]) }
        #expect(try reader.letters(of: "pager").isEmpty)
        // After a restart nobody knows when it was committed; the table still does.
        #expect(
            try reader.deliveries(of: 1, limit: 1)
                == [record(1, tries: 3, written: 2000, acknowledged: 2001)])
    }

    @Test func aRepeatThatFailsDoesNotUndoADelivery() throws {
        let scratch = try Scratch()
        try run(scratch) { journal in
            journal.append(JournalEntry(notices: [.sample()]))
            journal.record([record(1)])
            journal.record([record(1, outcome: .refused, written: nil, acknowledged: nil, reason: "no")])
        }
        #expect(try JournalReader(path: scratch.journal).letters().isEmpty)
        #expect(try JournalReader(path: scratch.journal).deliveries(limit: 1) == [record(1, tries: 2)])
    }

    @Test func aDeliveryOfAnEventThatIsGoneKeepsNothingElseFromTheDisk() throws {
        let scratch = try Scratch()
        try run(scratch) { journal in
            journal.append(JournalEntry(notices: [.sample()]))
            journal.record([record(7), record(1)])
            #expect(journal.settle(within: .seconds(60)))
            #expect(journal.status.failures == 0)
        }
        #expect(try JournalReader(path: scratch.journal).deliveries(limit: 9) == [record(1)])
    }

    @Test func theNewestLettersAreShown() throws {
        let scratch = try Scratch()
        let count = JournalReader.answerLimit + 5
        func letter(_ number: Int) -> DeliveryRecord {
            record(Int64(number), outcome: .refused, written: nil, acknowledged: nil, reason: "no")
        }
        try run(scratch) { journal in
            journal.append(JournalEntry(notices: (0..<count).map { .sample($0) }))
            journal.record((1...count).map(letter))
        }
        let letters = try JournalReader(path: scratch.journal).letters(of: "pager")
        #expect(letters.count == JournalReader.answerLimit)
        #expect(letters.first == letter(6) && letters.last == letter(count))
    }

    @Test func thereAreNeverMoreInMemoryThanTheLimit() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        journal.append(JournalEntry(notices: (0..<2).map { _ in .sample() }))
        let half = Journal.deliveryLimit / 2 + 1
        for _ in 0..<2 { journal.record((0..<half).map { _ in record(1) }) }
        try journal.start()
        journal.stop()
        #expect(journal.status.deliveriesLost == 2)
        #expect(
            try JournalReader(path: scratch.journal).deliveries(of: 1, limit: 1).first?.tries == Journal.deliveryLimit)
    }

    @Test func eventsAreFoundByTheirNumbers() throws {
        let scratch = try Scratch()
        try run(scratch) { $0.append(JournalEntry(notices: [.sample(), .sample(), .sample()])) }
        let reader = try JournalReader(path: scratch.journal)
        #expect(try reader.notices(numbered: [3, 1, 99]).map(\.seq) == [1, 3])
    }

    @Test func theSinksOfACallAreKept() throws {
        let scratch = try Scratch()
        try run(scratch) { journal in
            var call = AlarmNotice.sample()
            call.onlyTo = ["pager", "mail"]
            var nobody = AlarmNotice.sample()
            nobody.onlyTo = []
            journal.append(JournalEntry(notices: [call, nobody, .sample()]))
        }
        let notices = try JournalReader(path: scratch.journal).notices(after: 0, limit: 3)
        #expect(notices.map(\.onlyTo) == [["pager", "mail"], [], nil])
    }
}
