import Plant

/// A level alarm reduced to one limit, deadband and two delays: enough to count what another tuning would have raised.
///
/// An approximation of the engine: it knows good samples only, no phases, no suppression, no counts of runs. The rules
/// it shares are those of the specification: >= at the limit, the deadband holds who was in, a delay ends at its own
/// time and not after the evidence horizon, and a longer gap starts it again.
struct AlarmSimulator: Sendable {
    struct Edge: Hashable, Sendable {
        let isRaise: Bool
        let time: Int64
    }

    let setting: AlarmSetting
    let tuning: Tuning
    private let maxGap: Int64
    private(set) var isActive = false
    private var wasIn = false
    /// When verdict and condition began to disagree.
    private var since: Int64?
    private var last: Int64?

    init(_ setting: AlarmSetting, _ tuning: Tuning) {
        (self.setting, self.tuning) = (setting, tuning)
        maxGap = setting.maxGap.milliseconds
    }

    /// The next good sample. `ripened` ended a delay before it, `now` is of the sample itself.
    mutating func take(time: Int64, value: Double) -> (ripened: Edge?, now: Edge?) {
        let ripened = ripen(by: time)
        if let last, time - last > maxGap { since = nil }
        last = time
        wasIn = isIn(value)
        if wasIn == isActive {
            since = nil
        } else if since == nil {
            since = time
        }
        return (ripened, ripen(by: time))
    }

    private func isIn(_ value: Double) -> Bool {
        let sign: Double = setting.isAbove ? 1 : -1
        let (distance, edge) = (sign * value, sign * setting.limit)
        if setting.isInclusive ? distance >= edge : distance > edge { return true }
        return wasIn && tuning.deadband > 0 && distance >= sign * (setting.limit - sign * tuning.deadband)
    }

    private mutating func ripen(by time: Int64) -> Edge? {
        guard let since, let last else { return nil }
        let due = since + (isActive ? tuning.offDelay : tuning.onDelay)
        guard due <= time, due <= last + maxGap else { return nil }
        isActive.toggle()
        self.since = nil
        return Edge(isRaise: isActive, time: due)
    }
}
