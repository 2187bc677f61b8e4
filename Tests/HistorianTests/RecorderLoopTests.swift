import Archive
import Foundation
import GRDB
import Plant
import Store
import Testing

@testable import Historian

@Suite("The recorder when the database fails")
struct RecorderFaultTests {
    @Test func aLockedDatabaseLosesNothing() throws {
        let rig = try Rig(.small())
        rig.scan(1, [.int(1)])
        rig.loop.pass()
        let other = try lockedConnection(rig.path)
        for value in 2...20 {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(1, [.int(Int64(value))])
            if value % 5 == 0 { rig.loop.pass() }
        }
        #expect(rig.board.status.state == .degraded)
        #expect(rig.board.status.failures == 4)
        #expect(rig.board.status.lastError?.contains("another program holds a lock") == true)
        #expect(rig.board.status.readings == 1)
        try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        for _ in 0..<3 { rig.loop.pass() }
        #expect(rig.board.status.state == .ok)
        #expect(rig.board.status.lastError == nil)
        #expect(try rig.readings("C2.level").map(\.number) == (1...20).map(Double.init))
        let told = try rig.events().filter { $0.kind == .storage }
        #expect(told.count == 1)
        #expect(told.first.map { ($0.end ?? 0) - $0.start } == 15_000)
        #expect(told.first?.text?.contains("another program holds a lock") == true)
        #expect(rig.board.status.duplicateScans == 0)
    }

    @Test func aFullDiskIsSurvivedAndTheLossCounted() throws {
        let rig = try Rig(.small(), capacity: 64)
        try rig.store.queue.inDatabase { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        var published: [Double] = []
        for value in 0..<2000 {
            rig.clock.advance(milliseconds: 10)
            if rig.scan(1, [.int(Int64(value))]) { published.append(Double(value)) }
            if value % 8 == 0 { rig.loop.pass() }
        }
        let stuck = rig.board.status
        #expect(stuck.state == .degraded)
        #expect(stuck.lastError?.contains("no room left") == true)
        #expect(stuck.refusedBlocks == 2000 - published.count)
        #expect(stuck.refusedBlocks > 100)
        try rig.store.queue.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        rig.loop.pass()
        rig.loop.pass()
        rig.scan(1, [.int(2000)])
        rig.loop.pass()
        published.append(2000)
        #expect(rig.board.status.state == .ok)
        #expect(try rig.readings("C2.level").compactMap(\.number) == published)
        let told = try rig.events().filter { $0.kind == .overflow }
        #expect(told.map { $0.attributes["scans"] } == [String(stuck.refusedBlocks)])
        #expect(try shell(rig.path, "PRAGMA integrity_check") == [["ok"]])
    }

    @Test func aBatchThatIsThereAlreadyIsNotStoredTwice() throws {
        let rig = try Rig(.small())
        var batch = Batch()
        batch.text = Array("[7]".utf8)
        batch.rows = [
            Batch.Row(
                time: rig.clock.now, group: 1, sequence: 1, ordinal: 1, tookMilliseconds: 1, values: 0..<3,
                bad: nil)
        ]
        batch.events = [.insert(id: 1, HistoryEvent(.annotation, at: rig.clock.now, text: "once"))]
        #expect(try rig.store.commit(batch) == 0)
        // The commit whose answer got lost.
        #expect(try rig.store.commit(batch) == 1)
        #expect(try rig.readings("C2.level").map(\.number) == [7])
        #expect(try rig.events().map(\.text) == ["once"])
    }

    /// The clock is set back to the very millisecond of a scan that is a multiple of 2^20 scans old.
    @Test func aKeyThatIsTakenLosesNeitherRow() throws {
        let rig = try Rig(.small())
        var batch = Batch()
        batch.text = Array("[7][8]".utf8)
        batch.rows = [
            Batch.Row(
                time: rig.clock.now, group: 1, sequence: 1, ordinal: 5, tookMilliseconds: 1, values: 0..<3, bad: nil),
            Batch.Row(
                time: rig.clock.now, group: 1, sequence: 2, ordinal: 5 + (1 << 20), tookMilliseconds: 1, values: 3..<6,
                bad: nil),
        ]
        #expect(batch.rows[0].key == batch.rows[1].key)
        #expect(try rig.store.commit(batch) == 0)
        #expect(try RawReader(rig.path).readings["C2.level"]?.map(\.text) == ["7", "8"])
        #expect(rig.store.ledger.groups[2]?.entries.count == 1 && rig.store.ledger.groups[2]?.waiting == 1)
        _ = try rig.store.commit(batch)
        #expect(rig.store.ledger.groups[2]?.entries.count == 1)
        #expect(try RawReader(rig.path).readings["C2.level"]?.map(\.text) == ["7", "8"])
    }

    @Test func aLogThatSomebodyRemovedIsSavedByOpeningAnew() throws {
        let rig = try Rig(.small())
        for value in 1...50 {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(1, [.int(Int64(value))])
            rig.loop.pass()
        }
        try FileManager.default.removeItem(atPath: rig.path + "-wal")
        rig.clock.advance(milliseconds: 1000)
        rig.scan(1, [.int(51)])
        rig.loop.pass()
        #expect(rig.board.status.state == .degraded)
        #expect(rig.board.status.lastError?.contains("history.db-wal was removed") == true)
        rig.loop.pass()
        rig.loop.pass()
        #expect(rig.board.status.state == .ok)
        #expect(try rig.readings("C2.level").map(\.number) == (1...51).map(Double.init))
        #expect(try rig.events().contains { $0.kind == .storage && $0.text?.contains("removed") == true })
    }

    @Test func whatWasCommittedSurvivesAKillAtAnyMoment() throws {
        let rig = try Rig(.small())
        for value in 0..<30 {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(0, [.float(Float(value)), .int(Int64(value))])
            rig.publish(group: 1, sequence: UInt64(value + 1), [0: .int(1)], block: 0, blocks: 2)
            rig.loop.pass()
            let acknowledged = rig.board.status.newestSequences["C1/fast"]
            // What a killed process leaves behind: the files, in the middle of everything, without a checkpoint.
            let copy = try Scratch()
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: rig.path + suffix, toPath: copy.history + suffix)
            }
            #expect(try shell(copy.history, "PRAGMA integrity_check") == [["ok"]])
            let found = try shell(copy.history, "SELECT max(sequence), count(*) FROM hot")
            #expect(found == [[String(value + 1), String(value + 1)]])
            #expect(acknowledged == UInt64(value + 1))
            let partial = "SELECT count(*) FROM hot WHERE json_array_length(v) <> 2"
            #expect(try shell(copy.history, partial) == [["0"]])
        }
    }
}

@Suite("The recorder from run to run")
struct RecorderRestartTests {
    @Test func sequencesContinueAfterAStopAndAfterAKill() throws {
        let scratch = try Scratch()
        let plant = try Plant.small()
        do {
            let rig = try Rig(plant, in: scratch)
            #expect(rig.next == [1, 1])
            for _ in 0..<5 {
                rig.scan(0, [.float(1), .int(1)])
                rig.clock.advance(milliseconds: 1000)
            }
            rig.stop()
        }
        do {
            let rig = try Rig(plant, in: scratch, after: 60_000)
            #expect(rig.next == [6, 1])
            rig.scan(0, [.float(1), .int(1)])
            rig.lose(1, .refused)
            rig.loop.pass()
        }
        let rig = try Rig(plant, in: scratch, after: 120_000)
        #expect(rig.next == [7, 2])
    }

    @Test func anOrderlyStopLeavesOneFileAndItsEvent() throws {
        let rig = try Rig(.small())
        rig.scan(1, [.int(1)])
        rig.publish(group: 0, sequence: 1, [0: .float(1)], block: 0, blocks: 2)
        rig.board.post(HistoryEvent(.clockStep, at: rig.clock.now, text: "+3 s"))
        rig.stop()
        #expect(!FileManager.default.fileExists(atPath: rig.path + "-wal"))
        #expect(!FileManager.default.fileExists(atPath: rig.path + "-shm"))
        #expect(try rig.events().map(\.kind) == [.started, .clockStep, .stopped])
        #expect(try rig.readings("C2.level").count == 1)
        #expect(try rig.readings("C1.temp").isEmpty)
    }

    @Test func aKillIsToldAsAGapFromTheLastStoredTime() throws {
        let scratch = try Scratch()
        let plant = try Plant.small()
        var last: Int64 = 0
        do {
            let rig = try Rig(plant, in: scratch)
            rig.clock.advance(milliseconds: 1000)
            rig.lose(0, .timeout)
            rig.clock.advance(milliseconds: 9000)
            rig.scan(1, [.int(1)])
            rig.loop.pass()
            last = rig.clock.now
        }
        let rig = try Rig(plant, in: scratch, after: 600_000)
        rig.loop.pass()
        let gaps = try rig.events().filter { $0.kind == .gap }
        #expect(
            gaps == [
                HistoryEvent(.gap, start: last - 9000, end: last, subject: "C1/fast", text: "bad:timeout"),
                HistoryEvent(.gap, start: last, end: rig.clock.now, text: "daemon not running"),
            ])
    }

    @Test func anOrderlyStopIsNoGap() throws {
        let scratch = try Scratch()
        let plant = try Plant.small()
        do {
            let rig = try Rig(plant, in: scratch)
            rig.lose(0, .timeout)
            rig.stop()
            #expect(try rig.events().allSatisfy { $0.end != nil })
        }
        let rig = try Rig(plant, in: scratch, after: 60_000)
        rig.loop.pass()
        let events = try rig.events()
        #expect(events.map(\.kind) == [.started, .gap, .stopped, .started])
        #expect(events.allSatisfy { $0.end != nil })
    }

    @Test func oldRowsAreReadWithTheScaleTheyWereWrittenWith() throws {
        let scratch = try Scratch()
        func plant(_ scale: Double, _ type: ValueType) throws -> Plant {
            try .test([[SlotSpec(name: "other", type: .bool), SlotSpec(name: "t", type: type, scale: scale)]])
        }
        do {
            let rig = try Rig(plant(0.1, .int16), in: scratch)
            rig.scan(0, [.int(1), .int(734)])
            rig.stop()
        }
        do {
            // The tag moves to another slot, and gets another scale.
            let rig = try Rig(
                .test([[SlotSpec(name: "t", type: .int16, scale: 0.5), SlotSpec(name: "other", type: .bool)]]),
                in: scratch, after: 1000)
            rig.scan(0, [.int(734), .int(0)])
            rig.stop()
        }
        let rig = try Rig(plant(0.1, .int16), in: scratch, after: 2000)
        rig.scan(0, [.int(1), .int(100)])
        rig.loop.pass()
        #expect(try rig.readings("C1.t").map(\.number) == [734 * 0.1, 367, 10])
        #expect(try rig.readings("C1.other").map(\.number) == [1, 0, 1])
        // Each layout ended the span of the one before.
        #expect(
            try shell(rig.path, "SELECT value FROM recent WHERE tag = 'C1.t' ORDER BY time") == [["10.0"]])
        // Equal maps share a layout, so the first and the third run do.
        let layouts = """
            SELECT layout FROM (SELECT first_ordinal AS ordinal, layout FROM span
            UNION ALL SELECT ordinal, layout FROM hot WHERE ordinal > 2) ORDER BY ordinal
            """
        #expect(try shell(rig.path, layouts) == [["1"], ["2"], ["1"]])
    }

    @Test func aSecondDaemonIsRefusedAndToldWhoHoldsIt() throws {
        let rig = try Rig(.small())
        #expect(throws: FileLock.Refusal.held(pid: getpid())) {
            _ = try FileLock(guarding: rig.path)
        }
        #expect(HistoryError.held(path: "h", pid: 42).description.contains("process 42"))
    }
}
