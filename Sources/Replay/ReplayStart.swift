/// From when on scans are fed, so that the events from `from` on are those of the day.
public enum ReplayStart {
    /// How far back a start of the daemon is worth going: there the windows of the detectors were empty for everybody,
    /// and nothing has to be guessed. Milliseconds.
    public static let reach: Int64 = 24 * 3_600_000
    /// Otherwise this much fills the windows and runs the delays.
    public static let warmUp: Int64 = 3_600_000

    /// - Parameters:
    ///   - from: UTC milliseconds.
    ///   - starts: when the daemon was started.
    /// - Returns: the newest start within `reach`, else an hour earlier than `from`.
    public static func time(from: Int64, starts: [Int64]) -> Int64 {
        let known = starts.filter { $0 <= from && from - $0 <= reach }.max()
        return known ?? from - warmUp
    }
}
