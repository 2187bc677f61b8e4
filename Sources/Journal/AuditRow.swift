import GRDB

/// The one place that knows the columns of `audit`.
enum AuditRow {
    static func save(_ record: AuditRecord, boot: String, to database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO audit(time, boot, who, what, subject, before, after, answer, why)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            record.time, boot, record.who, record.what, record.subject, record.before, record.after, record.answer,
            record.why,
        ])
    }

    static func record(_ row: Row) -> AuditRecord {
        AuditRecord(
            time: row["time"], who: row["who"], what: row["what"], subject: row["subject"], before: row["before"],
            after: row["after"], answer: row["answer"], why: row["why"])
    }
}
