import GRDBSQLite
import Glibc

/// One moment of a database, held by a read transaction, and the way to copy it while others go on writing.
///
/// SQLite's backup begins again whenever another connection commits between two steps; at 50 commits a second it never
/// ends (measured: 885 restarts in 25 s). It does not where the *source connection* is in a read transaction: its pages
/// then do not change. The price is that the log cannot be emptied until the moment is let go.
public final class OnlineBackup {
    public struct Progress: Sendable, Hashable {
        public var pages: Int
        public var total: Int
        /// Bytes of the source's log, which grows while its moment is held.
        public var logBytes: Int64
        /// Times that SQLite began again: none, while the moment is held.
        public var restarts: Int
    }

    public let path: String
    /// The log is out of reach, and with it the newest commits.
    public let leavesOutLog: Bool
    private let source: PlainConnection

    /// Pages a step: a megabyte, a few milliseconds between two reports.
    static let stepPages: CInt = 256
    /// Pages between two syncs of the copy. A writer's sync may have to wait for everything that waits on the same file
    /// system; 8 MB are written in the time that one commit may take, 500 MB are not.
    static let syncPages = 2048

    /// Holds this moment of the database at `path`.
    public init(of path: String) throws(StoreError) {
        self.path = path
        (source, leavesOutLog) = try PlainConnection.reader(path)
        try source.execute("BEGIN")
        // The transaction begins with its first look.
        _ = try source.integer("SELECT count(*) FROM sqlite_master")
    }

    /// Asks the held moment.
    public func integer(_ sql: String) throws(StoreError) -> Int64? { try source.integer(sql) }
    public func text(_ sql: String) throws(StoreError) -> String? { try source.text(sql) }

    /// Of the held moment.
    public var bytes: Int64 {
        get throws(StoreError) {
            (try source.integer("PRAGMA page_count") ?? 0) * (try source.integer("PRAGMA page_size") ?? 0)
        }
    }

    /// Copies the held moment into a new file, lets the moment go, and makes the copy a file that is whole without a
    /// log. When this returns, the copy is on the disk; its directory is the caller's to sync.
    public func copy(to target: String, progress: (Progress) -> Void) throws(StoreError) {
        do {
            let copy = try PlainConnection(target, .creating)
            // Nobody needs half a copy, so nothing has to be rolled back or to survive.
            try copy.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096")
            try transfer(to: copy, progress: progress)
        }
        letGo()
        try OnlineBackup.makeSelfContained(target)
        try DurableFile.sync(target)
    }

    private func transfer(to copy: PlainConnection, progress: (Progress) -> Void) throws(StoreError) {
        let disk = open(copy.path, O_RDONLY | O_CLOEXEC)
        defer { close(disk) }
        guard let backup = sqlite3_backup_init(copy.handle, "main", source.handle, "main") else {
            try copy.check(sqlite3_errcode(copy.handle))
            return
        }
        var state = Progress(pages: 0, total: 0, logBytes: 0, restarts: 0)
        var synced = 0
        var code = SQLITE_OK
        while code == SQLITE_OK {
            code = sqlite3_backup_step(backup, OnlineBackup.stepPages)
            state.total = Int(sqlite3_backup_pagecount(backup))
            let pages = state.total - Int(sqlite3_backup_remaining(backup))
            if pages < state.pages { state.restarts += 1 }
            state.pages = pages
            state.logBytes = DurableFile.bytes(path + "-wal") ?? 0
            if state.pages - synced >= OnlineBackup.syncPages {
                fdatasync(disk)
                synced = state.pages
            }
            progress(state)
        }
        let finished = sqlite3_backup_finish(backup)
        // The source's trouble is told with the code of the step, the copy's with that of the end.
        if code != SQLITE_DONE { throw StoreError(path: code == SQLITE_FULL ? copy.path : path, code: code) }
        if finished != SQLITE_OK { throw StoreError(path: copy.path, code: finished) }
    }

    /// The writer may empty its log again.
    public func letGo() { try? source.execute("COMMIT") }

    /// Turns off the write-ahead log of a file that nobody else has open: it then needs no file beside it, and anybody
    /// can read it from a medium that cannot be written.
    public static func makeSelfContained(_ path: String) throws(StoreError) {
        let connection = try PlainConnection(path, .writing)
        let mode = try connection.text("PRAGMA journal_mode = DELETE") ?? "none"
        guard mode == "delete" else {
            throw .io(path: path, detail: "its journal mode is \(mode), expected delete; somebody has it open")
        }
    }
}

extension StoreError {
    fileprivate init(path: String, code: CInt) {
        self.init(path: path, code: code, message: String(cString: sqlite3_errstr(code)))
    }
}
