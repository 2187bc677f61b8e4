import Glibc

/// Watches the length of the write-ahead log. SQLite takes it back to its front after each checkpoint, unless somebody
/// reads all the time: a forgotten shell with an open transaction makes it grow until the disk is full.
struct LogWatch {
    /// Sixteen times what lies between two checkpoints. Bytes.
    static let limit: Int64 = 256 << 20

    private let path: String
    private let limit: Int64
    /// Who holds it, for people; `nil` while it is short.
    private(set) var warning: String?

    init(of path: String, limit: Int64 = LogWatch.limit) { (self.path, self.limit) = (path, limit) }

    /// - Returns: an event, each time when it has become too long.
    mutating func look(bytes: Int64, now: Int64) -> HistoryEvent? {
        guard bytes > limit else {
            warning = nil
            return nil
        }
        let wasLong = warning != nil
        let holders = LogReaders.processes(reading: path).map { "\($0.name) (process \($0.id))" }
        // The service sees its own processes only.
        let who = holders.isEmpty ? "somebody, whom `fuser -v \(path)` names," : holders.joined(separator: ", ")
        let text = "the log is \(bytes >> 20) MB long, because \(who) has been reading for long"
        warning = text
        return wasLong ? nil : HistoryEvent(.storage, at: now, text: text)
    }
}

/// Finds the processes that read a database in WAL mode now.
///
/// A reader holds one of the five read locks in the file -shm: bytes 123 to 127 (SQLite, "WAL-mode File Format", 2.3.1).
/// The kernel lists all locks in /proc/locks (proc_locks(5)), those of other users as well.
enum LogReaders {
    struct Process: Hashable {
        var id: Int32
        var name: String
    }

    private static let bytes = 123...127

    static func processes(reading path: String) -> [Process] {
        guard let file = FileIdentity("\(path)-shm"), let locks = text(of: "/proc/locks") else { return [] }
        let ids = Set(locks.split(separator: "\n").compactMap { reader(in: $0, inode: file.inode) })
        return ids.sorted().map { id in
            let name = text(of: "/proc/\(id)/comm")?.split(separator: "\n").first.map(String.init)
            return Process(id: id, name: name ?? "a program")
        }
    }

    /// `12: POSIX  ADVISORY  READ 4821 fe:00:1234567 124 124`. The device is left out: file systems of several devices
    /// show another number here than stat does.
    static func reader(in line: Substring, inode: UInt64) -> Int32? {
        let words = line.split(separator: " ")
        guard words.count >= 8, words[3] == "READ", let id = Int32(words[4]), id > 0,
            words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode, let first = Int(words[6]),
            bytes.contains(first)
        else { return nil }
        return id
    }

    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes.append(contentsOf: buffer.prefix(count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
