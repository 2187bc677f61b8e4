import Plant

/// How fast a tag moves, from the least-squares line over `over`: for signals whose noise would decide an endpoint.
///
/// Known from 5 samples that span half of `over` at least.
struct SlopeRate: Sendable {
    static let leastSamples = 5

    private let over: Int64
    private let per: Double
    private var continuity: Continuity
    private var line: SlidingLine

    init(_ rate: RateOfChange, maxGap: Int64) {
        (over, per) = (rate.over.milliseconds, Double(rate.per.milliseconds))
        line = SlidingLine(over: over)
        continuity = Continuity(maxGap: maxGap)
    }

    mutating func take(_ sample: Sample) -> Measure? {
        let step = continuity.take(sample)
        if step != .continues { line.removeAll() }
        guard step != .broken else { return nil }
        line.take(time: sample.time, value: sample.value)
        guard line.count >= Self.leastSamples, 2 * line.span >= over else { return nil }
        let moments = line.moments
        return Measure(number: moments.timeValue * per, weight: moments.timeTime)
    }
}
