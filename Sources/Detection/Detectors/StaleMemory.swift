import Plant

/// No good sample for longer than this; what came instead, if anything, does not matter.
///
/// The time runs from the last good sample, after a restart from the first sample of any kind or from the first look.
/// It ends without a sample: `due` is the first millisecond that is too late.
struct StaleMemory: Sendable {
    /// Milliseconds.
    private let after: Int64
    private var lastGood: Int64?
    private var isTold = false

    init(after: Duration) { self.after = after.milliseconds }

    mutating func find(_ sample: Sample) -> Finding {
        if sample.quality.isGood {
            (lastGood, isTold) = (sample.time, false)
            return Finding(.out)
        }
        return look(at: sample.time) ?? Finding(isTold ? .alarm(.fault) : .unknown)
    }

    var due: Int64? { isTold ? nil : lastGood.map { $0 + after + 1 } }

    mutating func look(at time: Int64) -> Finding? {
        guard let lastGood else {
            lastGood = time
            return nil
        }
        guard !isTold, time - lastGood > after else { return nil }
        isTold = true
        return Finding(.alarm(.fault), detail: "no good sample for \(Wording.time(milliseconds: after))")
    }
}
