import Detection
import Foundation
import GRDB
import Plant
import Testing

@testable import Journal

/// The disk fails while the daemon runs: operators are told all the same, and the journal catches up by itself.
@Suite struct FailureTests {
    @Test func `while somebody holds the lock events are told without a number, and again with one`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let listener = try journal.listening()
        journal.write(JournalEntry(notices: [.sample(1)]))
        #expect(listener.wait(for: 1)[0].seq == 1)

        let shell = try scratch.shell()
        try shell.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        journal.append(JournalEntry(notices: [.sample(2)]))
        let first = listener.wait(for: 1)[0]
        #expect(first.occ == 2 && first.unjournalled && first.seq == 0 && !first.dup && first.plant == "KMP")
        #expect(journal.status.failures >= 1)
        #expect(journal.status.lastError?.contains("holds a lock") == true)
        journal.append(JournalEntry(notices: [.sample(3)]))
        #expect(listener.wait(for: 1)[0].occ == 3)

        try shell.inDatabase { try $0.execute(sql: "ROLLBACK") }
        let again = listener.wait(for: 2)
        #expect(again.map(\.occ) == [2, 3] && again.map(\.seq) == [2, 3])
        #expect(again.allSatisfy { $0.dup && !$0.unjournalled })
        journal.stop()
        let status = journal.status
        #expect(status.unjournalled == 2 && status.lost == 0 && status.lastError == nil)
        #expect(try JournalReader(path: scratch.journal).notices(after: 0, limit: 10).map(\.occ) == [1, 2, 3])
    }

    @Test func `a full disk loses nothing that was committed, and nothing after it is freed`() throws {
        let scratch = try Scratch()
        let journal = try Journal(
            path: scratch.journal, plantName: "KMP", boot: "b1", clock: SystemClock()
        ) { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages + 4)")
        }
        let listener = try journal.listening()
        var sent = 0
        var full = false
        while !full {
            sent += 1
            journal.append(JournalEntry(notices: [.sample(sent, text: String(repeating: "x", count: 2000))]))
            full = listener.wait(for: 1)[0].unjournalled
        }
        #expect(sent > 1)
        #expect(journal.status.lastError?.contains("no room left") == true)
        let committed = try journal.notices(after: 0, limit: 1000).map(\.occ)
        #expect(committed == Array(1..<sent))

        try journal.store.database.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(listener.wait(for: 1)[0].seq == Int64(sent))
        #expect(try journal.notices(after: 0, limit: 1000).map(\.occ) == Array(1...sent))
        #expect(try journal.store.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
        journal.stop()
    }

    @Test func `whoever waits for a commit that never comes is told at the stop`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let listener = try journal.listening()
        let shell = try scratch.shell()
        try shell.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let done = DispatchSemaphore(value: 0)
        journal.append(
            JournalEntry(
                notices: [.sample(1)],
                completion: { numbers in
                    #expect(numbers == nil)
                    done.signal()
                }))
        #expect(listener.wait(for: 1)[0].unjournalled)
        journal.stop()
        done.wait()
        try shell.inDatabase { try $0.execute(sql: "ROLLBACK") }
    }

    @Test func `more than the backlog holds is lost aloud`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let shell = try scratch.shell()
        try shell.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let hot = try state(after: .hot(1))
        let count = Journal.queueLimit + 10
        for number in 1...count {
            journal.append(JournalEntry(notices: [.sample(number)], states: ["alarm-\(number)": hot]))
        }
        let lost = Journal.queueLimit / 4 + 1
        let listener = try journal.listening()
        _ = listener.wait(for: count - lost)
        try shell.inDatabase { try $0.execute(sql: "ROLLBACK") }
        let again = listener.wait(for: count - lost + 1)
        #expect(again.first?.occ == lost + 1)
        #expect(again.last?.what == "lost" && again.last?.annunciated == true)
        #expect(again.last?.text.contains("\(lost) events") == true)
        #expect(journal.status.lost == lost)
        #expect(try journal.loadStates().count == count)
        journal.stop()
    }
}
