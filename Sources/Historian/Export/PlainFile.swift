import Archive
import FoundationEssentials
import GRDB
import GRDBSQLite
import Glibc
import Plant

/// A database of plain rows, for programs that know SQLite and nothing of Cupel.
enum PlainFile {
    /// "CupP" in ASCII.
    static let applicationID: Int32 = 0x4375_7050

    /// `nth` tells apart what a tag read within one millisecond, as happens when a clock was set back; else it is 0.
    /// Times are UTC milliseconds, which `history` also shows as ISO 8601.
    static let tables = """
        CREATE TABLE tag(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            unit TEXT,
            description TEXT,
            kind TEXT NOT NULL,
            type TEXT NOT NULL,
            states TEXT
        ) STRICT;
        CREATE TABLE reading(
            tag_id INTEGER NOT NULL REFERENCES tag,
            time INTEGER NOT NULL,
            nth INTEGER NOT NULL DEFAULT 0,
            value ANY,
            quality TEXT NOT NULL,
            PRIMARY KEY(tag_id, time, nth)
        ) STRICT, WITHOUT ROWID;
        CREATE VIEW history(time, tag, value, unit, quality, utc_ms) AS
        SELECT strftime('%Y-%m-%dT%H:%M:%fZ', reading.time / 1000.0, 'unixepoch'), tag.name, reading.value, tag.unit,
            reading.quality, reading.time
        FROM tag JOIN reading ON reading.tag_id = tag.id;
        """

    static func create(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "export"
        configuration.prepareDatabase { database in
            // Half a file is removed, so nothing guards it while it grows.
            try database.execute(
                sql: """
                    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA cache_size = -16384
                    """)
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: tables)
        }
        return queue
    }
}

extension Export {
    /// Readings between two looks at the progress.
    static let plainStride = 1 << 14

    /// Writes a database of plain rows: the tables `tag` and `reading`, and the view `history` with names.
    ///
    /// - Parameter path: of the new file; whoever asks for it gives it its final name.
    /// - Returns: how many readings there were.
    @discardableResult
    public func write(plainFile path: String, progress: (ExportProgress) throws -> Void = { _ in }) throws -> Int {
        let queue = try PlainFile.create(path)
        var state = ExportProgress()
        try queue.write { database in
            let insert = try database.makeStatement(
                sql: "INSERT INTO reading(tag_id, time, nth, value, quality) VALUES (?, ?, ?, ?, ?)")
            for (index, tag) in tags.enumerated() {
                try insertTag(tag, Int64(index + 1), in: database)
                var (last, nth) = (Int64.min, Int64(0))
                try reader.readings(tag: tag.name, from: range.lowerBound, to: range.upperBound) { reading in
                    nth = reading.time == last ? nth + 1 : 0
                    last = reading.time
                    try insert.execute(arguments: [
                        Int64(index + 1), reading.time, nth, reading.plainValue(of: tag), reading.quality.name,
                    ])
                    state.rows += 1
                    guard state.rows % Export.plainStride == 0 else { return }
                    state.fraction = fraction(index, reading.time)
                    try progress(state)
                }
            }
        }
        try queue.close()
        state.fraction = 1
        try progress(state)
        return state.rows
    }

    private func insertTag(_ tag: StoredTag, _ id: Int64, in database: Database) throws {
        let states = tag.states.isEmpty ? nil : try StableJSON.text(tag.states)
        try database.execute(
            sql: "INSERT INTO tag VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [id, tag.name, tag.unit, tag.description, tag.kind, tag.type, states])
    }
}

extension StoredReading {
    /// The decimal that people see, as a number where SQLite has one that is it. A uint64 above its integers is text.
    fileprivate func plainValue(of tag: StoredTag) -> DatabaseValue {
        guard let text = exactText(isDouble: tag.type == ValueType.float64.description) else { return .null }
        guard number != nil else { return text.databaseValue }
        if let integer = Int64(text) { return integer.databaseValue }
        if UInt64(text) != nil { return text.databaseValue }
        return (Double(text) ?? .nan).databaseValue
    }
}
