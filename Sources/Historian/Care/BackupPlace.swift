import Glibc
import Store

/// Where backups may go: not into a state directory, whose files they would be mixed with, and whose disk takes them
/// with it.
struct BackupPlace {
    let folder: String
    /// The databases that are copied.
    let databases: [String]

    /// Makes the folder if it is not there.
    ///
    /// - Returns: what a person should know of the choice.
    func prepare() throws(StoreError) -> [String] {
        do throws(StoreError) {
            try DurableFile.makeDirectory(folder)
        } catch {
            throw .cannotCreate(path: folder, reason: reason(error))
        }
        guard let place = BackupPlace.resolved(folder) else { return [] }
        for database in databases {
            guard let state = BackupPlace.resolved(FileExchange.directory(database)) else { continue }
            if place == state {
                throw .refused(
                    path: folder,
                    reason: "it holds \(CareProgress.name(database)) itself; name a directory for backups alone, on "
                        + "another disk if there is one")
            }
            if place.hasPrefix(state == "/" ? "/" : state + "/") {
                return ["\(folder) lies in the state directory: what destroys one destroys the other"]
            }
        }
        return []
    }

    private func reason(_ error: StoreError) -> String {
        let parent = FileExchange.directory(folder)
        if case .missing = error, !DurableFile.isDirectory(parent) { return "there is no directory \(parent)" }
        return switch error {
        case .missing: String(cString: strerror(ENOENT))
        case .denied: String(cString: strerror(EACCES))
        case .readOnly: String(cString: strerror(EROFS))
        default: error.finding
        }
    }

    /// Without links and dots; `nil` when it is not there.
    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
