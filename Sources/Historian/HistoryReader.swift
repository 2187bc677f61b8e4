public import Archive
import GRDB
public import Plant
public import Store

/// Reads a history: while the daemon runs, when it is stopped, and as another user than the daemon's.
///
/// It never writes, never waits for the writer, and holds no read transaction while the caller works: an open one would
/// keep the writer's log from ever being emptied. All ranges are UTC milliseconds and half-open. Any thread.
public struct HistoryReader: Sendable {
    /// Why the newest readings may be missing from what this reader sees.
    public let warning: String?

    let connection: HistoryConnection
    private let path: String

    /// Readings fetched in one read transaction: some hundred kilobytes, and about a millisecond.
    static let pageReadings = 4096

    /// Opens an existing history.
    ///
    /// Someone who may read the files but not write beside them cannot open a database in WAL mode whose log is not
    /// there, as it is after an orderly stop. Such a file is complete in itself and is then read as unchanging.
    public init(path: String) throws(HistoryError) {
        guard let file = FileIdentity(path), file.bytes > 0 else { throw .absent(path) }
        self.path = path
        do {
            connection = try HistoryConnection(path)
            warning = nil
        } catch {
            guard HistoryReader.mayBeUnchanging(error) else { throw HistoryReader.understood(error, path) }
            do {
                connection = try HistoryConnection("file:\(HistoryReader.escaped(path))?immutable=1", named: path)
            } catch {
                throw HistoryReader.understood(error, path)
            }
            let log = FileIdentity(path + "-wal")?.bytes ?? 0
            warning =
                log == 0
                ? nil : "\(path)-wal cannot be used by this user: the readings of the last minutes may be missing"
        }
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

    /// Looks at the history in one read transaction.
    func read<Value>(_ body: (Archive) throws -> Value) throws(HistoryError) -> Value {
        do {
            return try connection.read(body)
        } catch let error as ArchiveError {
            throw HistoryError(path: path, error)
        } catch {
            throw HistoryError(path: path, error)
        }
    }
}

/// A read-only connection and what reads through it. The queue lets one thread in at a time.
final class HistoryConnection: Sendable {
    private let queue: DatabaseQueue
    nonisolated(unsafe) private var archive: Archive?

    /// - Parameter path: how errors call it, when `name` is a URI.
    init(_ name: String, named path: String? = nil) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "history reader"
        configuration.busyMode = .timeout(Double(HistoryStore.busyTimeout.nanoseconds) / 1e9)
        queue = try DatabaseQueue(path: name, configuration: configuration)
        try queue.read { try HistoryFile.checkContent(of: $0, path: path ?? name) }
    }

    /// Its statements must be gone before the connection closes.
    deinit { archive = nil }

    func read<Value>(_ body: (Archive) throws -> Value) throws -> Value {
        try queue.read { database in
            if let archive { return try body(archive) }
            guard let handle = database.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
            let made = try Archive(handle)
            archive = made
            return try body(made)
        }
    }

    /// Outside a transaction of ours.
    func lend<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
        try queue.unsafeRead { database in
            guard let handle = database.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
            return try body(handle)
        }
    }
}

extension StoreError {
    /// What a reader's error means for the file at `path`.
    init(path: String, _ error: ArchiveError) {
        self =
            switch error {
            case .sqlite(let code, let message):
                StoreError(
                    path: path, DatabaseError(resultCode: ResultCode(rawValue: code), message: message))
            case .notAHistory(let detail): .corrupt(path: path, detail: detail)
            case .schema(let found, let expected):
                .io(
                    path: path,
                    detail: "its tables are those of \(found), expected \(expected); start the daemon once to bring "
                        + "them up to date")
            case .damagedChunk: .corrupt(path: path, detail: error.description)
            case .unknownTag(let name): .unknownTag(name)
            }
    }
}

// MARK: - Names and times

extension HistoryReader {
    /// The tags whose names match, in the order of their names; all of them without a pattern.
    public func tags(matching pattern: NamePattern? = nil) throws(HistoryError) -> [StoredTag] {
        try read { archive in try archive.tags().filter { pattern?.matches($0.name) ?? true } }
    }

    func tag(_ name: String, in archive: Archive) throws -> StoredTag {
        guard let tag = try archive.tag(named: name) else { throw ArchiveError.unknownTag(name) }
        return tag
    }

    /// The number of the newest scan of each group that was ever read, by the group's name.
    public func newestSequences() throws(HistoryError) -> [String: UInt64] { try read { try $0.newestSequences() } }

    /// The time of the newest scan; `nil` when there is none yet.
    public func latestTime() throws(HistoryError) -> Int64? { try read { try $0.latestTime() } }

    /// The events that touch the range, in the order of their beginnings.
    public func events(from start: Int64, to end: Int64) throws(HistoryError) -> [HistoryEvent] {
        try read { try $0.events(from: start, to: end).compactMap(HistoryEvent.init) }
    }
}

extension HistoryEvent {
    /// `nil` for a kind that this version does not know.
    fileprivate init?(_ event: StoredEvent) {
        guard let kind = Kind(rawValue: event.kind) else { return nil }
        self.init(
            kind, start: event.start, end: event.end, subject: event.subject, author: event.author, text: event.text,
            attributes: event.attributes)
    }
}
