import Plant

extension Spike {
    /// How far a value stands out from its neighbours, after IOOS QARTOD test 6.
    ///
    /// The average form gives |v(k-1) - (v(k-2) + v(k)) / 2|; the differential form the smaller of the two steps when
    /// they have opposite signs, else 0: a ramp and a step are no spikes.
    func height(before: Double, _ value: Double, after: Double) -> Double {
        switch form {
        case .average: return abs(value - (before / 2 + after / 2))
        case .differential:
            let (up, down) = (value - before, after - value)
            return (up > 0) == (down < 0) && up != 0 && down != 0 ? min(abs(up), abs(down)) : 0
        }
    }
}

/// One sample stands out from its neighbours. One sample late by design: the finding at a sample is about the one
/// before it. The comparison is strict, as in QARTOD.
struct SpikeMemory: Sendable {
    private let spike: Spike
    private var continuity: Continuity
    /// Good samples without a break, the newest two.
    private var before: Double?
    private var last: Double?

    init(_ spike: Spike, maxGap: Int64) { (self.spike, continuity) = (spike, Continuity(maxGap: maxGap)) }

    mutating func find(_ sample: Sample) -> Finding {
        guard let height = take(sample) else { return Finding(.unknown) }
        return Finding(isSuspect(height) ? .alarm(.fault) : .out, figure: height, limit: spike.threshold)
    }

    /// Whether the sample before this one is a spike; not where it lacks a neighbour.
    mutating func isSuspect(_ sample: Sample) -> Bool { take(sample).map(isSuspect) ?? false }

    private func isSuspect(_ height: Double) -> Bool { height > spike.threshold }

    /// - Returns: how far the sample before this one stands out; `nil` when it lacks a neighbour.
    private mutating func take(_ sample: Sample) -> Double? {
        let step = continuity.take(sample)
        if step != .continues { (before, last) = (nil, nil) }
        guard step != .broken else { return nil }
        defer { (before, last) = (last, sample.value) }
        guard let before, let last else { return nil }
        return spike.height(before: before, last, after: sample.value)
    }

    mutating func reset() {
        (before, last) = (nil, nil)
        continuity.reset()
    }
}
