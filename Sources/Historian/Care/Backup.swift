import FoundationEssentials
import Glibc
public import Plant
public import Store

/// Copies both databases and the configuration while the daemon goes on acquiring.
///
/// The moments of both databases are taken first, one right after the other, and held by read transactions until they
/// are copied: each copy is consistent in itself, and neither is older than the other by more than that instant.
public struct Backup {
    /// The databases to copy, by the names they get: `history.db`, `journal.db`.
    public var history: String
    public var journal: String
    /// The configuration, a directory or a file; `nil` leaves it out.
    public var configuration: String?
    /// Where the backup's own directory is made.
    public var folder: String
    /// Finished backups to keep, this one included; `nil` keeps all.
    public var keep: Int?
    /// Reads the copies back and checks them.
    public var isChecked = true
    /// The Cupel that makes it, for the manifest.
    public var program: String

    public init(history: String, journal: String, configuration: String?, folder: String, program: String) {
        (self.history, self.journal, self.configuration) = (history, journal, configuration)
        (self.folder, self.program) = (folder, program)
    }

    /// What was made.
    public struct Result: Sendable, Hashable {
        public var path: String
        public var manifest: BackupManifest
        public var removed: [String]
        public var warnings: [String]
    }

    /// The log of a database that is held for longer than its writer likes. Above it the daemon raises an alarm of its
    /// own; at 13 KB a second (1 000 tags, measured) it takes five hours.
    public static let logLimit: Int64 = 256 << 20
    /// Left free on the target beside the copies: the manifest, the configuration, and what SQLite needs to finish.
    static let spareBytes: Int64 = 16 << 20
    /// A configuration is some files of text. More than this is a directory that was named by mistake.
    static let configurationBytes: Int64 = 64 << 20

    /// - Parameter beforeCopying: for tests, called when both moments are held.
    public func run(
        clock: some PlantClock, beforeCopying: () -> Void = {}, progress: (CareProgress) -> Void = { _ in }
    ) throws(StoreError) -> Result {
        var warnings = try BackupPlace(folder: folder, databases: [history, journal]).prepare()
        let lock: FileLock
        do {
            lock = try FileLock(guarding: folder + "/backup")
        } catch {
            throw StoreError(path: folder, error)
        }
        defer { lock.release() }
        let home = BackupFolder(path: folder)
        try home.removeUnfinished()
        let now = { clock.wall() / 1_000_000 }
        var manifest = BackupManifest(program: program, began: now(), isChecked: isChecked)
        let stamp = BackupFolder.stamp(manifest.began)
        let (path, partial) = ("\(folder)/\(stamp)", "\(folder)/\(stamp)\(BackupFolder.partial)")
        guard !DurableFile.exists(path) else {
            throw .refused(path: path, reason: "a backup of this very second is there; try again")
        }

        // The journal first: what it says of a reading may then be newer in the history, never missing there.
        let moments = [try Moment(journal, "journal.db", now()), try Moment(history, "history.db", now())]
        beforeCopying()
        try checkSpace(moments)
        try DurableFile.makeDirectory(partial)
        for moment in moments {
            manifest.files.append(try copy(moment, to: partial, &warnings, progress))
        }
        manifest.configuration = try copyConfiguration(to: partial)
        manifest.ended = now()
        try manifest.write(to: partial)
        try DurableFile.sync(partial)
        if isChecked {
            let outcome = try BackupCheck(folder: partial).run(progress: progress)
            if let finding = outcome.findings.first {
                throw .notABackup(path: partial, reason: "the copy is not sound: \(finding.line)")
            }
            if outcome.inherited > 0 {
                warnings.append(
                    "the databases have \(outcome.inherited) findings of their own: cupel verify tells them")
            }
        }
        try DurableFile.move(partial, to: path)
        try DurableFile.sync(folder)
        return Result(
            path: path, manifest: manifest, removed: try keep.map(home.keep) ?? [], warnings: warnings)
    }

    private func copy(
        _ moment: Moment, to folder: String, _ warnings: inout [String], _ progress: (CareProgress) -> Void
    ) throws(StoreError) -> BackupManifest.File {
        let target = "\(folder)/\(moment.name)"
        var file = moment.file
        try moment.held.copy(to: target) { state in
            file.logBytesMax = max(file.logBytesMax, state.logBytes)
            progress(CareProgress(.copying, file: moment.name, done: Int64(state.pages), total: Int64(state.total)))
        }
        if moment.held.leavesOutLog, (DurableFile.bytes(moment.held.path + "-wal") ?? 0) > 0 {
            warnings.append("\(moment.held.path)-wal cannot be used by this user: the newest commits are not copied")
        }
        if file.logBytesMax > Backup.logLimit {
            warnings.append(
                "\(moment.held.path)-wal grew to \(file.logBytesMax >> 20) MB meanwhile (limit \(Backup.logLimit >> 20) "
                    + "MB): something else holds it, or the target is slow")
        }
        file.bytes = DurableFile.bytes(target) ?? 0
        file.checksums = try BlockChecksums.of(target)
        return file
    }

    private func checkSpace(_ moments: [Moment]) throws(StoreError) {
        var needed = Backup.spareBytes
        for moment in moments { needed += try moment.held.bytes }
        let free = try DurableFile.freeBytes(at: folder)
        guard free >= needed else {
            throw .refused(path: folder, reason: "\(needed >> 20) MB are needed, \(free >> 20) MB are free")
        }
    }

    /// - Returns: the names of the copied files below `config/`.
    private func copyConfiguration(to partial: String) throws(StoreError) -> [String] {
        guard let configuration, DurableFile.exists(configuration) else { return [] }
        let target = partial + "/config"
        try DurableFile.makeDirectory(target)
        guard DurableFile.isDirectory(configuration) else {
            let name = CareProgress.name(configuration)
            try DurableFile.copy(configuration, to: "\(target)/\(name)")
            return [name]
        }
        var copied: [String] = []
        var bytes: Int64 = 0
        let names: [String]
        do {
            names = try FileManager.default.subpathsOfDirectory(atPath: configuration).sorted()
        } catch {
            throw .io(path: configuration, detail: "\(error)")
        }
        for name in names {
            let source = "\(configuration)/\(name)"
            if DurableFile.isDirectory(source) {
                try DurableFile.makeDirectory("\(target)/\(name)")
                continue
            }
            bytes += DurableFile.bytes(source) ?? 0
            guard bytes <= Backup.configurationBytes else {
                throw .io(path: configuration, detail: "more than \(Backup.configurationBytes >> 20) MB of files")
            }
            try DurableFile.copy(source, to: "\(target)/\(name)")
            copied.append(name)
        }
        return copied
    }
}

/// One database of a backup, held.
private struct Moment {
    let name: String
    let held: OnlineBackup
    let file: BackupManifest.File

    init(_ path: String, _ name: String, _ time: Int64) throws(StoreError) {
        guard (DurableFile.bytes(path) ?? 0) > 0 else { throw .absent(path) }
        self.name = name
        held = try OnlineBackup(of: path)
        file = BackupManifest.File(
            name: name, bytes: 0, checksums: [], blockBytes: BlockChecksums.blockBytes,
            schema: try held.text("SELECT identifier FROM grdb_migrations ORDER BY rowid DESC LIMIT 1") ?? "",
            moment: time, newest: try held.integer(name == "journal.db" ? newestNotice : newestScan) ?? 0,
            logBytesMax: DurableFile.bytes(path + "-wal") ?? 0)
    }
}

private let newestNotice = "SELECT max(seq) FROM alarm_event"
/// Behind the cut, rows of `hot` are in the spans.
let newestScan = """
    SELECT max(n) FROM (
        SELECT max(ordinal) AS n FROM hot UNION ALL SELECT max(ordinal) FROM waiting
        UNION ALL SELECT max(last_ordinal) FROM span)
    """
