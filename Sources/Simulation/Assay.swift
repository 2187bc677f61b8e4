/// What the laboratory last reported about the product, as a PLC carries it in its last-assay registers.
public struct Assay: Hashable, Sendable {
    /// Seconds from taking the sample to the result.
    static let turnround = 1200.0

    /// Typical impurities in ppm; each result scatters around them by 5 % + 5 ppm (one standard deviation).
    public let typical: Impurities
    public private(set) var latest: Impurities
    /// Results reported since the start.
    public private(set) var sequence = 1
    /// The batch the latest sample was taken from.
    public private(set) var sample: Int
    private var pending: Pending?

    private struct Pending: Hashable {
        var sample: Int
        var due: Double
    }

    public struct Impurities: Hashable, Sendable {
        public var iron, carbon, oxygen, calcium: Double
        /// Everything else that is analysed, in ppm, taken as constant.
        public var others: Double

        /// Purity by difference in wt%: 1 wt% is 10 000 ppm.
        public var purity: Double { 100 - (iron + carbon + oxygen + calcium + others) / 10_000 }
    }

    public init(typical: Impurities, sample: Int) {
        self.typical = typical
        self.sample = sample
        latest = typical
    }

    /// Takes a sample of a batch. One that is still at the laboratory is overtaken.
    mutating func take(sample: Int) { pending = Pending(sample: sample, due: Self.turnround) }

    mutating func advance(by seconds: Double, noise: inout Noise) {
        guard let waiting = pending else { return }
        guard waiting.due <= seconds else {
            pending?.due -= seconds
            return
        }
        pending = nil
        sample = waiting.sample
        sequence += 1
        latest.iron = Self.scatter(typical.iron, &noise)
        latest.carbon = Self.scatter(typical.carbon, &noise)
        latest.oxygen = Self.scatter(typical.oxygen, &noise)
        latest.calcium = Self.scatter(typical.calcium, &noise)
    }

    private static func scatter(_ typical: Double, _ noise: inout Noise) -> Double {
        max(0, typical + (0.05 * typical + 5) * noise.normal())
    }

    subscript(name: String) -> Double? {
        switch name {
        case "assay_seq": Double(sequence)
        case "sample_id": Double(sample)
        case "purity": latest.purity
        case "fe_ppm": latest.iron
        case "c_ppm": latest.carbon
        case "o_ppm": latest.oxygen
        case "ca_ppm": latest.calcium
        default: nil
        }
    }
}
