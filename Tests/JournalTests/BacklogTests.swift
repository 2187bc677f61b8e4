import Detection
import Plant
import Synchronization
import Testing

@testable import Journal

@Suite struct BacklogTests {
    @Test func `the oldest events go, the states and the audit stay`() throws {
        var backlog = EntryBacklog(limit: 8)
        let hot = try state(after: .hot(1))
        for number in 1...9 {
            backlog.append(
                JournalEntry(
                    notices: [.sample(number)], states: ["alarm-\(number)": hot],
                    audit: [AuditRecord(time: 0, who: "kim", what: "ack", subject: "\(number)")]))
        }
        #expect(backlog.waiting.count <= 8)
        #expect(backlog.lost == 3)
        let entries = backlog.entries
        #expect(entries.flatMap(\.notices).map(\.occ) == [4, 5, 6, 7, 8, 9])
        #expect(Set(entries.flatMap(\.states.keys)).count == 9)
        #expect(entries.flatMap(\.audit).map(\.subject) == (1...9).map(String.init))
    }

    @Test func `of one alarm the last word counts`() throws {
        let first = try state(after: .hot(1))
        let second = try state(
            after: .hot(1),
            .acknowledge(2))
        var backlog = EntryBacklog(limit: 12)
        backlog.append(JournalEntry(states: ["a": first], retired: ["c"]))
        backlog.append(JournalEntry(states: ["a": second, "b": first]))
        backlog.append(JournalEntry(retired: ["b"]))
        backlog.append(JournalEntry(states: ["c": first]))
        for number in 0..<9 { backlog.append(JournalEntry(notices: [.sample(number)])) }
        let folded = backlog.entries[0]
        #expect(folded.states == ["a": second, "c": first])
        #expect(folded.retired == ["b"])
    }

    @Test func `definitions and heats stay, the newest definition wins`() {
        var backlog = EntryBacklog(limit: 8)
        for number in 1...9 {
            var entry = JournalEntry(
                notices: [.sample(number)], definitions: ["hot": "\(number)", "hot-\(number)": "{}"],
                heats: [HeatRecord(controller: "F-01", heat: "H\(number)", began: Int64(number), who: "kim")])
            entry.time = Int64(number)
            backlog.append(entry)
        }
        #expect(backlog.lost == 3)
        let entries = backlog.entries
        #expect(entries.map { $0.definitions["hot"] } == ["3", "4", "5", "6", "7", "8", "9"])
        #expect(entries[0].definitions.keys.sorted() == ["hot", "hot-1", "hot-2", "hot-3"])
        #expect(entries.map(\.time) == [3, 4, 5, 6, 7, 8, 9])
        #expect(entries.flatMap(\.heats).map(\.heat) == (1...9).map { "H\($0)" })
    }

    @Test func `whoever waits for a lost entry is told`() {
        let answers = Mutex<[[Int64]?]>([])
        var backlog = EntryBacklog(limit: 4)
        for number in 0..<5 {
            backlog.append(
                JournalEntry(notices: [.sample(number)], completion: { given in answers.withLock { $0.append(given) } })
            )
        }
        for completion in backlog.takeDisappointed() { completion(nil) }
        #expect(answers.withLock { $0 } == [nil, nil])
        #expect(backlog.takeDisappointed().isEmpty)
    }

    @Test func `a notice is told once`() {
        var backlog = EntryBacklog(limit: 100)
        backlog.append(JournalEntry(notices: [.sample(1)]))
        #expect(backlog.tell().map(\.occ) == [1])
        backlog.append(JournalEntry(notices: [.sample(2)]))
        #expect(backlog.tell().map(\.occ) == [2])
        #expect(backlog.tell().isEmpty)
    }
}
