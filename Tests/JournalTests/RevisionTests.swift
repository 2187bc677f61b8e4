import Detection
import Foundation
import GRDB
import Plant
import Testing

@testable import Journal

/// Which limits were in force when an alarm came.
@Suite struct RevisionTests {
    private static let first = #"{"limit":1500}"#
    private static let second = #"{"limit":1490}"#

    private func hot() -> AlarmNotice {
        var notice = AlarmNotice.sample()
        notice.id = "hot"
        return notice
    }

    @Test func `a revision begins where the text is another, across restarts`() throws {
        let scratch = try Scratch()
        for (boot, text, revision) in [
            ("b1", RevisionTests.first, 1), ("b2", RevisionTests.first, 1), ("b3", RevisionTests.second, 2),
            ("b4", RevisionTests.first, 3),
        ] {
            let journal = try scratch.open(boot: boot)
            let listener = try journal.listening()
            journal.append(JournalEntry(notices: [hot()], definitions: ["hot": text, "cold": "{}"]))
            #expect(listener.wait(for: 1)[0].definition == revision, "\(boot)")
            journal.append(JournalEntry(notices: [hot(), .sample()]))
            #expect(listener.wait(for: 2).map(\.definition) == [revision, nil], "\(boot)")
            #expect(try journal.definitions()["hot"]?.text == text)
            journal.stop()
        }
        let reader = try JournalReader(path: scratch.journal)
        #expect(
            try reader.notices(after: 0, limit: 99).map(\.definition) == [1, 1, nil, 1, 1, nil, 2, 2, nil, 3, 3, nil])
        #expect(try reader.definition(of: "hot", revision: 2)?.text == RevisionTests.second)
        #expect(try reader.definition(of: "hot", revision: 4) == nil)
        #expect(try reader.definition(of: "cold", revision: 2) == nil)
    }

    @Test func `what was in force at a time`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        for (time, text) in [(100, RevisionTests.first), (200, RevisionTests.second)] as [(Int64, String)] {
            var entry = JournalEntry(definitions: ["hot": text])
            if time == 200 { entry.definitions["late"] = "{}" }
            entry.time = time
            _ = try journal.store.commit([entry], cursors: [:])
        }
        let reader = try JournalReader(path: scratch.journal)
        #expect(try reader.definitions(at: 99).isEmpty)
        let one = DefinitionRevision(revision: 1, time: 100, text: RevisionTests.first)
        let two = DefinitionRevision(revision: 2, time: 200, text: RevisionTests.second)
        #expect(try reader.definitions(at: 199) == ["hot": one])
        let late = DefinitionRevision(revision: 1, time: 200, text: "{}")
        #expect(try reader.definitions(at: 200) == ["hot": two, "late": late])
        #expect(try reader.definition(of: "hot", revision: 1) == one)
    }

    @Test func `entries of one transaction each have their own`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let stored = try journal.store.commit(
            [
                JournalEntry(notices: [hot()], definitions: ["hot": RevisionTests.first]),
                JournalEntry(notices: [hot()], definitions: ["hot": RevisionTests.second]),
            ], cursors: [:])
        #expect(stored.map { $0.map(\.definition) } == [[1], [2]])
    }

    @Test func `while the disk fails nobody knows the revision, afterwards it is there`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let listener = try journal.listening()
        let shell = try scratch.shell()
        try shell.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        journal.append(JournalEntry(notices: [hot()], definitions: ["hot": RevisionTests.first]))
        #expect(listener.wait(for: 1)[0].definition == nil)
        try shell.inDatabase { try $0.execute(sql: "ROLLBACK") }
        let again = listener.wait(for: 1)[0]
        #expect(again.definition == 1 && again.dup)
        journal.stop()
    }
}
