/// How the recorder does, for people and for metrics. Counts are since it was opened.
public struct RecorderStatus: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable {
        case ok
        /// The database refuses; readings wait in the ring, and what does not fit there is lost and counted.
        case degraded
    }

    public var state = State.ok
    public var commits: UInt64 = 0
    /// Durable scans, lost ones included, and the values in them.
    public var scans: UInt64 = 0
    public var readings: UInt64 = 0
    /// Scans given up because a part of them never came.
    public var incompleteScans: UInt64 = 0
    /// Scans lost before the recorder, seen by the jump in their numbers.
    public var missingScans: UInt64 = 0
    /// Rows that were in the database although they had not been tried before: should stay 0.
    public var duplicateScans: UInt64 = 0
    /// Blocks that fit no group, slot or open scan: should stay 0.
    public var strayBlocks: UInt64 = 0
    /// The number of the newest durable scan of each scan group.
    public var newestSequences: [String: UInt64] = [:]
    /// UTC milliseconds of the newest commit.
    public var lastCommit: Int64?
    public var commitMillisecondsLast: Double = 0
    public var commitMillisecondsMax: Double = 0
    /// Tries that the database refused.
    public var failures: UInt64 = 0
    /// Why the database refuses; `nil` again once it does not. The `storage` event keeps the reason.
    public var lastError: String?
    /// Ring cells that wait, the most that ever waited, and how many there can be.
    public var backlogCells = 0
    public var backlogCellsMax = 0
    public var backlogCapacity = 0
    /// Blocks that the full ring refused, and the cells in them.
    public var refusedBlocks = 0
    public var refusedCells = 0
    /// Events that came while the queue for them was full.
    public var refusedEvents: UInt64 = 0
    /// The write-ahead log.
    public var logBytes: Int64 = 0
    /// Who keeps the log from becoming short again; `nil` while it is.
    public var logWarning: String?
    /// Spans, the readings in them, and their bytes without what SQLite adds.
    public var sealedSpans: UInt64 = 0
    public var sealedReadings: UInt64 = 0
    public var sealedBytes: UInt64 = 0
    /// How long the newest span took to seal.
    public var lastSealMilliseconds: Double = 0
    /// Rows that are not compressed, and those that are and wait to be deleted.
    public var hotRows = 0
    /// Rows of an older version's table that are still to be compressed: the history is being brought up to date.
    public var oldScans = 0
    /// Passes of the chores that the database refused, and why it refused the last one; `nil` again once it does not.
    public var housekeepingFailures: UInt64 = 0
    public var housekeepingError: String?
    /// Acknowledged scans that were gone when the history was opened.
    public var lostScans: UInt64 = 0
    /// Times the beacon could not be written; losses would then go unnoticed.
    public var beaconFailures: UInt64 = 0

    public init() {}
}
