import Plant

/// How fast a tag moves, from the newest sample and the one nearest to `over` before it.
///
/// r = (v(t) - v(t - W)) / dt, known only while dt is within 0.5 W ... 1.5 W. Limit and period are kept apart, and
/// change x `per` is compared with limit x dt: "10 per 15 min" met exactly is met, whatever 10/900 rounds to.
struct EndpointRate: Sendable {
    private let over: Int64
    private let per: Double
    private var continuity: Continuity
    private var points = Ring<Window.Point>()

    init(_ rate: RateOfChange, maxGap: Int64) {
        (over, per) = (rate.over.milliseconds, Double(rate.per.milliseconds))
        continuity = Continuity(maxGap: maxGap)
    }

    /// - Returns: change x `per` in milliseconds with the weight dt in milliseconds.
    mutating func take(_ sample: Sample) -> Measure? {
        let step = continuity.take(sample)
        if step != .continues { points.removeAll() }
        guard step != .broken else { return nil }
        // One at or before t - W is enough.
        while points.count > 1, sample.time - points[1].time >= over { points.removeFirst() }
        defer { keep(sample) }
        guard let earlier = nearest(sample.time) else { return nil }
        let time = sample.time - earlier.time
        guard 2 * time >= over, 2 * time <= 3 * over else { return nil }
        return Measure(number: (sample.value - earlier.value) * per, weight: Double(time))
    }

    private func nearest(_ time: Int64) -> Window.Point? {
        guard let first = points.first else { return nil }
        guard points.count > 1 else { return first }
        let second = points[1]
        return (time - second.time - over).magnitude < (time - first.time - over).magnitude ? second : first
    }

    private mutating func keep(_ sample: Sample) {
        if let last = points.last, sample.time - last.time < Window.spacing(over: over) { return }
        points.append(Window.Point(time: sample.time, value: sample.value))
    }
}
