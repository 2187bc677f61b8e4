/// How the journal does, for `cupel status` and the watchdog.
public struct JournalStatus: Codable, Hashable, Sendable {
    /// The number of the newest committed event.
    public var lastSequence: Int64 = 0
    /// Entries that wait for a commit, now and at most.
    public var queueDepth = 0
    public var queueHighWater = 0
    public var commits = 0
    /// From the start of a transaction to its end on disk, in milliseconds.
    public var commitMillisecondsLast = 0.0
    public var commitMillisecondsMax = 0.0
    /// Transactions that failed, and why the last one did; the reason goes away with the next success.
    public var failures = 0
    public var lastError: String?
    /// Events that were told to the sinks before they were on disk, and those that never got there.
    public var unjournalled = 0
    public var lost = 0

    /// Deliveries that are not in its table.
    public var deliveriesLost = 0

    public init() {}
}
