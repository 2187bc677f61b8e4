import GRDB
import GRDBSQLite

/// Statements bound and stepped by hand, where a row costs too little for more.
extension Database {
    /// Runs a statement that returns no rows, and makes it ready for the next time.
    func step(_ statement: SQLiteStatement) throws {
        let code = sqlite3_step(statement)
        defer { sqlite3_reset(statement) }
        try check(code)
    }

    /// - Throws: what SQLite says, unless the statement is done.
    func check(_ code: CInt) throws {
        guard code != SQLITE_DONE else { return }
        throw DatabaseError(
            resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(sqliteConnection)))
    }
}
