import Glibc
import Plant
import Store

/// Puts a finished file in the place of a database, and moves what was there aside with everything that belongs to it.
///
/// Each step can be cut off: the present file keeps its name until the other one takes it, and the beacon goes last, so
/// that a daemon started half way notices that its log is gone.
struct FileExchange {
    /// The database.
    let target: String
    /// Where its former files go.
    let aside: String

    /// Files of one database that must not meet another's: the log, its index, the beacon.
    static let companions = ["-wal", "-shm", "-beacon"]

    /// Those that are there.
    var present: [String] {
        ([""] + FileExchange.companions).map { target + $0 }.filter(DurableFile.exists)
    }

    /// - Parameter file: on the same file system, and on the disk.
    func run(with file: String) throws(StoreError) {
        let name = CareProgress.name(target)
        if !present.isEmpty { try DurableFile.makeDirectory(aside) }
        func move(_ companion: String) throws(StoreError) {
            guard DurableFile.exists(target + companion) else { return }
            try DurableFile.move(target + companion, to: "\(aside)/\(name)\(companion)")
        }
        // The log first: SQLite would play it back into the other file.
        try move("-wal")
        try move("-shm")
        if DurableFile.exists(target) {
            // A second name, so that the first one is never without a file.
            guard link(target, "\(aside)/\(name)") == 0 || errno == EEXIST else {
                throw .io(path: "\(aside)/\(name)", detail: String(cString: strerror(errno)))
            }
            try DurableFile.sync(aside)
        }
        try DurableFile.move(file, to: target)
        try move("-beacon")
        try DurableFile.sync(FileExchange.directory(target))
    }

    static func directory(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
