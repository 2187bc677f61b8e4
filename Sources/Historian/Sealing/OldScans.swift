import GRDB
import Plant

/// The rows of the first schema, in `scans_1`: has them sealed where they are, and deletes them.
///
/// They are read like those of `hot`: a row counts until its group's `cut` has passed its number, which is its ordinal.
/// All of them came before any row of `hot`, so the sealer takes them first, group by group in the order of ordinals,
/// and new rows wait in `hot` until the old ones are sealed. The pages of deleted rows hold the next chunks, and the
/// file does not grow.
struct OldScans: Chore {
    private let faults: FaultPoints?
    private let rows: Int64

    /// Rows that one transaction deletes, about 2 MB: 20 000 took up to 0.4 s (measured).
    static let rowsMax: Int64 = 5000
    /// So many times the rows of a transaction may be read and not deleted. The rows of a group that fills no span in
    /// the meantime go to `waiting`.
    static let backlog: Int64 = 64

    init(_ faults: FaultPoints? = nil, rows: Int64 = OldScans.rowsMax) { (self.faults, self.rows) = (faults, rows) }

    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
        guard let old = store.ledger.oldScans else { return false }
        let isRead = !store.ledger.isReadingOldScans
        let sealed = min(store.ledger.sealedTo, old.upperBound)
        if sealed == old.upperBound || sealed - old.lowerBound + 1 >= rows {
            try delete(from: old, upTo: min(sealed, old.lowerBound + rows - 1), store)
            return true
        }
        guard !isRead, store.ledger.horizon - old.lowerBound >= allowance(store.ledger) else { return false }
        return try moveAside(store)
    }

    /// Every group may have a span's rows that are not one yet, as long as the ledger has room for them.
    private func allowance(_ ledger: Ledger) -> Int64 {
        min(
            max(OldScans.backlog * rows, Int64(2 * SpanRule.longest * ledger.groups.count)),
            Int64(ledger.bounds.entries / 2))
    }

    // MARK: Slow groups

    /// - Returns: false when no group holds up the deletion.
    private func moveAside(_ store: HistoryStore) throws(HistoryError) -> Bool {
        let ledger = store.ledger
        let since = ledger.horizon - allowance(ledger) / 2
        var room = Int(rows)
        var moves: [Aside] = []
        for (group, unsealed) in ledger.groups where room > 0 {
            guard let first = unsealed.entries.first, first.ordinal < since else { continue }
            moves.append(Aside(group: group, entries: Array(unsealed.entries.prefix(room))))
            room -= min(room, unsealed.entries.count)
        }
        guard !moves.isEmpty else { return false }
        try store.transaction { database in
            try faults?.reach("old rows begin to move")
            for aside in moves { try aside.move(ledger, in: database, faults) }
            try faults?.reach("before the commit of old rows that move")
        }
        for aside in moves { store.ledger.remove(first: aside.entries.count, of: aside.group, moved: true) }
        try? faults?.reach("old rows moved")
        return true
    }

    // MARK: Deleting

    /// Deletes by what the tables say, not by what the ledger believes: a row that is not sealed stays.
    private func delete(from old: ClosedRange<Int64>, upTo last: Int64, _ store: HistoryStore) throws(HistoryError) {
        try store.transaction { database in
            try faults?.reach("old rows begin to go")
            try database.cachedStatement(
                sql: """
                    DELETE FROM scans_1 WHERE id <= ?
                        AND id <= (SELECT cut FROM scan_group WHERE scan_group.id = scans_1.scan_group)
                    """
            ).execute(arguments: [last])
            try faults?.reach("after old rows went")
            if last == old.upperBound, try OldScans.ordinals(in: database) == nil {
                try database.execute(
                    sql: "DROP VIEW recent; \(HistorySchema.recent(withOldScans: false)); DROP TABLE scans_1")
                try faults?.reach("after the old table went")
            }
        }
        store.ledger.keep(oldScans: last < old.upperBound ? last + 1...old.upperBound : nil)
        try? faults?.reach("old rows gone")
    }
}

// MARK: - What is there

extension OldScans {
    /// Gives the text that made the table, if it is there.
    static let definition = "SELECT sql FROM sqlite_master WHERE name = 'scans_1'"

    private static func isPresent(in database: Database) throws -> Bool {
        try String.fetchOne(database, sql: definition) != nil
    }

    /// The ordinals of its rows; `nil` when there is none.
    static func ordinals(in database: Database) throws -> ClosedRange<Int64>? {
        guard try isPresent(in: database),
            let first = try Int64.fetchOne(database, sql: "SELECT min(id) FROM scans_1"),
            let last = try Int64.fetchOne(database, sql: "SELECT max(id) FROM scans_1")
        else { return nil }
        return first...max(first, last)
    }

    /// UTC milliseconds, of the row that came last.
    static func newestTime(in database: Database) throws -> Int64? {
        guard try isPresent(in: database) else { return nil }
        return try Int64.fetchOne(database, sql: "SELECT time FROM scans_1 ORDER BY id DESC LIMIT 1")
    }
}

/// A chore that begins when the rows of the first schema are sealed: these are found by time alone, so that each
/// question about an hour of one tag goes through that hour of all.
struct AfterUpgrade: Chore {
    private var chore: any Chore

    init(_ chore: any Chore) { self.chore = chore }

    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
        guard store.ledger.oldScans == nil else { return false }
        return try chore.step(store, now: now)
    }

    mutating func changeOver(to plant: Plant) { chore.changeOver(to: plant) }
}
