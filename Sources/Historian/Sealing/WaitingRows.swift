import GRDB
import GRDBSQLite
import Plant

/// The oldest rows of a group in `waiting`, in the order of time, parsed.
struct WaitingRows {
    struct Row {
        let time: Int64
        let sequence: UInt64
        let ordinal: Int64
        let layout: Int64
        /// Its place among the rows of its layout.
        let index: Int
    }

    private(set) var rows: [Row] = []
    /// By layout.
    private(set) var builders: [Int64: SpanBuilder] = [:]

    /// - Parameters:
    ///   - limit: the most rows to take.
    ///   - end: takes rows before this time only.
    ///   - isOneSpan: takes only what can be one span: one layout, times and ordinals that rise, no long gap.
    init(
        of group: Int64, limit: Int, before end: Int64 = .max, isOneSpan: Bool, _ store: HistoryStore,
        in database: Database
    ) throws {
        let found = try database.cachedStatement(
            sql: """
                SELECT time, sequence, ordinal, layout, took_ms, bad, v FROM waiting
                WHERE scan_group = ? AND time < ? ORDER BY time, sequence LIMIT ?
                """
        ).sqliteStatement
        defer { sqlite3_reset(found) }
        sqlite3_bind_int64(found, 1, group)
        sqlite3_bind_int64(found, 2, end)
        sqlite3_bind_int64(found, 3, Int64(limit))
        var code = sqlite3_step(found)
        while code == SQLITE_ROW {
            let layout = sqlite3_column_int64(found, 3)
            let plan = try store.plan(of: layout, in: database)
            let row = Row(
                time: sqlite3_column_int64(found, 0),
                sequence: UInt64(bitPattern: sqlite3_column_int64(found, 1)),
                ordinal: sqlite3_column_int64(found, 2), layout: layout, index: builders[layout]?.count ?? 0)
            if isOneSpan, !fits(row, plan) { return }
            guard let values = sqlite3_column_text(found, 6) else { throw SealError.row(row.ordinal, "no values") }
            builders[layout, default: SpanBuilder(plan, capacity: limit)].append(
                time: row.time, took: sqlite3_column_int64(found, 4), sequence: row.sequence, ordinal: row.ordinal,
                values: values, bad: sqlite3_column_text(found, 5))
            rows.append(row)
            code = sqlite3_step(found)
        }
        try database.check(code)
    }

    private func fits(_ row: Row, _ plan: LayoutPlan) -> Bool {
        guard let last = rows.last else { return true }
        return row.layout == last.layout && row.ordinal > last.ordinal
            && !SpanRule.breaks(last.time, row.time, period: plan.period)
            && (rows.count + 1) * plan.slots.count <= SpanRule.readings
    }
}
