import Plant

/// The value does not move: max - min is strictly below the tolerance over the good samples of the last `over` (IOOS
/// QARTOD test 8, flat line).
///
/// Out is known as soon as the value has moved, in only when the window is full: the unbroken run of good samples is
/// as long as the window, give or take half a period, and has as many samples as a full window. While `whenMoving`
/// does not hold, nothing should move: out, and the window begins again. While it is unknown the verdict is, too.
struct StuckMemory: Sendable {
    private let stuck: Stuck
    /// Milliseconds.
    private let over: Int64
    private let slack: Int64
    private var continuity: Continuity
    private var extremes = RollingExtremes()
    private var since: Int64 = 0
    private var samples = 0

    init(_ stuck: Stuck, maxGap: Int64) {
        self.stuck = stuck
        over = stuck.over.milliseconds
        slack = over / Int64(max(1, stuck.samples - 1)) / 2
        continuity = Continuity(maxGap: maxGap)
    }

    mutating func find(_ sample: Sample, _ surroundings: some Surroundings) -> Finding {
        let isMoving = stuck.whenMoving?.truth(surroundings) ?? .yes
        let step = continuity.take(sample)
        if step != .continues { empty() }
        guard step != .broken else { return Finding(.unknown) }
        guard isMoving != .no else {
            empty()
            return Finding(.out)
        }
        if samples == 0 { since = sample.time }
        samples = min(samples + 1, stuck.samples)
        extremes.append(time: sample.time, value: sample.value)
        extremes.removeAll(before: sample.time - over - slack)
        let spread = extremes.spread ?? 0
        return Finding(verdict(spread, at: sample.time, isMoving), figure: spread, limit: stuck.tolerance)
    }

    private func verdict(_ spread: Double, at time: Int64, _ isMoving: Truth) -> Verdict {
        guard spread < stuck.tolerance else { return .out }
        let isFull = samples >= stuck.samples && time - since >= over - slack
        return isFull && isMoving == .yes ? .alarm(.fault) : .unknown
    }

    private mutating func empty() {
        extremes.removeAll()
        samples = 0
    }
}
