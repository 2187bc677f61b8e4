import Detection
import Foundation
import GRDB
import Plant
import Store
import TestSupport
import Testing

@testable import Journal

/// What reports and replays read.
@Suite struct PastTests {
    /// Events of a few alarms at times that are not in order, by number from 1.
    private func fill(_ scratch: Scratch, _ count: Int, seed: UInt64) throws -> [AlarmNotice] {
        var random = SeededRandom(seed: seed)
        let journal = try scratch.open()
        let notices = (1...count).map { number in
            var notice = AlarmNotice.sample(number)
            notice.id = random.pick(["hot", "cold", "trip", "cupel"])
            notice.receivedTime = Int64(random.next() % 1000)
            notice.effectiveTime = Int64(random.next() % 1000)
            return notice
        }
        let stored = try journal.store.commit([JournalEntry(notices: notices)], cursors: [:])
        journal.stop()
        return stored[0]
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `events come in order of their numbers, those of the time and no others`(seed: UInt64) throws {
        let scratch = try Scratch()
        // More than two pages.
        let all = try fill(scratch, 1203, seed: seed)
        let reader = try JournalReader(path: scratch.journal)
        var random = SeededRandom(seed: seed)
        let from = Int64(random.next() % 500)
        let to = from + Int64(random.next() % 600)
        for scale in [JournalReader.TimeScale.effective, .received] {
            var seen: [Int64] = []
            try reader.events(from: from, to: to, by: scale) { seen.append($0.seq) }
            let expected = all.filter { (from..<to).contains(scale == .effective ? $0.effectiveTime : $0.receivedTime) }
            #expect(seen == expected.map(\.seq), "seed \(seed)")
        }
        var whole: [Int64] = []
        try reader.events(from: .min, to: .max, by: .received) { whole.append($0.seq) }
        #expect(whole == Array(1...1203), "seed \(seed)")
    }

    @Test func `whoever reads may ask for more meanwhile, and may stop`() throws {
        struct Enough: Error {}
        let scratch = try Scratch()
        _ = try fill(scratch, 20, seed: 1)
        let reader = try JournalReader(path: scratch.journal)
        var seen = 0
        #expect(throws: Enough.self) {
            try reader.events(from: .min, to: .max, by: .effective) { notice in
                #expect(try reader.newest(limit: 1).count == 1)
                seen += 1
                if notice.seq == 7 { throw Enough() }
            }
        }
        #expect(seen == 7)
        try reader.events(from: 5000, to: 6000, by: .effective) { _ in Issue.record("nothing happened then") }
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `what stood before a time is the newest event of each alarm`(seed: UInt64) throws {
        let scratch = try Scratch()
        let all = try fill(scratch, 300, seed: seed)
        let reader = try JournalReader(path: scratch.journal)
        for time in [0, 1, 10, 500, 999, 5000] as [Int64] {
            let expected = ["cold", "hot", "trip"].compactMap { alarm in
                all.filter { $0.id == alarm && $0.effectiveTime < time }
                    .max { ($0.effectiveTime, $0.seq) < ($1.effectiveTime, $1.seq) }
            }
            #expect(try reader.lastEvents(before: time).map(\.seq) == expected.map(\.seq), "seed \(seed) at \(time)")
        }
    }

    @Test func `an empty journal has no past`() throws {
        let scratch = try Scratch()
        try scratch.open().stop()
        let reader = try JournalReader(path: scratch.journal)
        #expect(try reader.lastEvents(before: .max).isEmpty)
        try reader.events(from: .min, to: .max, by: .effective) { _ in Issue.record("there is nothing") }
    }

    /// SQLite's own words: no scan of all events, no sorting of them.
    @Test func `what stood before is found by the index`() throws {
        let journal = try Scratch().open()
        let plan = try journal.store.read { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN \(JournalReader.lastEventsQuery)", arguments: [0, "cupel"]
            ).map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("INDEX alarm_event_alarm (alarm=? AND effective<?)") }, "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN alarm_event") && !$0.contains("INDEX") }, "\(plan)")
    }

    @Test func `the runs of the daemon, by the time they began`() throws {
        let scratch = try Scratch()
        for (boot, time) in [("b1", 100), ("b2", 200), ("b3", 300)] as [(String, Int64)] {
            try JournalStore(path: scratch.journal, plant: "KMP", boot: boot, time: time) { _ in }.close()
        }
        let reader = try JournalReader(path: scratch.journal)
        #expect(try reader.boots().map(\.id) == ["b1", "b2", "b3"])
        #expect(try reader.boots(from: 100, to: 300).map(\.id) == ["b1", "b2"])
        #expect(try reader.boots(limit: 2).map(\.time) == [200, 300])
        #expect(try reader.boots(from: 301).isEmpty)
    }
}
