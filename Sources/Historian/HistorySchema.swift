import GRDB
import Plant

/// The tables of `history.db` and how older files become the present ones.
enum HistorySchema {
    /// "Cupl" in ASCII, in the header of the file: tells a history from any other SQLite database.
    static let applicationID: Int32 = 0x4375_706C

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 scans") { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: names)
            try database.execute(sql: scans)
            try database.execute(sql: reading)
        }
        migrator.registerMigration("2 sealed") { try sealHistory($0) }
        return migrator
    }

    /// What the numbers in the scans mean. A layout is never edited: old rows are decoded with their own scale.
    private static let names = """
        CREATE TABLE quality(
            code INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE tag(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            unit TEXT,
            description TEXT,
            kind TEXT NOT NULL CHECK(kind IN ('analog', 'bool', 'enum', 'text')),
            type TEXT NOT NULL,
            states TEXT
        ) STRICT;
        CREATE TABLE scan_group(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            period_ms INTEGER NOT NULL,
            sequence INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE layout(
            id INTEGER PRIMARY KEY,
            scan_group INTEGER NOT NULL REFERENCES scan_group,
            from_time INTEGER NOT NULL,
            map TEXT NOT NULL
        ) STRICT;
        CREATE INDEX layout_group ON layout(scan_group);
        CREATE TABLE slot(
            layout INTEGER NOT NULL REFERENCES layout,
            slot INTEGER NOT NULL,
            tag INTEGER NOT NULL REFERENCES tag,
            type TEXT NOT NULL,
            scale REAL,
            offset REAL,
            path TEXT NOT NULL AS ('$[' || slot || ']') STORED,
            PRIMARY KEY(layout, slot)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX slot_tag ON slot(tag, layout);
        """

    /// Rows and index entries are both appended in the order of time. A key that begins with the group would touch a
    /// page per group and commit: 227 bytes written for a reading at one commit a second instead of 38 (measured,
    /// 1 000 tags in 20 groups). The table keeps its rowid: WITHOUT ROWID moves rows over 1 KB to overflow pages.
    private static let scans = """
        CREATE TABLE hot(
            id INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            scan_group INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            layout INTEGER NOT NULL,
            took_ms INTEGER NOT NULL,
            bad TEXT,
            v TEXT NOT NULL,
            UNIQUE(time, scan_group, sequence)
        ) STRICT;
        CREATE TABLE event(
            id INTEGER PRIMARY KEY,
            t0 INTEGER NOT NULL,
            t1 INTEGER,
            kind TEXT NOT NULL,
            subject TEXT,
            author TEXT,
            text TEXT,
            attrs TEXT
        ) STRICT;
        CREATE INDEX event_time ON event(t0);
        CREATE INDEX event_open ON event(kind) WHERE t1 IS NULL;
        """

    /// The contract with plain SQL: works in any SQLite with the JSON functions, Debian's 3.40.1 among them.
    private static let reading = """
        CREATE VIEW reading(tag, time, value, quality) AS
        SELECT
            tag.name,
            hot.time,
            CASE WHEN slot.scale IS NULL THEN json_extract(hot.v, slot.path)
                 ELSE json_extract(hot.v, slot.path) * slot.scale + slot.offset END,
            CASE WHEN hot.bad IS NULL THEN 'good'
                 ELSE (SELECT ifnull(max(quality.name), 'bad') FROM quality WHERE quality.code =
                     coalesce(json_extract(hot.bad, '$.all'), json_extract(hot.bad, '$."' || slot.slot || '"'), 0)) END
        FROM tag
        JOIN slot ON slot.tag = tag.id
        JOIN layout ON layout.id = slot.layout
        JOIN hot ON hot.scan_group = layout.scan_group AND hot.layout = layout.id;
        """
}
