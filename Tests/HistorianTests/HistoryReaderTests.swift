import Archive
import Foundation
import GRDB
import Glibc
import Plant
import Store
import Testing

@testable import Historian

@Suite("Reading a history")
struct HistoryReaderTests {
    @Test func rangesAreHalfOpenAndPagesJoinWithoutALoss() throws {
        let rig = try Rig(.small())
        let start = rig.clock.now
        let count = HistoryReader.pageReadings + 11
        for value in 0..<count {
            // Two scans in the same millisecond at every tenth.
            if value % 10 != 9 { rig.clock.advance(milliseconds: 1) }
            rig.scan(1, [.int(Int64(value % 65536))])
            rig.scan(0, [.float(0), .int(0)])
        }
        rig.loop.pass()
        #expect(try rig.readings("C2.level").compactMap(\.number) == (0..<count).map(Double.init))
        var found: [Double] = []
        try rig.reader().readings(tag: "C2.level", from: start + 2, to: start + 4) { found.append($0.number ?? -1) }
        #expect(found == [1, 2])
        found = []
        try rig.reader().readings(tag: "C2.level", from: start + 4, to: start + 4) { found.append($0.number ?? -1) }
        #expect(found.isEmpty)
    }

    @Test func noTransactionIsOpenWhileTheCallerWorks() throws {
        let rig = try Rig(.small())
        rig.scan(1, [.int(1)])
        rig.loop.pass()
        try rig.reader().readings(tag: "C2.level", from: .min, to: .max) { _ in
            // A checkpoint that must empty the log succeeds only when no reader needs it.
            let checkpoint = try rig.store.queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            #expect(checkpoint.walFrameCount == 0)
        }
    }

    @Test func tagsAreListedWithWhatIsKnownOfThem() throws {
        let plant = try Plant.test([
            [
                SlotSpec(name: "phase", type: .uint16, states: [70: "soak", 10: "melt"]),
                SlotSpec(name: "heat", type: .string(registers: 4)),
            ], [SlotSpec(name: "on", type: .bool), SlotSpec(name: "heat", type: .float64)],
        ])
        let rig = try Rig(plant)
        let tags = try rig.reader().tags()
        #expect(tags.map(\.name) == ["C1.heat", "C1.phase", "C2.heat", "C2.on"])
        #expect(tags.map(\.kind) == ["text", "enum", "analog", "bool"])
        #expect(tags.map(\.type) == ["string(4)", "uint16", "float64", "bool"])
        #expect(tags[1].states == ["70": "soak", "10": "melt"])
        #expect(tags[1].unit == "degC")
        #expect(try rig.reader().tags(matching: NamePattern("*.heat")).map(\.name) == ["C1.heat", "C2.heat"])
        #expect(throws: HistoryError.unknownTag("C9.x")) {
            try rig.reader().readings(tag: "C9.x", from: 0, to: 1) { _ in }
        }
    }

    @Test func eventsAreThoseThatTouchTheRange() throws {
        let rig = try Rig(.small())
        rig.board.post(HistoryEvent(.annotation, start: 100, end: 200, author: "kim", text: "a"))
        rig.board.post(HistoryEvent(.annotation, start: 200, end: nil, text: "b"))
        rig.board.post(HistoryEvent(.annotation, at: 300, subject: "C1", text: "c"))
        rig.loop.pass()
        func texts(_ from: Int64, _ to: Int64) throws -> [String?] {
            try rig.reader().events(from: from, to: to).map(\.text)
        }
        #expect(try texts(0, 100) == [])
        #expect(try texts(0, 101) == ["a"])
        #expect(try texts(199, 200) == ["a"])
        #expect(try texts(200, 201) == ["b"])
        #expect(try texts(300, 301) == ["b", "c"])
        #expect(try rig.reader().events(from: 0, to: 101).first?.author == "kim")
    }

    @Test func theNewestTimeIsThatOfTheNewestScan() throws {
        let rig = try Rig(.small())
        #expect(try rig.reader().latestTime() == nil)
        rig.clock.advance(milliseconds: 500)
        rig.lose(1, .timeout)
        rig.loop.pass()
        #expect(try rig.reader().latestTime() == rig.clock.now)
    }

    @Test func aStrangerReadsAStoppedDaemonsHistory() throws {
        let rig = try Rig(.small())
        rig.scan(1, [.int(7)])
        rig.stop()
        chmod(rig.scratch.path, 0o755)
        chmod(rig.path, 0o644)
        try Stranger.run {
            let reader = try HistoryReader(path: rig.path)
            #expect(reader.warning == nil)
            #expect(try rig.readings("C2.level").map(\.number) == [7])
        }
        #expect(!FileManager.default.fileExists(atPath: rig.path + "-wal"))
    }

    @Test func aStrangerReadsARunningDaemonsHistory() throws {
        let rig = try Rig(.small())
        chmod(rig.scratch.path, 0o755)
        for suffix in ["", "-wal", "-shm"] { chmod(rig.path + suffix, 0o644) }
        rig.scan(1, [.int(7)])
        rig.loop.pass()
        try Stranger.run {
            let reader = try HistoryReader(path: rig.path)
            #expect(reader.warning == nil)
            #expect(try rig.readings("C2.level").map(\.number) == [7])
        }
    }

    @Test func aStrangerIsToldWhenTheLogCannotBeUsed() throws {
        let rig = try Rig(.small())
        rig.scan(1, [.int(7)])
        rig.loop.pass()
        // What a killed daemon leaves, with a log that this user may not read.
        let copy = try Scratch()
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: rig.path + suffix, toPath: copy.history + suffix)
        }
        try rig.store.queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try FileManager.default.removeItem(atPath: copy.history)
        try FileManager.default.copyItem(atPath: rig.path, toPath: copy.history)
        chmod(copy.path, 0o755)
        chmod(copy.history, 0o644)
        chmod(copy.history + "-wal", 0o600)
        try Stranger.run {
            let reader = try HistoryReader(path: copy.history)
            #expect(reader.warning?.contains("history.db-wal cannot be used") == true)
            #expect(try reader.tags().count == 3)
        }
    }

    @Test func aFileNobodyMayReadIsToldAsSuch() throws {
        let rig = try Rig(.small())
        rig.stop()
        chmod(rig.scratch.path, 0o755)
        chmod(rig.path, 0o600)
        try Stranger.run {
            #expect(throws: HistoryError.denied(path: rig.path)) { try HistoryReader(path: rig.path) }
        }
    }

    @Test func aPathMayHoldAnyCharacter() throws {
        let scratch = try Scratch()
        let odd = scratch.path + "/a b?c#d%20"
        try FileManager.default.createDirectory(atPath: odd, withIntermediateDirectories: true)
        do { _ = try HistoryStore(path: odd + "/h.db", plant: .small(), time: 0, beginsRun: true) }
        chmod(scratch.path, 0o755)
        chmod(odd, 0o755)
        chmod(odd + "/h.db", 0o644)
        for suffix in ["-wal", "-shm"] { unlink(odd + "/h.db" + suffix) }
        try Stranger.run {
            let tags = try HistoryReader(path: odd + "/h.db").tags()
            #expect(tags.count == 3)
        }
    }
}

@Suite("How SQLite finds the rows")
struct QueryPlanTests {
    private func plan(_ sql: String) throws -> String {
        let rig = try Rig(.small())
        return try rig.store.queue.read { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
                .joined(separator: "; ")
        }
    }

    @Test func aTagAndATimeOfTheViewReachTheKeys() throws {
        let found = try plan("SELECT time, value FROM recent WHERE tag = 'a' AND time >= 1 AND time < 2")
        #expect(found.contains("SEARCH tag USING COVERING INDEX sqlite_autoindex_tag_1 (name=?)"))
        #expect(found.contains("SEARCH slot USING INDEX slot_tag (tag=?)"))
        #expect(found.contains("SEARCH waiting USING PRIMARY KEY (scan_group=? AND time>? AND time<?)"))
    }
}
