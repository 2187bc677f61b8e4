import GRDBSQLite

/// A prepared statement. Columns count from 0, arguments from 1, as in SQLite.
public final class PlainStatement {
    private let handle: OpaquePointer
    private let connection: PlainConnection

    init(_ sql: String, of connection: PlainConnection) throws(StoreError) {
        self.connection = connection
        var prepared: OpaquePointer?
        try connection.check(sqlite3_prepare_v3(connection.handle, sql, -1, 0, &prepared, nil))
        guard let prepared else { throw .io(path: connection.path, detail: "an empty statement") }
        handle = prepared
    }

    deinit { sqlite3_finalize(handle) }

    /// - Returns: whether there is a row. After the last one, and after an error, the statement begins anew.
    public func step() throws(StoreError) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        let message = code == SQLITE_DONE ? "" : String(cString: sqlite3_errmsg(connection.handle))
        sqlite3_reset(handle)
        guard code == SQLITE_DONE else { throw StoreError(path: connection.path, code: code, message: message) }
        return false
    }

    /// Runs a statement without rows.
    public func run() throws(StoreError) { while try step() {} }

    /// Runs a statement without rows.
    ///
    /// - Returns: false when a row breaks what its table promises, in type or value.
    public func runIfAllowed() throws(StoreError) -> Bool {
        let code = sqlite3_step(handle)
        let message = code == SQLITE_DONE ? "" : String(cString: sqlite3_errmsg(connection.handle))
        sqlite3_reset(handle)
        switch code & 0xFF {
        case SQLITE_DONE, SQLITE_ROW: return true
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH: return false
        default: throw StoreError(path: connection.path, code: code, message: message)
        }
    }

    /// Ends the rows; the arguments stay.
    public func reset() { sqlite3_reset(handle) }

    public func bind(_ value: Int64, at index: Int) { sqlite3_bind_int64(handle, CInt(index), value) }

    public func bind(_ value: String?, at index: Int) {
        guard let value else {
            sqlite3_bind_null(handle, CInt(index))
            return
        }
        sqlite3_bind_text(handle, CInt(index), value, -1, PlainStatement.copied)
    }

    public func bind(_ value: UnsafeRawBufferPointer, at index: Int) {
        sqlite3_bind_blob64(handle, CInt(index), value.baseAddress, UInt64(value.count), PlainStatement.copied)
    }

    /// A column of another statement, whatever it holds.
    public func bind(column: Int, of other: PlainStatement, at index: Int) {
        sqlite3_bind_value(handle, CInt(index), sqlite3_column_value(other.handle, CInt(column)))
    }

    public var columns: Int { Int(sqlite3_column_count(handle)) }
    public func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, CInt(column)) == SQLITE_NULL }
    public func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, CInt(column)) }
    public func real(_ column: Int) -> Double { sqlite3_column_double(handle, CInt(column)) }

    public func text(_ column: Int) -> String? {
        guard let start = sqlite3_column_text(handle, CInt(column)) else { return nil }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, CInt(column))))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Valid until the next step or reset.
    public func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(handle, CInt(column))
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, CInt(column))))
    }

    /// SQLITE_TRANSIENT: SQLite copies what is bound.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
