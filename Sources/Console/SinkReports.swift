/// The JSON shapes of what becomes of alarm lines at sinks. Names are the contract; how a sink does is `SinkStatus`.

/// One event at one sink: what it was, and when it got there.
public struct DeliveryReport: Codable, Sendable {
    public var seq: Int64
    public var sink: String
    /// `delivered`, `refused` or `expired`.
    public var outcome: String
    public var reason: String?
    public var tries: Int
    /// ISO 8601 UTC; absent where it is not known, as of what an earlier run committed.
    public var t_source: String?
    public var t_received: String?
    public var t_committed: String?
    public var t_written: String?
    public var t_acked: String?
    /// The event, for people.
    public var text: String

    public init(
        seq: Int64, sink: String, outcome: String, reason: String?, tries: Int, t_source: String?, t_received: String?,
        t_committed: String?, t_written: String?, t_acked: String?, text: String
    ) {
        (self.seq, self.sink, self.outcome, self.reason, self.tries) = (seq, sink, outcome, reason, tries)
        (self.t_source, self.t_received, self.t_committed) = (t_source, t_received, t_committed)
        (self.t_written, self.t_acked, self.text) = (t_written, t_acked, text)
    }
}

/// What is asked of a sink.
public struct SinkRequest: Codable, Sendable {
    public var sink: String
    /// The events to send again; absent for all that it gave up.
    public var sequences: [Int64]?

    public init(sink: String, sequences: [Int64]? = nil) { (self.sink, self.sequences) = (sink, sequences) }
}

/// What was queued again.
public struct ResendReport: Codable, Sendable {
    public var sink: String
    public var queued: [Int64]
    /// Numbers that name no event of the journal.
    public var unknown: [Int64]
    /// Those that found no room: as many wait already as may.
    public var full: [Int64]

    public init(sink: String, queued: [Int64], unknown: [Int64], full: [Int64] = []) {
        (self.sink, self.queued, self.unknown, self.full) = (sink, queued, unknown, full)
    }
}
