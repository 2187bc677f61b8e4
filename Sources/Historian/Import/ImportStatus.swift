/// How an import does, and at the end what came of it.
public struct ImportStatus: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, Codable {
        /// Others are before it.
        case waiting
        /// Looks for conflicts, because one of them would forbid it; nothing has been written.
        case comparing
        case importing
        case done
        /// There were conflicts, and the mode was to fail then: nothing was written.
        case refused
        /// It ended before its end: `problems` says why. What was imported stays.
        case failed
    }

    public let id: String
    public var state: State
    /// Readings in the staging file, and how many of them have been dealt with.
    public var rows: Int
    public var taken = 0
    /// Readings that are in the history now and were not before.
    public var imported = 0
    /// Readings left out, because there was one at their tag and millisecond.
    public var ignored = 0
    /// Readings left out, because the history has meanwhile deleted all that is so old.
    public var tooOld = 0
    /// Of the imported ones, those that hide another one.
    public var replaced = 0
    /// Tags that were made.
    public var created = 0
    /// The first conflicts, or what went wrong, a line each.
    public var problems: [String] = []

    public init(id: String, state: State = .waiting, rows: Int = 0) {
        (self.id, self.state, self.rows) = (id, state, rows)
    }

    public var isOver: Bool {
        switch state {
        case .waiting, .comparing, .importing: false
        case .done, .refused, .failed: true
        }
    }
}
