import Plant

/// What operators may do, and when not.
extension AlarmState {
    mutating func obey(
        _ command: AlarmCommand, _ definition: AlarmDefinition, _ note: Note, _ events: inout [AlarmEvent]
    ) -> AlarmAnswer {
        switch command {
        case .acknowledge(let occurrence, let revision):
            guard overlay == nil, (occurrence, revision) == (self.occurrence, self.revision) else { return .stale }
            guard !acknowledged else { return .already }
            acknowledged = true
            record(.acknowledge, definition, at: now, by: note, &events)
        case .unacknowledge(let occurrence, let revision):
            guard overlay == nil, (occurrence, revision) == (self.occurrence, self.revision) else { return .stale }
            guard definition.handling.acknowledgement != .none else { return .refused(.needsNobody) }
            guard acknowledged else { return .already }
            guard condition || latched else { return .refused(.nothingStands) }
            acknowledged = false
            record(.unacknowledge, definition, at: now, by: note, &events)
        case .reset:
            guard overlay == nil else { return .refused(.hidden) }
            guard latched else { return .refused(.notLatched) }
            guard !condition else { return .refused(.conditionHolds) }
            guard acknowledged else { return .refused(.notAcknowledged) }
            latched = false
            record(.reset, definition, at: now, by: note, &events)
        case .shelve(let duration, let oneShot):
            return shelve(definition, for: duration, oneShot: oneShot, note, &events)
        case .unshelve:
            guard shelf != nil else { return .already }
            leaveShelf(definition, at: now, .unshelve, by: note, &events)
        case .suppress:
            guard !note.why.isEmpty else { return .refused(.noReason) }
            guard !suppression.contains(.operator) else { return .already }
            suppression.insert(.operator)
            suppressedBy = note
            hide(.suppress, definition, by: note, detail: suppression.text, &events)
        case .unsuppress:
            guard suppression.contains(.operator) else { return .already }
            let before = suppression.text
            suppression.remove(.operator)
            suppressedBy = nil
            leave(definition, at: now, .unsuppress, by: note, detail: before, &events)
        case .takeOutOfService(let permit, let review):
            guard !note.why.isEmpty else { return .refused(.noReason) }
            guard outOfService == nil else { return .already }
            outOfService = OutOfService(since: now, permit: permit, review: review, note: note)
            hide(.outOfService, definition, by: note, detail: permit, until: review, &events)
        case .returnToService:
            guard outOfService != nil else { return .already }
            outOfService = nil
            leave(definition, at: now, .returnToService, by: note, &events)
        case .test:
            guard overlay == nil else { return .refused(.hidden) }
            record(.test, definition, at: now, annunciated: true, by: note, &events)
        }
        return .ok
    }

    private mutating func shelve(
        _ definition: AlarmDefinition, for duration: Duration, oneShot: Bool, _ note: Note,
        _ events: inout [AlarmEvent]
    ) -> AlarmAnswer {
        guard let longest = definition.handling.maxShelve else { return .refused(.notShelvable) }
        guard !note.why.isEmpty else { return .refused(.noReason) }
        // Compared before it is converted: a person may type any number of years.
        guard duration >= .milliseconds(1) else { return .refused(.notPositive) }
        guard duration <= longest else { return .refused(.tooLong) }
        let until = now + duration.milliseconds
        // There is nothing to wait for when the condition is gone already.
        let isOneShot = oneShot && condition
        shelf = Shelf(until: until, oneShot: isOneShot, note: note)
        hide(.shelve, definition, by: note, detail: isOneShot ? "one-shot" : nil, until: until, &events)
        return .ok
    }
}
