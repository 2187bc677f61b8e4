import FoundationEssentials
public import Store

/// What a backup holds: written last, so that a directory with a manifest is a whole backup.
public struct BackupManifest: Sendable, Hashable, Codable {
    public static let fileName = "manifest.json"

    public struct File: Sendable, Hashable, Codable {
        /// `history.db` or `journal.db`, whatever the configuration calls them.
        public var name: String
        public var bytes: Int64
        /// CRC-32C of each block of `blockBytes`, behind its offset as eight bytes, least significant first.
        public var checksums: [UInt32]
        public var blockBytes: Int
        /// The newest migration of the file.
        public var schema: String
        /// UTC milliseconds at which its moment was taken.
        public var moment: Int64
        /// The newest scan's number in the order of all scans; the newest event's number of a journal.
        public var newest: Int64
        /// The most that the writer's log grew to while the moment was held.
        public var logBytesMax: Int64
    }

    /// Of this format.
    public var version = 1
    /// The Cupel that made it.
    public var program: String
    /// UTC milliseconds.
    public var began: Int64
    public var ended: Int64
    public var files: [File]
    /// Copied files of the configuration, below `config/`.
    public var configuration: [String]
    /// Whether the copies were read back and checked.
    public var isChecked: Bool

    public init(folder: String) throws(StoreError) {
        let path = folder + "/" + BackupManifest.fileName
        guard DurableFile.exists(folder) else { throw .noSuchDirectory(path: folder) }
        guard DurableFile.exists(path) else {
            throw .notABackup(path: folder, reason: BackupManifest.lack(of: folder))
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
        } catch {
            throw .notABackup(path: folder, reason: "its \(BackupManifest.fileName) cannot be read: \(error)")
        }
        guard version == 1 else { throw .newer(path: path, found: "backup format \(version)") }
    }

    /// Why a directory without a manifest is no backup, and which one was perhaps meant.
    private static func lack(of folder: String) -> String {
        let lack = "it has no \(BackupManifest.fileName), so it is no finished backup"
        guard let newest = try? BackupFolder(path: folder).finished().last else { return lack }
        return "\(lack); it holds backups, the newest is \(folder)/\(newest)"
    }

    init(program: String, began: Int64, isChecked: Bool) {
        (self.program, self.began, ended, self.isChecked) = (program, began, began, isChecked)
        (files, configuration) = ([], [])
    }

    func write(to folder: String) throws(StoreError) {
        let path = folder + "/" + BackupManifest.fileName
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            try DurableFile.write(Array(encoder.encode(self)) + [UInt8(ascii: "\n")], to: path)
        } catch {
            throw StoreError(path: path, error)
        }
    }
}
