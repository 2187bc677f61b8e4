import Plant

/// What hides an alarm, and how it comes back.
///
/// ISA-18.2 11.7.3: an alarm that an operator unshelves is acknowledged, for he has just looked at it; one that comes
/// back by itself is not. An alarm that went normal meanwhile comes back normal.
extension AlarmState {
    /// The design's reasons for keeping it silent; an operator's stays.
    mutating func suppress(
        _ definition: AlarmDefinition, by reasons: Suppression, _ events: inout [AlarmEvent]
    ) {
        let next = reasons.subtracting(.operator).union(suppression.intersection(.operator))
        guard next != suppression else { return }
        let before = suppression
        suppression = next
        if before.isEmpty {
            hide(.suppress, definition, detail: next.text, &events)
        } else if next.isEmpty {
            leave(definition, at: now, .unsuppress, detail: before.text, &events)
        }
    }

    mutating func hide(
        _ what: AlarmEvent.What, _ definition: AlarmDefinition, by note: Note? = nil, detail: String? = nil,
        until: Int64? = nil, _ events: inout [AlarmEvent]
    ) {
        reAlarmDue = nil
        record(what, definition, at: now, by: note, detail: detail, until: until, &events)
    }

    mutating func leaveShelf(
        _ definition: AlarmDefinition, at effective: Int64, _ what: AlarmEvent.What, by note: Note? = nil,
        _ events: inout [AlarmEvent]
    ) {
        shelf = nil
        leave(definition, at: effective, what, by: note, &events)
    }

    /// One overlay is gone; the exit rule counts when it was the last.
    mutating func leave(
        _ definition: AlarmDefinition, at effective: Int64, _ what: AlarmEvent.What, by note: Note? = nil,
        detail: String? = nil, _ events: inout [AlarmEvent]
    ) {
        guard overlay == nil else {
            return record(what, definition, at: effective, by: note, detail: detail, &events)
        }
        if !condition, !latched { acknowledged = true }
        record(what, definition, at: effective, by: note, detail: detail, &events)
        guard condition else { return }
        closeUnseen(definition, at: effective, &events)
        begin(definition, at: effective)
        let isSeen = what == .unshelve || definition.handling.acknowledgement == .none
        acknowledged = isSeen
        record(.raiseExit, definition, at: effective, annunciated: !isSeen, &events)
    }
}
