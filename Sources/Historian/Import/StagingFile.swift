import FoundationEssentials
import GRDB
import Glibc

/// The readings of an import, checked and in order, in a database of their own: ready to be taken over piece by piece.
///
/// Whoever imports writes it, the one writer of the history reads it; the readings of a month need not fit into memory.
enum StagingFile {
    /// "CupI" in ASCII.
    static let applicationID: Int32 = 0x4375_7049

    /// `value` is a number or text as the file had it, NULL where the reading is bad.
    static let tables = [
        "CREATE TABLE job(mode TEXT NOT NULL, files TEXT NOT NULL, note TEXT, rows INTEGER NOT NULL, "
            + "repeated INTEGER NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL) STRICT",
        "CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
        "CREATE TABLE subject(id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT, kind TEXT NOT NULL, "
            + "type TEXT NOT NULL, created INTEGER NOT NULL, slot_type TEXT NOT NULL, scale REAL, "
            + "offset REAL NOT NULL, period_ms INTEGER NOT NULL) STRICT",
        "CREATE TABLE reading(subject INTEGER NOT NULL, time INTEGER NOT NULL, source INTEGER NOT NULL, "
            + "line INTEGER NOT NULL, quality INTEGER NOT NULL, value ANY, PRIMARY KEY(subject, time)) "
            + "STRICT, WITHOUT ROWID",
    ]

    /// Milliseconds, a year at most.
    static let periods: ClosedRange<Int64> = 1...31_622_400_000
    /// What a row's key has room for: the years 1970 to 2248, UTC milliseconds.
    static let times: Range<Int64> = 0..<1 << 43

    /// Of the person's process while it fills the file; not yet anything to import.
    static let unfinished = ".part"
    static let finished = ".import"

    static func create(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "import"
        configuration.prepareDatabase { database in
            // Nobody needs a half-filled file, so nothing guards it; it is synced once, when it is complete.
            try database.execute(
                sql: """
                    PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA cache_size = -65536
                    """)
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            for table in tables { try database.execute(sql: table) }
        }
        return queue
    }

    /// Opens a file that another user may have made: exactly these tables, and nothing that would run by being read.
    static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "import"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let isOurs = try queue.read { database in
            let application = try Int32.fetchOne(database, sql: "PRAGMA application_id")
            let found = try String.fetchAll(database, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
            return application == applicationID && Set(found) == Set(tables) && found.count == tables.count
        }
        guard isOurs else { throw DatabaseError(resultCode: .SQLITE_NOTADB, message: "no import of this version") }
        return queue
    }

    /// Makes a complete file durable and gives it its name.
    static func finish(_ path: String, as name: String) throws {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        // Its folder decides who may reach it, and the daemon is another user.
        guard descriptor >= 0, fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0, Glibc.close(descriptor) == 0,
            rename(path, name) == 0
        else {
            throw CocoaError(.fileWriteUnknown)
        }
    }
}
