import GRDB

/// Empties the old end of `hot`: what groups too slow to fill a span have there goes to `waiting`, and then all rows
/// below one key go at once.
///
/// One range for all groups: deleting each group's rows when they are sealed touches every page of the table again and
/// again, 79 bytes written for a reading instead of 33 (measured).
struct Sweep: Chore {
    private let faults: FaultPoints?
    private var swept: Int64?

    /// How often: what was sealed stays in the file for so long, at 6 bytes a reading.
    static let interval: Int64 = 300_000
    /// Rows of slow groups stay in `hot` for so long, milliseconds: a commit then touches the end of one table, and not
    /// a page of each group.
    static let age: Int64 = 900_000
    /// A group is slow when its span would not be full within this time, milliseconds from now.
    static let patience: Int64 = 900_000
    /// Whatever its period: a group of which nothing came for long must not keep the rows of all others.
    static let ageMax: Int64 = 2_700_000
    /// Rows that one transaction moves or deletes at most: about 6 MB, and 100 ms.
    static let rowsMax = 20_000

    init(_ faults: FaultPoints? = nil) { self.faults = faults }

    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
        // A wall clock that was set back must not stop the sweep until it has caught up.
        if let swept, now >= swept, now - swept < Sweep.interval { return false }
        // While rows of the first schema are read on, those of every group are old, and most will be sealed soon.
        let moves = store.ledger.isReadingOldScans ? [] : Sweep.moves(store, now)
        let isMore = try sweep(store, moves)
        if !isMore, !store.ledger.isReadingOldScans { swept = now }
        return isMore
    }

    /// Rows to move, by group: all that a slow group has, once the oldest is old enough.
    private static func moves(_ store: HistoryStore, _ now: Int64) -> [Aside] {
        var moves: [Aside] = []
        var rows = 0
        for (group, unsealed) in store.ledger.groups {
            guard let first = unsealed.entries.first, first.time < now - age, rows < rowsMax else { continue }
            let missing = Int64(SpanRule.target(of: group) - unsealed.entries.count)
            let isSlow = missing.multipliedReportingOverflow(by: unsealed.period).partialValue > patience
            guard isSlow || first.time < now - ageMax else { continue }
            let taken = unsealed.entries.prefix(rowsMax - rows)
            rows += taken.count
            moves.append(Aside(group: group, entries: Array(taken)))
        }
        return moves
    }

    /// - Returns: whether rows are left that may go.
    private func sweep(
        _ store: HistoryStore, _ moves: [Aside]
    ) throws(HistoryError) -> Bool {
        let taken = Dictionary(moves.map { ($0.group, $0.entries.count) }, uniquingKeysWith: { $1 })
        let firstUnsealed = store.ledger.firstKey(without: taken)
        let bound = try store.look { try Sweep.bound(below: firstUnsealed, in: $0) }
        guard !moves.isEmpty || bound != nil else { return false }
        var deleted = 0
        try store.transaction { database in
            try faults?.reach("sweep begun")
            for aside in moves { try aside.move(store.ledger, in: database, faults) }
            if let bound { deleted = try Sweep.delete(below: bound.key, in: database) }
            try faults?.reach("before the sweep's commit")
        }
        for aside in moves { store.ledger.remove(first: aside.entries.count, of: aside.group, moved: true) }
        store.ledger.hotRows -= deleted
        store.tally.sweptRows += UInt64(deleted)
        try? faults?.reach("swept")
        return bound?.isLimit ?? false
    }

    /// Below which key rows may go: everything before the first that is not sealed, but never the newest row, which
    /// tells the next start until when there are readings; and not too many at once.
    private static func bound(below unsealed: Int64, in database: Database) throws -> (key: Int64, isLimit: Bool)? {
        let newest = try Int64.fetchOne(database, sql: "SELECT max(id) FROM hot") ?? .min
        let oldest = try Int64.fetchOne(database, sql: "SELECT min(id) FROM hot") ?? .max
        let key = min(unsealed, newest)
        guard key > oldest else { return nil }
        let limit = try Int64.fetchOne(
            database, sql: "SELECT id FROM hot ORDER BY id LIMIT 1 OFFSET ?", arguments: [rowsMax])
        guard let limit, limit < key else { return (key, false) }
        return (limit, true)
    }

    /// Deletes by what the table says, not by what the ledger believes: a row that is not sealed stays.
    private static func delete(below key: Int64, in database: Database) throws -> Int {
        try database.cachedStatement(
            sql: """
                DELETE FROM hot WHERE id < ?
                    AND ordinal <= (SELECT cut FROM scan_group WHERE scan_group.id = hot.scan_group)
                """
        ).execute(arguments: [key])
        return database.changesCount
    }
}
