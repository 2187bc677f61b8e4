import GRDB
import Store

/// The tables of `journal.db` and how older files become the present ones.
enum JournalSchema {
    /// "CupJ" in ASCII, in the header of the file: tells a journal from a history and from anybody else's database.
    static let applicationID: Int32 = 0x4375_704A
    /// Grows with each migration, in the header of the file for whoever looks without GRDB.
    static let userVersion: Int32 = 1

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 alarms") { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = 1")
            try database.execute(sql: alarms)
            try database.execute(sql: people)
        }
        return migrator
    }

    /// AUTOINCREMENT: a number is never given twice, even when the newest rows were removed by hand. Unit, guidance and
    /// response time are copied into each event, because they must be what the operator was shown at that time.
    private static let alarms = """
        CREATE TABLE boot(
            id TEXT PRIMARY KEY,
            plant TEXT NOT NULL,
            time INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE alarm_event(
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            boot TEXT NOT NULL REFERENCES boot,
            time INTEGER NOT NULL,
            source INTEGER NOT NULL,
            effective INTEGER NOT NULL,
            alarm TEXT NOT NULL,
            tag TEXT,
            occ INTEGER NOT NULL,
            rev INTEGER NOT NULL,
            what TEXT NOT NULL,
            state TEXT,
            level TEXT,
            priority TEXT,
            value REAL,
            unit TEXT,
            limit_value REAL,
            quality TEXT,
            annunciated INTEGER NOT NULL CHECK(annunciated IN (0, 1)),
            during_outage INTEGER NOT NULL CHECK(during_outage IN (0, 1)),
            text TEXT NOT NULL,
            guidance TEXT,
            response_s INTEGER,
            who TEXT
        ) STRICT;
        CREATE INDEX alarm_event_alarm ON alarm_event(alarm, seq);
        CREATE INDEX alarm_event_time ON alarm_event(time);
        CREATE TABLE alarm_state(
            alarm TEXT PRIMARY KEY,
            state TEXT NOT NULL CHECK(json_valid(state))
        ) STRICT;
        """

    /// A sink's cursor makes the events behind it its outbox; a table of its own would hold the same numbers again.
    private static let people = """
        CREATE TABLE sink(
            name TEXT PRIMARY KEY,
            acked_seq INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE audit(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            boot TEXT NOT NULL REFERENCES boot,
            who TEXT NOT NULL,
            what TEXT NOT NULL,
            subject TEXT NOT NULL,
            before TEXT,
            after TEXT,
            why TEXT
        ) STRICT;
        """

    /// Refuses what this version must not write. Reads only.
    static func check(_ database: Database, path: String) throws {
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard tables > 0 else { return }
        let id = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        guard id == applicationID else {
            throw JournalError.notOurs(path: path, applicationID: id, expected: applicationID)
        }
        let version = try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard version <= userVersion else { throw JournalError.newer(path: path, found: "version \(version)") }
        if try migrator.hasBeenSuperseded(database) {
            let names = try migrator.appliedIdentifiers(database).sorted()
            throw JournalError.newer(
                path: path, found: names.last.map { "migration \"\($0)\"" } ?? "unknown migrations")
        }
    }
}
