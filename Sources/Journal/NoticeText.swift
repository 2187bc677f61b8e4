public import Detection
public import Plant

extension AlarmNotice {
    /// The notice of an event. Plant, boot, number and revision are filled in by the journal; `told` is `single` where
    /// an operator must be told, until somebody decides otherwise.
    ///
    /// - Parameters: times in UTC milliseconds; `effective` is the event's own, moved to UTC.
    public init(
        _ event: AlarmEvent, of definition: AlarmDefinition, in plant: Plant, sourceTime: Int64, receivedTime: Int64,
        effectiveTime: Int64
    ) {
        let tag = definition.tag.map { plant.tags[$0] }
        let rationale = definition.rationale
        // A shelf ends on the scale of the events; a review is on a date.
        let toUTC = event.what == .outOfService ? 0 : effectiveTime - event.effective
        self.init(
            id: definition.name, occ: event.occurrence, rev: event.revision, what: event.what.rawValue,
            state: event.overlay?.rawValue ?? event.core.rawValue, priority: event.priority.rawValue, tag: tag?.name,
            value: event.value.map { tag?.decimal($0) ?? $0 }, unit: tag?.unit, figure: event.figure,
            limit: event.limit, level: event.level?.rawValue,
            firstOut: event.firstOut.map { $0.simultaneous ? "simultaneous" : "first" }, quality: event.quality.name,
            sourceTime: sourceTime, receivedTime: receivedTime, effectiveTime: effectiveTime,
            until: event.until.map { $0 + toUTC }, guidance: rationale.guidance,
            responseSeconds: rationale.respondWithin.map(\.components.seconds), cause: rationale.cause,
            consequence: rationale.consequence, alarmClass: rationale.alarmClass, detail: event.detail,
            who: event.note?.who, why: event.note?.why, annunciated: event.annunciated,
            told: event.annunciated ? "single" : nil, duringOutage: event.duringOutage,
            topPriority: event.topPriority == event.priority ? nil : event.topPriority.rawValue,
            raisedTime: event.raisedAt.map { $0 + effectiveTime - event.effective })
        text = EventSentence(event, definition, plant, self).text
    }
}
