import GRDB

/// The one place that knows the columns of `escalation`.
enum EscalationRow {
    static func save(_ record: EscalationRecord, to database: Database) throws {
        guard let progress = record.progress else {
            try database.cachedStatement(sql: "DELETE FROM escalation WHERE alarm = ? AND policy = ?")
                .execute(arguments: [record.alarm, record.policy])
            return
        }
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO escalation(alarm, policy, occ, step, called, due) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            record.alarm, record.policy, progress.occurrence, progress.step, progress.called, progress.due,
        ])
    }

    /// Everything there is, in order of the names. A journal of an earlier version that only a reader has opened has none.
    static func all(in database: Database) throws -> [EscalationRecord] {
        guard try database.tableExists("escalation") else { return [] }
        return try Row.fetchAll(database, sql: "SELECT * FROM escalation ORDER BY alarm, policy").map { row in
            EscalationRecord(
                alarm: row["alarm"], policy: row["policy"],
                progress: .init(occurrence: row["occ"], step: row["step"], called: row["called"], due: row["due"]))
        }
    }
}
