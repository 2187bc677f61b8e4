import Store

@testable import Historian

/// A journal's tables as far as care looks at them, with so many events and two audit records.
struct WrittenJournal {
    let path: String

    init(_ path: String, events: Int = 20) throws {
        self.path = path
        let connection = try PlainConnection(path, .creating)
        try connection.execute(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA application_id = \(Verify.journalID);
            CREATE TABLE grdb_migrations(identifier TEXT NOT NULL PRIMARY KEY);
            INSERT INTO grdb_migrations VALUES ('1 alarms'), ('2 definitions');
            CREATE TABLE boot(id TEXT PRIMARY KEY, plant TEXT NOT NULL, time INTEGER NOT NULL) STRICT;
            INSERT INTO boot VALUES ('b1', 'Test', 1767434400000);
            CREATE TABLE alarm_event(
                seq INTEGER PRIMARY KEY AUTOINCREMENT, boot TEXT NOT NULL REFERENCES boot, time INTEGER NOT NULL) STRICT;
            CREATE TABLE audit(
                id INTEGER PRIMARY KEY AUTOINCREMENT, boot TEXT NOT NULL REFERENCES boot, time INTEGER NOT NULL) STRICT;
            INSERT INTO audit(boot, time) VALUES ('b1', 1767434400000), ('b1', 1767434460000);
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(events - 1))
            INSERT INTO alarm_event(boot, time) SELECT 'b1', 1767434400000 + i * 1000 FROM n
            """)
    }

    func change(_ sql: String) throws { try PlainConnection(path, .writing).execute(sql) }
    func verify() throws -> VerifyReport { try Verify(path: path, depth: .whole).journal() }
}
