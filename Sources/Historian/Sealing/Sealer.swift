import Chunks
import GRDB
import GRDBSQLite
import Store

/// Seals the oldest rows of a live group into a span, when there are enough of them.
///
/// The rows stay in `hot`, hidden by the group's `cut`: the sweep deletes them later, those of all groups together.
struct Sealer: Chore {
    private let faults: FaultPoints?
    /// Groups whose rows make no sense. They stay as they are, and are read as ever.
    private var stuck: Set<Int64> = []

    init(_ faults: FaultPoints? = nil) { self.faults = faults }

    /// Where the oldest rows of a group are.
    private enum Source { case hot, waiting }

    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
        for (group, unsealed) in store.ledger.groups where !stuck.contains(group) {
            do {
                guard let source = try due(group, unsealed, store) else { continue }
                switch source {
                case .hot: try sealHot(group, unsealed, store)
                case .waiting: try sealWaiting(group, store)
                }
                return true
            } catch {
                if case .corrupt = error { stuck.insert(group) }
                throw error
            }
        }
        return try store.look { try store.ledger.readOn($0) }
    }

    private func due(
        _ group: Int64, _ unsealed: Ledger.Unsealed, _ store: HistoryStore
    ) throws(HistoryError) -> Source? {
        if unsealed.waiting >= SpanRule.target(of: group) { return .waiting }
        guard let first = unsealed.entries.first else { return nil }
        let run = unsealed.run
        // Most groups are far from it, most of the time: no need to look at the layout.
        guard unsealed.firstBreak != nil || run >= SpanRule.readings / widthMax || run >= SpanRule.target(of: group)
        else { return nil }
        let width = try store.look { try store.plan(of: first.layout, in: $0).slots.count }
        guard unsealed.firstBreak != nil || run >= SpanRule.target(of: group, width: width) else { return nil }
        return unsealed.waiting > 0 ? .waiting : .hot
    }

    /// Slots a group can have: a scan header counts its blocks' readings in 16 bits.
    private let widthMax = 1 << 16

    // MARK: From hot

    private func sealHot(
        _ group: Int64, _ unsealed: Ledger.Unsealed, _ store: HistoryStore
    ) throws(HistoryError) {
        var count = 0
        let encoded: EncodedSpan? = try store.look { database in
            guard let first = unsealed.entries.first else { return nil }
            let plan = try store.plan(of: first.layout, in: database)
            count = min(unsealed.run, SpanRule.target(of: group, width: plan.slots.count))
            let content = try Self.content(unsealed.entries.prefix(count), plan, store.ledger, database)
            return EncodedSpan(content, group: group, layout: first.layout)
        }
        guard let encoded else { return }
        try store.transaction { database in
            try faults?.reach("seal begun")
            try encoded.write(to: database, faults)
            try Self.note(encoded, cut: encoded.ordinals.upperBound, database)
            try faults?.reach("before the seal's commit")
        }
        store.ledger.remove(first: count, of: group)
        store.tally.add(encoded)
        reached("sealed")
    }

    private static func content(
        _ entries: ArraySlice<Ledger.Entry>, _ plan: LayoutPlan, _ ledger: Ledger, _ database: Database
    ) throws -> SpanContent {
        var builder = SpanBuilder(plan, capacity: entries.count)
        let columns = "sequence, took_ms, bad, v"
        let hot = try database.cachedStatement(sql: "SELECT \(columns) FROM hot WHERE id = ?").sqliteStatement
        let old =
            ledger.oldScans == nil
            ? hot : try database.cachedStatement(sql: "SELECT \(columns) FROM scans_1 WHERE id = ?").sqliteStatement
        for entry in entries {
            let isOld = ledger.isOld(entry)
            let row = isOld ? old : hot
            defer { sqlite3_reset(row) }
            sqlite3_bind_int64(row, 1, isOld ? entry.ordinal : entry.key)
            guard sqlite3_step(row) == SQLITE_ROW, let values = sqlite3_column_text(row, 3) else {
                throw SealError.row(entry.ordinal, "it is not in the table \(isOld ? "scans_1" : "hot")")
            }
            builder.append(
                time: entry.time, took: sqlite3_column_int64(row, 1),
                sequence: UInt64(bitPattern: sqlite3_column_int64(row, 0)), ordinal: entry.ordinal, values: values,
                bad: sqlite3_column_text(row, 2))
        }
        return builder.finished()
    }

    // MARK: From waiting

    /// Seals what waits of a slow group, the oldest rows first.
    private func sealWaiting(_ group: Int64, _ store: HistoryStore) throws(HistoryError) {
        let rows = try store.look { database in
            try WaitingRows(of: group, limit: SpanRule.target(of: group), isOneSpan: true, store, in: database)
        }
        guard let last = rows.rows.last, let builder = rows.builders[last.layout] else {
            // The rows are gone, by retention: they were counted before.
            store.ledger.removeWaiting(store.ledger.groups[group]?.waiting ?? 0, of: group)
            return
        }
        let encoded = EncodedSpan(builder.finished(), group: group, layout: last.layout)
        try store.transaction { database in
            try faults?.reach("seal of waiting rows begun")
            try encoded.write(to: database, faults)
            try Self.note(encoded, cut: nil, database)
            try faults?.reach("before the waiting rows go")
            try database.cachedStatement(
                sql: "DELETE FROM waiting WHERE scan_group = ? AND (time, sequence) <= (?, ?)"
            ).execute(arguments: [group, last.time, Int64(bitPattern: last.sequence)])
            try faults?.reach("before the commit of waiting rows")
        }
        store.ledger.removeWaiting(rows.rows.count, of: group)
        store.tally.add(encoded)
        reached("waiting rows sealed")
    }

    /// What the group knows of its spans.
    private static func note(_ encoded: EncodedSpan, cut: Int64?, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE scan_group SET cut = max(cut, ?), longest_ms = max(longest_ms, ?), sequence = max(sequence, ?)
                WHERE id = ?
                """
        ).execute(arguments: [
            cut ?? 0, encoded.length, Int64(bitPattern: encoded.sequences.upperBound), encoded.group,
        ])
    }

    private func reached(_ name: String) { try? faults?.reach(name) }
}

extension SealTally {
    mutating func add(_ encoded: EncodedSpan) {
        spans += 1
        readings += UInt64(encoded.readings)
        bytes += UInt64(encoded.bytes)
    }
}
