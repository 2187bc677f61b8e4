import Plant

/// How much a tag moves from sample to sample when nothing happens.
public struct NoiseEstimate: Hashable, Sendable, Codable {
    /// Standard deviation, in the tag's unit.
    public let sigma: Double
    /// The smallest step seen; `nil` when the value never changed.
    public let resolution: Double?
    /// Differences it rests on.
    public let differences: Int

    /// Fewer say nothing.
    public static let needed = 30

    /// From first differences. Their median absolute deviation from their median is not moved by steps of the process
    /// (up to half of them) nor by a steady ramp; x 1.4826 makes it the sigma of a normal distribution (Huber, "Robust
    /// Statistics", 1981), and a difference has twice the variance of a value. Of a signal that mostly stands still the
    /// deviation is 0: what is left then is the rounding to its resolution q, q / sqrt(12) (Widrow, 1956).
    public init?(differences: [Double]) {
        let finite = differences.filter(\.isFinite)
        guard finite.count >= Self.needed else { return nil }
        let middle = finite.median
        let spread = finite.map { abs($0 - middle) }.median
        resolution = finite.lazy.map(abs).filter { $0 > 0 }.min()
        sigma = max(1.4826 * spread / 2.0.squareRoot(), (resolution ?? 0) / 12.0.squareRoot())
        self.differences = finite.count
    }

    /// How far the value strays from itself: three sigma, 997 of 1000 samples of normal noise. Rounded up to the two
    /// digits that people write into a configuration. A deadband within it lets noise alone clear and raise.
    public var band: Double { AdviceStudy.roundedUp(3 * sigma) }

    /// A distance, such as a deadband, in sigmas; infinite where there is no noise.
    public func sigmas(_ distance: Double) -> Double { distance / sigma }
}

/// Collects differences of neighbouring samples in bounded memory: when it is full, every other one goes, and from
/// then on every second one is taken. So they are spread evenly over all samples.
public struct NoiseMeter: Sendable {
    /// Differences kept at most.
    public static let limit = 4096

    private let maxGap: Int64
    private var differences: [Double] = []
    private var last: (time: Int64, value: Double)?
    private var stride = 1
    private var skipped = 0

    /// - Parameter maxGap: samples further apart are no neighbours.
    public init(maxGap: Duration) { self.maxGap = maxGap.milliseconds }

    /// The next good sample.
    public mutating func take(time: Int64, value: Double) {
        guard value.isFinite else { return }
        defer { last = (time, value) }
        guard let last, time - last.time <= maxGap else { return }
        skipped += 1
        guard skipped == stride else { return }
        skipped = 0
        differences.append(value - last.value)
        guard differences.count == Self.limit else { return }
        differences = differences.indices.filter { $0 % 2 == 1 }.map { differences[$0] }
        stride *= 2
    }

    /// `nil` when there is too little to go by.
    public var estimate: NoiseEstimate? { NoiseEstimate(differences: differences) }
}

extension [Double] {
    /// Not of an empty array.
    fileprivate var median: Double {
        let ordered = sorted()
        let middle = count / 2
        return count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
    }
}
