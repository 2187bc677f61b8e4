/// The tables that the reader counts on, as migration "2 sealed" leaves them.
enum FixtureSchema {
    static let sql = """
        PRAGMA application_id = 0x4375706C;
        CREATE TABLE grdb_migrations(identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1 scans'), ('2 sealed');
        CREATE TABLE tag(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, unit TEXT, description TEXT, kind TEXT NOT NULL,
            type TEXT NOT NULL, states TEXT, stepped INTEGER NOT NULL DEFAULT 0, counter INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE scan_group(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, period_ms INTEGER NOT NULL,
            sequence INTEGER NOT NULL DEFAULT 0, cut INTEGER NOT NULL DEFAULT 0,
            longest_ms INTEGER NOT NULL DEFAULT 0, imported INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE layout(
            id INTEGER PRIMARY KEY, scan_group INTEGER NOT NULL, from_time INTEGER NOT NULL, map TEXT NOT NULL,
            period_ms INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX layout_group ON layout(scan_group);
        CREATE TABLE slot(
            layout INTEGER NOT NULL, slot INTEGER NOT NULL, tag INTEGER NOT NULL, type TEXT NOT NULL, scale REAL,
            offset REAL, path TEXT NOT NULL AS ('$[' || slot || ']') STORED,
            stepped INTEGER NOT NULL DEFAULT 0, counter INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(layout, slot)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX slot_tag ON slot(tag, layout);
        CREATE TABLE event(
            id INTEGER PRIMARY KEY, t0 INTEGER NOT NULL, t1 INTEGER, kind TEXT NOT NULL, subject TEXT, author TEXT,
            text TEXT, attrs TEXT
        ) STRICT;
        CREATE INDEX event_time ON event(t0);
        CREATE TABLE hot(
            id INTEGER PRIMARY KEY,
            ordinal INTEGER NOT NULL,
            scan_group INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            layout INTEGER NOT NULL,
            took_ms INTEGER NOT NULL,
            time INTEGER NOT NULL AS (id >> 20) VIRTUAL,
            bad TEXT,
            v TEXT NOT NULL
        ) STRICT;
        CREATE TABLE waiting(
            scan_group INTEGER NOT NULL,
            time INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            ordinal INTEGER NOT NULL,
            layout INTEGER NOT NULL,
            took_ms INTEGER NOT NULL,
            bad TEXT,
            v TEXT NOT NULL,
            PRIMARY KEY(scan_group, time, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE scans_1(
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
        CREATE TABLE span(
            id INTEGER PRIMARY KEY,
            scan_group INTEGER NOT NULL,
            layout INTEGER NOT NULL,
            n INTEGER NOT NULL,
            t0 INTEGER NOT NULL,
            t1 INTEGER NOT NULL,
            first_ordinal INTEGER NOT NULL,
            last_ordinal INTEGER NOT NULL,
            first_sequence INTEGER NOT NULL,
            last_sequence INTEGER NOT NULL,
            crc INTEGER NOT NULL,
            data BLOB NOT NULL
        ) STRICT;
        CREATE INDEX span_time ON span(scan_group, t0);
        CREATE TABLE chunk(
            key INTEGER PRIMARY KEY,
            crc INTEGER NOT NULL,
            data BLOB NOT NULL
        ) STRICT;
        CREATE TABLE hour(
            tag INTEGER NOT NULL,
            start INTEGER NOT NULL,
            count INTEGER NOT NULL,
            bad INTEGER NOT NULL,
            min REAL, min_at INTEGER, max REAL, max_at INTEGER,
            first REAL, first_at INTEGER, last REAL, last_at INTEGER,
            sum REAL, squares REAL, area REAL,
            good_ms INTEGER NOT NULL,
            rise REAL,
            PRIMARY KEY(tag, start)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE day(
            tag INTEGER NOT NULL,
            start INTEGER NOT NULL,
            count INTEGER NOT NULL,
            bad INTEGER NOT NULL,
            min REAL, min_at INTEGER, max REAL, max_at INTEGER,
            first REAL, first_at INTEGER, last REAL, last_at INTEGER,
            sum REAL, squares REAL, area REAL,
            good_ms INTEGER NOT NULL,
            rise REAL,
            "end" INTEGER NOT NULL,
            PRIMARY KEY(tag, start)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE rollup_due(
            tag INTEGER NOT NULL,
            hour INTEGER NOT NULL,
            PRIMARY KEY(tag, hour)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE mark(
            name TEXT NOT NULL PRIMARY KEY,
            value ANY
        ) STRICT;
        """
}
