public import Plant

/// All alarms of a plant, and how they depend on each other: who silences whom, which was first, what a lost controller
/// explains.
///
/// A value that reads no clock: the daemon feeds it the scans as they come, a replay feeds it the same scans out of the
/// history, and both get the same events. For that every decision depends on the order in which scans became complete
/// and on the times in them, and on nothing else:
///
/// - An alarm that needs one tag alone looks at each block as it comes (`take`), because an operator must not wait for the
///   requests behind it.
/// - An alarm that needs more looks when a scan is complete (`complete`), and sees complete scans only.
/// - A timer runs out when a scan is complete that is later than it by more than the controller can take to answer
///   (`complete`), or when there has been no scan for even longer (`rest`).
///
/// All times are milliseconds on a scale that never steps: UTC less the steps of the wall clock.
public struct AlarmBoard: Sendable {
    /// By alarm.
    public internal(set) var states: [AlarmState]
    /// What has happened since somebody last took it, in order.
    public private(set) var happened: [Happening] = []
    /// A point was added to the chart of these, or another of their group became the first.
    var charted: [AlarmDefinition.ID] = []

    public struct Happening: Sendable {
        public let alarm: AlarmDefinition.ID
        public let event: AlarmEvent
        /// The alarm's state after all events of the step.
        public let state: AlarmState
    }

    let tables: BoardTables
    var memories: [DetectorMemory]
    var activities: [ActivityMemory]
    var screens: [Tag.ID: SpikeScreen]
    /// The newest sample of each screened tag, as it came.
    var unscreened: [Tag.ID: Sample] = [:]
    var settled: Settled
    /// By alarm: values that would change nothing.
    var calm: [CalmZone]
    /// By tag: the newest sample, also of a scan that is not complete.
    var incoming: [Sample]
    var incomingTexts: [Tag.ID: String] = [:]
    /// By alarm: the time of the sample it looked at last, when that was one of a complete scan.
    var looked: [Int64]
    /// By controller; `nil` before its first scan.
    var isLost: [Bool?]
    /// Controllers that answer again, but the scan that shows it is not complete.
    var returning: [Controller.ID: (time: Int64, cause: Quality)] = [:]
    /// No timer can run out before this, `grace` included.
    var soonest = Int64.min

    public init(_ plant: Plant, states: [AlarmState]) {
        tables = BoardTables(plant)
        self.states = states
        memories = plant.alarms.map(DetectorMemory.init)
        activities = zip(plant.alarms, states).map { ActivityMemory($0, $1) }
        settled = Settled(plant)
        settled.conditions = states.map(\.condition)
        incoming = Array(repeating: .none, count: plant.tags.count)
        isLost = Array(repeating: nil, count: plant.controllers.count)
        screens = tables.screened
        calm = Array(repeating: .none, count: states.count)
        looked = Array(repeating: .min, count: states.count)
    }

    /// Hands over what has happened.
    public mutating func takeHappened() -> [Happening] {
        defer { happened.removeAll(keepingCapacity: true) }
        return happened
    }

    /// Hands over the alarms whose state must be saved although nothing happened to them.
    public mutating func takeCharted() -> [AlarmDefinition.ID] {
        defer { charted.removeAll(keepingCapacity: true) }
        return charted
    }

    /// Whether any alarm looks at a tag; others need not be given to `take`.
    public func watches(_ tag: Tag.ID) -> Bool { tables.isWatched[tag] }

    // MARK: Readings

    /// A sample of a scan that may not be complete yet.
    ///
    /// - Parameter text: of a string tag.
    public mutating func take(_ tag: Tag.ID, _ sample: Sample, text: String? = nil) {
        if let text { incomingTexts[tag] = text }
        if !screens.isEmpty, let released = screens[tag]?.take(sample) {
            // The spike alarm itself looks at everything, at once.
            unscreened[tag] = sample
            release(tag, sample, toSpikes: true)
            if let first = released.first { release(tag, first, toSpikes: false) }
            if let second = released.second { release(tag, second, toSpikes: false) }
            return
        }
        if tables.isSettled[tag] { incoming[tag] = sample }
        for place in tables.immediateOf[tag] {
            let alarm = tables.immediate[place]
            if sample.quality.isGood, calm[alarm].contains(sample.value) {
                states[alarm].confirm(at: sample.time, sample.value)
            } else {
                runTimer(of: alarm, upTo: sample.time)
                judge(alarm, sample)
            }
        }
    }

    private mutating func release(_ tag: Tag.ID, _ sample: Sample, toSpikes: Bool) {
        if !toSpikes { incoming[tag] = sample }
        for place in tables.immediateOf[tag] {
            let alarm = tables.immediate[place]
            guard tables.definitions[alarm].whole.isSpike == toSpikes else { continue }
            runTimer(of: alarm, upTo: sample.time)
            judge(alarm, sample)
        }
    }

    /// Lets an alarm's detector look at a sample, and the alarm at what it found.
    mutating func judge(_ alarm: AlarmDefinition.ID, _ sample: Sample) {
        let previous = states[alarm].lastLevel
        // Plain levels are judged without their definition: to hand it over costs three times the judgement (measured).
        var finding =
            memories[alarm].find(sample, after: previous)
            ?? memories[alarm].find(tables.definitions[alarm].whole, sample, after: previous, settled)
        if finding.verdict != .unknown || !finding.isWatched { activities[alarm].isOutside = !finding.isWatched }
        if !finding.isWatched { finding.verdict = .unknown }
        activities[alarm].hear(finding)
        let value = sample.value.isFinite ? sample.value : nil
        let isWeighed = finding.verdict != .unknown && tables.weighsInputs[alarm]
        feed(
            alarm,
            .sample(time: sample.time, finding, value: value, quality: isWeighed ? .good : sample.quality))
    }

    // MARK: One alarm

    /// Moves one alarm, and notes what came of it.
    @discardableResult
    mutating func feed(_ alarm: AlarmDefinition.ID, _ input: AlarmInput) -> AlarmAnswer? {
        let stood = tables.family[alarm] != nil && states[alarm].stands
        let (events, answer) = step(tables.definitions[alarm].whole, &states[alarm], input)
        if !events.isEmpty { note(events, of: alarm, stood: stood) }
        note(timersOf: alarm)
        calm[alarm] = CalmZone(tables.definitions[alarm].whole, states[alarm])
        return answer
    }

    /// - Parameter stood: it did before these events.
    mutating func note(_ events: [AlarmEvent], of alarm: AlarmDefinition.ID, stood: Bool) {
        var events = events
        let family = tables.family[alarm]
        if let family, !stood { claimFirst(alarm, in: family, &events) }
        for event in events { happened.append(Happening(alarm: alarm, event: event, state: states[alarm])) }
        if let family { forgetFirst(of: family) }
    }
}

extension AlarmDefinition {
    var isSpike: Bool { if case .test(.spike, _) = detector { true } else { false } }

    /// A spike is nothing that must be kept from it.
    var looksAtEverySample: Bool {
        switch detector {
        case .test(.spike, _), .test(.quality, _), .test(.stale, _): true
        case .levels, .test, .lots, .comms, .health: false
        }
    }
}
