import Plant

/// The rules of the state machine, one function for each thing that can happen.
extension AlarmState {
    /// The rank of the last verdict. After a restart the condition stands in for it: the deadband outlives the daemon.
    func lastRank(_ definition: AlarmDefinition) -> Int {
        definition.rank(of: evidence.verdict == nil ? level : evidence.level)
    }

    /// Lets time pass. Edges take effect when their delay ended, however late this runs: extra ticks change nothing.
    mutating func runTimers(_ definition: AlarmDefinition, until time: Int64, _ events: inout [AlarmEvent]) {
        now = max(now, time)
        guard evidence.since != nil, let due = nextDue(definition, self), due <= now else { return }
        if condition {
            clear(definition, at: due, &events)
        } else {
            raise(definition, at: due, &events)
        }
    }

    /// Takes a verdict that can be trusted, as of `now`.
    mutating func judge(_ definition: AlarmDefinition, rank: Int, value: Double?, _ events: inout [AlarmEvent]) {
        let inAlarm = rank > 0
        let before = level
        if inAlarm == condition {
            evidence.since = nil
            evidence.unconfirmed = false
        } else if evidence.since == nil || isAfterGap(definition) {
            evidence.since = now
        }
        evidence.verdict = inAlarm
        evidence.level = definition.level(ofRank: rank)
        evidence.lastGood = now
        evidence.value = value
        runTimers(definition, until: now, &events)
        // A raise just now already has this level; only a standing condition can move between levels.
        if condition, inAlarm, before != nil, evidence.level != before { move(definition, &events) }
    }

    private func isAfterGap(_ definition: AlarmDefinition) -> Bool {
        guard definition.needsFreshEvidence, let lastGood = evidence.lastGood else { return false }
        return now - lastGood > definition.maxGap.milliseconds
    }

    private mutating func raise(_ definition: AlarmDefinition, at effective: Int64, _ events: inout [AlarmEvent]) {
        if latched {
            revision += 1
        } else {
            if !acknowledged { note(.superseded, definition, at: effective, &events) }
            occurrence += 1
            revision = 0
            topLevel = nil
        }
        condition = true
        level = evidence.level
        topLevel = worse(topLevel, evidence.level, definition)
        latched = latched || definition.latching
        acknowledged = false
        evidence.since = nil
        (raisedAt, raisedValue) = (effective, evidence.value)
        note(.raise, definition, at: effective, annunciated: true, &events)
    }

    private mutating func clear(_ definition: AlarmDefinition, at effective: Int64, _ events: inout [AlarmEvent]) {
        let left = level
        let outage = evidence.unconfirmed
        condition = false
        level = nil
        evidence.since = nil
        evidence.unconfirmed = false
        clearedAt = effective
        note(.clear, definition, at: effective, level: left, duringOutage: outage, &events)
    }

    /// Moves a standing condition to the level of the last verdict. Up is news for the operator, down is not.
    private mutating func move(_ definition: AlarmDefinition, _ events: inout [AlarmEvent]) {
        let up = definition.rank(of: evidence.level) > definition.rank(of: level)
        level = evidence.level
        if up {
            topLevel = worse(topLevel, level, definition)
            revision += 1
            acknowledged = false
        }
        note(up ? .levelUp : .levelDown, definition, at: now, annunciated: up, &events)
    }

    mutating func acknowledge(
        _ definition: AlarmDefinition, _ occurrence: Int, _ revision: Int, by who: String,
        _ events: inout [AlarmEvent]
    ) -> AlarmAnswer {
        guard (occurrence, revision) == (self.occurrence, self.revision) else { return .stale }
        guard !acknowledged else { return .already }
        acknowledged = true
        note(.acknowledge, definition, at: now, who: who, &events)
        return .ok
    }

    mutating func reset(
        _ definition: AlarmDefinition, by who: String, _ events: inout [AlarmEvent]
    ) -> AlarmAnswer {
        guard latched, !condition, acknowledged else { return .refused }
        latched = false
        note(.reset, definition, at: now, who: who, &events)
        return .ok
    }

    /// Keeps what operators and the journal know, forgets what only samples can tell.
    mutating func restart(_ definition: AlarmDefinition, at time: Int64, _ events: inout [AlarmEvent]) {
        now = time
        let quality = evidence.qualityCode
        evidence = Evidence()
        evidence.qualityCode = quality
        evidence.unconfirmed = condition
        if condition { level = definition.level(ofRank: definition.rank(of: level)) }
        topLevel = definition.level(ofRank: definition.rank(of: topLevel))
        if core != .norm { note(.restored, definition, at: time, &events) }
    }

    private func worse(_ a: AlarmLevel?, _ b: AlarmLevel?, _ definition: AlarmDefinition) -> AlarmLevel? {
        definition.rank(of: b) > definition.rank(of: a) ? b : a
    }

    private func note(
        _ what: AlarmEvent.What, _ definition: AlarmDefinition, at effective: Int64, level left: AlarmLevel? = nil,
        annunciated: Bool = false, duringOutage: Bool = false, who: String? = nil, _ events: inout [AlarmEvent]
    ) {
        let level = left ?? self.level ?? topLevel
        let terms = definition.terms(of: level)
        events.append(
            AlarmEvent(
                what: what, effective: effective, time: now, core: core, level: level, priority: terms.priority,
                value: evidence.value, limit: terms.limit, quality: evidence.quality, occurrence: occurrence,
                revision: revision, annunciated: annunciated, duringOutage: duringOutage, who: who))
    }
}
