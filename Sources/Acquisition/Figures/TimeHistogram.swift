/// Times counted in buckets that grow with them, 12.5 % wide from 8 µs on: enough to tell a p99 by, in fixed memory.
struct TimeHistogram: Sendable {
    /// Times beyond 67 s are counted as 67 s: no reply and no pass of a line takes longer.
    static let largestMicroseconds: Int64 = (1 << 26) - 1

    // In place: the line's thread counts every reply, and an array would be checked for other owners each time.
    private var counts = InlineArray<200, UInt32>(repeating: 0)
    private(set) var count = 0
    private(set) var total: Int64 = 0
    /// Nanoseconds; 0 while nothing was counted.
    private(set) var min: Int64 = 0
    private(set) var max: Int64 = 0

    mutating func add(_ nanoseconds: Int64) {
        let time = Swift.max(0, nanoseconds)
        counts[TimeHistogram.bucket(time)] &+= 1
        min = count == 0 ? time : Swift.min(min, time)
        max = Swift.max(max, time)
        total += time
        count += 1
    }

    mutating func add(_ other: TimeHistogram) {
        guard other.count > 0 else { return }
        for index in counts.indices { counts[index] &+= other.counts[index] }
        min = count == 0 ? other.min : Swift.min(min, other.min)
        max = Swift.max(max, other.max)
        total += other.total
        count += other.count
    }

    mutating func clear() {
        if count > 0 { self = TimeHistogram() }
    }

    var mean: Int64? { count == 0 ? nil : total / Int64(count) }

    /// The time that this share of all stayed below, an eighth too long at most; `nil` while nothing was counted.
    func quantile(_ share: Double) -> Int64? {
        guard count > 0 else { return nil }
        var rest = Int((Double(count) * share).rounded(.up))
        for bucket in counts.indices where counts[bucket] > 0 {
            rest -= Int(counts[bucket])
            if rest <= 0 { return Swift.min(max, TimeHistogram.end(of: bucket)) }
        }
        return max
    }

    /// The buckets that are not empty: up to how many nanoseconds, and how many.
    var bars: [(end: Int64, count: Int)] {
        counts.indices.filter { counts[$0] > 0 }.map { (TimeHistogram.end(of: $0), Int(counts[$0])) }
    }

    /// Eight buckets for each doubling; below 8 µs one a microsecond.
    private static func bucket(_ nanoseconds: Int64) -> Int {
        let time = Swift.min(nanoseconds / 1000, largestMicroseconds)
        guard time >= 8 else { return Int(time) }
        let exponent = 63 - time.leadingZeroBitCount
        return (exponent - 2) * 8 + Int(time >> Int64(exponent - 3) & 7)
    }

    private static func end(of bucket: Int) -> Int64 {
        guard bucket >= 8 else { return Int64(bucket + 1) * 1000 }
        let exponent = bucket / 8 + 2
        return (Int64(8 + bucket % 8) + 1) << Int64(exponent - 3) * 1000
    }
}
