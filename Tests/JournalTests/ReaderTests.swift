import Detection
import Foundation
import Plant
import Store
import Testing

@testable import Journal

@Suite struct ReaderTests {
    @Test func `a reader finds events by alarm, tag and time`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        var entry = JournalEntry()
        for number in 0..<10 {
            var notice = AlarmNotice.sample(number)
            notice.id = number % 2 == 0 ? "hot:F-01.melt_temp" : "hot:F-02.melt_temp"
            notice.tag = number % 2 == 0 ? "F-01.melt_temp" : "F-02.melt_temp"
            notice.receivedTime = Int64(number) * 100
            entry.notices.append(notice)
        }
        journal.write(entry)
        let reader = try JournalReader(path: scratch.journal)
        func found(_ pattern: String, _ from: Int64 = .min, _ to: Int64 = .max, limit: Int = 100) throws -> [Int] {
            try reader.history(matching: NamePattern(pattern), from: from, to: to, limit: limit).map(\.occ)
        }
        #expect(try found("*") == Array(0..<10))
        #expect(try found("hot:F-01.*") == [0, 2, 4, 6, 8])
        #expect(try found("F-02.*") == [1, 3, 5, 7, 9])
        #expect(try found("*", 200, 500) == [2, 3, 4])
        #expect(try found("hot:F-01.*", limit: 2) == [6, 8])
        #expect(try found("nothing").isEmpty)
        journal.stop()
    }

    @Test func `an answer has a limit, and no request can lift it`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        journal.write(JournalEntry(notices: (0..<(JournalReader.answerLimit + 5)).map { .sample($0) }))
        #expect(try journal.notices(after: 0, limit: .max).count == JournalReader.answerLimit)
        #expect(try journal.newest(limit: .max).last?.occ == JournalReader.answerLimit + 4)
        #expect(try journal.notices(after: 0, limit: -1).isEmpty)
        journal.stop()
    }

    @Test func `a reader who may not make files reads what a clean stop left`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        let hot = try state(after: .hot(1))
        journal.write(JournalEntry(notices: [.sample(1)], states: ["hot": hot]))
        journal.stop()
        // A link to nowhere keeps SQLite from making the shared memory file, as a foreign owner of the directory would.
        try FileManager.default.createSymbolicLink(
            atPath: scratch.journal + "-shm", withDestinationPath: "/nowhere/at/all")
        let reader = try JournalReader(path: scratch.journal)
        #expect(reader.isSnapshot)
        #expect(try reader.newest(limit: 10).map(\.occ) == [1])
        #expect(try reader.states()["hot"]?.core == .unack)
    }

    @Test func `no file is not an empty journal, and reading makes none`() throws {
        let scratch = try Scratch()
        #expect(throws: JournalError.missing(path: scratch.journal)) { _ = try JournalReader(path: scratch.journal) }
        #expect(try scratch.contents().isEmpty)
    }
}
