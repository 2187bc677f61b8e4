public import Plant

/// What happened to an alarm, as far as it decides whether somebody must be called.
public struct EscalationEvent: Sendable, Hashable {
    public enum What: String, Sendable, Hashable, CaseIterable {
        /// It waits for an acknowledgement and operators were told: raised, risen to a higher level, told again because
        /// it still stands, or back from a shelf.
        case raised
        /// It waits for an acknowledgement, and nobody was told anew: one was taken back, or its level fell.
        case unacknowledged
        /// Nothing waits any more: acknowledged, or normal again without anybody's word.
        case acknowledged
        /// It waits for an acknowledgement although its condition is gone.
        case cleared
        /// Shelved, suppressed or out of service.
        case hidden
        /// The configuration no longer has it.
        case retired
    }

    public let alarm: String
    /// The tag that drives it; `nil` for communication and logic.
    public let tag: String?
    public let occurrence: Int
    public let priority: Priority
    public let what: What

    public init(alarm: String, tag: String? = nil, occurrence: Int, priority: Priority, what: What) {
        (self.alarm, self.tag, self.occurrence, self.priority, self.what) = (alarm, tag, occurrence, priority, what)
    }
}
