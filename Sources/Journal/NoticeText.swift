public import Detection
import Glibc
public import Plant

extension AlarmNotice {
    /// The notice of an event. Plant, boot and number are filled in by the journal.
    ///
    /// - Parameters: times in UTC milliseconds; `effective` is the event's own, moved to UTC.
    public init(
        _ event: AlarmEvent, of definition: AlarmDefinition, in plant: Plant, sourceTime: Int64, receivedTime: Int64,
        effectiveTime: Int64
    ) {
        let tag = definition.tag.map { plant.tags[$0] }
        self.init(
            id: definition.name, occ: event.occurrence, rev: event.revision, what: event.what.rawValue,
            state: event.core.rawValue, priority: event.priority.rawValue, tag: tag?.name,
            value: event.value.map { tag?.decimal($0) ?? $0 },
            unit: tag?.unit, limit: event.limit, level: event.level?.rawValue, quality: event.quality.name,
            sourceTime: sourceTime, receivedTime: receivedTime, effectiveTime: effectiveTime,
            guidance: definition.guidance, responseSeconds: definition.respondWithin.map(\.components.seconds),
            who: event.who, annunciated: event.annunciated, duringOutage: event.duringOutage)
        text = sentence(event, definition, plant, tag)
    }

    private func sentence(_ event: AlarmEvent, _ definition: AlarmDefinition, _ plant: Plant, _ tag: Tag?) -> String {
        let subject: String
        if case .comms(let controller, _) = definition.condition {
            subject = "controller \(plant.controllers[controller].name)"
        } else {
            subject = tag?.name ?? definition.name
        }
        let reading = reading(tag)
        switch event.what {
        case .raise, .levelUp, .levelDown:
            return "\(subject) \(condition(event, definition, tag, reading))"
        case .clear:
            let since = event.duringOutage ? ", found after the daemon was down" : ""
            if case .comms = definition.condition { return "\(subject) answers again\(since)" }
            return "\(subject) back to normal\(reading.map { " at \($0)" } ?? "")\(since)"
        case .acknowledge: return "\(subject) acknowledged by \(event.who ?? "nobody")"
        case .reset: return "\(subject) reset by \(event.who ?? "nobody")"
        case .superseded: return "\(subject) came again before anybody acknowledged it"
        case .restored: return "\(subject) was \(event.core.rawValue) when the daemon stopped"
        }
    }

    private func condition(
        _ event: AlarmEvent, _ definition: AlarmDefinition, _ tag: Tag?, _ reading: String?
    ) -> String {
        let limit = event.limit.map(\.plainText) ?? "its limit"
        switch definition.condition {
        case .above: return "\(reading ?? "unknown") >= \(limit)"
        case .below: return "\(reading ?? "unknown") <= \(limit)"
        case .state: return "is \(reading ?? "unknown")"
        case .comms: return "lost: \(event.quality.name)"
        }
    }

    /// The value as people know it: the name of a state, else a number with its unit.
    private func reading(_ tag: Tag?) -> String? {
        guard let value else { return nil }
        if let tag {
            if let code = Int(exactly: value), let name = tag.states[code] { return name }
            if tag.type == .bool { return value == 0 ? "false" : "true" }
        }
        return value.plainText + (unit.map { " \($0)" } ?? "")
    }
}

extension Double {
    /// A double holds 15 decimal digits; a raw value times a scale of 0.1 shows 17.
    var toFifteenDigits: Double {
        guard isFinite, self != 0 else { return self }
        let digits = 14 - Int(log10(magnitude).rounded(.down))
        guard digits >= 0, digits <= 22 else { return self }
        // Powers of ten up to 10^22 are exact, so only the division rounds.
        let factor = pow(10.0, Double(digits))
        let rounded = (self * factor).rounded() / factor
        return rounded.isFinite ? rounded : self
    }

    /// `1500`, not `1500.0`.
    var plainText: String {
        if let whole = Int64(exactly: self), magnitude < 1e15 { return String(whole) }
        return description
    }
}
