import GRDB
import GRDBSQLite

/// A look at the keys of all rows in `hot`, page by page, that brings the oldest of those that are not sealed.
///
/// It must see all of them before it knows which are the oldest: rows lie in the order of time, and a clock may have
/// been set back. What is committed meanwhile is either still before it, or noted.
struct HotSurvey {
    /// Rows up to this ordinal are known.
    private let start: Int64
    private let cuts: [Int64: Int64]
    private let limit: Int
    /// Of the row that was looked at last.
    private var key = Int64.min
    private var found: [Int64: [Ledger.Entry]] = [:]
    private var count = 0
    private var least = Int64.max

    /// Unsealed rows with greater ordinals are left out.
    private(set) var end: Int64
    /// The least key of a row that is left out.
    private(set) var firstBeyond = Int64.max
    private(set) var rows = 0
    private(set) var newestOrdinal = Int64.min
    private(set) var newestSequences: [Int64: UInt64] = [:]

    /// - Parameters:
    ///   - start: only rows with greater ordinals count.
    ///   - end: rows with greater ordinals are left out.
    ///   - cuts: by group; rows up to them are sealed.
    ///   - limit: the most rows it brings.
    init(after start: Int64, upTo end: Int64 = .max, cuts: [Int64: Int64], limit: Int) {
        (self.start, self.end, self.cuts, self.limit) = (start, end, cuts, limit)
    }

    /// - Returns: whether there may be more.
    mutating func read(rows wanted: Int, from database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT id, ordinal, scan_group, sequence, layout FROM hot WHERE id > ? ORDER BY id LIMIT ?"
        ).sqliteStatement
        defer { sqlite3_reset(statement) }
        sqlite3_bind_int64(statement, 1, key)
        sqlite3_bind_int64(statement, 2, Int64(wanted))
        var read = 0
        var code = sqlite3_step(statement)
        while code == SQLITE_ROW {
            read += 1
            let entry = Ledger.Entry(
                key: sqlite3_column_int64(statement, 0), ordinal: sqlite3_column_int64(statement, 1),
                layout: sqlite3_column_int64(statement, 4))
            let group = sqlite3_column_int64(statement, 2)
            key = entry.key
            newestOrdinal = max(newestOrdinal, entry.ordinal)
            let sequence = UInt64(bitPattern: sqlite3_column_int64(statement, 3))
            newestSequences[group] = max(newestSequences[group] ?? 0, sequence)
            add(entry, of: group)
            code = sqlite3_step(statement)
        }
        try database.check(code)
        rows += read
        return read == wanted
    }

    /// A row that lies before the place where it reads would be missed.
    mutating func noteCommitted(_ entry: Ledger.Entry, of group: Int64) {
        if entry.key <= key { add(entry, of: group) }
    }

    private mutating func add(_ entry: Ledger.Entry, of group: Int64) {
        guard entry.ordinal > start, entry.ordinal > cuts[group] ?? 0 else { return }
        guard entry.ordinal <= end else {
            firstBeyond = min(firstBeyond, entry.key)
            return
        }
        found[group, default: []].append(entry)
        count += 1
        least = min(least, entry.ordinal)
        if count >= 2 * limit { narrow() }
    }

    /// As many ordinals from the least one on as there is room for: no more rows can have them.
    private mutating func narrow() {
        end = least + Int64(limit) - 1
        count = 0
        for (group, entries) in found {
            for entry in entries where entry.ordinal > end { firstBeyond = min(firstBeyond, entry.key) }
            let kept = entries.filter { $0.ordinal <= end }
            found[group] = kept
            count += kept.count
        }
    }

    /// What it has found, by group, in the order of the ordinals.
    mutating func finish() -> [Int64: [Ledger.Entry]] {
        if count > limit { narrow() }
        return found.mapValues { entries in
            var last = Int64.min
            // A batch that was written twice is noted twice.
            return entries.sorted { $0.ordinal < $1.ordinal }.filter { entry in
                defer { last = entry.ordinal }
                return entry.ordinal != last
            }
        }
    }
}
