import Plant

/// How many lines may go out now, where a sink has a rate limit.
struct LineRate {
    private let limit: RateLimit
    /// CLOCK_MONOTONIC nanoseconds of those of the last period, oldest first; at most as many as the limit allows, and
    /// critical ones.
    private var sent: [Int64] = []

    init(_ limit: RateLimit) { self.limit = limit }

    /// Lines there is room for.
    mutating func room(at now: Int64) -> Int {
        sent.removeAll { $0 <= now - limit.every.nanoseconds }
        return max(0, limit.lines - sent.count)
    }

    /// When there is room again.
    var nextRoom: Int64 { (sent.first ?? 0) + limit.every.nanoseconds }

    mutating func note(_ count: Int, at now: Int64) {
        sent += Array(repeating: now, count: count)
        sent.removeFirst(max(0, sent.count - limit.lines))
    }
}
