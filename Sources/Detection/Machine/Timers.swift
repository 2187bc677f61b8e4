import Plant

extension AlarmState {
    /// In the order in which they run when they are due at the same moment.
    enum Timer: Int {
        case shelf, clear, raise, reAlarm
    }

    /// The timer that runs out first.
    func nextTimer(_ definition: AlarmDefinition) -> (due: Int64, timer: Timer)? {
        var next: (due: Int64, timer: Timer)?
        func offer(_ due: Int64, _ timer: Timer) {
            if next.map({ (due, timer.rawValue) < ($0.due, $0.timer.rawValue) }) ?? true { next = (due, timer) }
        }
        if let shelf { offer(shelf.until, .shelf) }
        if let due = delayEnd(definition) { offer(due, condition ? .clear : .raise) }
        if let due = badHoldEnd(definition) { offer(due, .raise) }
        if condition, overlay == nil, let reAlarmDue { offer(reAlarmDue, .reAlarm) }
        return next
    }

    /// When the delay that runs ends; `nil` when none runs or the evidence does not reach so far.
    private func delayEnd(_ definition: AlarmDefinition) -> Int64? {
        guard let since = evidence.since else { return nil }
        let rules = definition.qualification
        let due = since + (condition ? rules.offDelay : rules.onDelay).milliseconds
        guard definition.detector.needsFreshEvidence else { return due }
        guard let lastGood = evidence.lastGood else { return nil }
        // The evidence horizon: what was last seen longer ago than this may have changed, so no delay ends on it.
        return due <= lastGood + rules.maxGap.milliseconds ? due : nil
    }

    /// When an alarm that must not go blind is raised because nobody knows its value.
    private func badHoldEnd(_ definition: AlarmDefinition) -> Int64? {
        guard !condition, case .activate(let after) = definition.qualification.onBad, let since = evidence.badSince
        else { return nil }
        return since + after.milliseconds
    }

    /// Lets time pass. Edges take effect when their timer ran out, however late this runs: extra ticks change nothing.
    mutating func runTimers(_ definition: AlarmDefinition, until time: Int64, _ events: inout [AlarmEvent]) {
        now = max(now, time)
        while let (due, timer) = nextTimer(definition), due <= now {
            switch timer {
            case .shelf: leaveShelf(definition, at: due, .shelfExpired, &events)
            case .clear: clear(definition, at: due, &events)
            case .raise: raise(definition, at: due, isBlind: delayEnd(definition) != due, &events)
            case .reAlarm: reAlarm(definition, at: due, &events)
            }
        }
    }
}

extension Detector {
    /// A lost controller sends no samples: its silence is the evidence, and does not grow old. Neither does what is told
    /// of a part of Cupel, for only its changes are told.
    var needsFreshEvidence: Bool {
        switch self {
        case .comms, .health: false
        case .test(.stale, _), .test(.quality, _), .test(.logic, _): false
        case .levels, .test, .lots: true
        }
    }

    /// Bad samples are what it looks at.
    var judgesQuality: Bool {
        switch self {
        case .comms: true
        case .test(.stale, _), .test(.quality, _): true
        case .levels, .test, .lots, .health: false
        }
    }
}
