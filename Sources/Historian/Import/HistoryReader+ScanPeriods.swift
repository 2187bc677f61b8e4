import GRDB
import GRDBSQLite

extension HistoryReader {
    /// How often each tag is read from its controller as it was last configured, milliseconds, by `tag.id`.
    func scanPeriods() throws -> [Int64: Int64] {
        try withConnection { connection in
            var statement: OpaquePointer?
            // A bare column beside max() is of the row that has the maximum (SQLite, "Bare columns in an aggregate
            // query").
            var code = sqlite3_prepare_v2(
                connection,
                """
                SELECT slot.tag, layout.period_ms, max(layout.id) FROM slot JOIN layout ON layout.id = slot.layout
                JOIN scan_group ON scan_group.id = layout.scan_group WHERE NOT scan_group.imported GROUP BY slot.tag
                """, -1, &statement, nil)
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
            defer { sqlite3_finalize(statement) }
            var periods: [Int64: Int64] = [:]
            code = sqlite3_step(statement)
            while code == SQLITE_ROW {
                periods[sqlite3_column_int64(statement, 0)] = sqlite3_column_int64(statement, 1)
                code = sqlite3_step(statement)
            }
            guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
            return periods
        }
    }
}
