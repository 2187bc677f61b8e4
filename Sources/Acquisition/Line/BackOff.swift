/// How long to leave alone what has failed: a first wait, doubling up to a last one, each with up to a quarter more, so
/// that after a power cut not all lines ask in the same instant.
struct BackOff: Sendable {
    /// A line: 1 s to a minute. A PLC that restarts is back within seconds, and asking more often helps nobody; a minute
    /// (with the jitter) is the longest an operator should wait for a repaired cable to be noticed.
    static let line: ClosedRange<Int64> = 1_000_000_000...48_000_000_000
    /// A unit behind a gateway that answers for others: 10 s to 5 minutes. Each probe of a dead unit takes a timeout
    /// from all the others.
    static let unit: ClosedRange<Int64> = 10_000_000_000...240_000_000_000
    static let jitter = 0.25

    private let range: ClosedRange<Int64>
    private var next: Int64
    private var random: SplitMix

    init(_ range: ClosedRange<Int64>, seed: UInt64) {
        self.range = range
        next = range.lowerBound
        random = SplitMix(state: seed)
    }

    /// Nanoseconds to wait now; the next time it is twice as long.
    mutating func wait() -> Int64 {
        defer { next = min(next * 2, range.upperBound) }
        return Int64(Double(next) * (1 + BackOff.jitter * Double.random(in: 0..<1, using: &random)))
    }

    /// It worked.
    mutating func reset() { next = range.lowerBound }
}

/// Sebastiano Vigna's SplitMix64: enough randomness to spread reconnects, and the same for the same seed.
struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
