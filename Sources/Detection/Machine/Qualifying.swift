import Plant

/// From the verdict of a sample to the condition, and on to the core.
extension AlarmState {
    /// Takes a sample as of `now`.
    mutating func take(
        _ definition: AlarmDefinition, _ finding: Finding, value: Double?, quality: Quality,
        _ events: inout [AlarmEvent]
    ) {
        evidence.qualityCode = quality.rawValue
        // At the end of its range a value may only tell that it is in alarm.
        let isUsable =
            quality.isGood || definition.detector.judgesQuality || quality == .clamped && finding.verdict != .out
        // What is merely in doubt neither begins nor ends a time without a value.
        if isUsable {
            evidence.badSince = nil
        } else if quality.isBad {
            evidence.badSince = evidence.badSince ?? now
        }
        // All kinds of not knowing have one treatment: nothing changes, nothing starts again.
        guard isUsable, finding.verdict != .unknown else { return }
        judge(definition, finding, value: value, &events)
    }

    private mutating func judge(
        _ definition: AlarmDefinition, _ finding: Finding, value: Double?, _ events: inout [AlarmEvent]
    ) {
        let level = finding.verdict.level
        let (inAlarm, before) = (level != nil, self.level)
        let isRunNew = inAlarm && evidence.verdict != true
        if inAlarm == condition {
            evidence.since = nil
            evidence.unconfirmed = false
        } else if evidence.since == nil || isAfterGap(definition) {
            evidence.since = now
        }
        evidence.verdict = inAlarm
        (evidence.level, evidence.limit, evidence.priority) = (level, finding.limit?.ifFinite, finding.priority)
        (evidence.figure, evidence.detail) = (finding.figure?.ifFinite, finding.detail)
        (evidence.lastGood, evidence.value) = (now, value?.ifFinite)
        runTimers(definition, until: now, &events)
        if isRunNew, !condition { count(definition, &events) }
        // A raise just now already has this level; only a standing condition can move between levels.
        if condition, inAlarm, before != nil { move(definition, &events) }
    }

    private func isAfterGap(_ definition: AlarmDefinition) -> Bool {
        guard definition.detector.needsFreshEvidence, let lastGood = evidence.lastGood else { return false }
        return now - lastGood > definition.qualification.maxGap.milliseconds
    }

    /// Many short runs are as bad as a long one. The count begins again when the condition is gone.
    private mutating func count(_ definition: AlarmDefinition, _ events: inout [AlarmEvent]) {
        guard let rule = definition.qualification.count else { return }
        let oldest = now - rule.within.milliseconds
        evidence.runs.removeAll { $0 < oldest }
        evidence.runs.append(now)
        guard evidence.runs.count >= rule.runs else { return }
        raise(definition, at: now, isBlind: false, &events)
    }

    /// - Parameter isBlind: because the value is unknown, not because of a verdict.
    mutating func raise(
        _ definition: AlarmDefinition, at effective: Int64, isBlind: Bool, _ events: inout [AlarmEvent]
    ) {
        if overlay == nil { closeUnseen(definition, at: effective, &events) }
        condition = true
        if isBlind {
            (level, limit, priority) = (.unknown, nil, definition.detector.worst)
            (evidence.figure, evidence.detail) = (nil, nil)
        } else {
            (level, limit, priority) = (evidence.level, evidence.limit, evidence.priority)
        }
        evidence.since = nil
        evidence.runs = []
        guard overlay == nil else { return record(.raiseSuppressed, definition, at: effective, &events) }
        begin(definition, at: effective)
        acknowledged = definition.handling.acknowledgement == .none
        record(.raise, definition, at: effective, annunciated: true, &events)
    }

    /// An occurrence ends at the latest when the next one begins, and the journal tells that nobody has seen it.
    func closeUnseen(_ definition: AlarmDefinition, at effective: Int64, _ events: inout [AlarmEvent]) {
        guard !latched, !acknowledged else { return }
        record(.superseded, definition, at: effective, level: topLevel, &events)
    }

    /// A condition that people see: a new occurrence, or the next revision of a latched one.
    mutating func begin(_ definition: AlarmDefinition, at effective: Int64) {
        if latched {
            revision += 1
        } else {
            occurrence += 1
            revision = 0
            (topLevel, topPriority) = (nil, nil)
        }
        rise()
        latched = latched || definition.handling.latching
        (raisedAt, raisedValue) = (effective, level == .unknown ? nil : evidence.value)
        arm(definition, at: effective)
    }

    /// Remembers the worst of the occurrence.
    private mutating func rise() {
        if level.severity > topLevel.severity { topLevel = level }
        topPriority = [topPriority, priority].compactMap(\.self).max()
    }

    mutating func clear(_ definition: AlarmDefinition, at effective: Int64, _ events: inout [AlarmEvent]) {
        let (left, outage) = (level, evidence.unconfirmed)
        condition = false
        level = nil
        reAlarmDue = nil
        evidence.since = nil
        evidence.unconfirmed = false
        // It was seen to be normal: a time without a value counts from here.
        evidence.badSince = evidence.badSince.map { max($0, effective) }
        clearedAt = effective
        // What is said from now on is about the worst level, and so is not its limit.
        defer { if left != topLevel { limit = nil } }
        guard overlay == nil else {
            record(.clearSuppressed, definition, at: effective, level: left, duringOutage: outage, &events)
            if shelf?.oneShot == true { leaveShelf(definition, at: effective, .oneShotEnded, &events) }
            return
        }
        if definition.handling.acknowledgement == .auto, !latched { acknowledged = true }
        record(.clear, definition, at: effective, level: left, duringOutage: outage, &events)
    }

    /// Moves a standing condition to the level of the last verdict. Up is news for the operator, down is not. At the same
    /// level its limit may be another: an edited one, or that of the next phase.
    private mutating func move(_ definition: AlarmDefinition, _ events: inout [AlarmEvent]) {
        let (before, isUp) = (level, evidence.level.severity > level.severity)
        (level, limit, priority) = (evidence.level, evidence.limit, evidence.priority)
        guard level != before, overlay == nil else { return }
        if isUp {
            rise()
            revision += 1
            acknowledged = definition.handling.acknowledgement == .none
            arm(definition, at: now)
        }
        record(isUp ? .levelUp : .levelDown, definition, at: now, annunciated: isUp, &events)
    }

    mutating func reAlarm(_ definition: AlarmDefinition, at effective: Int64, _ events: inout [AlarmEvent]) {
        revision += 1
        acknowledged = definition.handling.acknowledgement == .none
        arm(definition, at: effective)
        record(.reAlarm, definition, at: effective, annunciated: true, &events)
    }

    mutating func arm(_ definition: AlarmDefinition, at effective: Int64) {
        guard let after = definition.handling.reAlarm?.milliseconds, after > 0 else { return reAlarmDue = nil }
        reAlarmDue = effective + after
    }
}

extension Double {
    /// What is saved must be a number: JSON has no others. An alarm on the quality sees values that are none.
    fileprivate var ifFinite: Double? { isFinite ? self : nil }
}
