import Glibc

/// An import that was read and checked, and lies in its staging file.
public struct StagedImport: Sendable {
    /// What the history calls it; also the file's name.
    public let id: String
    public let path: String
    /// Readings that will be compared with the history.
    public let rows: Int
    /// Readings that another one of the files at the same tag and time made void.
    public let repeated: Int
    /// UTC milliseconds of the first and the last reading.
    public let range: ClosedRange<Int64>
    public let tags: [String]
    /// Those of `tags` that the history does not know yet.
    public let created: [String]

    /// The folder for staging files of the history at a path.
    public static func folder(of history: String) -> String {
        let parts = history.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let directory = parts.joined(separator: "/")
        return (directory.isEmpty ? (history.hasPrefix("/") ? "" : ".") : directory) + "/imports"
    }

    /// Throws the file away.
    public func discard() { unlink(path) }
}
