import GRDB
import Glibc
import Store

/// Where staging files are made: beside the history, by everybody who may write there.
struct StagingFolder {
    private let path: String
    /// Why it could not be made, as `errno` says it.
    private let refusal: CInt?

    /// Makes it when it is missing.
    init(_ path: String) {
        self.path = path
        refusal = mkdir(path, 0o770) == 0 || errno == EEXIST ? nil : errno
    }

    /// A staging file in it.
    ///
    /// - Throws: why there can be none, and who may make one.
    func create(_ file: String) throws(HistoryError) -> DatabaseQueue {
        if let refusal { throw HistoryError.cannotCreate(path: path, reason: StagingFolder.reason(refusal, path)) }
        guard access(path, W_OK | X_OK) == 0 else {
            throw HistoryError.cannotCreate(path: path, reason: StagingFolder.reason(errno, path))
        }
        do {
            return try StagingFile.create(file)
        } catch {
            throw HistoryError(path: path, error)
        }
    }

    /// Why the system refused, and who may.
    static func reason(_ code: CInt, _ path: String) -> String {
        let text = String(cString: strerror(code))
        guard code == EACCES || code == EPERM else { return text }
        return "\(text): an import lays its readings there; \(owners(of: path)) may"
    }

    /// Of the folder, or of the nearest one above it that is there.
    private static func owners(of path: String) -> String {
        var info = stat()
        var folder = path
        while stat(folder, &info) != 0, let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
            folder = String(folder[..<slash])
        }
        let user = getpwuid(info.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "user \(info.st_uid)"
        let group = getgrgid(info.st_gid).map { String(cString: $0.pointee.gr_name) } ?? "\(info.st_gid)"
        return "root, \(user) and members of the group \(group)"
    }
}
