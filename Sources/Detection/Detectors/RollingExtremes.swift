/// The smallest and the largest value since some moment, from two monotonic queues: O(1) amortised a sample.
///
/// In the queue of the largest the values fall: one that is neither newer nor larger than another can never be the
/// largest again.
struct RollingExtremes: Sendable {
    private var smallest = Ring<Window.Point>()
    private var largest = Ring<Window.Point>()

    var spread: Double? { largest.first.flatMap { max in smallest.first.map { max.value - $0.value } } }
    var minimum: Double? { smallest.first?.value }
    var maximum: Double? { largest.first?.value }

    mutating func append(time: Int64, value: Double) {
        let point = Window.Point(time: time, value: value)
        while let last = smallest.last, last.value >= value { smallest.removeLast() }
        Self.append(point, to: &smallest)
        while let last = largest.last, last.value <= value { largest.removeLast() }
        Self.append(point, to: &largest)
    }

    /// Forgets what is older than this.
    mutating func removeAll(before time: Int64) {
        while let first = smallest.first, first.time < time { smallest.removeFirst() }
        while let first = largest.first, first.time < time { largest.removeFirst() }
    }

    mutating func removeAll() {
        smallest.removeAll()
        largest.removeAll()
    }

    /// A full queue holds its newest extreme as if it were as new as the point: the window then looks wider than it is,
    /// never stiller.
    private static func append(_ point: Window.Point, to queue: inout Ring<Window.Point>) {
        if queue.count < Window.limit {
            queue.append(point)
        } else {
            queue[queue.count - 1].time = point.time
        }
    }
}
