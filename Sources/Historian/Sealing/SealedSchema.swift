import GRDB

/// The second schema: rows are sealed into compressed spans and chunks, and `hot` holds only the newest minutes.
///
/// The step itself is short, whatever the size of the file: it only renames and creates. The rows there are stay in
/// `scans_1`, where readers find them, until `OldScans` has had them sealed.
///
/// Its text is frozen, as that of every migration is: files were made with it.
extension HistorySchema {
    static func sealHistory(_ database: Database) throws {
        // Views and rows of the first schema are in the way of the new tables.
        try database.execute(sql: "DROP VIEW reading; ALTER TABLE hot RENAME TO scans_1")
        try database.execute(sql: knownTags)
        try database.execute(sql: unsealedRows)
        try database.execute(sql: sealedColumns)
        try database.execute(sql: rollUps)
        try database.execute(sql: views)
        if try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM scans_1)") == true {
            try database.execute(sql: oldTimes)
            try database.execute(sql: recent(withOldScans: true))
        } else {
            try database.execute(sql: "DROP TABLE scans_1")
            try database.execute(sql: recent(withOldScans: false))
        }
    }

    /// What aggregates must know of a tag, also as it was when a layout was made. `scan_group.sequence` is no longer
    /// written with each commit: it is the newest one among the rows that were sealed or moved.
    private static let knownTags = """
        ALTER TABLE tag ADD COLUMN stepped INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tag ADD COLUMN counter INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE slot ADD COLUMN stepped INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE slot ADD COLUMN counter INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE layout ADD COLUMN period_ms INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scan_group ADD COLUMN cut INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scan_group ADD COLUMN longest_ms INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scan_group ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;
        UPDATE tag SET stepped = kind <> 'analog';
        UPDATE slot SET stepped = (SELECT tag.stepped FROM tag WHERE tag.id = slot.tag);
        UPDATE layout SET period_ms = (SELECT period_ms FROM scan_group WHERE scan_group.id = layout.scan_group);
        """

    /// `hot.id` is time << 20 | ordinal & 0xFFFFF: rows are appended in the order of time, a range of time is a range
    /// of keys, and no index is written besides. Rows of a group up to its `cut` are sealed or in `waiting`, and wait
    /// only to be deleted; readers pass over them. `v` is last: whoever wants only numbers reads no text.
    private static let unsealedRows = """
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
        """

    /// `chunk.key` is tag << 36 | span: the chunks of a tag lie together, in the order of sealing. Both tables keep
    /// their rowids, because WITHOUT ROWID moves rows over 1 KB to overflow pages.
    private static let sealedColumns = """
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
        """

    /// A day is one of the plant's time zone, so it has its end with it: 23 to 25 hours.
    private static let rollUps = """
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

    /// Readers look for times that a key has room for, the years 1970 to 2248. The few others are found by the index.
    private static let oldTimes = """
        UPDATE OR IGNORE scans_1 SET time = 0 WHERE time < 0;
        UPDATE OR IGNORE scans_1 SET time = (1 << 43) - 1 WHERE time > (1 << 43) - 1;
        """

    /// The rows that are not sealed.
    static func recent(withOldScans: Bool) -> String {
        func arm(_ table: String, _ isVisible: String) -> String {
            """
            SELECT
                tag.name,
                \(table).time,
                CASE WHEN slot.scale IS NULL THEN json_extract(\(table).v, slot.path)
                     ELSE json_extract(\(table).v, slot.path) * slot.scale + slot.offset END,
                CASE WHEN \(table).bad IS NULL THEN 'good'
                     ELSE (SELECT ifnull(max(quality.name), 'bad') FROM quality WHERE quality.code = coalesce(
                         json_extract(\(table).bad, '$.all'), json_extract(\(table).bad, '$."' || slot.slot || '"'), 0))
                     END
            FROM tag
            JOIN slot ON slot.tag = tag.id
            JOIN layout ON layout.id = slot.layout
            JOIN scan_group ON scan_group.id = layout.scan_group
            JOIN \(table) ON \(table).layout = layout.id AND \(table).scan_group = scan_group.id\(isVisible)
            """
        }
        var arms = [arm("hot", " AND hot.ordinal > scan_group.cut"), arm("waiting", "")]
        if withOldScans { arms.append(arm("scans_1", " AND scans_1.id > scan_group.cut")) }
        return "CREATE VIEW recent(tag, time, value, quality) AS\n" + arms.joined(separator: "\nUNION ALL\n")
    }

    /// The contract with plain SQL, in any SQLite with the JSON functions. Sealed readings need Cupel's extension, so
    /// there is no view called `reading`: one that shows only the newest minutes would lie.
    private static let views = """
        CREATE VIEW hourly(tag, start, "end", count, bad, min, min_at, max, max_at, first, last, mean, good_ms, stddev,
            increase) AS
        SELECT tag.name, start, start + 3600000, count, bad, min, min_at, max, max_at, first, last,
            CASE WHEN good_ms > 0 THEN area / good_ms END, good_ms,
            CASE WHEN count > 1 THEN sqrt(squares / (count - 1)) END, rise
        FROM hour JOIN tag ON tag.id = hour.tag;

        CREATE VIEW daily(tag, start, "end", count, bad, min, min_at, max, max_at, first, last, mean, good_ms, stddev,
            increase) AS
        SELECT tag.name, start, "end", count, bad, min, min_at, max, max_at, first, last,
            CASE WHEN good_ms > 0 THEN area / good_ms END, good_ms,
            CASE WHEN count > 1 THEN sqrt(squares / (count - 1)) END, rise
        FROM day JOIN tag ON tag.id = day.tag;

        CREATE VIEW happening(start, "end", kind, subject, author, text, attributes) AS
        SELECT t0, t1, kind, subject, author, text, attrs FROM event;

        CREATE VIEW tags(name, unit, description, kind, type, states) AS
        SELECT name, unit, description, kind, type, states FROM tag;
        """
}
