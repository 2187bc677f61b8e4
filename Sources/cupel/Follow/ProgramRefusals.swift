import Plant

/// How often a program did not take an event, and when to say so.
struct ProgramRefusals {
    /// Seconds before the next try: the first and the longest.
    static let pauses: (first: UInt32, longest: UInt32) = (1, 60)
    /// Every later event waits behind this one, and one line at the beginning of a night is not read in the morning.
    static let complainEvery: Duration = .seconds(60)

    let program: String
    private var tries = 0
    /// CLOCK_MONOTONIC nanoseconds of the last complaint.
    private var complained: Int64?
    private(set) var pause: UInt32 = 0

    init(program: String) { self.program = program }

    /// - Returns: what to tell a person now.
    mutating func note(_ reason: String, at now: Int64) -> String? {
        tries += 1
        pause = tries == 1 ? Self.pauses.first : min(pause * 2, Self.pauses.longest)
        if let complained, now - complained < Self.complainEvery.nanoseconds { return nil }
        complained = now
        let count = tries == 1 ? "" : " (\(tries) tries so far)"
        return "cupel: \(program): \(reason); it gets the event again until it takes it\(count)"
    }
}
