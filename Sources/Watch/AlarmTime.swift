import Plant

/// The alarms' time scale: UTC without the steps of the wall clock, in milliseconds.
///
/// A step must neither ripen nor delay an alarm. Everything else of the wall clock is kept, its slow corrections too, so
/// that the time of a sample is the time of its scan in the history, and a replay counts with the same numbers.
struct AlarmTime: Sendable {
    /// UTC may drift this far from the monotonic clock between two looks before it counts as a step.
    static let stepLimit: Duration = .seconds(2)

    /// UTC minus the monotonic clock when last looked at, in nanoseconds.
    private(set) var offset: Int64
    /// By how much the wall clock was stepped since the start, in milliseconds.
    private(set) var steps: Int64 = 0

    init(offset: Int64) { self.offset = offset }

    /// - Returns: by how many milliseconds the wall clock was stepped since the last look; `nil` when it was not.
    mutating func look(_ present: Int64) -> Int64? {
        defer { offset = present }
        guard abs(present - offset) > AlarmTime.stepLimit.nanoseconds else { return nil }
        let step = (present - offset) / 1_000_000
        steps += step
        return step
    }

    /// When a scan's first request left.
    func sent(_ header: ScanHeader) -> Int64 {
        // A scan from before a step that has been noticed since, or from after one that has not been yet.
        let isAcross = abs(header.wallOffset - offset) > AlarmTime.stepLimit.nanoseconds
        return (isAcross ? (header.sent + offset) / 1_000_000 : header.time) - steps
    }

    /// When a block's reply was here, or was given up; by the milliseconds that the history keeps.
    func replied(_ header: ScanHeader) -> Int64 { sent(header) + (header.replied - header.sent) / 1_000_000 }

    /// - Parameter monotonic: nanoseconds.
    func of(_ monotonic: Int64) -> Int64 { (monotonic + offset) / 1_000_000 - steps }

    func utc(_ time: Int64) -> Int64 { time + steps }
}
