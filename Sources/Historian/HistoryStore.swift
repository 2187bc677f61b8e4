import Archive
import GRDB
import Plant
import Store

/// The one connection that writes a history, and the only one that runs checkpoints.
///
/// Debian's SQLite 3.40.1 has the WAL-reset race (3.7.0 to 3.51.2): a checkpoint from a second connection at the wrong
/// moment corrupts the file. So nobody else may write here, not even a checkpoint.
final class HistoryStore {
    let path: String
    private(set) var catalogue: Catalogue
    let queue: DatabaseQueue
    /// The rows that are not sealed.
    var ledger: Ledger
    /// What was sealed since the recorder was opened.
    var tally = SealTally()
    /// What the numbers of a layout mean, as far as anything of it was sealed.
    var plans: [Int64: LayoutPlan] = [:]
    /// Reads what this connection has written; made when a chore first wants it.
    private var archive: Archive?
    /// The files as they were when opened, to notice when somebody removes or replaces them.
    private var identity: [FileIdentity?] = []

    /// How long one statement waits for another program's lock. The ring holds the readings meanwhile.
    static let busyTimeout: Duration = .milliseconds(250)
    /// Pages in the write-ahead log that make a commit run a passive checkpoint: 32 MB, 20 minutes of 1 000 tags a
    /// second. A tag's newest chunks share a page, which is copied to the file once for all that happened to it since
    /// the last checkpoint. A checkpoint of 10 000 pages stalls a commit for 80 ms (measured).
    static let checkpointPages = 8000
    /// What a reader that stays open may leave behind of the log once it has ended.
    static let journalBytes = 64 << 20
    /// The newest page of each tag's chunks, for 4 000 tags; SQLite's default of 2 MB does not even hold one large
    /// commit.
    static let cacheKibibytes = 16 << 10

    /// Opens or creates the history at `path`, brings its schema up to date and writes the plant into it.
    ///
    /// A file that is not ours, or newer than we are, is not touched.
    ///
    /// - Parameter beginsRun: ends the gaps that a daemon which was cut off left open, at the newest stored time.
    init(path: String, plant: Plant, time: Int64, beginsRun: Bool) throws(HistoryError) {
        self.path = path
        do {
            try HistoryFile.check(path)
            NewFile.makeForGroup(path)
            queue = try DatabaseQueue(path: path, configuration: HistoryStore.configuration(path))
            try HistorySchema.migrator.migrate(queue)
            let ledger = try queue.read { try Ledger(reading: $0) }
            self.ledger = ledger
            catalogue = try queue.write { database in
                let catalogue = try Catalogue(writing: plant, to: database, at: time, ledger)
                if beginsRun, let newest = catalogue.newestTime {
                    try database.execute(
                        sql: "UPDATE event SET t1 = max(t0, ?) WHERE kind = 'gap' AND t1 IS NULL", arguments: [newest])
                }
                return catalogue
            }
        } catch {
            throw HistoryError(path: path, error)
        }
        identity = currentIdentity()
    }

    private static func configuration(_ path: String) -> Configuration {
        var configuration = Configuration()
        configuration.label = "history"
        configuration.busyMode = .timeout(Double(busyTimeout.nanoseconds) / 1e9)
        configuration.prepareDatabase { database in
            // Readers never wait for the writer, and a commit is one sequential write.
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else { throw HistoryError.readOnly(path: path) }
            // NORMAL lost acknowledged commits in 10 of 10 simulated power cuts, FULL in none (measured).
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
            try database.execute(sql: "PRAGMA journal_size_limit = \(journalBytes)")
            // Debian compiles with SECURE_DELETE, which doubles what a deletion writes; nothing here is secret.
            try database.execute(sql: "PRAGMA secure_delete = OFF")
            try database.execute(sql: "PRAGMA cache_size = -\(cacheKibibytes)")
        }
        return configuration
    }

    /// Writes another plant into the history; its numbers hold from now on. The batches before must be committed.
    func learn(_ plant: Plant, at time: Int64) throws(HistoryError) {
        do {
            catalogue = try queue.write { try Catalogue(writing: plant, to: $0, at: time, ledger) }
        } catch {
            throw HistoryError(path: path, error)
        }
    }

    /// Writes a batch in one transaction. When this returns, it is on the disk.
    ///
    /// - Returns: rows that were there already. On a first try there should be none.
    func commit(_ batch: borrowing Batch) throws(HistoryError) -> Int {
        var insertion = Insertion()
        try transaction { database in
            insertion = try insert(batch, into: database)
            try noteLate(batch, in: database)
            try write(batch.events, to: database)
        }
        ledger.hotRows += insertion.added
        for row in batch.rows {
            ledger.note(row, catalogue.groups[row.group], isAside: insertion.aside.contains(row.ordinal))
        }
        return batch.rows.count - insertion.added - insertion.aside.count
    }

    /// All or nothing. When this returns, it is on the disk.
    func transaction(_ body: (Database) throws -> Void) throws(HistoryError) {
        do {
            try queue.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try body(database)
                    return .commit
                }
            }
        } catch {
            throw understood(error)
        }
    }

    /// Only looks, on the connection that writes.
    func look<Value>(_ body: (Database) throws -> Value) throws(HistoryError) -> Value {
        do {
            return try queue.writeWithoutTransaction(body)
        } catch {
            throw understood(error)
        }
    }

    /// A reader on this connection, within the caller's transaction.
    func archive(on database: Database) throws -> Archive {
        if let archive { return archive }
        guard let connection = database.sqliteConnection else {
            throw HistoryError.io(path: path, detail: "the connection is closed")
        }
        let opened = try Archive(connection)
        archive = opened
        return opened
    }

    private func understood(_ error: any Error) -> HistoryError {
        if let error = error as? ArchiveError { return HistoryError(path: path, error) }
        guard let error = error as? SealError else { return HistoryError(path: path, error) }
        return .corrupt(path: path, detail: error.description)
    }

    /// Bytes of the write-ahead log now.
    var logBytes: Int64 { FileIdentity(path + "-wal")?.bytes ?? 0 }

    /// SQLite goes on writing into a log that was removed under it, and everything since would be lost with the
    /// process. Closing still copies that log into the database, so the cure is to open anew.
    func checkFiles() throws(HistoryError) {
        let now = currentIdentity()
        for (index, name) in [path, path + "-wal"].enumerated() where now[index]?.inode != identity[index]?.inode {
            throw .io(path: path, detail: "\(name) was removed or replaced while the daemon ran; opening it anew")
        }
    }

    private func currentIdentity() -> [FileIdentity?] { [FileIdentity(path), FileIdentity(path + "-wal")] }

    /// Copies the log into the database and removes it, so that the file alone is the whole history.
    func close() throws(HistoryError) {
        // It holds prepared statements, and a connection with any stays open.
        archive = nil
        do {
            // A reader in the middle of a query may refuse this; the log then stays, and is as good.
            _ = try? queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try queue.close()
        } catch {
            throw HistoryError(path: path, error)
        }
    }
}
