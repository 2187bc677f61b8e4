import Plant

/// Tries other deadbands and delays of one alarm on the history of its tag: every sample is visited once, with all
/// candidates side by side.
///
/// Candidates are wider deadbands, of 1 to 6 sigma of the tag's noise, with a longer on-delay or a longer off-delay or
/// neither. What the present tuning raises within a minute of its last clear is one excursion: the detection delay of a
/// candidate is measured from the excursion's first raise.
public struct AdviceStudy: Sendable {
    static let sigmas: [Double] = [1, 2, 3, 4, 6]
    /// Milliseconds.
    static let delays: [Int64] = [1, 2, 5, 10, 20, 30, 60].map { $0 * 1000 }
    /// Samples held back to learn the noise from, when nobody gives it.
    public static let lead = 5000

    private let setting: AlarmSetting
    private let rules: PerformanceRules
    private var noise: NoiseEstimate?
    private var held: [(time: Int64, value: Double)] = []
    private var baseline: Trial
    private var trials: [Trial] = []
    private var isRunning = false
    private var samples = 0
    private var lastTime: Int64 = 0
    private var excursion = Excursion()

    /// - Parameter noise: from a `NoiseMeter` over the whole history; without it, of the first `lead` samples.
    public init(_ setting: AlarmSetting, noise: NoiseEstimate? = nil, rules: PerformanceRules = PerformanceRules()) {
        (self.setting, self.rules) = (setting, rules)
        baseline = Trial(setting, setting.tuning, rules)
        if let noise { start(noise) }
    }

    /// The next good sample, in order of time.
    public mutating func take(time: Int64, value: Double) {
        guard value.isFinite else { return }
        samples += 1
        lastTime = time
        guard !isRunning else { return run(time, value) }
        held.append((time, value))
        if held.count >= Self.lead { start(nil) }
    }

    /// What it found.
    public func finish() -> Advice {
        var copy = self
        if !copy.isRunning { copy.start(nil) }
        if copy.baseline.simulator.isActive { copy.excursion.clear(copy.lastTime) }
        for index in copy.trials.indices { copy.trials[index].closeEpisode(wasReal: copy.excursion.isReal(rules)) }
        return Advice(
            setting, noise: copy.noise, samples: samples, present: copy.baseline.outcome,
            candidates: copy.trials.map(\.outcome))
    }

    private mutating func start(_ known: NoiseEstimate?) {
        isRunning = true
        noise = known
        if known == nil {
            var meter = NoiseMeter(maxGap: setting.maxGap)
            for sample in held { meter.take(time: sample.time, value: sample.value) }
            noise = meter.estimate
        }
        trials = Self.candidates(setting, noise).map { Trial(setting, $0, rules) }
        for sample in held { run(sample.time, sample.value) }
        held = []
    }

    static func candidates(_ setting: AlarmSetting, _ noise: NoiseEstimate?) -> [Tuning] {
        let present = setting.tuning
        let wider = sigmas.map { (noise?.sigma ?? 0) * $0 }.filter { $0 > present.deadband && $0.isFinite }
        let half = setting.respondWithin.map { $0.milliseconds / 2 } ?? .max
        var seen: Set<Tuning> = [present]
        return ([present.deadband] + wider.map(roundedUp)).flatMap { deadband in
            let delays = ([0] + delays).flatMap { delay in
                [
                    Tuning(deadband: deadband, onDelay: max(delay, present.onDelay), offDelay: present.offDelay),
                    Tuning(deadband: deadband, onDelay: present.onDelay, offDelay: max(delay, present.offDelay)),
                ]
            }
            return delays.filter { $0.onDelay < half && seen.insert($0).inserted }
        }
    }

    /// Two digits are what people write into a configuration.
    static func roundedUp(_ number: Double) -> Double {
        guard number > 0, number.isFinite else { return number }
        var (scale, digits) = (1.0, number)
        while digits < 10, scale < 1e12 { (scale, digits) = (scale * 10, number * scale * 10) }
        var power = 1.0
        while digits >= 100 { (power, digits) = (power * 10, digits / 10) }
        return (digits - 1e-9).rounded(.up) * power / scale
    }

    private mutating func run(_ time: Int64, _ value: Double) {
        for edge in baseline.take(time: time, value: value, episode: nil, baseline: nil) {
            if edge.isRaise {
                if excursion.isOver(at: edge.time, rules) { beginExcursion(edge.time) }
                excursion.raise(edge.time)
            } else {
                excursion.clear(edge.time)
            }
        }
        for index in trials.indices {
            _ = trials[index].take(time: time, value: value, episode: excursion.begin, baseline: baseline)
        }
    }

    private mutating func beginExcursion(_ time: Int64) {
        for index in trials.indices { trials[index].beginEpisode(wasReal: excursion.isReal(rules)) }
        excursion = Excursion(begin: time)
    }
}
