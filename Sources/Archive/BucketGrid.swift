import Plant

/// Where the buckets of an interval begin and end: at multiples of the interval from midnight on people's clocks.
///
/// A day with a clock change is 23 or 25 hours long; the bucket in which the clock changes is shorter or longer, and
/// all others still begin where the clock on the wall says. Intervals above a day count from a Monday.
public struct BucketGrid: Sendable {
    private static let day: Int64 = 86_400_000
    /// Monday 5 January 1970.
    private static let monday: Int64 = 4 * day

    /// Milliseconds.
    public let interval: Int64
    private let utcOffset: @Sendable (Int64) -> Int64

    /// - Parameters:
    ///   - interval: a bucket's length; at least 1 ms.
    ///   - utcOffset: local time minus UTC in milliseconds at an instant in UTC milliseconds; 0 for UTC.
    public init(every interval: Duration, utcOffset: @escaping @Sendable (Int64) -> Int64 = { _ in 0 }) {
        let parts = interval.components
        self.interval = max(1, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
        self.utcOffset = utcOffset
    }

    /// The bucket an instant lies in, in UTC milliseconds, half-open. The buckets of a grid never overlap and leave
    /// nothing out.
    public func bucket(containing time: Int64) -> Range<Int64> {
        let offset = utcOffset(time)
        let label = label(time + offset)
        return start(label, time, offset)..<end(label, time, offset)
    }

    /// What the clock on the wall shows when the bucket begins and ends.
    private func label(_ local: Int64) -> Range<Int64> {
        if interval > BucketGrid.day {
            let start = BucketGrid.monday + (local - BucketGrid.monday).floored(to: interval)
            return start..<(start + interval)
        }
        let midnight = local.floored(to: BucketGrid.day)
        let start = midnight + (local - midnight).floored(to: interval)
        // An interval that does not divide the day leaves a shorter last bucket.
        return start..<min(start + interval, midnight + BucketGrid.day)
    }

    private func start(_ label: Range<Int64>, _ time: Int64, _ offset: Int64) -> Int64 {
        let straight = label.lowerBound - offset
        guard let change = change(after: straight, until: time) else { return straight }
        let before = utcOffset(change - 1)
        return continues(label, over: change) ? label.lowerBound - before : change
    }

    private func end(_ label: Range<Int64>, _ time: Int64, _ offset: Int64) -> Int64 {
        let straight = label.upperBound - offset
        guard let change = change(after: time, until: straight) else { return straight }
        return continues(label, over: change) ? label.upperBound - utcOffset(change) : change
    }

    /// Whether a bucket goes on when the clock changes inside it. Where the clock goes back to the very start of the
    /// label, the second pass has a bucket of its own: of an hour that a clock shows twice, both are wanted.
    private func continues(_ label: Range<Int64>, over change: Int64) -> Bool {
        let after = change + utcOffset(change)
        return label.contains(change - 1 + utcOffset(change - 1)) && label.contains(after) && after != label.lowerBound
    }

    /// The first instant with the later offset, when the offsets at both ends differ.
    private func change(after first: Int64, until last: Int64) -> Int64? {
        let old = utcOffset(first)
        guard last > first, utcOffset(last) != old else { return nil }
        var (low, high) = (first, last)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if utcOffset(middle) == old { low = middle } else { high = middle }
        }
        return high
    }
}
