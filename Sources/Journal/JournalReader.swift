public import Detection
import GRDB
import Glibc
public import Plant
public import Store

/// Reads a journal, whether its daemon runs, is stopped, or belongs to another user. Never writes.
public struct JournalReader: Sendable {
    /// What one answer holds at most; whoever wants more asks again from where this one ended.
    public static let answerLimit = 10_000

    public let path: String
    /// The newest events may be missing: the file lies where we cannot share memory with its writer.
    public let isSnapshot: Bool
    private let database: DatabaseQueue

    public init(path: String) throws(JournalError) {
        self.path = path
        guard fileExists(path) else { throw .absent(path) }
        do {
            (database, isSnapshot) = try JournalReader.open(path)
            try database.inDatabase { try JournalSchema.check($0, path: path) }
        } catch {
            throw JournalError(path: path, error)
        }
    }

    private static func open(_ path: String) throws -> (DatabaseQueue, snapshot: Bool) {
        var configuration = Configuration()
        configuration.label = "journal-reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        do {
            return (try DatabaseQueue(path: path, configuration: configuration), false)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
            // In WAL mode even a reader needs the -shm file, and may not be allowed to make one. `immutable` reads the
            // main file alone, which is complete after a clean stop.
            let escaped = path.utf8.map { byte -> String in
                switch byte {
                case UInt8(ascii: "%"): "%25"
                case UInt8(ascii: "?"): "%3f"
                case UInt8(ascii: "#"): "%23"
                default: String(decoding: [byte], as: UTF8.self)
                }
            }
            let address = "file:\(escaped.joined())?mode=ro&immutable=1"
            return (try DatabaseQueue(path: address, configuration: configuration), true)
        }
    }

    /// Events with a number above `sequence`, oldest first.
    public func notices(after sequence: Int64, limit: Int) throws(JournalError) -> [AlarmNotice] {
        try fetch("\(NoticeRow.select) WHERE seq > ? ORDER BY seq LIMIT ?", [sequence, bounded(limit)])
    }

    /// The newest events, oldest first.
    public func newest(limit: Int) throws(JournalError) -> [AlarmNotice] {
        try fetch("\(NoticeRow.select) ORDER BY seq DESC LIMIT ?", [bounded(limit)]).reversed()
    }

    /// The newest events of the alarms or tags that `pattern` matches, received from `from` up to but not at `to` (UTC
    /// milliseconds), oldest first.
    public func history(
        matching pattern: NamePattern, from: Int64 = .min, to: Int64 = .max, limit: Int
    ) throws(JournalError) -> [AlarmNotice] {
        let wanted = bounded(limit)
        return try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: "\(NoticeRow.select) WHERE alarm_event.time >= ? AND alarm_event.time < ? ORDER BY seq DESC",
                arguments: [from, to])
            var found: [AlarmNotice] = []
            while found.count < wanted, let row = try rows.next() {
                let notice = try NoticeRow.notice(row)
                if pattern.matches(notice.id) || notice.tag.map(pattern.matches) == true { found.append(notice) }
            }
            return found.reversed()
        }
    }

    /// The alarms' states as last saved, by alarm name.
    public func states() throws(JournalError) -> [String: AlarmState] {
        try read { try NoticeRow.states($0, path: path) }
    }

    func bounded(_ limit: Int) -> Int { max(0, min(limit, JournalReader.answerLimit)) }

    func fetch(_ sql: String, _ arguments: StatementArguments) throws(JournalError) -> [AlarmNotice] {
        try read { try Row.fetchAll($0, sql: sql, arguments: arguments).map(NoticeRow.notice) }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do {
            return try database.inDatabase(body)
        } catch {
            throw JournalError(path: path, error)
        }
    }
}

private func fileExists(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0
}
