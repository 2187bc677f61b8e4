import GRDBSQLite
import HistoryTables
import TestSupport

/// A value of a row, told apart from those that merely look like it.
enum Cell: Hashable, CustomStringConvertible {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob

    var description: String {
        switch self {
        case .null: "NULL"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let value): "'\(value)'"
        case .blob: "a blob"
        }
    }

    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
}

struct SQLError: Error, CustomStringConvertible {
    let code: Int32
    let description: String
}

/// A connection, as a host of the tables has one.
struct SQL {
    let connection: OpaquePointer
    /// What closes the connection when it goes.
    var owner: AnyObject?

    /// All rows of one statement.
    func rows(_ sql: String) throws -> [[Cell]] {
        var rows: [[Cell]] = []
        try run(sql) { rows.append($0) }
        return rows
    }

    /// - Parameter body: is given each row as it comes.
    func run(_ sql: String, _ body: ([Cell]) throws -> Void = { _ in }) throws {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else { throw error }
        defer { sqlite3_finalize(statement) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: try body((0..<sqlite3_column_count(statement)).map { SQL.cell(statement, $0) })
            case SQLITE_DONE: return
            default: throw error
            }
        }
    }

    /// What SQLite says when it refuses the statement; empty when it does not.
    func complaint(_ sql: String) -> String {
        do {
            try run(sql)
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// The lines of EXPLAIN QUERY PLAN.
    func plan(_ sql: String) throws -> [String] {
        try rows("EXPLAIN QUERY PLAN \(sql)").compactMap { if case .text(let line) = $0[3] { line } else { nil } }
    }

    private var error: SQLError {
        SQLError(code: sqlite3_errcode(connection), description: String(cString: sqlite3_errmsg(connection)))
    }

    private static func cell(_ statement: OpaquePointer?, _ column: Int32) -> Cell {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(statement, column))
        case SQLITE_TEXT: .text(sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "")
        case SQLITE_BLOB: .blob
        default: .null
        }
    }
}
