import Glibc

/// The only source of chance in a simulation: the same seed gives the same plant, step for step.
///
/// SplitMix64 (Steele, Lea and Flood, 2014): one word of state, so a model that holds it stays a plain value.
public struct Noise: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A seed of its own for each controller, from the run's seed and its name (FNV-1a). Adding a controller to a plant
    /// leaves the others as they were, which an index would not.
    public init(seed: UInt64, name: String) {
        state = name.utf8.reduce(0xcbf2_9ce4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Uniform in 0..<1.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Normal with mean 0 and standard deviation 1 (Box and Muller, 1958).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }
}
