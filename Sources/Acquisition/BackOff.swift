/// How long to leave alone what has failed: 1 s, doubling to a minute, each with up to a quarter more, so that after
/// a power cut not all lines ask in the same instant.
struct BackOff: Sendable {
    /// A PLC that restarts is back within seconds; asking more often than this helps nobody.
    static let first: Int64 = 1_000_000_000
    /// With its jitter a minute: the longest an operator should wait for a repaired cable to be noticed.
    static let last: Int64 = 48_000_000_000
    static let jitter = 0.25

    private var next = BackOff.first
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(state: seed) }

    /// Nanoseconds to wait now; the next time it is twice as long.
    mutating func wait() -> Int64 {
        defer { next = min(next * 2, BackOff.last) }
        return Int64(Double(next) * (1 + BackOff.jitter * Double.random(in: 0..<1, using: &random)))
    }

    /// It worked.
    mutating func reset() { next = BackOff.first }
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
