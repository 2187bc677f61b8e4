/// The centred moments of points, from which their least-squares line follows.
///
/// Two sets are merged after Chan, Golub and LeVeque (1979); nothing is ever subtracted from one, so a spike that has
/// left the window leaves no rounding behind.
struct LineMoments: BitwiseCopyable, Sendable {
    var count = 0.0
    /// Means: milliseconds after the origin of who keeps them, and values.
    var time = 0.0
    var value = 0.0
    /// Sums of squared and mixed distances from the means.
    var timeTime = 0.0
    var timeValue = 0.0
    var valueValue = 0.0

    init() {}
    init(time: Double, value: Double) { (count, self.time, self.value) = (1, time, value) }

    func merged(with other: LineMoments) -> LineMoments {
        guard count > 0 else { return other }
        guard other.count > 0 else { return self }
        var both = self
        both.count = count + other.count
        let (share, weight) = (other.count / both.count, count * other.count / both.count)
        let (dt, dv) = (other.time - time, other.value - value)
        both.time += dt * share
        both.value += dv * share
        both.timeTime += other.timeTime + dt * dt * weight
        both.timeValue += other.timeValue + dt * dv * weight
        both.valueValue += other.valueValue + dv * dv * weight
        return both
    }

    /// The slope in units a millisecond.
    var slope: Double { timeValue / timeTime }
    /// The standard error of the slope, from n - 2 degrees of freedom.
    var slopeError: Double {
        let residual = max(0, valueValue - timeValue * timeValue / timeTime)
        return (residual / (count - 2) / timeTime).squareRoot()
    }
    func fit(at time: Double) -> Double { value + slope * (time - self.time) }
}

/// The least-squares line over the last `over` milliseconds, in O(1) amortised a sample.
///
/// A queue of two stacks: the older points are summed up from each of them on, the newer ones in one sum. When the
/// older ones are used up, the newer ones become the older.
struct SlidingLine: Sendable {
    private let over: Int64
    private var points = Ring<Window.Point>()
    /// The last element sums up all older points, the one before it all but the oldest, and so on.
    private var older: [LineMoments] = []
    private var newer = LineMoments()
    /// Times count from here, so that they are small numbers.
    private var origin: Int64 = 0

    init(over: Int64) { self.over = over }

    var count: Int { points.count }
    /// Milliseconds from the oldest to the newest point.
    var span: Int64 { points.first.flatMap { first in points.last.map { $0.time - first.time } } ?? 0 }
    var moments: LineMoments { (older.last ?? LineMoments()).merged(with: newer) }
    func fit(at time: Int64) -> Double { moments.fit(at: Double(time - origin)) }

    mutating func take(time: Int64, value: Double) {
        while let first = points.first, time - first.time > over { removeFirst() }
        if let last = points.last, time - last.time < Window.spacing(over: over) { return }
        if points.isEmpty { origin = time }
        points.append(Window.Point(time: time, value: value))
        newer = newer.merged(with: LineMoments(time: Double(time - origin), value: value))
    }

    mutating func removeAll() {
        points.removeAll()
        older.removeAll(keepingCapacity: true)
        newer = LineMoments()
    }

    private mutating func removeFirst() {
        if older.isEmpty { turn() }
        older.removeLast()
        points.removeFirst()
    }

    private mutating func turn() {
        origin = points.first?.time ?? 0
        var sum = LineMoments()
        for index in (0..<points.count).reversed() {
            sum = LineMoments(time: Double(points[index].time - origin), value: points[index].value).merged(with: sum)
            older.append(sum)
        }
        newer = LineMoments()
    }
}
