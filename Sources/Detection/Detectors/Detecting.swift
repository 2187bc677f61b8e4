import Plant

extension DetectorMemory {
    /// The verdict of an alarm that needs nothing but the sample, the plain levels; `nil` for all others.
    ///
    /// To be asked first where samples are many: even to hand over a definition costs more than to judge by a limit.
    @inline(__always)
    func find(_ sample: Sample, after previous: AlarmLevel?) -> Finding? {
        if case .plain(let levels) = self { levels.find(sample, after: previous) } else { nil }
    }

    /// The verdict on a sample of the alarm's tag. For logic, which has no tag, `sample` is only the time at which a
    /// scan was complete.
    ///
    /// - Parameter previous: the level of the last verdict, which deadbands need.
    mutating func find(
        _ definition: AlarmDefinition, _ sample: Sample, after previous: AlarmLevel?, _ surroundings: some Surroundings
    ) -> Finding {
        if let finding = find(sample, after: previous) { return finding }
        return consider(definition, sample, after: previous, surroundings)
    }

    private mutating func consider(
        _ definition: AlarmDefinition, _ sample: Sample, after previous: AlarmLevel?, _ surroundings: some Surroundings
    ) -> Finding {
        switch definition.detector {
        case .levels(let levels):
            let maxGap = definition.qualification.maxGap.milliseconds
            return find(levels, sample, maxGap: maxGap, after: previous, surroundings)
        case .test(let test, let priority):
            let maxGap = definition.qualification.maxGap.milliseconds
            var finding = find(test, sample, maxGap: maxGap, after: previous, surroundings)
            finding.priority = priority
            return finding
        // Charts are kept with the alarm's state, the link's own events decide about the link, and reports about Cupel.
        case .lots, .comms, .health: return Finding(.unknown)
        }
    }

    private mutating func find(
        _ levels: Levels, _ sample: Sample, maxGap: Int64, after previous: AlarmLevel?,
        _ surroundings: some Surroundings
    ) -> Finding {
        switch levels.figure {
        case .value: return levels.find(sample, after: previous, surroundings)
        case .deviation(let deviation):
            let measure = measure(deviation, sample, surroundings)
            return levels.judge(measure, after: previous, surroundings)
        case .rate: return levels.judge(rate(sample), after: previous, surroundings)
        case .difference(let twin):
            let inputs = Inputs(sample, [twin], maxGap: maxGap, surroundings)
            return levels.judgeDisagreement(inputs, after: previous, surroundings)
        case .disagreement(let others):
            let inputs = Inputs(sample, others, maxGap: maxGap, surroundings)
            return levels.judgeDisagreement(inputs, after: previous, surroundings)
        case .median(let others):
            let inputs = Inputs(sample, others, maxGap: maxGap, surroundings)
            return levels.judgeMedian(inputs, after: previous, surroundings)
        case .vote(let others, let need, let bad):
            let inputs = Inputs(sample, others, maxGap: maxGap, surroundings)
            return levels.judgeVote(inputs, need: need, bad: bad, after: previous, surroundings)
        }
    }

    private mutating func measure(
        _ deviation: Deviation, _ sample: Sample, _ surroundings: some Surroundings
    ) -> Measure? {
        guard case .soak(var clock) = self else { return deviation.measure(sample, surroundings) }
        defer { self = .soak(clock) }
        return clock.measure(deviation, sample, surroundings)
    }

    private mutating func rate(_ sample: Sample) -> Measure? {
        switch taken() {
        case .endpoint(var memory):
            defer { self = .endpoint(memory) }
            return memory.take(sample)
        case .slope(var memory):
            defer { self = .slope(memory) }
            return memory.take(sample)
        default: return nil
        }
    }

    private mutating func find(
        _ test: Detector.Test, _ sample: Sample, maxGap: Int64, after previous: AlarmLevel?,
        _ surroundings: some Surroundings
    ) -> Finding {
        switch test {
        case .state(let values): Detector.Test.findState(values, sample)
        case .bits(let mask, let isSet): Detector.Test.findBits(mask, isSet: isSet, sample)
        case .quality(let causes): Detector.Test.findQuality(causes, sample)
        case .logic(let logic): Detector.Test.findLogic(logic, surroundings)
        case .degraded(let others):
            Detector.Test.findDegraded(Inputs(sample, others, maxGap: maxGap, surroundings))
        case .change, .edges, .mismatch, .spike, .stuck, .stale, .phantom, .timeToLimit:
            remember(sample, after: previous, surroundings)
        }
    }

    private mutating func remember(
        _ sample: Sample, after previous: AlarmLevel?, _ surroundings: some Surroundings
    ) -> Finding {
        switch taken() {
        case .change(var memory):
            defer { self = .change(memory) }
            return memory.find(sample)
        case .edges(var memory):
            defer { self = .edges(memory) }
            return memory.find(sample)
        case .mismatch(var memory):
            defer { self = .mismatch(memory) }
            return memory.find(sample, after: previous, surroundings)
        case .spike(var memory):
            defer { self = .spike(memory) }
            return memory.find(sample)
        case .stuck(var memory):
            defer { self = .stuck(memory) }
            return memory.find(sample, surroundings)
        case .stale(var memory):
            defer { self = .stale(memory) }
            return memory.find(sample)
        case .phantom(var memory):
            defer { self = .phantom(memory) }
            return memory.find(sample, after: previous, surroundings)
        case .trend(var memory):
            defer { self = .trend(memory) }
            return memory.find(sample, after: previous)
        case .nothing, .plain, .soak, .endpoint, .slope: return Finding(.unknown)
        }
    }
}
