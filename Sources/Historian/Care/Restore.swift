import FoundationEssentials
import Glibc
public import Plant
public import Store

/// Puts a backup in the place of the present databases, which are moved aside and never deleted.
///
/// It can be cut off at any step, and begun anew; `FileExchange` says how.
public struct Restore {
    /// The backup's own directory.
    public var backup: String
    /// Where the databases belong.
    public var history: String
    public var journal: String
    /// Says what would be done, and does nothing.
    public var isDry = false

    public init(backup: String, history: String, journal: String) {
        (self.backup, self.history, self.journal) = (backup, history, journal)
    }

    public struct Result: Sendable, Hashable, Codable {
        public var manifest: BackupManifest
        /// Where the former files are; `nil` when there were none.
        public var aside: String?
        /// What was done, or would be, a line each.
        public var steps: [String]
    }

    private var targets: [String: String] { ["history.db": history, "journal.db": journal] }

    /// - Throws: `StoreError.held` while a daemon runs; `.notABackup` when it is none, or not sound. Nothing was
    ///   changed then.
    public func run(
        clock: some PlantClock, progress: (CareProgress) -> Void = { _ in }
    ) throws(StoreError) -> Result {
        let manifest = try BackupManifest(folder: backup)
        let locks = isDry ? [] : try [history, journal].map(Restore.lock)
        defer { locks.forEach { $0.release() } }
        if let finding = try BackupCheck(folder: backup).run(progress: progress).findings.first {
            throw .notABackup(path: backup, reason: "the backup is damaged: \(finding.line)")
        }
        let now = clock.wall() / 1_000_000
        let files = manifest.files.compactMap { file in targets[file.name].map { (file, $0) } }
        let aside = FileExchange.directory(history) + "/before-restore-" + BackupFolder.stamp(now)
        var steps: [String] = []
        var isSomethingAside = false
        for (file, target) in files {
            for old in FileExchange(target: target, aside: aside).present {
                steps.append("move \(old) to \(aside)/")
                isSomethingAside = true
            }
            steps.append("put \(backup)/\(file.name) (of \(UTCTime.text(file.moment))) in its place")
        }
        if !isDry {
            try checkSpace(files)
            for (file, target) in files { try copy(file, target, now, progress) }
            for (_, target) in files {
                try FileExchange(target: target, aside: aside).run(with: temporary(target))
            }
        }
        return Result(manifest: manifest, aside: isSomethingAside ? aside : nil, steps: steps)
    }

    private static func lock(_ path: String) throws(StoreError) -> FileLock {
        do {
            return try FileLock(guarding: path)
        } catch {
            throw StoreError(path: path, error)
        }
    }

    private func checkSpace(_ files: [(file: BackupManifest.File, target: String)]) throws(StoreError) {
        var needed = Backup.spareBytes
        for (file, _) in files { needed += file.bytes }
        let free = try DurableFile.freeBytes(at: FileExchange.directory(history))
        guard free >= needed else {
            throw .refused(
                path: FileExchange.directory(history),
                reason: "\(needed >> 20) MB are needed beside the present files, \(free >> 20) MB are free")
        }
    }

    // MARK: Copying

    private func temporary(_ target: String) -> String { target + ".restoring" }

    private func copy(
        _ file: BackupManifest.File, _ target: String, _ now: Int64, _ progress: (CareProgress) -> Void
    ) throws(StoreError) {
        let copy = temporary(target)
        // Left by a restore that was cut off.
        for stale in [copy, copy + "-journal"] { unlink(stale) }
        // Root restores, and the daemon is somebody else: the owner is that of the file it replaces.
        try DurableFile.copy("\(backup)/\(file.name)", to: copy, like: DurableFile.exists(target) ? target : nil) {
            progress(CareProgress(.copying, file: file.name, done: $0, total: file.bytes))
        }
        if file.name == "history.db" {
            try tell(copy, file, now)
            try DurableFile.sync(copy)
        }
    }

    /// Writes into the restored history why its readings end and go on later.
    private func tell(_ path: String, _ file: BackupManifest.File, _ now: Int64) throws(StoreError) {
        let connection = try PlainConnection(path, .writing)
        let insert = try connection.statement(
            "INSERT INTO event(t0, t1, kind, text, attrs) VALUES (?, ?, 'restored', ?, ?)")
        insert.bind(file.moment, at: 1)
        insert.bind(max(file.moment, now), at: 2)
        insert.bind("restored from a backup: what was stored after its moment is not here", at: 3)
        let attributes = try? StableJSON.text(["backup": backup, "newest_scan": String(file.newest)])
        insert.bind(attributes, at: 4)
        try insert.run()
    }
}
