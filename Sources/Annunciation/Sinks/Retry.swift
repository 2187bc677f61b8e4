import Plant

/// When a sink that failed is tried again: the breaker. Open, its lines wait; at the end of each pause one is tried.
struct Retry {
    static let first: Duration = .seconds(1)
    static let last: Duration = .seconds(60)

    private var pause = first
    /// CLOCK_MONOTONIC nanoseconds of the next try; `nil` while all is well.
    private(set) var next: Int64?
    private(set) var failingSince: Moment?

    mutating func succeeded() { self = Retry() }

    /// - Parameters:
    ///   - isCheap: tries come every second.
    ///   - wish: of the other end; counts when it is longer.
    mutating func failed(
        at now: Moment, isCheap: Bool, wish: Duration?, random: ClosedRange<Double> = 0.75...1.25
    ) {
        failingSince = failingSince ?? now
        // Many sinks of many daemons may wait for one server: they must not come back together.
        let wait = max(Int64(Double(pause.nanoseconds) * .random(in: random)), wish?.nanoseconds ?? 0)
        next = now.monotonic + wait
        if !isCheap { pause = min(pause * 2, Retry.last) }
    }
}
