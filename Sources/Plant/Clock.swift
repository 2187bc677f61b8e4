#if canImport(Glibc)
    import Glibc
#endif

/// Where time comes from. Intervals and deadlines use the monotonic clock, stamps use UTC; tests bring their own.
public protocol PlantClock: Sendable {
    /// CLOCK_MONOTONIC in nanoseconds.
    func monotonic() -> Int64
    /// UTC in nanoseconds since 1970.
    func wall() -> Int64
}

public struct SystemClock: PlantClock {
    public init() {}

    public func monotonic() -> Int64 { Self.read(CLOCK_MONOTONIC) }
    public func wall() -> Int64 { Self.read(CLOCK_REALTIME) }

    private static func read(_ id: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(id, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Duration {
    /// Whole nanoseconds; 292 years at most.
    public var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
    public var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
