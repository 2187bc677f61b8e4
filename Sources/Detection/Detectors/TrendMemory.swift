import Plant

/// The trend reaches the limit before anybody could act. It never replaces the alarm on the limit itself.
///
/// A least-squares line over the window; a trend only with 10 samples at least, when the slope is 3 times its standard
/// error and goes towards the limit. In when the limit is no further than the horizon in 3 evaluations in a row, out
/// when it is further than 1.25 horizons or the trend is gone.
///
/// The figure and the limit of the finding are seconds: the time that is left, and the horizon. The detail is for
/// people: `reaches 1500 in 14 min (9-31)`, with the times for the slope plus and minus 2 standard errors.
struct TrendMemory: Sendable {
    static let leastSamples = 10
    static let leastSignificance = 3.0
    static let evaluations = 3
    static let release = 1.25

    private let test: TimeToLimit
    /// Milliseconds.
    private let horizon: Double
    private var continuity: Continuity
    private var line: SlidingLine
    /// Evaluations in a row that were within the horizon.
    private var run = 0

    init(_ test: TimeToLimit, maxGap: Int64) {
        (self.test, horizon) = (test, Double(test.horizon.milliseconds))
        continuity = Continuity(maxGap: maxGap)
        line = SlidingLine(over: test.over.milliseconds)
    }

    mutating func find(_ sample: Sample, after previous: AlarmLevel?) -> Finding {
        let step = continuity.take(sample)
        if step != .continues { empty() }
        guard step != .broken else { return Finding(.unknown) }
        line.take(time: sample.time, value: sample.value)
        guard line.count >= Self.leastSamples else { return Finding(.unknown) }
        guard let arrival = arrival(at: sample.time) else {
            run = 0
            return Finding(.out, limit: horizon / 1000)
        }
        run = arrival.expected <= horizon ? min(run + 1, Self.evaluations) : 0
        let isIn = run >= Self.evaluations || previous != nil && arrival.expected <= Self.release * horizon
        return Finding(
            isIn ? .alarm(.fault) : .out, figure: arrival.expected / 1000, limit: horizon / 1000,
            detail: isIn ? text(arrival) : nil)
    }

    /// Milliseconds until the limit.
    private struct Arrival {
        let expected, earliest, latest: Double
    }

    /// When the line reaches the limit; 0 when it has. `nil` when there is no trend towards it.
    private func arrival(at time: Int64) -> Arrival? {
        let moments = line.moments
        let sign: Double = test.isAbove ? 1 : -1
        let (slope, error) = (sign * moments.slope, moments.slopeError)
        guard slope > 0, slope.isFinite, slope >= Self.leastSignificance * error else { return nil }
        let distance = max(0, sign * (test.limit - line.fit(at: time)))
        return Arrival(
            expected: distance / slope, earliest: distance / (slope + 2 * error),
            latest: distance / (slope - 2 * error))
    }

    private func text(_ arrival: Arrival) -> String {
        let time = Wording.time(milliseconds: arrival.expected, from: arrival.earliest, to: arrival.latest)
        return "reaches \(Wording.number(test.limit)) in \(time)"
    }

    private mutating func empty() {
        line.removeAll()
        run = 0
    }
}
