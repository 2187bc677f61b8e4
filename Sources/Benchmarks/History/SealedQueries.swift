import Archive
import GRDBSQLite

/// The questions that engineers ask, put to the sealed history. Each answer is boiled down to numbers that can be compared
/// with those of plain rows, so that nobody is fast by answering something else.
final class SealedQueries {
    private let database: RawDatabase
    private let archive: Archive
    /// In the order of the `PlantData`'s tags.
    let tags: [StoredTag]

    init(path: String, names: [String]) throws {
        let database = try RawDatabase(path, SQLITE_OPEN_READONLY)
        try database.run("PRAGMA cache_size = -65536")
        archive = try Archive(database.handle)
        self.database = database
        let stored = Dictionary(try archive.tags().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        tags = try names.map { name in
            guard let tag = stored[name] else { throw BenchmarkFailure("\(path) has no tag \(name)") }
            return tag
        }
    }

    /// Readings of one tag, and the sum of the good ones.
    func readings(_ tag: Int, from start: Int64, to end: Int64) throws -> (count: Int, sum: Double) {
        try database.reading {
            let cursor = try archive.readings(of: tags[tag], from: start, to: end)
            var (count, sum) = (0, 0.0)
            while let reading = try cursor.next() {
                count += 1
                sum += reading.number ?? 0
            }
            return (count, sum)
        }
    }

    /// A chart: for each of so many parts the first, least, greatest and last value. The sum of the greatest ones.
    func chart(_ tag: Int, from start: Int64, to end: Int64, points: Int) throws -> (count: Int, sum: Double) {
        try database.reading {
            var (count, sum) = (0, 0.0)
            try archive.aggregates(of: tags[tag], from: start, to: end, .equal(points)) { bucket in
                count += bucket.count
                sum += bucket.max ?? 0
            }
            return (count, sum)
        }
    }

    /// A year by the hour or by the day.
    func trend(_ tag: Int, from start: Int64, to end: Int64, every interval: Duration) throws -> (
        count: Int, sum: Double
    ) {
        try database.reading {
            var (count, sum) = (0, 0.0)
            try archive.aggregates(of: tags[tag], from: start, to: end, .grid(BucketGrid(every: interval))) { bucket in
                count += bucket.count
                sum += bucket.max ?? 0
            }
            return (count, sum)
        }
    }

    /// What all tags were at a moment.
    func standing(at time: Int64) throws -> (count: Int, sum: Double) {
        try database.reading {
            let found = try archive.standing(at: time)
            return (found.count, found.reduce(0) { $0 + ($1.reading.number ?? 0) })
        }
    }
}
