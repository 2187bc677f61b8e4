import GRDB

/// How far the slow work on a history has come. Read where it is needed and never kept: a transaction that fails takes
/// its marks back with it.
enum Mark: String {
    /// UTC milliseconds: all earlier hours have been rolled up, or are in `rollup_due`.
    case rolledTo = "rolled_to"
    /// UTC milliseconds: raw readings before it are deleted, or are about to be.
    case rawFrom = "raw_from"
    /// UTC milliseconds: retention has deleted raw readings before it. Later than `raw_from` when they are to be kept
    /// for longer than before.
    case deletedTo = "deleted_to"
    /// The plant's time zone, an identifier of the IANA database: what the days of `day` are days of.
    case timeZone = "time_zone"

    func number(in database: Database) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT value FROM mark WHERE name = ?", arguments: [rawValue])
    }

    func text(in database: Database) throws -> String? {
        try String.fetchOne(database, sql: "SELECT value FROM mark WHERE name = ?", arguments: [rawValue])
    }

    func set(_ value: some DatabaseValueConvertible, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO mark(name, value) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
            arguments: [rawValue, value])
    }
}
