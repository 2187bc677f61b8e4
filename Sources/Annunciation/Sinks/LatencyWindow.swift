/// The newest latencies of a sink, for its percentiles: exact, and of a bounded past.
struct LatencyWindow: Sendable {
    static let limit = 1000

    private var nanoseconds: [Int64] = []
    private var next = 0

    mutating func note(_ latency: Int64) {
        if nanoseconds.count < LatencyWindow.limit { return nanoseconds.append(latency) }
        nanoseconds[next] = latency
        next = (next + 1) % LatencyWindow.limit
    }

    var count: Int { nanoseconds.count }

    /// The smallest latency that so many of a hundred do not exceed, in milliseconds (nearest rank); `nil` without any.
    func percentile(_ percent: Int) -> Double? {
        guard !nanoseconds.isEmpty else { return nil }
        let sorted = nanoseconds.sorted()
        let rank = (sorted.count * percent + 99) / 100
        return Double(sorted[max(0, rank - 1)]) / 1_000_000
    }
}
