import FoundationEssentials
import GRDB

/// The one place that knows the columns of `audit`.
enum AuditRow {
    static func save(_ record: AuditRecord, boot: String, to database: Database) throws {
        let (last, previous) = try newest(in: database)
        let id = max(last, try Int64.fetchOne(database, sql: given) ?? 0) + 1
        try database.cachedStatement(
            sql: """
                INSERT INTO audit(id, time, boot, who, what, subject, before, after, answer, why, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id, record.time, boot, record.who, record.what, record.subject, record.before, record.after, record.answer,
            record.why, Data(AuditChain.link(after: previous, id: id, boot: boot, record)),
        ])
    }

    /// SQLite's own count: a number is never given twice, though the row is gone.
    private static let given = "SELECT seq FROM sqlite_sequence WHERE name = 'audit'"

    /// The number and the link of the newest record.
    private static func newest(in database: Database) throws -> (Int64, [UInt8]) {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1"))
        guard let row else { return (0, AuditChain.beginning) }
        return (row["id"], (row["hash"] as Data?).map(Array.init) ?? AuditChain.beginning)
    }

    static func head(in database: Database) throws -> AuditHead {
        let (number, link) = try newest(in: database)
        return AuditHead(number: number, link: link)
    }

    /// Gives the records of an older version their links. What happened to them before is not proven by that.
    static func linkAll(in database: Database) throws {
        var previous = AuditChain.beginning
        for row in try Row.fetchAll(database, sql: "SELECT * FROM audit ORDER BY id") {
            previous = AuditChain.link(after: previous, id: row["id"], boot: row["boot"], record(row))
            try database.execute(
                sql: "UPDATE audit SET hash = ? WHERE id = ?", arguments: [Data(previous), row["id"] as Int64])
        }
    }

    static func record(_ row: Row) -> AuditRecord {
        AuditRecord(
            time: row["time"], who: row["who"], what: row["what"], subject: row["subject"], before: row["before"],
            after: row["after"], answer: row["answer"], why: row["why"])
    }
}
