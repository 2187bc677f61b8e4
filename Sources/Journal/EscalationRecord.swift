/// How far the calls about one alarm have come, or that there are none any more.
public struct EscalationRecord: Codable, Hashable, Sendable {
    public var alarm: String
    /// The policy's name.
    public var policy: String
    /// `nil` when the policy has ended with this alarm: the row goes.
    public var progress: Progress?

    public struct Progress: Codable, Hashable, Sendable {
        public var occurrence: Int
        /// The number of the step that calls next, from 1; 0 when none is left.
        public var step: Int
        /// Calls of this step so far.
        public var called: Int
        /// UTC milliseconds of the next call.
        public var due: Int64

        public init(occurrence: Int, step: Int, called: Int, due: Int64) {
            (self.occurrence, self.step, self.called, self.due) = (occurrence, step, called, due)
        }
    }

    public init(alarm: String, policy: String, progress: Progress? = nil) {
        (self.alarm, self.policy, self.progress) = (alarm, policy, progress)
    }
}
