import GRDB
import Glibc
import Plant
import Store

/// Looks at a file before anything may write to it.
enum HistoryFile {
    /// Passes when there is no file, an empty one, or a history this version can write.
    static func check(_ path: String) throws(HistoryError) {
        guard let file = FileIdentity(path), file.bytes > 0 else { return }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Double(HistoryStore.busyTimeout.nanoseconds) / 1e9)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.read { try checkContent(of: $0, path: path) }
            try queue.close()
        } catch {
            throw HistoryError(path: path, error)
        }
    }

    static func checkContent(of database: Database, path: String) throws {
        let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard application == HistorySchema.applicationID || (application == 0 && tables == 0) else {
            throw HistoryError.notOurs(
                path: path, applicationID: application, expected: HistorySchema.applicationID)
        }
        guard tables > 0 else { return }
        let migrator = HistorySchema.migrator
        guard try migrator.hasBeenSuperseded(database) else { return }
        let unknown = try migrator.appliedIdentifiers(database).subtracting(migrator.migrations)
        throw HistoryError.newer(path: path, found: unknown.sorted().joined(separator: ", "))
    }
}

/// Which file a path names, and its size. Found without opening it: closing any descriptor of a database drops the
/// POSIX locks that SQLite holds on it in this process.
struct FileIdentity {
    let inode: UInt64
    let bytes: Int64

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        inode = UInt64(status.st_ino)
        bytes = Int64(status.st_size)
    }
}
