import Chunks
import Plant
import GRDBSQLite

/// Makes years of a history of hours: what was sealed is repeated before itself, as often as is wanted.
///
/// The chunks are the recorder's own, copied; only the times, numbers and checksums are new.
struct LongPast: ~Copyable {
    private let database: RawDatabase
    /// The database's number of the first controller's scan group.
    private let group: Int64

    init(path: String) throws(BenchmarkFailure) {
        let database = try RawDatabase(path)
        try database.run(RawDatabase.settings + "; PRAGMA synchronous = OFF")
        group = try database.integer("SELECT id FROM scan_group WHERE name = 'U00/normal'")
        self.database = database
    }

    /// Repeats the spans of the first controller until they reach so many days back.
    ///
    /// - Returns: UTC milliseconds of their beginning.
    func repeatSpans(days: Int64) throws -> Int64 {
        let spans = try spans()
        guard let first = spans.first, let last = spans.last else { throw BenchmarkFailure("nothing is sealed") }
        // A whole number of seconds, so that the repetitions join.
        let length = (last.columns.times[last.columns.count - 1] - first.columns.times[0] + 1999) / 1000 * 1000
        let times = (days * 86_400_000 + length - 1) / length
        var number = try database.integer("SELECT max(id) FROM span")
        try database.run("BEGIN IMMEDIATE")
        for time in 1...times {
            for span in spans {
                number += 1
                try copy(span, by: -length * time, as: number)
            }
        }
        try database.run("COMMIT")
        return first.columns.times[0] - length * times
    }

    private struct Span {
        let number: Int64
        let layout: Int64
        let columns: SpanColumns
        let chunks: [(tag: Int64, data: [UInt8])]
    }

    private func spans() throws -> [Span] {
        let find = try database.prepare("SELECT id, layout, n, data FROM span WHERE scan_group = ? ORDER BY t0")
        let chunks = try database.prepare(
            "SELECT slot.tag, chunk.data FROM slot JOIN chunk ON chunk.key = slot.tag << 36 | ?2 WHERE slot.layout = ?1"
        )
        find.bind(group)
        var found: [Span] = []
        while try find.step() {
            let (number, layout) = (find.integer(0), find.integer(1))
            let columns = try SpanColumns(decoding: find.bytes(3), count: Int(find.integer(2)))
            chunks.bind(layout, number)
            var data: [(Int64, [UInt8])] = []
            while try chunks.step() { data.append((chunks.integer(0), Array(chunks.bytes(1)))) }
            found.append(Span(number: number, layout: layout, columns: columns, chunks: data))
        }
        return found
    }

    private func copy(_ span: Span, by shift: Int64, as number: Int64) throws(BenchmarkFailure) {
        var columns = span.columns
        for index in columns.times.indices { columns.times[index] += shift }
        let count = columns.count
        let insert = try database.prepare("INSERT INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let data = columns.encoded()
        insert.bind(
            number, group, span.layout, Int64(count), columns.times[0], columns.times[count - 1], columns.ordinals[0],
            columns.ordinals[count - 1], Int64(bitPattern: columns.sequences[0]),
            Int64(bitPattern: columns.sequences[count - 1]), checksum(number, data))
        try insert.finish(with: data, at: 12)
        let chunk = try database.prepare("INSERT INTO chunk VALUES (?, ?, ?)")
        for (tag, data) in span.chunks {
            let key = tag << 36 | number
            chunk.bind(key, checksum(key, data))
            try chunk.finish(with: data, at: 3)
        }
    }

    private func checksum(_ key: Int64, _ data: [UInt8]) -> Int64 {
        data.withUnsafeBytes { Int64(CRC32C.of(key: key, $0)) }
    }

    /// Repeats the hours of a tag over the year before them.
    ///
    /// - Returns: UTC milliseconds of their beginning and end.
    func repeatHours(of tag: Int64) throws(BenchmarkFailure) -> (start: Int64, end: Int64) {
        let end = try database.integer("SELECT max(start) FROM hour WHERE tag = \(tag)") + 3_600_000
        let hours = try database.integer("SELECT count(*) FROM hour WHERE tag = \(tag)")
        guard hours > 0 else { throw BenchmarkFailure("tag \(tag) has no roll-ups") }
        let start = end - 365 * 86_400_000
        try database.run(
            """
            WITH RECURSIVE time(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM time WHERE n <= 8760 / \(hours))
            INSERT OR IGNORE INTO hour
            SELECT tag, start - n * \(hours) * 3600000, count, bad, min, min_at, max, max_at, first, first_at, last,
                last_at, sum, squares, area, good_ms, rise
            FROM hour, time WHERE tag = \(tag) AND start - n * \(hours) * 3600000 >= \(start)
            """)
        return (start, end)
    }
}
