import GRDBSQLite

/// SQLite's own calls, for the rows that the historian is measured beside.
struct RawDatabase: ~Copyable {
    let handle: OpaquePointer
    private let path: String

    /// With the settings of the recorder's connection, so that only the tables differ.
    static let settings = """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = OFF; PRAGMA cache_size = -16384
        """

    init(_ path: String, _ flags: CInt = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) throws(BenchmarkFailure) {
        var opened: OpaquePointer?
        // As Cupel opens its own: one thread at a time.
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw BenchmarkFailure("\(path): \(String(cString: sqlite3_errstr(code)))")
        }
        (handle, self.path) = (opened, path)
    }

    deinit { sqlite3_close_v2(handle) }

    func run(_ sql: String) throws(BenchmarkFailure) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    /// In one read transaction, as Cupel asks: outside of one, each statement locks the file anew.
    func reading<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws -> Value {
        try run("BEGIN")
        defer { try? run("COMMIT") }
        return try body()
    }

    func prepare(_ sql: String) throws(BenchmarkFailure) -> RawStatement {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK,
            let statement
        else { throw failure(sql) }
        return RawStatement(statement)
    }

    /// The first column of the first row.
    func integer(_ sql: String) throws(BenchmarkFailure) -> Int64 {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : 0
    }

    private func failure(_ sql: String) -> BenchmarkFailure {
        BenchmarkFailure("\(path): \(String(cString: sqlite3_errmsg(handle))): \(sql)")
    }
}

struct RawStatement: ~Copyable {
    let handle: OpaquePointer

    fileprivate init(_ handle: OpaquePointer) { self.handle = handle }
    deinit { sqlite3_finalize(handle) }

    func bind(_ values: Int64...) {
        sqlite3_reset(handle)
        for (index, value) in values.enumerated() { sqlite3_bind_int64(handle, CInt(index + 1), value) }
    }

    /// - Returns: whether there is a row.
    func step() throws(BenchmarkFailure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            throw BenchmarkFailure(String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
        }
    }

    /// Binds the last value, which is a blob, and runs a statement that has no rows.
    func finish(with blob: [UInt8], at index: CInt) throws(BenchmarkFailure) {
        let bound = blob.withUnsafeBytes { bytes in
            // SQLite copies it (SQLITE_TRANSIENT).
            sqlite3_bind_blob(
                handle, index, bytes.baseAddress, CInt(bytes.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            )
        }
        guard bound == SQLITE_OK, try !step() else { throw BenchmarkFailure("a blob was not taken") }
    }

    func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(handle, column) }
    func real(_ column: CInt) -> Double { sqlite3_column_double(handle, column) }
    /// Good until the next step.
    func bytes(_ column: CInt) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
    }
}
