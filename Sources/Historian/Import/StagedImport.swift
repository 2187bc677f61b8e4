import Glibc

/// An import that was read and checked, and lies in its staging file.
public struct StagedImport: Sendable {
    /// What the history calls it; also the file's name.
    public let id: String
    public let path: String
    /// Readings that will be compared with the history.
    public let rows: Int
    /// UTC milliseconds of the first and the last reading.
    public let range: ClosedRange<Int64>
    /// In the order in which the files first name them.
    public let tags: [StagedTag]
    /// Readings that another one of the files at the same tag and time made void.
    public let repeated: Int
    /// Where the first of those are.
    public let repeats: [ImportProblem]

    /// The folder for staging files of the history at a path.
    public static func folder(of history: String) -> String {
        let parts = history.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let directory = parts.joined(separator: "/")
        return (directory.isEmpty ? (history.hasPrefix("/") ? "" : ".") : directory) + "/imports"
    }

    /// Throws the file away.
    public func discard() { unlink(path) }
}

/// What a staged import brings of one tag.
public struct StagedTag: Sendable, Hashable {
    public let name: String
    /// In the files, without repeated ones.
    public let readings: Int
    /// The history does not know it yet.
    public let isCreated: Bool
    /// How long its readings will stand.
    public let period: ImportPeriod
}
