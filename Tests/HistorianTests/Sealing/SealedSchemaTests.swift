import Foundation
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite("A history of the first schema becomes a sealed one")
struct SealedSchemaTests {
    /// A file as the first version wrote it.
    private func old(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try HistorySchema.migrator.migrate(queue, upTo: "1 scans")
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO quality VALUES (0, 'good'), (129, 'bad:timeout');
                    INSERT INTO tag VALUES (1, 'C1.temp', 'degC', NULL, 'analog', 'float32', NULL),
                        (2, 'C1.flow', NULL, NULL, 'analog', 'int16', NULL),
                        (3, 'C2.level', NULL, NULL, 'enum', 'uint16', '{"1":"on"}');
                    INSERT INTO scan_group VALUES (1, 'C1/fast', 1000, 4), (2, 'C2/fast', 5000, 2);
                    INSERT INTO layout VALUES (1, 1, 0, '[]'), (2, 2, 0, '[]');
                    INSERT INTO slot(layout, slot, tag, type, scale, offset) VALUES (1, 0, 1, 'float32', NULL, NULL),
                        (1, 1, 2, 'int16', 0.1, 5), (2, 0, 3, 'uint16', NULL, NULL);
                    INSERT INTO hot(id, time, scan_group, sequence, layout, took_ms, bad, v) VALUES
                        (1, 1000, 1, 1, 1, 3, NULL, '[1.5,10]'),
                        (2, 1000, 2, 1, 2, 4, NULL, '[1]'),
                        (3, 2000, 1, 2, 1, 5, '{"all":129}', '[]'),
                        (4, -5, 1, 3, 1, 3, '{"0":145}', '[null,7]'),
                        (1048577, 1000, 2, 2, 2, 6, NULL, '[0]'),
                        (1048579, 1000, 1, 4, 1, 6, NULL, '[2.5,30]');
                    INSERT INTO event(t0, t1, kind, text) VALUES (1000, 2000, 'annotation', 'kept');
                    """)
        }
        try queue.close()
    }

    @Test func nothingOfItIsLost() throws {
        let scratch = try Scratch()
        try old(scratch.history)
        let store = try HistoryStore(path: scratch.history, plant: .small(), time: 9000, beginsRun: true)
        let found = try RawReader(scratch.history)
        #expect(
            found.readings.mapValues { $0.map(\.description) } == [
                "C1.temp": [
                    "0 1#3/4 +3 bad:out-of-range ", "1000 1#1/1 +3 good 1.5", "1000 1#4/1048579 +6 good 2.5",
                    "2000 1#2/3 +5 bad:timeout ",
                ],
                "C1.flow": [
                    "0 1#3/4 +3 good 7", "1000 1#1/1 +3 good 10", "1000 1#4/1048579 +6 good 30",
                    "2000 1#2/3 +5 bad:timeout ",
                ],
                "C2.level": ["1000 2#1/2 +4 good 1", "1000 2#2/1048577 +6 good 0"],
            ])
        // Nothing was copied.
        #expect(found.old > 0 && found.hot == 0 && found.waiting == 0)
        #expect(store.catalogue.groups.map(\.nextSequence) == [5, 3])
        #expect(store.catalogue.nextOrdinal == 1_048_580)
        #expect(
            try shell(scratch.history, "SELECT id, period_ms FROM layout WHERE id < 3") == [
                ["1", "1000"], ["2", "5000"],
            ])
        #expect(try shell(scratch.history, "SELECT stepped FROM slot WHERE layout < 3") == [["0"], ["0"], ["1"]])
        #expect(try shell(scratch.history, "SELECT text FROM happening") == [["kept"]])
        #expect(try shell(scratch.history, "PRAGMA integrity_check") == [["ok"]])
    }

    @Test func theViewsShowWhatIsNotSealed() throws {
        let scratch = try Scratch()
        try old(scratch.history)
        let store = try HistoryStore(path: scratch.history, plant: .small(), time: 9000, beginsRun: true)
        func recent(_ tag: String) throws -> [[String]] {
            try shell(
                scratch.history,
                """
                SELECT time, ifnull(value, '-'), quality FROM recent
                WHERE tag = '\(tag)' AND time > 0 ORDER BY time, 2
                """)
        }
        #expect(
            try recent("C1.flow") == [
                ["1000", "6.0", "good"], ["1000", "8.0", "good"], ["2000", "-", "bad:timeout"],
            ])
        #expect(try recent("C2.level") == [["1000", "0", "good"], ["1000", "1", "good"]])
        try store.queue.write { try $0.execute(sql: "UPDATE scan_group SET cut = 3 WHERE id = 1") }
        #expect(try recent("C1.flow") == [["1000", "8.0", "good"]])
        #expect(try shell(scratch.history, "SELECT count(*) FROM sqlite_master WHERE name = 'reading'") == [["0"]])
        #expect(try shell(scratch.history, "SELECT name, kind FROM tags ORDER BY 1").count == 3)
        try store.queue.write {
            try $0.execute(
                sql: """
                    INSERT INTO hour VALUES (1, 3600000, 4, 1, 1, 2, 3, 4, 1, 2, 3, 4, 8, 12, 7200000, 3600000, NULL);
                    INSERT INTO day VALUES (1, 0, 4, 1, 1, 2, 3, 4, 1, 2, 3, 4, 8, 12, 0, 0, 5, 82800000);
                    """)
        }
        #expect(
            try shell(scratch.history, "SELECT tag, start, end, mean, stddev, increase FROM hourly")
                == [["C1.temp", "3600000", "7200000", "2.0", "2.0", ""]])
        #expect(
            try shell(scratch.history, "SELECT tag, start, end, mean, stddev, increase FROM daily")
                == [["C1.temp", "0", "82800000", "", "2.0", "5.0"]])
    }

    @Test func aBacklogOfOldRowsIsSealed() throws {
        let scratch = try Scratch()
        try old(scratch.history)
        let queue = try DatabaseQueue(path: scratch.history)
        try queue.write {
            try $0.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < 2004)
                    INSERT INTO hot(id, time, scan_group, sequence, layout, took_ms, bad, v)
                    SELECT i, 10000 + i * 1000, 1, i, 1, 3, NULL, '[' || i || '.5,' || (i % 100) || ']' FROM n
                    """)
        }
        try queue.close()
        let store = try HistoryStore(path: scratch.history, plant: .small(), time: 9000, beginsRun: true)
        let before = try RawReader(scratch.history)
        var sealer = Sealer()
        while try sealer.step(store, now: 9000) {}
        let after = try RawReader(scratch.history)
        #expect(after.readings == before.readings)
        #expect(after.sealed > 2900 && before.sealed == 0)
    }
}
