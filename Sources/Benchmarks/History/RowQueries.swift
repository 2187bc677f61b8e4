import GRDBSQLite

/// The questions of `SealedQueries`, put to plain rows in SQL. Every row is fetched, as by a program that shows it.
final class RowQueries {
    private let database: RawDatabase
    /// Engineering units a count, by tag.
    private let scales: [Double]

    init(path: String, scales: [Double]) throws(BenchmarkFailure) {
        let database = try RawDatabase(path, SQLITE_OPEN_READONLY)
        try database.run("PRAGMA cache_size = -65536")
        self.database = database
        self.scales = scales
    }

    func readings(_ tag: Int, from start: Int64, to end: Int64) throws -> (count: Int, sum: Double) {
        try database.reading {
            let statement = try database.prepare(
                "SELECT time, value, quality FROM reading WHERE tag = ? AND time >= ? AND time < ? ORDER BY time")
            statement.bind(Int64(tag), start, end)
            var (count, sum) = (0, 0.0)
            while try statement.step() {
                count += 1
                sum += statement.real(1) * scales[tag]
            }
            return (count, sum)
        }
    }

    func chart(
        _ tag: Int, from start: Int64, to end: Int64, points: Int
    ) throws -> (count: Int, sum: Double) {
        try database.reading {
            let statement = try database.prepare(
                """
                SELECT (time - ?2) * ?4 / (?3 - ?2), count(value), min(value), max(value), avg(value) FROM reading
                WHERE tag = ?1 AND time >= ?2 AND time < ?3 GROUP BY 1
                """)
            statement.bind(Int64(tag), start, end, Int64(points))
            var (count, sum) = (0, 0.0)
            while try statement.step() {
                count += Int(statement.integer(1))
                sum += statement.real(3) * scales[tag]
            }
            return (count, sum)
        }
    }

    func standing(at time: Int64) throws -> (count: Int, sum: Double) {
        try database.reading {
            let statement = try database.prepare(
                "SELECT value FROM reading WHERE tag = ? AND time <= ? ORDER BY time DESC LIMIT 1")
            var (count, sum) = (0, 0.0)
            for (tag, scale) in scales.enumerated() {
                statement.bind(Int64(tag), time)
                guard try statement.step() else { continue }
                count += 1
                sum += statement.real(0) * scale
            }
            return (count, sum)
        }
    }
}
