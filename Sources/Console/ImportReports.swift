/// What the command line hands in: a file that it has staged in the folder beside the history.
public struct ImportOrder: Codable, Sendable {
    /// The last part of its path, `9f0c….import`.
    public var file: String

    public init(file: String) { self.file = file }
}

/// How an import does, and at the end what came of it.
public struct ImportReport: Codable, Sendable {
    public var id: String
    /// `waiting`, `comparing`, `importing`, and at the end `done`, `refused` (for conflicts, nothing was written) or
    /// `failed` (what was imported stays).
    public var state: String
    /// Readings in the file, and how many have been dealt with.
    public var rows: Int
    public var taken: Int
    public var imported: Int
    /// Left out, because there was one at their tag and millisecond.
    public var ignored: Int
    /// Of the imported ones, those that hide another.
    public var replaced: Int
    /// Tags that were made.
    public var created: Int
    /// The first conflicts, or what went wrong.
    public var problems: [String]

    public init(
        id: String, state: String, rows: Int, taken: Int, imported: Int, ignored: Int, replaced: Int, created: Int,
        problems: [String]
    ) {
        (self.id, self.state, self.rows, self.taken) = (id, state, rows, taken)
        (self.imported, self.ignored, self.replaced, self.created) = (imported, ignored, replaced, created)
        self.problems = problems
    }

    public var isOver: Bool { ["done", "refused", "failed"].contains(state) }
}

/// Why an import is not taken over.
public struct ImportTurnedAway: Error {
    public enum Reason: Sendable { case noSuchFile, notAllowed, tooMany }

    public let reason: Reason
    public let detail: String

    public init(_ reason: Reason, _ detail: String) { (self.reason, self.detail) = (reason, detail) }
}
