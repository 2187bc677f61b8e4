import Detection
import FoundationEssentials
import GRDB
import Glibc
import Plant
import Store
import Synchronization

/// The one connection that writes `journal.db`.
final class JournalStore: Sendable {
    /// A foreign reader in the way at the start may be somebody's shell that is just closing.
    static let openPatience = 2.0
    /// While running nobody waits longer than this for somebody else's lock: operators are told meanwhile.
    static let writePatienceMilliseconds = 100

    /// Entries between two checkpoints. An entry writes up to seven pages of 4 KiB, so the WAL stays below 14 MiB.
    static let checkpointEntries = 500

    let database: DatabaseQueue
    let path: String
    private let boot: String
    private let lock: FileLock
    private let sinceCheckpoint = Mutex(0)

    /// Opens the file, or makes it, and brings it to the present schema. A file that is not ours is left as it is.
    ///
    /// - Parameter prepare: for tests, run once on the open database.
    init(
        path: String, plant: String, boot: String, time: Int64, prepare: (Database) throws -> Void
    ) throws(JournalError) {
        self.path = path
        self.boot = boot
        do {
            lock = try FileLock(guarding: path)
        } catch {
            throw JournalError(path: path, error)
        }
        // SQLite would open such a file for reading, and leave a WAL beside it before the first write fails.
        if access(path, F_OK) == 0, access(path, W_OK) != 0 { throw .readOnly(path: path) }
        NewFile.makeForGroup(path)
        do {
            var configuration = Configuration()
            configuration.label = "journal"
            configuration.busyMode = .timeout(JournalStore.openPatience)
            let database = try DatabaseQueue(path: path, configuration: configuration)
            // Looked at before anything is set: even the journal mode is a write.
            try database.inDatabase { try JournalSchema.check($0, path: path) }
            try database.inDatabase { try JournalStore.setUp($0, path: path) }
            try JournalSchema.migrator.migrate(database)
            try database.inDatabase { connection in
                try connection.execute(
                    sql: "INSERT OR IGNORE INTO boot(id, plant, time) VALUES (?, ?, ?)", arguments: [boot, plant, time])
                try connection.execute(sql: "PRAGMA busy_timeout = \(JournalStore.writePatienceMilliseconds)")
                try prepare(connection)
            }
            self.database = database
        } catch {
            throw JournalError(path: path, error)
        }
    }

    private static func setUp(_ database: Database, path: String) throws {
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") ?? "none"
        guard mode == "wal" else {
            let detail = "the file system cannot share memory (journal mode \(mode), expected wal); use a local one"
            throw JournalError.io(path: path, detail: detail)
        }
        // FULL: an alarm that was announced is there after a power cut. It costs 0.3 ms an event instead of 0.03
        // (measured on an idle machine), and events are few.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        // SQLite would checkpoint inside a commit, between an alarm and its announcement; `tidy` does it after.
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        // What one burst of alarms made the WAL grow to is given back at the next checkpoint.
        try database.execute(sql: "PRAGMA journal_size_limit = 4194304")
    }

    /// Writes entries, the sinks' cursors and deliveries in one transaction.
    ///
    /// - Returns: each entry's notices as they are stored, with number and revision.
    func commit(
        _ entries: [JournalEntry], cursors: [String: Int64], deliveries: [DeliveryRecord] = []
    ) throws(JournalError) -> [[AlarmNotice]] {
        do {
            var stored: [[AlarmNotice]] = []
            stored.reserveCapacity(entries.count)
            try database.writeWithoutTransaction { connection in
                try connection.inTransaction(.immediate) {
                    for entry in entries { stored.append(try write(entry, to: connection)) }
                    for (sink, sequence) in cursors { try save(sink, sequence, to: connection) }
                    for delivery in deliveries { try DeliveryRow.save(delivery, to: connection) }
                    return .commit
                }
            }
            return stored
        } catch {
            throw JournalError(path: path, error)
        }
    }

    private func write(_ entry: JournalEntry, to connection: Database) throws -> [AlarmNotice] {
        // Before the notices, which are about the alarms as they are now.
        for (alarm, text) in entry.definitions.sorted(by: { $0.key < $1.key }) {
            try DefinitionRow.save(text, of: alarm, since: entry.time, boot: boot, to: connection)
        }
        var notices = entry.notices
        if !notices.isEmpty {
            let statement = try connection.cachedStatement(sql: NoticeRow.insert)
            for index in notices.indices {
                notices[index].definition = try DefinitionRow.revision(of: notices[index].id, in: connection)
                try statement.execute(arguments: NoticeRow.arguments(notices[index], boot: boot))
                notices[index].seq = connection.lastInsertedRowID
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for (alarm, state) in entry.states {
            let json = String(decoding: try encoder.encode(state), as: UTF8.self)
            try connection.cachedStatement(sql: "INSERT OR REPLACE INTO alarm_state(alarm, state) VALUES (?, ?)")
                .execute(arguments: [alarm, json])
        }
        for alarm in entry.retired {
            try connection.cachedStatement(sql: "DELETE FROM alarm_state WHERE alarm = ?").execute(arguments: [alarm])
        }
        for record in entry.audit { try AuditRow.save(record, boot: boot, to: connection) }
        for record in entry.heats { try HeatRow.save(record, to: connection) }
        for record in entry.escalations { try EscalationRow.save(record, to: connection) }
        return notices
    }

    private func save(_ sink: String, _ sequence: Int64, to connection: Database) throws {
        // A cursor never goes back: a repeated line is a nuisance, a lost one is an alarm nobody got.
        try connection.cachedStatement(
            sql: """
                INSERT INTO sink(name, acked_seq) VALUES (?, ?)
                ON CONFLICT(name) DO UPDATE SET acked_seq = max(acked_seq, excluded.acked_seq)
                """
        ).execute(arguments: [sink, sequence])
    }

    func note(sink: String, absentSince time: Int64?) throws(JournalError) {
        try read { try $0.execute(sql: "UPDATE sink SET absent_since = ? WHERE name = ?", arguments: [time, sink]) }
    }

    func lastSequence() throws(JournalError) -> Int64 {
        do {
            return try database.inDatabase { connection in
                try Int64.fetchOne(connection, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'alarm_event'") ?? 0
            }
        } catch {
            throw JournalError(path: path, error)
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do {
            return try database.inDatabase(body)
        } catch {
            throw JournalError(path: path, error)
        }
    }

    /// Moves the WAL's pages into the main file when there are many. For the journal's thread, when nobody waits.
    func tidy(after entries: Int) {
        let due = sinceCheckpoint.withLock { count in
            count += entries
            defer { if count >= JournalStore.checkpointEntries { count = 0 } }
            return count >= JournalStore.checkpointEntries
        }
        // A checkpoint that fails is tried again later; if the disk is to blame, the next commit says so.
        if due { _ = try? database.writeWithoutTransaction { try $0.checkpoint(.passive) } }
    }

    /// Moves everything into the main file, so that a copy of that file alone is complete, and closes.
    func close() throws(JournalError) {
        do {
            _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try database.close()
        } catch {
            throw JournalError(path: path, error)
        }
        lock.release()
    }
}
