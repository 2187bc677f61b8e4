import FoundationEssentials
import GRDB
import GRDBSQLite
public import Plant
public import Store

/// Reads a history: while the daemon runs, when it is stopped, and as another user than the daemon's.
///
/// It never writes, never waits for the writer, and holds no read transaction while the caller works: an open one would
/// keep the writer's log from ever being emptied. All ranges are UTC milliseconds and half-open. Any thread.
public struct HistoryReader: Sendable {
    /// Why the newest readings may be missing from what this reader sees.
    public let warning: String?

    private let queue: DatabaseQueue
    private let path: String

    /// Rows fetched in one read transaction: about a megabyte, and some milliseconds.
    static let pageRows = 1000

    /// Opens an existing history.
    ///
    /// Someone who may read the files but not write beside them cannot open a database in WAL mode whose log is not
    /// there, as it is after an orderly stop. Such a file is complete in itself and is then read as unchanging.
    public init(path: String) throws(HistoryError) {
        guard let file = FileIdentity(path), file.bytes > 0 else { throw .missing(path: path) }
        self.path = path
        do {
            queue = try HistoryReader.open(path)
            warning = nil
        } catch {
            guard HistoryReader.mayBeUnchanging(error) else { throw HistoryReader.understood(error, path) }
            do {
                queue = try HistoryReader.open("file:\(HistoryReader.escaped(path))?immutable=1", named: path)
            } catch {
                throw HistoryReader.understood(error, path)
            }
            let log = FileIdentity(path + "-wal")?.bytes ?? 0
            warning =
                log == 0
                ? nil : "\(path)-wal cannot be used by this user: the readings of the last minutes may be missing"
        }
    }

    private static func open(_ name: String, named path: String? = nil) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "history reader"
        configuration.busyMode = .timeout(Double(HistoryStore.busyTimeout.nanoseconds) / 1e9)
        let queue = try DatabaseQueue(path: name, configuration: configuration)
        try queue.read { try HistoryFile.checkContent(of: $0, path: path ?? name) }
        return queue
    }

    /// The codes by which SQLite says that it could not make or use the log and its index beside the database.
    private static func mayBeUnchanging(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
    }

    private static func understood(_ error: any Error, _ path: String) -> HistoryError {
        if let error = error as? DatabaseError, error.resultCode == .SQLITE_CANTOPEN { return .denied(path: path) }
        return HistoryError(path: path, error)
    }

    /// The characters that end or escape a path in a URI.
    private static func escaped(_ path: String) -> String {
        path.reduce(into: "") { text, character in
            switch character {
            case "%": text += "%25"
            case "?": text += "%3f"
            case "#": text += "%23"
            default: text.append(character)
            }
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(HistoryError) -> Value {
        do {
            return try queue.read(body)
        } catch {
            throw HistoryError(path: path, error)
        }
    }
}

// MARK: - Names and times

extension HistoryReader {
    /// The tags whose names match, in the order of their names; all of them without a pattern.
    public func tags(matching pattern: NamePattern? = nil) throws(HistoryError) -> [StoredTag] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT name, unit, description, kind, type, states FROM tag ORDER BY name")
            return rows.compactMap { row in
                let name: String = row["name"]
                guard pattern?.matches(name) ?? true else { return nil }
                return StoredTag(
                    name: name, unit: row["unit"], description: row["description"], kind: row["kind"],
                    type: row["type"], states: HistoryReader.strings(row["states"]))
            }
        }
    }

    /// The number of the newest scan of each group that was ever read, by the group's name.
    public func newestSequences() throws(HistoryError) -> [String: UInt64] {
        try read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT name, sequence FROM scan_group")
            let pairs = rows.map { row -> (String, UInt64) in
                let sequence: Int64 = row["sequence"]
                return (row["name"], UInt64(bitPattern: sequence))
            }
            return Dictionary(pairs, uniquingKeysWith: max)
        }
    }

    /// The time of the newest scan; `nil` when there is none yet.
    public func latestTime() throws(HistoryError) -> Int64? {
        try read { try Int64.fetchOne($0, sql: "SELECT max(time) FROM hot") }
    }

    /// The events that touch the range, in the order of their beginnings.
    public func events(from start: Int64, to end: Int64) throws(HistoryError) -> [HistoryEvent] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT t0, t1, kind, subject, author, text, attrs FROM event
                    WHERE t0 < ? AND (t1 IS NULL OR t1 > ? OR t0 >= ?) ORDER BY t0, id
                    """, arguments: [end, start, start])
            return rows.compactMap { row in
                guard let kind = HistoryEvent.Kind(rawValue: row["kind"]) else { return nil }
                return HistoryEvent(
                    kind, start: row["t0"], end: row["t1"], subject: row["subject"], author: row["author"],
                    text: row["text"], attributes: HistoryReader.strings(row["attrs"]))
            }
        }
    }

    private static func strings(_ json: String?) -> [String: String] {
        guard let json else { return [:] }
        return (try? JSONDecoder().decode([String: String].self, from: Data(json.utf8))) ?? [:]
    }
}
