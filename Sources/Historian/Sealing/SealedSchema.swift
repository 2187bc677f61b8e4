import GRDB

/// The second schema: rows are sealed into compressed spans and chunks, and `hot` holds only the newest minutes.
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
        try database.execute(sql: oldRows)
        try database.execute(sql: "DROP TABLE scans_1")
        try database.execute(sql: views)
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

    /// The rows there are, in the order of time; their old ids, in which they were committed, are their ordinals. Two
    /// rows share a key when a clock was set back and they are a multiple of 2^20 rows apart; the second then waits
    /// beside the table. A key has room for the years 1970 to 2248.
    private static let oldRows = """
        INSERT OR IGNORE INTO hot(id, ordinal, scan_group, sequence, layout, took_ms, bad, v)
        SELECT (max(0, min(time, (1 << 43) - 1)) << 20) | (id & 0xFFFFF), id, scan_group, sequence, layout, took_ms,
            bad, v
        FROM scans_1 ORDER BY time, id;
        INSERT INTO waiting(scan_group, time, sequence, ordinal, layout, took_ms, bad, v)
        SELECT scan_group, max(0, min(time, (1 << 43) - 1)), sequence, id, layout, took_ms, bad, v
        FROM scans_1 AS old
        WHERE NOT EXISTS (
            SELECT 1 FROM hot
            WHERE hot.id = (max(0, min(old.time, (1 << 43) - 1)) << 20) | (old.id & 0xFFFFF) AND hot.ordinal = old.id);
        """

    /// The contract with plain SQL, in any SQLite with the JSON functions. Sealed readings need Cupel's extension, so
    /// there is no view called `reading`: one that shows only the newest minutes would lie.
    private static let views = """
        CREATE VIEW recent(tag, time, value, quality) AS
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
        JOIN scan_group ON scan_group.id = layout.scan_group
        JOIN hot ON hot.layout = layout.id AND hot.scan_group = scan_group.id AND hot.ordinal > scan_group.cut
        UNION ALL
        SELECT
            tag.name,
            waiting.time,
            CASE WHEN slot.scale IS NULL THEN json_extract(waiting.v, slot.path)
                 ELSE json_extract(waiting.v, slot.path) * slot.scale + slot.offset END,
            CASE WHEN waiting.bad IS NULL THEN 'good'
                 ELSE (SELECT ifnull(max(quality.name), 'bad') FROM quality WHERE quality.code =
                     coalesce(
                         json_extract(waiting.bad, '$.all'), json_extract(waiting.bad, '$."' || slot.slot || '"'), 0))
                 END
        FROM tag
        JOIN slot ON slot.tag = tag.id
        JOIN layout ON layout.id = slot.layout
        JOIN waiting ON waiting.scan_group = layout.scan_group AND waiting.layout = layout.id;

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
