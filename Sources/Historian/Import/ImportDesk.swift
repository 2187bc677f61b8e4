import Glibc
import Synchronization

/// Why an import is not taken over.
public struct ImportDenial: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Sendable { case noSuchFile, notAllowed, tooMany }

    public let reason: Reason
    public let description: String
}

/// Where imports are handed in, and where people see how they do. Any thread.
public final class ImportDesk: Sendable {
    /// Imports that wait at a time: each is a person waiting.
    public static let waitingLimit = 16
    /// Statuses of ended imports that are remembered; their events tell the rest.
    public static let rememberedLimit = 64

    struct Job: Sendable {
        let id: String
        let author: String
    }

    private struct State {
        var waiting: [Job] = []
        /// In the order they came.
        var statuses: [ImportStatus] = []
    }

    /// Where staging files lie.
    public let folder: String
    private let state = Mutex(State())

    /// - Parameter history: the path of the database.
    public init(history: String) { folder = StagedImport.folder(of: history) }

    /// Makes the folder, for the daemon's group to lay files into.
    ///
    /// - Returns: why that was not possible.
    public func makeFolder() -> String? {
        // The group's bit on a directory makes files in it the group's.
        let mode: mode_t = 0o2770
        if mkdir(folder, mode) != 0, errno != EEXIST { return "\(folder): \(String(cString: strerror(errno)))" }
        // The umask took the group's right to write. In a directory of another user this fails, and need not be done.
        chmod(folder, mode)
        return nil
    }

    /// Hands in a staged import.
    ///
    /// - Parameters:
    ///   - name: the last part of the staging file's path: what lies elsewhere cannot be named.
    ///   - author: who asks, as the event will tell.
    ///   - user: the user number of who asks. The file must be his, root's, or this process's own.
    public func submit(_ name: String, author: String, user: UInt32) throws(ImportDenial) -> ImportStatus {
        let id = String(name.dropLast(StagingFile.finished.count))
        guard name.hasSuffix(StagingFile.finished), id.utf8.count == 16, id.utf8.allSatisfy(ImportDesk.isHexadecimal)
        else { throw ImportDenial(reason: .noSuchFile, description: "\(name) is not the name of a staging file") }
        var file = stat()
        guard lstat(path(of: id), &file) == 0 else {
            throw ImportDenial(reason: .noSuchFile, description: "there is no \(name) in \(folder)")
        }
        let isPlain = file.st_mode & S_IFMT == S_IFREG && file.st_nlink == 1
        guard isPlain, [user, 0, geteuid()].contains(file.st_uid) else {
            throw ImportDenial(
                reason: .notAllowed, description: "\(name) is not a plain file of \(author), of root or of the daemon")
        }
        return try accept(Job(id: id, author: author))
    }

    private func accept(_ job: Job) throws(ImportDenial) -> ImportStatus {
        let status = ImportStatus(id: job.id)
        let isTaken = state.withLock { state in
            guard state.waiting.count < ImportDesk.waitingLimit else { return false }
            if state.statuses.contains(where: { $0.id == job.id }) { return true }
            state.waiting.append(job)
            state.statuses.append(status)
            return true
        }
        guard isTaken else {
            throw ImportDenial(
                reason: .tooMany, description: "\(ImportDesk.waitingLimit) imports wait already; try again later")
        }
        return status
    }

    /// `nil` when nobody remembers it.
    public func status(of id: String) -> ImportStatus? {
        state.withLock { state in state.statuses.last { $0.id == id } }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    // MARK: The one who takes them over

    func path(of id: String) -> String { "\(folder)/\(id)\(StagingFile.finished)" }

    /// An import that is this process's own.
    func enter(_ id: String, author: String) {
        state.withLock { state in
            state.waiting.append(Job(id: id, author: author))
            state.statuses.append(ImportStatus(id: id))
        }
    }

    func next() -> Job? { state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() } }

    func note(_ status: ImportStatus) {
        state.withLock { state in
            if let index = state.statuses.firstIndex(where: { $0.id == status.id }) {
                state.statuses[index] = status
            } else {
                state.statuses.append(status)
            }
            let over = state.statuses.count - ImportDesk.rememberedLimit
            if over > 0, let oldest = state.statuses.firstIndex(where: \.isOver) { state.statuses.remove(at: oldest) }
        }
    }

    /// Removes old staging files that no import will come back to.
    func tidy(keeping ids: Set<String>) {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        let now = time(nil)
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(StagingFile.finished) || name.hasSuffix(StagingFile.unfinished),
                !ids.contains(String(name.prefix { $0 != "." }))
            else { continue }
            var file = stat()
            let path = "\(folder)/\(name)"
            if lstat(path, &file) == 0, now - file.st_mtim.tv_sec > Imports.abandonedAfter { unlink(path) }
        }
    }
}
