import Plant

/// One tuning tried on the history, beside the present one.
struct Trial: Sendable {
    private(set) var simulator: AlarmSimulator
    private(set) var raises = 0
    private(set) var nuisances = 0
    private(set) var missed = 0
    private(set) var detection = Quantiles()
    private(set) var returns = Quantiles()
    private var raisedAt: Int64?
    private(set) var clearedAt: Int64?
    private var run = RaiseRun()
    /// It was active at some time of the present episode.
    private var hasSeen = false
    private let rules: PerformanceRules

    init(_ setting: AlarmSetting, _ tuning: Tuning, _ rules: PerformanceRules) {
        simulator = AlarmSimulator(setting, tuning)
        self.rules = rules
    }

    /// - Parameters:
    ///   - episode: the first raise of the present excursion.
    ///   - baseline: the present tuning, which has seen the sample already; `nil` when this is it.
    mutating func take(time: Int64, value: Double, episode: Int64?, baseline: Trial?) -> [AlarmSimulator.Edge] {
        let (ripened, now) = simulator.take(time: time, value: value)
        guard ripened != nil || now != nil else { return [] }
        let edges = [ripened, now].compactMap(\.self)
        for edge in edges { note(edge, episode, baseline) }
        return edges
    }

    private mutating func note(_ edge: AlarmSimulator.Edge, _ episode: Int64?, _ baseline: Trial?) {
        if edge.isRaise {
            raises += 1
            raisedAt = edge.time
            nuisances += run.raise(edge.time, within: rules.chatterWindow.milliseconds).marked
            if !hasSeen, let episode { detection.add(max(0, edge.time - episode)) }
            hasSeen = true
        } else {
            clearedAt = edge.time
            if let raisedAt, length(raisedAt, edge.time) < rules.fleeting.milliseconds, run.markLast() {
                nuisances += 1
            }
            guard let baseline else { return }
            let before = baseline.simulator.isActive ? edge.time : baseline.clearedAt ?? edge.time
            returns.add(max(0, edge.time - before))
        }
    }

    /// How long the present delays would have shown it: an off-delay alone makes no fleeting alarm worth a look, and an
    /// on-delay does not make a lasting one fleeting.
    private func length(_ raise: Int64, _ clear: Int64) -> Int64 {
        let (tuning, present) = (simulator.tuning, simulator.setting.tuning)
        return clear - raise - (tuning.offDelay - present.offDelay) + (tuning.onDelay - present.onDelay)
    }

    /// The present tuning begins another excursion; `wasReal` says whether the last one lasted.
    mutating func beginEpisode(wasReal: Bool) {
        closeEpisode(wasReal: wasReal)
        hasSeen = simulator.isActive
        if hasSeen { detection.add(0) }
    }

    mutating func closeEpisode(wasReal: Bool) {
        if wasReal, !hasSeen { missed += 1 }
    }

    var outcome: Advice.Outcome {
        Advice.Outcome(
            tuning: simulator.tuning, raises: raises, nuisances: nuisances, missed: missed,
            detectedLater: detection[0.5] ?? 0, detectedLatest: detection.largest, returnsLater: returns[0.5] ?? 0)
    }
}
