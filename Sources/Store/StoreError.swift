public import GRDB
import Glibc

/// Why one of the two databases could not be opened, written or read. Every case names the file, what was found, and what to do.
public enum StoreError: Error, Hashable, Sendable {
    /// The reader found no file.
    case missing(path: String)
    /// The file or its lock cannot be created or opened for writing.
    case cannotCreate(path: String, reason: String)
    /// Another daemon writes it. The process number is what that daemon left in the lock file.
    case held(path: String, pid: Int32?)
    /// Another program holds a write lock on the database.
    case locked(path: String)
    /// The file, its file system or its directory does not let us write.
    case readOnly(path: String)
    /// The file or its directory does not let us read.
    case denied(path: String)
    /// No room is left.
    case full(path: String)
    /// A later version of Cupel wrote it.
    case newer(path: String, found: String)
    /// The file is not an SQLite database.
    case notADatabase(path: String)
    /// The file is an SQLite database, but of another program.
    case notOurs(path: String, applicationID: Int32, expected: Int32)
    /// SQLite found the file to be damaged, or a row of it makes no sense.
    case corrupt(path: String, detail: String)
    /// The operating system failed to read or write.
    case io(path: String, detail: String)
    /// The history has no tag of this name.
    case unknownTag(String)
    /// What was asked for would be written where it must not be, or where there is no room for it.
    case refused(path: String, reason: String)
    /// A directory that was named is not there.
    case noSuchDirectory(path: String)
    /// A directory that was named as a backup holds none that can be put back.
    case notABackup(path: String, reason: String)

    /// The code of sysexits.h a command ends with.
    public var exitCode: Int32 {
        switch self {
        case .cannotCreate, .held, .readOnly, .refused: 73
        case .missing, .locked, .denied, .full, .io: 74
        case .noSuchDirectory: 66
        case .newer, .notADatabase, .notOurs, .corrupt, .unknownTag, .notABackup: 65
        }
    }

    /// A page that cannot be read, as opposed to a lock or a full disk.
    public var isDamage: Bool {
        switch self {
        case .corrupt, .io, .notADatabase: true
        default: false
        }
    }

    /// Of a file that was not seen: because it is not there, or because this user may not look.
    public static func absent(_ path: String) -> StoreError {
        access(path, F_OK) != 0 && errno == EACCES ? .denied(path: path) : .missing(path: path)
    }

    /// What was found, without the file's name and without advice: for a list that says both once.
    public var finding: String {
        switch self {
        case .corrupt(_, let detail), .io(_, let detail): detail
        case .cannotCreate(_, let reason): reason
        case .notADatabase: "it is not an SQLite database"
        case .denied: "it cannot be read by this user"
        case .locked: "another program holds a lock on it"
        default: description
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let path):
            "\(path): there is no database here; start the daemon, or name its state directory with --state"
        case .cannotCreate(let path, let reason):
            "\(path): cannot create or open it for writing: \(reason); check the directory and who owns it"
        case .held(let path, let pid):
            "\(path): another daemon\(pid.map { " (process \($0))" } ?? "") writes it; stop it first"
        case .locked(let path):
            "\(path): another program holds a lock on it, perhaps an open sqlite3 shell; close that program"
        case .readOnly(let path):
            "\(path): it cannot be written; check the owner and mode of the file, of its directory and of the mount"
        case .denied(let path):
            "\(path): this user may not read it; ask for membership in the daemon's group, which counts from the next login on"
        case .full(let path):
            "\(path): no room left on the file system; free some, nothing stored was harmed"
        case .newer(let path, let found):
            "\(path): a newer Cupel wrote it (its schema has \(found)); install that version again, nothing was changed"
        case .notADatabase(let path):
            "\(path): it is not an SQLite database; move it aside or name another file, nothing was changed"
        case .notOurs(let path, let applicationID, let expected):
            "\(path): it is an SQLite database of another program (application id \(applicationID), expected "
                + "\(expected)); name another file, nothing was changed"
        case .corrupt(let path, let detail):
            "\(path): the database is damaged (\(detail)); keep a copy; cupel verify tells where, "
                + "cupel verify --salvage saves what can be read; nothing was changed"
        case .io(let path, let detail):
            "\(path): \(detail)"
        case .unknownTag(let name):
            "\(name): the history has no such tag; cupel tags lists those it has"
        case .refused(let path, let reason):
            "\(path): \(reason); nothing was written"
        case .noSuchDirectory(let path):
            "\(path): there is no such directory; nothing was changed"
        case .notABackup(let path, let reason):
            "\(path): \(reason); nothing was changed"
        }
    }
}

extension StoreError {
    /// What an SQLite result code means for the file at `path`.
    public init(path: String, _ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(path: path, error)
        default: self = .io(path: path, detail: "\(error)")
        }
    }

    public init(path: String, _ error: DatabaseError) {
        let detail = "\(error.message ?? "SQLite error") (SQLite code \(error.extendedResultCode.rawValue))"
        self =
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: .locked(path: path)
            case .SQLITE_FULL: .full(path: path)
            case .SQLITE_READONLY: .readOnly(path: path)
            case .SQLITE_PERM, .SQLITE_AUTH: .denied(path: path)
            case .SQLITE_NOTADB: .notADatabase(path: path)
            case .SQLITE_CORRUPT: .corrupt(path: path, detail: detail)
            case .SQLITE_CANTOPEN: .cannotCreate(path: path, reason: detail)
            default: .io(path: path, detail: detail)
            }
    }

    /// What a refused lock means for the file at `path`.
    public init(path: String, _ refusal: FileLock.Refusal) {
        self =
            switch refusal {
            case .readOnly: .readOnly(path: path)
            case .full: .full(path: path)
            case .cannotCreate(let file, let reason): .cannotCreate(path: file, reason: reason)
            case .held(let pid): .held(path: path, pid: pid)
            }
    }
}
