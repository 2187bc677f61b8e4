import FoundationEssentials
import GRDB
public import Plant

/// Who did what, and whether that was changed afterwards.
extension JournalReader {
    /// The newest operator commands, oldest first.
    public func audit(limit: Int) throws(JournalError) -> [AuditRecord] {
        try audit(matching: NamePattern("*"), limit: limit)
    }

    /// The newest operator commands from `from` up to but not at `to` (UTC milliseconds), oldest first.
    ///
    /// - Parameter pattern: of the alarms, files or sinks they were about.
    public func audit(
        matching pattern: NamePattern, by who: String? = nil, from: Int64 = .min, to: Int64 = .max, limit: Int
    ) throws(JournalError) -> [AuditRecord] {
        let wanted = bounded(limit)
        return try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT * FROM audit WHERE time >= ? AND time < ? AND (?3 IS NULL OR who = ?3) ORDER BY id DESC
                    """, arguments: [from, to, who])
            var found: [AuditRecord] = []
            while found.count < wanted, let row = try rows.next() {
                let record = AuditRow.record(row)
                if pattern.matches(record.subject) { found.append(record) }
            }
            return found.reversed()
        }
    }

    /// Makes every link again.
    ///
    /// - Parameter head: a link that was noted elsewhere; nil to look at the trail alone.
    public func verifyAudit(head: AuditHead? = nil) throws(JournalError) -> AuditVerdict {
        try read { database in
            var verdict = AuditVerdict(path: path)
            guard try database.columns(in: "audit").contains(where: { $0.name == "hash" }) else {
                verdict.find("it has no links: an older version of Cupel wrote it, and the next start adds them")
                return verdict
            }
            var previous = AuditChain.beginning
            var number: Int64 = 0
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM audit ORDER BY id")
            while let row = try rows.next() {
                let (id, record): (Int64, AuditRecord) = (row["id"], AuditRow.record(row))
                if id != number + 1 { verdict.find("records \(number + 1) to \(id - 1) are missing") }
                let link = AuditChain.link(after: previous, id: id, boot: row["boot"], record)
                let stored = (row["hash"] as Data?).map(Array.init)
                if stored != link {
                    verdict.find("record \(id) of \(UTCTime.text(record.time)) does not fit those before it")
                }
                // With what is stored: one change is told once, not with every record after it.
                (previous, number) = (stored ?? link, id)
                verdict.records += 1
                if let head, head.number == id, AuditHead(number: id, link: previous) != head {
                    verdict.find("record \(id) is not the one that was noted: \(head.link)")
                }
            }
            let given = try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'audit'") ?? 0
            if given > number { verdict.find("records \(number + 1) to \(given) are missing at the end") }
            if let head, head.number > number, given <= number {
                verdict.find("it ends with record \(number), and record \(head.number) was noted")
            }
            verdict.head = AuditHead(number: number, link: previous)
            return verdict
        }
    }
}

/// What a look at the audit trail has found.
public struct AuditVerdict: Encodable, Sendable {
    /// Findings that are told; the others are counted.
    static let findingLimit = 100

    public let path: String
    public var records = 0
    public var findings: [String] = []
    public var more = 0
    public var head: AuditHead?
    public var isSound: Bool { findings.isEmpty }

    init(path: String) { self.path = path }

    mutating func find(_ text: String) {
        if findings.count < AuditVerdict.findingLimit { findings.append(text) } else { more += 1 }
    }

    enum Key: String, CodingKey { case path, records, findings, more, head, sound }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(path, forKey: .path)
        try container.encode(records, forKey: .records)
        try container.encode(findings, forKey: .findings)
        if more > 0 { try container.encode(more, forKey: .more) }
        try container.encodeIfPresent(head?.description, forKey: .head)
        try container.encode(isSound, forKey: .sound)
    }
}
