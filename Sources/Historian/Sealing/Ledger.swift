import GRDB
import GRDBSQLite

/// Which rows of `hot` are not sealed yet, group by group, in the order of their ordinals.
///
/// Without it, every span would begin with a search through the rows of all groups; an index would answer that too, at
/// the price of writing each row twice.
struct Ledger {
    struct Entry: Equatable {
        let key: Int64
        let ordinal: Int64
        let layout: Int64

        var time: Int64 { RowKey.time(of: key) }
    }

    /// The unsealed rows of one group.
    struct Unsealed {
        fileprivate(set) var entries: [Entry] = []
        /// Rows in `waiting`, older than the entries.
        fileprivate(set) var waiting = 0
        fileprivate(set) var newestSequence: UInt64 = 0
        /// The first entry that cannot share a span with the one before it.
        fileprivate(set) var firstBreak: Int?
        /// Of the newest layout, milliseconds.
        fileprivate(set) var period: Int64 = 0

        /// Entries that could be one span.
        var run: Int { firstBreak ?? entries.count }

        fileprivate mutating func append(_ entry: Entry, _ period: Int64) {
            self.period = period
            if firstBreak == nil, let last = entries.last, SpanRule.breaks(last, entry, period: period) {
                firstBreak = entries.count
            }
            entries.append(entry)
        }

        fileprivate mutating func removeFirst(_ count: Int) {
            entries.removeFirst(count)
            firstBreak = entries.indices.dropFirst().first {
                SpanRule.breaks(entries[$0 - 1], entries[$0], period: period)
            }
        }
    }

    /// By `scan_group.id`, live groups only.
    private(set) var groups: [Int64: Unsealed] = [:]
    /// Rows in `hot`, sealed ones too.
    var hotRows = 0
    /// The greatest ordinal ever given.
    private(set) var newestOrdinal: Int64 = 0
    /// Rows with greater ordinals are in `hot` but not in here: after an upgrade there may be more than fit.
    private(set) var horizon = Int64.max

    /// Times that rows left it since it was read: reading it again can only then bring others.
    private(set) var removals = 0

    /// Entries the ledger holds at most when it is read, 24 bytes each: four days of 10 groups a second. In operation
    /// it holds a span of each group at most, because whatever fills one is sealed.
    static let limit: Int64 = 1 << 22

    var isComplete: Bool { horizon == .max }

    func newestSequence(of group: Int64) -> UInt64 { groups[group]?.newestSequence ?? 0 }

    /// The least key of a row that is not sealed, when the first so many entries of some groups are passed over.
    func firstKey(without taken: [Int64: Int] = [:]) -> Int64 {
        var first = Int64.max
        for (group, unsealed) in groups {
            for entry in unsealed.entries.dropFirst(taken[group] ?? 0) { first = min(first, entry.key) }
        }
        return first
    }

    /// A row has been committed. Rows that are known already, after a retry, change nothing.
    ///
    /// - Parameter isAside: it is in `waiting`, and not in `hot`.
    mutating func note(_ row: Batch.Row, _ group: Catalogue.Group, isAside: Bool = false) {
        newestOrdinal = max(newestOrdinal, row.ordinal)
        var unsealed = groups[group.number] ?? Unsealed()
        // Out of the dictionary while it grows: its array would be copied otherwise.
        groups[group.number] = nil
        defer { groups[group.number] = unsealed }
        unsealed.newestSequence = max(unsealed.newestSequence, row.sequence)
        if isAside { return unsealed.waiting += 1 }
        guard row.ordinal <= horizon, unsealed.entries.last.map({ $0.ordinal < row.ordinal }) ?? true else { return }
        unsealed.append(Entry(key: row.key, ordinal: row.ordinal, layout: group.layout), group.period)
    }

    /// The oldest rows of a group have been sealed, or moved to `waiting`.
    mutating func remove(first count: Int, of group: Int64, moved: Bool = false) {
        groups[group]?.removeFirst(count)
        removals += 1
        if moved { groups[group]?.waiting += count }
    }

    /// The waiting rows of a group have been sealed.
    mutating func removeWaiting(_ count: Int, of group: Int64) { groups[group]?.waiting -= count }
}

// MARK: - Reading it

extension Ledger {
    /// Reads the keys of all rows that are not sealed. Their texts lie behind the keys and are not touched.
    init(reading database: Database, limit: Int64 = Ledger.limit) throws {
        let cuts = try readGroups(database)
        let periods = try Row.fetchAll(database, sql: "SELECT id, period_ms FROM layout")
        let period = Dictionary(periods.map { ($0[0] as Int64, $0[1] as Int64) }, uniquingKeysWith: { $1 })
        newestOrdinal = max(newestOrdinal, cuts.values.max() ?? 0)
        let oldest = try Int64.fetchOne(
            database,
            sql: """
                SELECT min(hot.ordinal) FROM hot JOIN scan_group ON scan_group.id = hot.scan_group
                WHERE hot.ordinal > scan_group.cut
                """)
        if let oldest {
            let newest = try Int64.fetchOne(database, sql: "SELECT max(ordinal) FROM hot") ?? oldest
            if newest - oldest >= limit { horizon = oldest + limit - 1 }
        }
        let rows = try database.cachedStatement(
            sql: "SELECT id, ordinal, scan_group, sequence, layout FROM hot ORDER BY id"
        ).sqliteStatement
        defer { sqlite3_reset(rows) }
        var code = sqlite3_step(rows)
        while code == SQLITE_ROW {
            hotRows += 1
            let entry = Entry(
                key: sqlite3_column_int64(rows, 0), ordinal: sqlite3_column_int64(rows, 1),
                layout: sqlite3_column_int64(rows, 4))
            let group = sqlite3_column_int64(rows, 2)
            let sequence = UInt64(bitPattern: sqlite3_column_int64(rows, 3))
            newestOrdinal = max(newestOrdinal, entry.ordinal)
            groups[group, default: Unsealed()].newestSequence = max(newestSequence(of: group), sequence)
            if entry.ordinal <= horizon, entry.ordinal > cuts[group] ?? 0 {
                groups[group, default: Unsealed()].entries.append(entry)
            }
            code = sqlite3_step(rows)
        }
        try database.check(code)
        for group in groups.keys { arrange(group, period) }
    }

    /// - Returns: the cuts of the live groups.
    private mutating func readGroups(_ database: Database) throws -> [Int64: Int64] {
        var cuts: [Int64: Int64] = [:]
        for row in try Row.fetchAll(
            database,
            sql: """
                SELECT id, cut, (SELECT count(*) FROM waiting WHERE waiting.scan_group = scan_group.id) AS waiting
                FROM scan_group WHERE NOT imported
                """)
        {
            cuts[row["id"]] = row["cut"]
            groups[row["id"]] = Unsealed(waiting: row["waiting"])
        }
        return cuts
    }

    /// From the order of time, in which they were read, to that of the ordinals.
    private mutating func arrange(_ group: Int64, _ periods: [Int64: Int64]) {
        let entries = (groups[group]?.entries ?? []).sorted { $0.ordinal < $1.ordinal }
        groups[group]?.entries = []
        for entry in entries { groups[group]?.append(entry, periods[entry.layout] ?? 0) }
    }
}
