import Plant

/// A command and its feedback differ for longer than the plant needs to move.
///
/// The time begins when they are first seen to differ, and again with every new command, for then the plant has to
/// move again. A bad sample of either, or a gap, begins it again too. It may end without a sample, but no later than
/// the evidence horizon after the last one.
struct MismatchMemory: Sendable {
    let feedback: Tag.ID
    private let transit: Int64
    private var continuity: Continuity
    private var command = Double.nan
    private var answer = Double.nan
    private var since: Int64?
    private var last: Int64 = 0
    private var isTold = false

    init(feedback: Tag.ID, transit: Duration, maxGap: Int64) {
        (self.feedback, self.transit) = (feedback, transit.milliseconds)
        continuity = Continuity(maxGap: maxGap)
    }

    /// While it is not yet in, an alarm that stands is left alone.
    mutating func find(_ sample: Sample, after previous: AlarmLevel?, _ surroundings: some Surroundings) -> Finding {
        let step = continuity.take(sample)
        let feedback = surroundings.sample(feedback)
        guard step != .broken, feedback.isGood else {
            since = nil
            return Finding(.unknown)
        }
        let isCommanded = command != sample.value
        (command, answer, last) = (sample.value, feedback.value, sample.time)
        guard sample.value != feedback.value else {
            since = nil
            return Finding(.out)
        }
        if step == .begins || isCommanded { since = nil }
        let since = since ?? sample.time
        self.since = since
        isTold = sample.time - since >= transit
        return isTold ? finding : Finding(previous == nil ? .out : .unknown)
    }

    /// Milliseconds.
    var due: Int64? {
        guard let since, !isTold, since + transit - last <= continuity.maxGap else { return nil }
        return since + transit
    }

    mutating func look(at time: Int64) -> Finding? {
        guard let due, time >= due else { return nil }
        isTold = true
        return finding
    }

    private var finding: Finding {
        let detail = "command \(Wording.number(command)), feedback \(Wording.number(answer))"
        return Finding(.alarm(.fault), detail: detail)
    }
}
