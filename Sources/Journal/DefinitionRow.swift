import GRDB

/// The one place that knows the columns of `alarm_definition`.
enum DefinitionRow {
    /// Begins a new revision where the text is another than the newest.
    static func save(
        _ text: String, of alarm: String, since time: Int64, boot: String, to database: Database
    ) throws {
        let newest = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT revision, definition FROM alarm_definition WHERE alarm = ? ORDER BY revision DESC LIMIT 1
                    """), arguments: [alarm])
        guard newest?["definition"] != text else { return }
        let revision: Int = newest?["revision"] ?? 0
        try database.cachedStatement(
            sql: "INSERT INTO alarm_definition(alarm, revision, time, boot, definition) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [alarm, revision + 1, time, boot, text])
    }

    /// The revision in force; `nil` when the journal knows no definition of the alarm.
    static func revision(of alarm: String, in database: Database) throws -> Int? {
        let sql = "SELECT max(revision) FROM alarm_definition WHERE alarm = ?"
        return try Int.fetchOne(database.cachedStatement(sql: sql), arguments: [alarm])
    }

    /// What was in force at a time, by alarm.
    static func all(at time: Int64, in database: Database) throws -> [String: DefinitionRevision] {
        // A journal of version 1, read before a daemon of this version has opened it.
        guard try database.tableExists("alarm_definition") else { return [:] }
        var found: [String: DefinitionRevision] = [:]
        // SQLite takes the other columns from the row of the maximum.
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT alarm, max(revision) AS revision, time, definition FROM alarm_definition WHERE time <= ?
                GROUP BY alarm
                """, arguments: [time])
        while let row = try rows.next() { found[row["alarm"]] = definition(row) }
        return found
    }

    static func one(of alarm: String, revision: Int, in database: Database) throws -> DefinitionRevision? {
        guard try database.tableExists("alarm_definition") else { return nil }
        return try Row.fetchOne(
            database, sql: "SELECT * FROM alarm_definition WHERE alarm = ? AND revision = ?",
            arguments: [alarm, revision]
        ).map(definition)
    }

    private static func definition(_ row: Row) -> DefinitionRevision {
        DefinitionRevision(revision: row["revision"], time: row["time"], text: row["definition"])
    }
}
