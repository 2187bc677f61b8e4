import FoundationEssentials
import Plant
import Store

/// The directory that holds backups, one directory each, named by the UTC second in which it began.
struct BackupFolder {
    let path: String

    static let partial = ".partial"

    /// `20260103T140000Z`.
    static func stamp(_ milliseconds: Int64) -> String {
        let text = UTCTime.text(milliseconds).prefix(19)
        return text.filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// The finished ones, the oldest first.
    func finished() throws(StoreError) -> [String] {
        try names().filter { name in
            BackupFolder.isStamp(name) && DurableFile.exists("\(path)/\(name)/\(BackupManifest.fileName)")
        }.sorted()
    }

    /// What backups that were cut off left behind. Only the holder of the folder's lock may ask.
    func removeUnfinished() throws(StoreError) {
        for name in try names()
        where name.hasSuffix(BackupFolder.partial) && BackupFolder.isStamp(name.dropLast(BackupFolder.partial.count)) {
            try remove(name)
        }
    }

    /// Keeps so many of the newest finished backups.
    ///
    /// - Returns: the names of those that are gone.
    func keep(_ count: Int) throws(StoreError) -> [String] {
        let old = Array(try finished().dropLast(max(1, count)))
        for name in old {
            // First the name, so that half a backup never looks like a whole one.
            try DurableFile.move("\(path)/\(name)", to: "\(path)/\(name)\(BackupFolder.partial)")
            try remove(name + BackupFolder.partial)
        }
        return old
    }

    private func remove(_ name: String) throws(StoreError) {
        do {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        } catch {
            throw .io(path: "\(path)/\(name)", detail: "cannot be removed: \(error)")
        }
    }

    private func names() throws(StoreError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .io(path: path, detail: "\(error)")
        }
    }

    private static func isStamp(_ name: some StringProtocol) -> Bool {
        let bytes = Array(name.utf8)
        return bytes.count == 16 && bytes[8] == UInt8(ascii: "T") && bytes[15] == UInt8(ascii: "Z")
            && bytes.enumerated().allSatisfy { $0 == 8 || $0 == 15 || (48...57).contains($1) }
    }
}
