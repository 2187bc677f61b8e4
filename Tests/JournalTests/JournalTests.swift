import Detection
import Foundation
import GRDB
import Plant
import Store
import Synchronization
import Testing

@testable import Journal

@Suite struct JournalTests {
    @Test func `an event is on disk before anybody is told`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let path = scratch.journal
        let listener = Listener()
        let seen = Mutex<[Int]>([])
        try journal.start { notices in
            // A connection of somebody else sees only what is committed.
            let rows = try? JournalReader(path: path).notices(after: (notices.first?.seq ?? 0) - 1, limit: 10)
            seen.withLock { $0.append(rows?.count ?? -1) }
            listener.hear(notices)
        }
        journal.append(JournalEntry(notices: [.sample(1), .sample(1, what: "level-up")]))
        #expect(listener.wait(for: 2).map(\.seq) == [1, 2])
        #expect(seen.withLock { $0 } == [2])
        journal.stop()
    }

    @Test func `whoever hears of commits is called as deep in the stack at the last as at the first`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let listener = Listener()
        let places = Mutex<[Int]>([])
        try journal.start { notices in
            var here = 0
            let place = withUnsafeMutablePointer(to: &here) { Int(bitPattern: $0) }
            places.withLock { $0.append(place) }
            listener.hear(notices)
        }
        for number in 0..<50 {
            journal.append(JournalEntry(notices: [.sample(number)]))
            _ = listener.wait(for: 1)
        }
        journal.stop()
        #expect(Set(places.withLock { $0 }).count == 1)
    }

    @Test func `numbers grow by one in the order of the entries, across restarts`() throws {
        let scratch = try Scratch()
        for (boot, first) in [("b1", 1), ("b2", 201)] as [(String, Int64)] {
            let journal = try scratch.open(boot: boot)
            let listener = try journal.listening()
            for number in 0..<200 { journal.append(JournalEntry(notices: [.sample(number)])) }
            let notices = listener.wait(for: 200)
            #expect(notices.map(\.seq) == Array(first..<(first + 200)))
            #expect(notices.map(\.occ) == Array(0..<200))
            #expect(notices.allSatisfy { $0.boot == boot && $0.plant == "KMP" && !$0.dup && !$0.unjournalled })
            journal.stop()
            #expect(journal.status.lastSequence == first + 199)
        }
    }

    @Test func `what is read back is what was told`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let listener = try journal.listening()
        let system = AlarmNotice.daemon(.started, text: "version 0.1", at: 5)
        var full = AlarmNotice.sample(1)
        (full.figure, full.firstOut, full.until, full.told) = (12.5, "simultaneous", 7, "grouped")
        full.afterScan = "F-01/fast#1234"
        (full.detail, full.why, full.who) = ("2 of 3", "probe", "kim")
        (full.cause, full.consequence, full.alarmClass) = ("stuck", "crucible lost", "safety")
        journal.append(JournalEntry(notices: [full, system], definitions: [full.id: "{}"]))
        let told = listener.wait(for: 2)
        (full.plant, full.boot, full.seq, full.definition) = ("KMP", "b1", 1, 1)
        #expect(told[0] == full)
        #expect(try journal.notices(after: 0, limit: 10) == told)
        #expect(try journal.notices(after: 1, limit: 10) == [told[1]])
        #expect(try journal.notices(after: 0, limit: 1) == [told[0]])
        #expect(try journal.newest(limit: 1) == [told[1]])
        journal.stop()
        #expect(try JournalReader(path: scratch.journal).newest(limit: 10) == told)
    }

    @Test func `state, occurrence and acknowledgement outlive the daemon`() throws {
        let scratch = try Scratch()
        let acked = try state(
            after: .hot(1),
            .acknowledge(2))
        let comms = try state(after: .comms(1, .timeout), of: 4)
        let journal = try scratch.open()
        #expect(try journal.loadStates().isEmpty)
        _ = try journal.listening()
        journal.write(JournalEntry(states: ["hot": acked, "comms": comms, "gone": comms]))
        journal.write(JournalEntry(states: ["comms": comms], retired: ["gone"]))
        journal.stop()
        let again = try scratch.open(boot: "b2")
        let states = try again.loadStates()
        #expect(states.keys.sorted() == ["comms", "hot"])
        #expect(states["hot"]?.core == .acked && states["hot"]?.occurrence == 1)
        #expect(states["comms"]?.core == .unack && states["comms"]?.evidence.quality == .timeout)
    }

    @Test func `a state nobody can read stops the daemon instead of losing an acknowledgement`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        try journal.store.database.write {
            try $0.execute(sql: "INSERT INTO alarm_state VALUES ('hot', '{\"condition\": 7}')")
        }
        let error = #expect(throws: JournalError.self) { try journal.loadStates() }
        guard case .corrupt(_, let detail) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains("alarm hot"))
    }

    @Test func `what was committed survives a kill at any moment`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let listener = try journal.listening()
        for round in 1...5 {
            journal.append(JournalEntry(notices: (1...round).map { .sample($0) }))
            let last = listener.wait(for: round).last?.seq ?? 0
            // More is on its way while the files are taken.
            journal.append(JournalEntry(notices: (0..<50).map { .sample($0) }))
            let after = try Scratch()
            try scratch.copyAsKilled(to: after)
            _ = listener.wait(for: 50)
            let again = try after.open(boot: "b\(round)")
            let found = try again.notices(after: 0, limit: 10_000).map(\.seq)
            #expect(found.count >= last && found == Array(1...Int64(found.count)))
            // An entry is there whole or not at all.
            #expect(Int64(found.count) == last || Int64(found.count) == last + 50)
            #expect(try again.store.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
        }
        journal.stop()
    }

    @Test func `who did what is kept`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        let record = AuditRecord(
            time: 5, who: "kim (uid 1000)", what: "ack", subject: "hot:F-01.melt_temp@1.0", before: "UNACK",
            after: "ACKED", why: "seen")
        journal.write(JournalEntry(audit: [record]))
        journal.stop()
        #expect(try JournalReader(path: scratch.journal).audit(limit: 10) == [record])
    }

    @Test func `a sink's cursor is kept and never goes back`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        journal.acknowledge(sink: "floor", sequence: 9)
        journal.acknowledge(sink: "floor", sequence: 7)
        journal.acknowledge(sink: "pager", sequence: 3)
        journal.write(JournalEntry(notices: [.sample()]))
        journal.acknowledge(sink: "pager", sequence: 2)
        journal.stop()
        #expect(try scratch.open().cursors().mapValues(\.sequence) == ["floor": 9, "pager": 3])
    }

    @Test func `a stop commits what waits and leaves one file`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        for number in 0..<500 { journal.append(JournalEntry(notices: [.sample(number)])) }
        journal.stop()
        journal.stop()
        #expect(try scratch.contents().keys.sorted() == ["journal.db"])
        #expect(try JournalReader(path: scratch.journal).newest(limit: 1).first?.seq == 500)
        // The lock is free although the old journal still lives, and it says that it writes no more.
        _ = try scratch.open()
        #expect(journal.write(JournalEntry(notices: [.sample()])) == nil)
    }

    @Test func `after a stop the main file is complete, even with readers about`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        journal.write(JournalEntry(notices: [.sample(1)]))
        let reader = try JournalReader(path: scratch.journal)
        #expect(try reader.newest(limit: 10).count == 1)
        journal.stop()
        let copy = try Scratch()
        try FileManager.default.copyItem(atPath: scratch.journal, toPath: copy.journal)
        #expect(try JournalReader(path: copy.journal).newest(limit: 10).count == 1)
        #expect(try reader.newest(limit: 10).count == 1)
    }

    @Test func `the main file follows while the daemon runs`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        for number in 0..<JournalStore.checkpointEntries { journal.append(JournalEntry(notices: [.sample(number)])) }
        // The second is only taken when the checkpoint after the first is done.
        journal.write(JournalEntry(notices: [.sample()]))
        journal.write(JournalEntry(notices: [.sample()]))
        let copy = try Scratch()
        try FileManager.default.copyItem(atPath: scratch.journal, toPath: copy.journal)
        let found = try JournalReader(path: copy.journal).newest(limit: 10_000).count
        #expect(found >= JournalStore.checkpointEntries)
        journal.stop()
    }

    @Test func `durability is what was promised`() throws {
        let journal = try Scratch().open()
        try journal.store.database.inDatabase { database in
            #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
            #expect(try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2)
            let loose = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM pragma_table_list
                    WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'
                    """)
            #expect(loose.isEmpty)
        }
    }

    @Test func `the status tells what was done`() throws {
        let journal = try Scratch().open()
        _ = try journal.listening()
        journal.write(JournalEntry(notices: [.sample(1), .sample(2)]))
        let status = journal.status
        #expect(status.lastSequence == 2 && status.commits == 1 && status.failures == 0 && status.lastError == nil)
        #expect(status.commitMillisecondsMax >= status.commitMillisecondsLast && status.commitMillisecondsLast > 0)
        #expect(status.queueHighWater >= 1 && status.queueDepth == 0)
        journal.stop()
    }
}
