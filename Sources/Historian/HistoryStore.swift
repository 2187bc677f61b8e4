import GRDB
import GRDBSQLite
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
    /// The files as they were when opened, to notice when somebody removes or replaces them.
    private var identity: [FileIdentity?] = []

    /// How long one statement waits for another program's lock. The ring holds the readings meanwhile.
    static let busyTimeout: Duration = .milliseconds(250)
    /// Pages in the write-ahead log that make a commit run a passive checkpoint: 16 MB. At SQLite's own 1 000 pages the
    /// index's last pages are copied to the file four times as often; 10 000 stall a commit for 80 ms (measured).
    static let checkpointPages = 4000
    /// What a reader that stays open may leave behind of the log once it has ended.
    static let journalBytes = 64 << 20
    /// Rows and index are appended, so few pages are ever touched twice; SQLite's default of 2 MB is just too small for
    /// one large commit.
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
            queue = try DatabaseQueue(path: path, configuration: HistoryStore.configuration(path))
            try HistorySchema.migrator.migrate(queue)
            catalogue = try queue.write { database in
                let catalogue = try Catalogue(writing: plant, to: database, at: time)
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
            catalogue = try queue.write { try Catalogue(writing: plant, to: $0, at: time) }
        } catch {
            throw HistoryError(path: path, error)
        }
    }

    /// Writes a batch in one transaction. When this returns, it is on the disk.
    ///
    /// - Returns: rows that were there already. On a first try there should be none.
    func commit(_ batch: borrowing Batch) throws(HistoryError) -> Int {
        do {
            return try queue.writeWithoutTransaction { database in
                var present = 0
                try database.inTransaction(.immediate) {
                    present = try insert(batch, into: database)
                    try write(batch.events, to: database)
                    return .commit
                }
                return present
            }
        } catch {
            throw HistoryError(path: path, error)
        }
    }

    /// The hot path binds by hand: the texts stay in the batch's buffer, and nothing is allocated for a row.
    private func insert(_ batch: borrowing Batch, into database: Database) throws -> Int {
        guard !batch.rows.isEmpty else { return 0 }
        let insert = try database.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO hot(time, scan_group, sequence, layout, took_ms, bad, v)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).sqliteStatement
        var newest = [UInt64?](repeating: nil, count: catalogue.groups.count)
        var present = 0
        for row in batch.rows { newest[row.group] = row.sequence }
        try batch.text.withUnsafeBytes { text in
            defer { sqlite3_clear_bindings(insert) }
            for row in batch.rows {
                let group = catalogue.groups[row.group]
                sqlite3_bind_int64(insert, 1, row.time)
                sqlite3_bind_int64(insert, 2, group.number)
                sqlite3_bind_int64(insert, 3, Int64(bitPattern: row.sequence))
                sqlite3_bind_int64(insert, 4, group.layout)
                sqlite3_bind_int64(insert, 5, row.tookMilliseconds)
                if let bad = row.bad {
                    bind(text, bad, to: insert, at: 6)
                } else {
                    sqlite3_bind_null(insert, 6)
                }
                bind(text, row.values, to: insert, at: 7)
                try step(insert, of: database)
                if sqlite3_changes(database.sqliteConnection) == 0 { present += 1 }
            }
        }
        let update = try database.cachedStatement(sql: "UPDATE scan_group SET sequence = ? WHERE id = ?")
            .sqliteStatement
        for (group, sequence) in zip(catalogue.groups, newest) {
            guard let sequence else { continue }
            sqlite3_bind_int64(update, 1, Int64(bitPattern: sequence))
            sqlite3_bind_int64(update, 2, group.number)
            try step(update, of: database)
        }
        return present
    }

    private func bind(
        _ text: UnsafeRawBufferPointer, _ range: Range<Int>, to statement: SQLiteStatement, at index: CInt
    ) {
        // No destructor (SQLITE_STATIC): the buffer outlives the step.
        let start = text.baseAddress.map { ($0 + range.lowerBound).assumingMemoryBound(to: CChar.self) }
        sqlite3_bind_text(statement, index, start, CInt(range.count), nil)
    }

    private func step(_ statement: SQLiteStatement, of database: Database) throws {
        let code = sqlite3_step(statement)
        let message = code == SQLITE_DONE ? nil : String(cString: sqlite3_errmsg(database.sqliteConnection))
        sqlite3_reset(statement)
        guard let message else { return }
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }

    private func write(_ events: [Batch.EventWrite], to database: Database) throws {
        for event in events {
            switch event {
            case .insert(let id, let event):
                let attributes = event.attributes.isEmpty ? nil : try StableJSON.text(event.attributes)
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO event(id, t0, t1, kind, subject, author, text, attrs)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        id, event.start, event.end, event.kind.rawValue, event.subject, event.author, event.text,
                        attributes,
                    ])
            case .close(let id, let end):
                try database.execute(
                    sql: "UPDATE event SET t1 = max(t0, ?) WHERE id = ? AND t1 IS NULL", arguments: [end, id])
            }
        }
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
        do {
            // A reader in the middle of a query may refuse this; the log then stays, and is as good.
            _ = try? queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try queue.close()
        } catch {
            throw HistoryError(path: path, error)
        }
    }
}
