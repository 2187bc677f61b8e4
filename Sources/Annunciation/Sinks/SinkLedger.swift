public import Plant

/// What a sink needs of the journal. Its calls come from the sink's own thread and may wait for a disk.
public protocol SinkLedger: Sendable {
    /// Committed lines with a number above `sequence`, in order; those up to `repeats` marked as perhaps sent before.
    func lines(after sequence: Int64, limit: Int, repeats: Int64) throws -> [AlarmLine]
    /// Everything up to `sequence` needs nothing more of the sink.
    func settled(_ sequence: Int64)
    func record(_ records: [DeliveryRecord])
    /// The others must hear that lines were given up.
    func gaveUp(_ lines: GivenUp)
}

/// Lines that a sink gave up since it last told so.
public struct GivenUp: Sendable {
    public private(set) var count: Int
    /// The worst of their ranks.
    public private(set) var rank: Int
    public private(set) var last: AlarmLine
    /// Why the last one was.
    public private(set) var reason: String

    init(_ line: AlarmLine, reason: String) { (count, rank, last, self.reason) = (1, line.rank, line, reason) }

    mutating func add(_ line: AlarmLine, reason: String) {
        (count, rank, last, self.reason) = (count + 1, max(rank, line.rank), line, reason)
    }
}
