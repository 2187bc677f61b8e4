import GRDB
import Store

/// The tables of `journal.db` and how older files become the present ones.
enum JournalSchema {
    /// "CupJ" in ASCII, in the header of the file: tells a journal from a history and from anybody else's database.
    static let applicationID: Int32 = 0x4375_704A
    /// Grows with each migration, in the header of the file for whoever looks without GRDB.
    static let userVersion: Int32 = 6

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 alarms") { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = 1")
            try database.execute(sql: alarms)
            try database.execute(sql: people)
        }
        migrator.registerMigration("2 definitions") { database in
            try database.execute(sql: "PRAGMA user_version = 2")
            try database.execute(sql: definitions)
            try database.execute(sql: heats)
        }
        migrator.registerMigration("3 delivery") { database in
            try database.execute(sql: "PRAGMA user_version = 3")
            try database.execute(sql: delivery)
            try database.execute(sql: escalation)
        }
        migrator.registerMigration("4 ends") { database in
            try database.execute(sql: "PRAGMA user_version = 4")
            try database.execute(sql: ends)
        }
        migrator.registerMigration("5 absent sinks") { database in
            try database.execute(sql: "PRAGMA user_version = 5")
            try database.execute(sql: "ALTER TABLE sink ADD COLUMN absent_since INTEGER")
        }
        migrator.registerMigration("6 audit chain") { database in
            try database.execute(sql: "PRAGMA user_version = 6")
            try database.execute(sql: "ALTER TABLE audit ADD COLUMN hash BLOB")
            try AuditRow.linkAll(in: database)
            try database.execute(sql: finality)
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

    /// What an alarm was when it was raised: its definition by revision, its rationale and detector's words by copy.
    /// Indexes on the effective time, by alarm too: a report asks what happened then, and what stood before.
    private static let definitions = """
        CREATE TABLE alarm_definition(
            alarm TEXT NOT NULL,
            revision INTEGER NOT NULL,
            time INTEGER NOT NULL,
            boot TEXT NOT NULL REFERENCES boot,
            definition TEXT NOT NULL CHECK(json_valid(definition)),
            PRIMARY KEY(alarm, revision)
        ) STRICT;
        ALTER TABLE alarm_event ADD COLUMN definition INTEGER;
        ALTER TABLE alarm_event ADD COLUMN figure REAL;
        ALTER TABLE alarm_event ADD COLUMN first_out TEXT;
        ALTER TABLE alarm_event ADD COLUMN told TEXT;
        ALTER TABLE alarm_event ADD COLUMN until INTEGER;
        ALTER TABLE alarm_event ADD COLUMN detail TEXT;
        ALTER TABLE alarm_event ADD COLUMN why TEXT;
        ALTER TABLE alarm_event ADD COLUMN cause TEXT;
        ALTER TABLE alarm_event ADD COLUMN consequence TEXT;
        ALTER TABLE alarm_event ADD COLUMN class TEXT;
        ALTER TABLE alarm_event ADD COLUMN after_scan TEXT;
        DROP INDEX alarm_event_alarm;
        CREATE INDEX alarm_event_alarm ON alarm_event(alarm, effective);
        CREATE INDEX alarm_event_effective ON alarm_event(effective);
        ALTER TABLE audit ADD COLUMN answer TEXT;
        """

    /// One heat at a time on each controller.
    private static let heats = """
        CREATE TABLE heat(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            controller TEXT NOT NULL,
            heat TEXT NOT NULL,
            product TEXT,
            began INTEGER NOT NULL,
            ended INTEGER,
            who TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX heat_current ON heat(controller) WHERE ended IS NULL;
        CREATE INDEX heat_began ON heat(began);
        """

    /// When each event reached each sink that knows, and what never did. Times in UTC milliseconds.
    private static let delivery = """
        CREATE TABLE delivery(
            seq INTEGER NOT NULL REFERENCES alarm_event,
            sink TEXT NOT NULL,
            committed INTEGER,
            written INTEGER,
            acked INTEGER,
            tries INTEGER NOT NULL,
            outcome TEXT NOT NULL CHECK(outcome IN ('delivered', 'refused', 'expired')),
            reason TEXT,
            PRIMARY KEY(seq, sink)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX delivery_dead ON delivery(sink, seq) WHERE outcome <> 'delivered';
        ALTER TABLE alarm_event ADD COLUMN only_to TEXT;
        """

    /// How far the calls about each alarm have come: a restart must not begin them again, nor forget them.
    private static let escalation = """
        CREATE TABLE escalation(
            alarm TEXT NOT NULL,
            policy TEXT NOT NULL,
            occ INTEGER NOT NULL,
            step INTEGER NOT NULL,
            called INTEGER NOT NULL,
            due INTEGER NOT NULL,
            PRIMARY KEY(alarm, policy)
        ) STRICT, WITHOUT ROWID;
        """

    /// What a sink must know to pass the end of an alarm whose beginning it passed.
    private static let ends = """
        ALTER TABLE alarm_event ADD COLUMN top_priority TEXT;
        ALTER TABLE alarm_event ADD COLUMN raised INTEGER;
        ALTER TABLE alarm_event ADD COLUMN not_to TEXT;
        """

    /// Against mistakes. Who takes these triggers away is found out by the chain.
    private static let finality = """
        CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
        CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail is kept for ever'); END;
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
