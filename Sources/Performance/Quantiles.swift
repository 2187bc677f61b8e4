#if canImport(Glibc)
    import Glibc
#endif

/// Quantiles of durations in constant memory: counts in buckets that widen by 2 %, so a quantile is within 1 %.
struct Quantiles: Sendable {
    private static let step = log(1.02)
    private var counts: [Int] = []
    private(set) var count = 0
    private var smallest = Int64.max
    private(set) var largest: Int64 = 0

    mutating func add(_ duration: Int64) {
        let index = duration <= 0 ? 0 : 1 + Int(log(Double(duration)) / Self.step)
        if index >= counts.count { counts += Array(repeating: 0, count: index + 1 - counts.count) }
        counts[index] += 1
        count += 1
        (smallest, largest) = (min(smallest, duration), max(largest, duration))
    }

    /// The value that at least the share `p` does not exceed (nearest rank).
    subscript(_ p: Double) -> Int64? {
        guard count > 0 else { return nil }
        var left = max(1, Int((p * Double(count)).rounded(.up)))
        let index = counts.firstIndex { bucket in
            left -= bucket
            return left <= 0
        }
        guard let index, index > 0 else { return max(0, smallest) }
        return min(max(Int64(exp((Double(index) - 0.5) * Self.step).rounded()), smallest), largest)
    }
}
