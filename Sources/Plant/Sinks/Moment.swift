/// One instant on both clocks: what is stored and shown, and what is subtracted.
public struct Moment: Sendable, Hashable {
    /// UTC milliseconds.
    public let utc: Int64
    /// CLOCK_MONOTONIC nanoseconds.
    public let monotonic: Int64

    public init(utc: Int64, monotonic: Int64) { (self.utc, self.monotonic) = (utc, monotonic) }

    public init(_ clock: some PlantClock) { self.init(utc: clock.wall() / 1_000_000, monotonic: clock.monotonic()) }
}
