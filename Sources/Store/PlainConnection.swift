import GRDB
import GRDBSQLite

/// A connection through SQLite's own calls, for files that may be damaged, or that another process writes.
///
/// Care needs what GRDB hides: the result of every single step, and a read transaction that stays open while pages are
/// copied through the same connection. One thread at a time.
public final class PlainConnection {
    public enum Access: Sendable {
        /// Beside a writer, too.
        case reading
        /// The main file alone, as if nobody ever wrote it: for those who cannot make the log's index beside it.
        case unchanging
        case writing
        /// A file that is not there yet.
        case creating
    }

    public let path: String
    public let handle: OpaquePointer

    /// How long a statement waits for another program's lock: a commit's and a checkpoint's time, many times over.
    static let patienceMilliseconds: CInt = 5000

    public init(_ path: String, _ access: Access) throws(StoreError) {
        self.path = path
        let flags: CInt =
            switch access {
            case .reading: SQLITE_OPEN_READONLY
            case .unchanging: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            case .writing: SQLITE_OPEN_READWRITE
            case .creating: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE
            }
        let name = access == .unchanging ? "file:\(PlainConnection.escaped(path))?immutable=1" : path
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw StoreError(path: path, code: code, message: message)
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, PlainConnection.patienceMilliseconds)
    }

    deinit { sqlite3_close_v2(handle) }

    /// Opens for reading, and shows that it can be read: beside its writer if that is possible, alone otherwise.
    ///
    /// - Returns: whether what the log holds is left out.
    public static func reader(_ path: String) throws(StoreError) -> (PlainConnection, leavesOutLog: Bool) {
        do throws(StoreError) {
            let connection = try PlainConnection(path, .reading)
            _ = try connection.integer("SELECT count(*) FROM sqlite_master")
            return (connection, false)
        } catch {
            // The codes by which SQLite says that it could not make or use the log's index beside the file.
            guard error.isAboutPermission else { throw error }
            let connection = try PlainConnection(path, .unchanging)
            _ = try connection.integer("SELECT count(*) FROM sqlite_master")
            return (connection, true)
        }
    }

    /// Opens what `reader` refuses as damaged as well, if anything can be read of it: a file that is shorter than its
    /// header says, or one with a damaged log.
    ///
    /// SQLite opens the former only where it may look into a damaged schema. What was cut off refuses page by page.
    public static func salvager(_ path: String) throws(StoreError) -> (PlainConnection, leavesOutLog: Bool) {
        do throws(StoreError) {
            return try reader(path)
        } catch {
            guard error.isDamage else { throw error }
            // A log that holds anything says how long the file is, so `reader` has refused the log itself.
            let connection = try PlainConnection(path, .unchanging)
            try connection.execute("PRAGMA writable_schema = ON")
            _ = try connection.integer("SELECT count(*) FROM sqlite_master")
            return (connection, true)
        }
    }

    public func execute(_ sql: String) throws(StoreError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    public func statement(_ sql: String) throws(StoreError) -> PlainStatement {
        try PlainStatement(sql, of: self)
    }

    /// The first column of the first row, `nil` where it is NULL or there is no row.
    public func integer(_ sql: String, _ arguments: Int64...) throws(StoreError) -> Int64? {
        let statement = try statement(sql)
        for (index, argument) in arguments.enumerated() { statement.bind(argument, at: index + 1) }
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.integer(0)
    }

    public func text(_ sql: String) throws(StoreError) -> String? {
        let statement = try statement(sql)
        return try statement.step() ? statement.text(0) : nil
    }

    func check(_ code: CInt) throws(StoreError) {
        guard code != SQLITE_OK else { return }
        throw StoreError(path: path, code: code, message: String(cString: sqlite3_errmsg(handle)))
    }

    /// The characters that end or escape a path in a URI.
    private static func escaped(_ path: String) -> String {
        path.reduce(into: "") { text, character in
            switch character {
            case "%": text += "%25"
            case "?": text += "%3f"
            case "#": text += "%23"
            default: text.append(character)
            }
        }
    }
}

extension StoreError {
    init(path: String, code: CInt, message: String) {
        self.init(path: path, DatabaseError(resultCode: ResultCode(rawValue: code), message: message))
    }

    fileprivate var isAboutPermission: Bool {
        switch self {
        case .cannotCreate, .readOnly: true
        default: false
        }
    }
}
