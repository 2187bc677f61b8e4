import Annunciation
import Detection
import Journal
import Plant
import Watch

/// The standing alarms, as lists, as counts and as lines.
enum AlarmSnapshot {
    static func counts(_ states: [AlarmState]) -> (active: Int, unacknowledged: Int) {
        (states.count { $0.condition }, states.count { !$0.acknowledged })
    }

    /// A line for each alarm that is not normal, the most urgent first: what a reader that joins must know.
    static func lines(_ watch: Watch) -> [AlarmLine] {
        let (plant, states) = watch.alarms()
        return standing(plant, states).map { definition, state in
            let tag = definition.tag.map { plant.tags[$0] }
            let time = watch.utc(state.raisedAt ?? 0)
            var notice = AlarmNotice(
                plant: plant.name, id: definition.name, occ: state.occurrence, rev: state.revision, what: "snapshot",
                state: state.core.rawValue, priority: definition.priority(state)?.rawValue, tag: tag?.name,
                value: state.goodValue(tag), unit: tag?.unit,
                level: (state.level ?? state.topLevel)?.rawValue,
                quality: state.evidence.quality.name, sourceTime: time, receivedTime: time, effectiveTime: time,
                guidance: definition.guidance, responseSeconds: definition.respondWithin?.components.seconds)
            notice.text = "stands since \(UTCTime.text(time))"
            return AlarmLine(notice)
        }
    }

    /// The alarms that are not normal: unacknowledged before acknowledged, then by priority, then the oldest.
    static func standing(_ plant: Plant, _ states: [AlarmState]) -> [(AlarmDefinition, AlarmState)] {
        sorted(plant, states).filter { $0.1.core != .norm }
    }

    static func sorted(_ plant: Plant, _ states: [AlarmState]) -> [(AlarmDefinition, AlarmState)] {
        zip(plant.alarms, states).sorted { a, b in
            let left = urgency(a.0, a.1)
            let right = urgency(b.0, b.1)
            return left == right ? (a.1.raisedAt ?? 0) < (b.1.raisedAt ?? 0) : left > right
        }
    }

    private static func urgency(_ definition: AlarmDefinition, _ state: AlarmState) -> Int {
        guard state.core != .norm else { return -1 }
        return (state.acknowledged ? 0 : 10) + (definition.priority(state)?.rank ?? 0)
    }
}

extension AlarmState {
    /// The newest value in its shortest form; `nil` when the newest sample was not good: an old number must not pass for
    /// a present one.
    func goodValue(_ tag: Tag?) -> Double? {
        guard evidence.quality.isGood, let value = evidence.value else { return nil }
        return tag?.decimal(value) ?? value
    }
}

extension AlarmDefinition {
    /// The priority of the level the alarm is at, or was at its worst.
    func priority(_ state: AlarmState) -> Priority? {
        switch condition {
        case .above(let limits, _), .below(let limits, _):
            let level = state.level ?? state.topLevel
            return limits.first { $0.level == level }?.priority
        case .state(_, let priority), .comms(_, let priority):
            return priority
        }
    }
}

extension JournalEntry {
    /// What the watch's transitions leave in the journal.
    init(_ transitions: [AlarmTransition], _ plant: Plant) {
        self.init()
        for transition in transitions {
            let definition = plant.alarms[transition.alarm]
            notices.append(
                AlarmNotice(
                    transition.event, of: definition, in: plant, sourceTime: transition.sourceTime,
                    receivedTime: transition.receivedTime, effectiveTime: transition.effectiveTime))
            states[definition.name] = transition.state
            if let who = transition.event.who {
                audit.append(
                    AuditRecord(
                        time: transition.receivedTime, who: who, what: transition.event.what.rawValue,
                        subject: "\(definition.name)@\(transition.event.occurrence).\(transition.event.revision)",
                        after: transition.event.core.rawValue))
            }
        }
    }
}
