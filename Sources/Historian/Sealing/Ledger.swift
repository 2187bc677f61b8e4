import GRDB

/// Which rows are not sealed yet, group by group, in the order of their ordinals.
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
    /// Rows with greater ordinals are not in here yet: there may be more than fit.
    private(set) var horizon = Int64.max
    /// What is in `scans_1`, from the first that may still be there to the last; `nil` when the table is gone.
    private(set) var oldScans: ClosedRange<Int64>?
    /// Of the rows of `hot` beyond the horizon, the least key.
    private var firstBeyond = Int64.max
    /// The look at `hot` that will bring the next rows, until it is over.
    private var survey: HotSurvey?
    let bounds: Bounds

    /// What the ledger holds, and how much it reads at once.
    struct Bounds {
        /// Entries that one look at `hot` brings, 24 bytes each: four days of 10 groups a second. In operation there is
        /// a span of each group at most, because whatever fills one is sealed.
        var entries = 1 << 22
        /// Rows looked at in one step of a chore.
        var page = 20_000
    }

    var isComplete: Bool { horizon == .max }
    /// Rows of `scans_1` are not in here yet.
    var isReadingOldScans: Bool { oldScans.map { horizon < $0.upperBound } ?? false }
    /// Whether a row lies in `scans_1`, and not in `hot`: all of those came before.
    func isOld(_ entry: Entry) -> Bool { oldScans.map { entry.ordinal <= $0.upperBound } ?? false }

    /// The ordinal up to which no row is left to be sealed, of those that are in here.
    var sealedTo: Int64 {
        let first = groups.values.lazy.compactMap(\.entries.first?.ordinal).min() ?? .max
        return min(first - 1, horizon)
    }

    func newestSequence(of group: Int64) -> UInt64 { groups[group]?.newestSequence ?? 0 }

    /// The least key of a row in `hot` that is not sealed, when the first so many entries of some groups are passed
    /// over.
    func firstKey(without taken: [Int64: Int] = [:]) -> Int64 {
        var first = firstBeyond
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
        let entry = Entry(key: row.key, ordinal: row.ordinal, layout: group.layout)
        guard row.ordinal <= horizon else {
            firstBeyond = min(firstBeyond, row.key)
            survey?.noteCommitted(entry, of: group.number)
            return
        }
        guard unsealed.entries.last.map({ $0.ordinal < row.ordinal }) ?? true else { return }
        unsealed.append(entry, group.period)
    }

    /// The oldest rows of a group have been sealed, or moved to `waiting`.
    mutating func remove(first count: Int, of group: Int64, moved: Bool = false) {
        groups[group]?.removeFirst(count)
        if moved { groups[group]?.waiting += count }
    }

    /// The oldest rows of `scans_1` have been deleted: what is left of it.
    mutating func keep(oldScans kept: ClosedRange<Int64>?) { oldScans = kept }

    /// The waiting rows of a group have been sealed.
    mutating func removeWaiting(_ count: Int, of group: Int64) { groups[group]?.waiting -= count }
}

// MARK: - Reading it

extension Ledger {
    /// Reads the keys of the rows that are not sealed: of all, or the oldest that fit. Their texts lie behind the keys
    /// and are not touched.
    init(reading database: Database, _ bounds: Bounds = Bounds()) throws {
        self.bounds = bounds
        let cuts = try readGroups(database)
        newestOrdinal = max(newestOrdinal, cuts.values.max() ?? 0)
        oldScans = try OldScans.ordinals(in: database)
        newestOrdinal = max(newestOrdinal, oldScans?.upperBound ?? 0)
        // The rows of `scans_1` come first.
        var survey = HotSurvey(
            after: .min, upTo: oldScans.map { $0.lowerBound - 1 } ?? .max, cuts: cuts, limit: bounds.entries)
        while try survey.read(rows: bounds.page, from: database) {}
        hotRows = survey.rows
        newestOrdinal = max(newestOrdinal, survey.newestOrdinal)
        for (group, sequence) in survey.newestSequences {
            groups[group, default: Unsealed()].newestSequence = sequence
        }
        try take(&survey, in: database)
    }

    /// Reads on where there is more than it holds: one page, in a time that is bounded.
    ///
    /// - Returns: false when there is nothing to read, or no room for it.
    mutating func readOn(_ database: Database) throws -> Bool {
        guard !isComplete else { return false }
        if survey == nil {
            let held = groups.values.reduce(0) { $0 + $1.entries.count }
            // The whole of `hot` for a few rows is too much.
            guard held <= bounds.entries / 2 else { return false }
            if let oldScans, isReadingOldScans {
                try readOldScans(upTo: oldScans.upperBound, from: database)
                return true
            }
            let cuts = try Ledger.cuts(database)
            survey = HotSurvey(after: horizon, cuts: cuts, limit: bounds.entries - held)
        }
        guard try survey?.read(rows: bounds.page, from: database) == false, var whole = survey else { return true }
        survey = nil
        try take(&whole, in: database)
        return true
    }

    /// They lie in the order of their ordinals, so a page of them is all there is up to its end.
    private mutating func readOldScans(upTo last: Int64, from database: Database) throws {
        let (cuts, periods) = (try Ledger.cuts(database), try Ledger.periods(database))
        let scans = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT id, time, scan_group, layout FROM scans_1 WHERE id > ? AND id <= ? ORDER BY id LIMIT ?
                    """), arguments: [horizon, last, bounds.page])
        var read = 0
        while let scan = try scans.next() {
            read += 1
            let (ordinal, group, layout): (Int64, Int64, Int64) = (scan[0], scan[2], scan[3])
            horizon = ordinal
            guard ordinal > cuts[group] ?? 0 else { continue }
            let key = RowKey.of(time: RowKey.clamped(scan[1]), ordinal: ordinal)
            groups[group, default: Unsealed()].append(
                Entry(key: key, ordinal: ordinal, layout: layout), periods[layout] ?? 0)
        }
        if read < bounds.page { horizon = last }
    }

    private mutating func take(_ survey: inout HotSurvey, in database: Database) throws {
        let periods = try Ledger.periods(database)
        for (group, entries) in survey.finish() {
            for entry in entries { groups[group, default: Unsealed()].append(entry, periods[entry.layout] ?? 0) }
        }
        (horizon, firstBeyond) = (survey.end, survey.firstBeyond)
    }

    /// - Returns: the cuts of the live groups.
    private mutating func readGroups(_ database: Database) throws -> [Int64: Int64] {
        for row in try Row.fetchAll(
            database,
            sql: """
                SELECT id, (SELECT count(*) FROM waiting WHERE waiting.scan_group = scan_group.id) AS waiting
                FROM scan_group WHERE NOT imported
                """)
        {
            groups[row["id"]] = Unsealed(waiting: row["waiting"])
        }
        return try Ledger.cuts(database)
    }

    private static func cuts(_ database: Database) throws -> [Int64: Int64] {
        let rows = try Row.fetchAll(database, sql: "SELECT id, cut FROM scan_group WHERE NOT imported")
        return Dictionary(rows.map { ($0[0] as Int64, $0[1] as Int64) }, uniquingKeysWith: { $1 })
    }

    /// By layout, milliseconds.
    private static func periods(_ database: Database) throws -> [Int64: Int64] {
        let rows = try Row.fetchAll(database, sql: "SELECT id, period_ms FROM layout")
        return Dictionary(rows.map { ($0[0] as Int64, $0[1] as Int64) }, uniquingKeysWith: { $1 })
    }
}
