/// What the windows of samples have in common.
enum Window {
    /// The samples a window is meant to hold at most.
    ///
    /// A window that would hold more is thinned: a sample nearer than `spacing` to the one before it is judged but not
    /// kept. So an hour at 10 samples a second is kept at one in 0.9 s, and no window can grow without bound.
    static let limit = 4096

    /// The least distance, in milliseconds, of two samples that are kept in a window of this length.
    static func spacing(over: Int64) -> Int64 { max(1, over / Int64(limit)) }

    /// One good sample.
    struct Point: BitwiseCopyable, Hashable, Sendable {
        /// Milliseconds.
        var time: Int64
        var value: Double
    }
}

/// Sees to it that no window reaches across a bad sample or a gap: what happened there is not known, and a rate or a
/// standstill that spans it would be an invention.
struct Continuity: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        /// Nothing to judge, and windows are to be emptied.
        case broken
        /// The first good sample, or the first after a break: windows are to be emptied, then it goes in.
        case begins
        case continues
    }

    /// Milliseconds between good samples that are no gap yet.
    let maxGap: Int64
    private var last: Int64?

    init(maxGap: Int64) { self.maxGap = maxGap }

    mutating func take(_ sample: Sample) -> Step {
        guard sample.isGood else {
            last = nil
            return .broken
        }
        defer { last = sample.time }
        guard let last, sample.time >= last, sample.time - last <= maxGap else { return .begins }
        return .continues
    }

    mutating func reset() { last = nil }
}
