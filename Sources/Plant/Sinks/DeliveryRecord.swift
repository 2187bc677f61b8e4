/// What became of one event at one sink. Times in UTC milliseconds.
public struct DeliveryRecord: Sendable, Hashable, Codable {
    public enum Outcome: String, Sendable, Hashable, Codable {
        case delivered
        /// The other end will not take it as it is.
        case refused
        /// Tried for as long as its sink tries.
        case expired
    }

    public var sequence: Int64
    public var sink: String
    /// When the event was on disk; `nil` for one of an earlier run.
    public var committed: Int64?
    public var written: Int64?
    /// `nil` where nobody can acknowledge.
    public var acknowledged: Int64?
    public var tries: Int
    public var outcome: Outcome
    public var reason: String?

    public init(
        sequence: Int64, sink: String, committed: Int64?, written: Int64?, acknowledged: Int64?, tries: Int,
        outcome: Outcome, reason: String? = nil
    ) {
        self.sequence = sequence
        self.sink = sink
        self.committed = committed
        self.written = written
        self.acknowledged = acknowledged
        self.tries = tries
        self.outcome = outcome
        self.reason = reason
    }
}
