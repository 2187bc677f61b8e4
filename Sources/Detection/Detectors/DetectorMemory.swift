import Plant

/// What one detector remembers between samples: windows and clocks, in memory only. A restart begins them again.
enum DetectorMemory: Sendable {
    case nothing
    /// Most alarms remember nothing either; what they need of their definition is kept where it is fast.
    case plain(PlainLevels)
    case soak(SoakClock)
    case endpoint(EndpointRate)
    case slope(SlopeRate)
    case change(ChangeMemory)
    case edges(EdgeCounter)
    case mismatch(MismatchMemory)
    case spike(SpikeMemory)
    case stuck(StuckMemory)
    case stale(StaleMemory)
    case phantom(PhantomMemory)
    case trend(TrendMemory)

    init(_ definition: AlarmDefinition) {
        let maxGap = definition.qualification.maxGap.milliseconds
        switch definition.detector {
        case .levels(let levels):
            if let plain = PlainLevels(levels) {
                self = .plain(plain)
            } else {
                self.init(levels.figure, maxGap: maxGap)
            }
        case .test(let test, _): self.init(test, maxGap: maxGap)
        case .lots, .comms, .health: self = .nothing
        }
    }

    private init(_ figure: Figure, maxGap: Int64) {
        switch figure {
        case .deviation(let deviation):
            self = deviation.soakBand.map { .soak(SoakClock(band: $0, maxGap: maxGap)) } ?? .nothing
        case .rate(let rate):
            switch rate.method {
            case .endpoint: self = .endpoint(EndpointRate(rate, maxGap: maxGap))
            case .leastSquares: self = .slope(SlopeRate(rate, maxGap: maxGap))
            }
        case .value, .difference, .disagreement, .median, .vote: self = .nothing
        }
    }

    private init(_ test: Detector.Test, maxGap: Int64) {
        switch test {
        case .change: self = .change(ChangeMemory())
        case .edges(let count, let within): self = .edges(EdgeCounter(count: count, within: within, maxGap: maxGap))
        case .mismatch(let feedback, let transit):
            self = .mismatch(MismatchMemory(feedback: feedback, transit: transit, maxGap: maxGap))
        case .spike(let spike): self = .spike(SpikeMemory(spike, maxGap: maxGap))
        case .stuck(let stuck): self = .stuck(StuckMemory(stuck, maxGap: maxGap))
        case .stale(let after): self = .stale(StaleMemory(after: after))
        case .phantom(let phantom): self = .phantom(PhantomMemory(phantom, maxGap: maxGap))
        case .timeToLimit(let test): self = .trend(TrendMemory(test, maxGap: maxGap))
        case .state, .bits, .quality, .degraded, .logic: self = .nothing
        }
    }

    /// The moment, in milliseconds, when `look` should be called next; `nil` for never, until the next sample.
    func due(_ definition: AlarmDefinition) -> Int64? {
        switch self {
        case .mismatch(let memory): memory.due
        case .stale(let memory): memory.due
        default: nil
        }
    }

    /// What the passing of time alone has changed; `nil` for nothing.
    mutating func look(_ definition: AlarmDefinition, at time: Int64) -> Finding? {
        var finding: Finding?
        switch self {
        case .mismatch(var memory):
            finding = memory.look(at: time)
            self = .mismatch(memory)
        case .stale(var memory):
            finding = memory.look(at: time)
            self = .stale(memory)
        default: return nil
        }
        if case .test(_, let priority) = definition.detector { finding?.priority = priority }
        return finding
    }

    /// Forgets what it saw of another phase. The last value, and when it came, have nothing to do with the phase.
    mutating func beginPhase(_ definition: AlarmDefinition) {
        switch self {
        case .change, .stale: break
        default: reset(definition)
        }
    }

    /// Forgets everything: at a restart, a reload.
    mutating func reset(_ definition: AlarmDefinition) { self = DetectorMemory(definition) }

    /// The memory, out of its place: changed where it was, the arrays of a window would be copied.
    mutating func taken() -> DetectorMemory {
        defer { self = .nothing }
        return self
    }
}
