import Archive
import Foundation
import GRDB
import Plant
import Store
import TestSupport

@testable import Historian

extension WrittenHistory {
    /// The hour and the day of all readings, of each numeric tag, as the readings give them.
    func rollUp() throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { database in
            let archive = try Archive(database)
            let start = WrittenHistory.start
            for tag in try archive.tags() where tag.kind != "text" {
                for (table, end) in [(RollUp.hour, start + 3_600_000), (.day, start + 86_400_000)] {
                    try archive.aggregates(
                        of: tag, from: start, to: end, .whole, AggregateOptions(useRollups: false)
                    ) { aggregate in
                        try table.write(
                            aggregate, of: tag, at: start, end: table == .day ? end : nil, to: database)
                    }
                }
            }
        }
        try queue.close()
    }

    /// When the reading of an import was.
    func importTime(_ index: Int) -> Int64 { WrittenHistory.start + Int64(index) * 60_000 }

    /// Readings of C1.temp out of a file, a minute apart, that wait to be sealed, and the event of their import.
    func importReadings(_ values: [Double]) throws {
        let connection = try PlainConnection(path, .writing)
        try connection.execute(
            """
            BEGIN;
            INSERT INTO scan_group(id, name, period_ms, sequence, imported)
            VALUES (9, '@import/C1.temp', 60000, \(values.count), 1);
            INSERT INTO layout(id, scan_group, from_time, map, period_ms) VALUES
            (9, 9, 0, '[{"counter":false,"stepped":false,"tag":"C1.temp","type":"float64"}]', 60000);
            INSERT INTO slot(layout, slot, tag, type) VALUES (9, 0, 1, 'float64');
            INSERT INTO event(id, t0, t1, kind, subject, author, text)
            VALUES (-1, \(importTime(0)), \(importTime(values.count)), 'import', 'C1.temp', 'me', 'a.csv')
            """)
        for (index, value) in values.enumerated() {
            try connection.execute(
                """
                INSERT INTO waiting(scan_group, time, sequence, ordinal, layout, took_ms, v)
                VALUES (9, \(importTime(index)), \(index + 1), \(index + 1), 9, 0, '[\(value)]')
                """)
        }
        try connection.execute("COMMIT")
    }

    /// A copy of the file without its last bytes.
    func cut(_ bytes: Int, to path: String) throws {
        let all = try Data(contentsOf: URL(fileURLWithPath: self.path))
        try all.prefix(all.count - bytes).write(to: URL(fileURLWithPath: path))
    }

    func integers(_ path: String, _ sql: String) throws -> [Int64] {
        let rows = try PlainConnection.reader(path).0.statement(sql)
        var numbers: [Int64] = []
        while try rows.step() { numbers.append(rows.integer(0)) }
        return numbers
    }
}
