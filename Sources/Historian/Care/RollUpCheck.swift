import Archive
import Plant
import Store

/// Whether roll-ups are what the readings give: they are what is left when raw readings have been deleted.
struct RollUpCheck {
    let check: HistoryCheck
    let archive: Archive
    private let tags: [Int64: StoredTag]

    /// Roll-ups that all but a deep look compute again, each from an hour or a day of readings.
    static let sample = 500
    /// Sums are taken in another order by another way through the readings.
    static let tolerance = 1e-9

    private struct Key {
        var tag, start, end: Int64
    }

    init(of check: HistoryCheck) throws(StoreError) {
        self.check = check
        let path = check.connection.path
        (archive, tags) = try RollUpCheck.reading(path) { () throws(ArchiveError) in
            let archive = try Archive(check.connection.handle)
            return (
                archive, Dictionary(try archive.tags().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            )
        }
    }

    func run(_ report: inout VerifyReport, progress: (CareProgress) -> Void) throws(StoreError) {
        for table in ["hour", "day"] {
            let keys = try keys(of: table)
            for (index, key) in keys.enumerated() {
                try compare(table, key, &report)
                progress(CareProgress(.rollUps, file: check.file, done: Int64(index + 1), total: Int64(keys.count)))
            }
        }
    }

    /// Those to look at, spread over tags and times.
    private func keys(of table: String) throws(StoreError) -> [Key] {
        let connection = check.connection
        let count = try connection.integer("SELECT count(*) FROM \(table)") ?? 0
        let stride = check.depth == .deep ? 1 : max(1, count / Int64(RollUpCheck.sample))
        let end = table == "day" ? "\"end\"" : "start + 3600000"
        let rows = try connection.statement(
            "SELECT tag, start, \(end) FROM \(table) WHERE start >= ?1 AND (tag * 7919 + start / 3600000) % ?2 = 0")
        rows.bind(check.horizon, at: 1)
        rows.bind(stride, at: 2)
        var keys: [Key] = []
        while try rows.step() { keys.append(Key(tag: rows.integer(0), start: rows.integer(1), end: rows.integer(2))) }
        return keys
    }

    /// In a transaction of its own: the row, whether it is about to be made anew, and the readings.
    private func compare(_ table: String, _ key: Key, _ report: inout VerifyReport) throws(StoreError) {
        let connection = check.connection
        try connection.execute("BEGIN")
        defer { try? connection.execute("COMMIT") }
        let due = try connection.integer(
            "SELECT 1 FROM rollup_due WHERE tag = ? AND hour > ? AND hour < ? LIMIT 1", key.tag,
            // A day of a zone that is half an hour off begins within an hour.
            key.start - 3_600_000, key.end)
        guard due == nil else { return }
        let row = try connection.statement(
            """
            SELECT count, bad, min, min_at, max, max_at, first, first_at, last, last_at, sum, squares, area,
                good_ms, rise
            FROM \(table) WHERE tag = ? AND start = ?
            """)
        row.bind(key.tag, at: 1)
        row.bind(key.start, at: 2)
        guard try row.step() else { return }
        let name = check.names.name(ofTag: key.tag)
        func tell(_ kind: Finding.Kind, _ text: String) {
            report.add(check.finding(kind, name, key.start, key.end - 1, "\(table): \(text)"))
        }
        guard let tag = tags[key.tag] else { return tell(.wrong, "no such tag") }
        var given = Aggregate(start: key.start, end: key.end)
        do {
            try archive.aggregates(
                of: tag, from: key.start, to: key.end, .whole, AggregateOptions(making: .hour)
            ) { given = $0 }
        } catch {
            // The damage itself is told where the chunks are looked at.
            return
        }
        report.counts.rollUps += 1
        guard let difference = RollUpCheck.difference(row, given) else { return }
        if try isOlderThanALoss(row, given, tag) { return }
        tell(.rollUp, difference)
    }

    private static func difference(_ row: PlainStatement, _ given: Aggregate) -> String? {
        let integers: [(String, Int, Int64?)] = [
            ("count", 0, Int64(given.count)), ("bad", 1, Int64(given.bad)), ("min_at", 3, given.minTime),
            ("max_at", 5, given.maxTime), ("first_at", 7, given.firstTime), ("last_at", 9, given.lastTime),
            ("good_ms", 13, given.goodMilliseconds),
        ]
        for (name, column, value) in integers {
            let stored = row.isNull(column) ? nil : row.integer(column)
            if stored != value { return text(name, stored, value) }
        }
        let numbers: [(String, Int, Double?)] = [
            ("min", 2, given.min), ("max", 4, given.max), ("first", 6, given.first), ("last", 8, given.last),
            ("sum", 10, given.sum), ("squares", 11, given.squares), ("area", 12, given.area), ("rise", 14, given.rise),
        ]
        for (name, column, value) in numbers {
            let stored = row.isNull(column) ? nil : row.real(column)
            if !isSame(stored, value) { return text(name, stored, value) }
        }
        return nil
    }

    /// A sum of nothing may be stored as nothing.
    static func isSame(_ stored: Double?, _ given: Double?) -> Bool {
        // Of values near the end of doubles, sums are infinite, and that of two infinities is no number, which SQLite
        // stores as nothing.
        let given = given ?? 0
        let stored = stored ?? (given.isNaN ? .nan : 0)
        if stored == given || stored.isNaN && given.isNaN { return true }
        guard stored.isFinite, given.isFinite else { return false }
        return abs(stored - given) <= tolerance * max(1, abs(stored), abs(given))
    }

    private static func text<Value>(_ name: String, _ stored: Value?, _ given: Value?) -> String {
        "\(name) is \(stored.map { "\($0)" } ?? "nothing"), the readings give \(given.map { "\($0)" } ?? "nothing")"
    }

    static func reading<Value>(
        _ path: String, _ body: () throws(ArchiveError) -> Value
    ) throws(StoreError) -> Value {
        do throws(ArchiveError) {
            return try body()
        } catch {
            throw .corrupt(path: path, detail: "\(error)")
        }
    }
}
