/// How far one policy has come with one alarm.
public struct EscalationState: Sendable, Hashable {
    public let alarm: String
    public let policy: String
    public internal(set) var occurrence: Int
    /// The number of the step that calls next, from 1; 0 when there is none left and nobody has acted yet.
    public internal(set) var step: Int
    /// Calls of this step so far.
    public internal(set) var called: Int
    /// When it calls next, on the book's scale; of one without a step the time of its last call.
    public internal(set) var due: Int64

    public init(alarm: String, policy: String, occurrence: Int, step: Int, called: Int, due: Int64) {
        (self.alarm, self.policy, self.occurrence) = (alarm, policy, occurrence)
        (self.step, self.called, self.due) = (step, called, due)
    }

    /// It still has somebody to call.
    public var isRunning: Bool { step > 0 }
}

/// What must be on disk of a book, so that a restart goes on with it.
public enum EscalationChange: Sendable, Hashable {
    case stands(EscalationState)
    case ended(alarm: String, policy: String)
}

/// Somebody must be told now, in addition.
public struct EscalationCall: Sendable, Hashable {
    public let alarm: String
    public let occurrence: Int
    public let policy: String
    /// Of the policy's steps, from 1.
    public let step: Int
    /// Of the step's calls, from 1.
    public let number: Int
    /// Calls of this step in all.
    public let times: Int
    /// All are told at the same time.
    public let sinks: [String]
    /// When it was to be made, on the book's scale: long ago where nothing ran meanwhile.
    public let due: Int64
}
