import GRDBSQLite

/// Why a statement was not answered.
struct SQLProblem: Error, CustomStringConvertible {
    let description: String
}

/// A value of a result.
enum SQLCell {
    case null
    case integer(Int64)
    /// In the fifteen digits that SQLite shows of a number.
    case real(String)
    case text(String)
    case blob([UInt8])
}

/// Runs statements on a connection, one after the other, and hands over each row as it comes.
struct SQLSession {
    private let connection: OpaquePointer

    init(_ connection: OpaquePointer) { self.connection = connection }

    /// - Parameter printer: is asked for a printer when a statement that has columns begins.
    func run(_ sql: String, _ printer: ([String]) -> SQLPrinter) throws {
        try sql.withCString { start in
            var rest: UnsafePointer<CChar>? = start
            while let here = rest, here.pointee != 0 {
                var statement: OpaquePointer?
                guard sqlite3_prepare_v2(connection, here, -1, &statement, &rest) == SQLITE_OK else { throw problem }
                // A comment or a space behind the last semicolon is no statement.
                guard let statement else { continue }
                defer { sqlite3_finalize(statement) }
                guard sqlite3_stmt_readonly(statement) != 0 else {
                    throw SQLProblem(description: "the history can only be read: \(SQLSession.text(of: statement))")
                }
                try run(statement, printer)
            }
        }
    }

    private func run(_ statement: OpaquePointer, _ printer: ([String]) -> SQLPrinter) throws {
        let count = sqlite3_column_count(statement)
        let columns = (0..<count).map { column in
            sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
        }
        let printer = count > 0 ? printer(columns) : nil
        printer?.begin()
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: printer?.row((0..<count).map { SQLSession.cell(statement, $0) })
            case SQLITE_DONE:
                printer?.end()
                return
            default:
                let problem = problem
                printer?.end()
                throw problem
            }
        }
    }

    private static func cell(_ statement: OpaquePointer, _ column: Int32) -> SQLCell {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: return .real(text(statement, column))
        case SQLITE_TEXT: return .text(text(statement, column))
        case SQLITE_BLOB:
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(statement, column), count: Int(sqlite3_column_bytes(statement, column)))
            return .blob([UInt8](bytes))
        default: return .null
        }
    }

    private static func text(_ statement: OpaquePointer, _ column: Int32) -> String {
        guard let text = sqlite3_column_text(statement, column) else { return "" }
        let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, column)))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func text(of statement: OpaquePointer) -> Substring {
        let text = sqlite3_sql(statement).map { String(cString: $0) } ?? ""
        return text.drop { $0.isWhitespace }
    }

    /// What SQLite says went wrong last.
    private var problem: SQLProblem { SQLProblem(description: String(cString: sqlite3_errmsg(connection))) }
}
