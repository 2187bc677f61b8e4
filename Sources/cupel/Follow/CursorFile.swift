import ArgumentParser
import FoundationEssentials
import Glibc

/// How far a follower came, in a file: it goes on from there after a restart of anything.
///
/// The place is the journal's, whose numbers grow across restarts. The file is replaced whole (written beside it, synchronized,
/// renamed, and the directory synchronized), so a power cut leaves the old number or the new one.
final class CursorFile {
    private struct Body: Codable {
        var cupel_cursor: Int64
        /// Absent where it is not known; files of older followers have none.
        var boot: String?
    }

    /// A cursor is 80 bytes; a larger file is something else.
    private static let sizeLimit = 4096

    let path: String
    private let lock: CInt
    /// Everything up to it was handed over; `nil` before the file exists.
    private(set) var place: StreamPlace?

    /// Takes the cursor for this process alone, and reads it.
    init(path: String) throws {
        // A link goes on being one: what it names is replaced, and held.
        let path = Self.resolved(path)
        self.path = path
        var found = stat()
        if stat(path, &found) == 0, found.st_mode & S_IFMT == S_IFDIR {
            throw CursorProblem("\(path) is a directory: expected a file", .cannotCreate)
        }
        // Beside it, because the file itself is replaced. It stays: taking it away would let two followers lock two files.
        lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard lock >= 0 else {
            throw CursorProblem("\(path).lock: \(String(cString: strerror(errno)))", .cannotCreate)
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let reason = isHeld ? "another follower uses this cursor" : String(cString: strerror(errno))
            close(lock)
            throw CursorProblem("\(path): \(reason)", .cannotCreate)
        }
        do {
            place = try Self.read(path)
        } catch {
            close(lock)
            throw error
        }
    }

    deinit { close(lock) }

    /// Notes that everything up to a number was handed over.
    ///
    /// - Parameter always: also when the file says so already: it shows that the disk takes it.
    func save(_ place: StreamPlace, always: Bool = false) throws {
        if place == self.place, !always { return }
        let beside = path + ".new"
        let text = try jsonLine(Body(cupel_cursor: place.sequence, boot: place.boot)) + "\n"
        try check(write(text, to: beside), beside)
        try check(rename(beside, path) == 0, path)
        try check(synchronizeDirectory(), path)
        self.place = place
    }

    private static func read(_ path: String) throws -> StreamPlace? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw CursorProblem("\(path): \(String(cString: strerror(errno)))", .io)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: sizeLimit)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw CursorProblem("\(path): \(String(cString: strerror(errno)))", .io) }
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(bytes[..<count])), body.cupel_cursor >= 0
        else {
            throw CursorProblem(
                "\(path) is no cursor: expected {\"cupel_cursor\":NUMBER}, as this command writes it; it is left as it is",
                .data)
        }
        return StreamPlace(sequence: body.cupel_cursor, boot: body.boot)
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count && fsync(descriptor) == 0
    }

    private func synchronizeDirectory() -> Bool {
        let name = path.contains("/") ? String(path[...(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
        let directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return false }
        defer { close(directory) }
        return fsync(directory) == 0
    }

    private func check(_ done: Bool, _ path: String) throws {
        if !done { throw CursorProblem("\(path): \(String(cString: strerror(errno)))", .io) }
    }
}

/// Why a cursor cannot be used.
struct CursorProblem: Error, CustomStringConvertible {
    let description: String
    let code: ExitCode

    init(_ description: String, _ code: ExitCode) { (self.description, self.code) = (description, code) }
}
