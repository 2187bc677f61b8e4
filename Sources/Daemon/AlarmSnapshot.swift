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
    static func lines(_ watch: Watch) -> [AlarmLine] { notices(watch).map { AlarmLine($0, kind: .snapshot) } }

    /// A line for each alarm that ever was: what was shown of it may have to be taken back.
    static func everyLine(_ watch: Watch) -> [AlarmLine] {
        notices(watch, sorted(watch.alarms()) { $0.occurrence > 0 || $0.core != .norm }).map {
            AlarmLine($0, kind: .snapshot)
        }
    }

    /// A notice of each alarm that waits for an acknowledgement, and is not hidden: whom an escalation may be about.
    static func waiting(_ watch: Watch) -> [AlarmNotice] {
        let waiting: Set<String?> = Set([AlarmCore.unack, .rtnun, .latun].map(\.rawValue))
        return notices(watch).filter { waiting.contains($0.state) }
    }

    private static func notices(
        _ watch: Watch, _ alarms: [(AlarmDefinition, AlarmState)]? = nil
    ) -> [AlarmNotice] {
        let table = watch.alarms()
        let plant = table.plant
        return (alarms ?? standing(table)).map { definition, state in
            let tag = definition.tag.map { plant.tags[$0] }
            let raised = state.raisedAt.map { watch.utc($0) }
            // What was hidden from its beginning was raised at no time that anybody was told.
            let time = raised ?? SystemClock().wall() / 1_000_000
            var notice = AlarmNotice(
                plant: plant.name, id: definition.name, occ: state.occurrence, rev: state.revision, what: "snapshot",
                state: state.shown, priority: definition.priority(state).rawValue, tag: tag?.name,
                value: state.goodValue(tag), unit: tag?.unit,
                level: (state.level ?? state.topLevel)?.rawValue,
                quality: state.evidence.quality.name, sourceTime: time, receivedTime: time, effectiveTime: time,
                guidance: definition.rationale.guidance,
                responseSeconds: definition.rationale.respondWithin?.components.seconds,
                topPriority: state.topPriority?.rawValue, raisedTime: raised)
            let value = notice.value.map { " \(Tag.shown($0))\(tag?.unit.map { " \($0)" } ?? "")" } ?? ""
            notice.text = "\(tag?.name ?? definition.name)\(value) \(words(state.condition, since: raised))"
            return notice
        }
    }

    /// - Parameter raised: UTC milliseconds; `nil` for what is hidden, and has been since before it stood.
    static func words(_ stands: Bool, since raised: Int64?) -> String {
        guard let raised else { return stands ? "stands, hidden since it began" : "is hidden and does not stand" }
        return "\(stands ? "stands" : "is gone, it stood") since \(UTCTime.text(raised))"
    }

    /// The alarms that are not normal: unacknowledged before acknowledged, then by priority, then the oldest.
    static func standing(_ table: AlarmTable) -> [(AlarmDefinition, AlarmState)] {
        sorted(table) { $0.core != .norm || $0.overlay != nil }
    }

    /// The alarms that are wanted, in that order.
    static func sorted(
        _ table: AlarmTable, where isWanted: (AlarmState) -> Bool = { _ in true }
    ) -> [(AlarmDefinition, AlarmState)] {
        let (alarms, states) = (table.plant.alarms, table.states)
        // By keys: a definition and its state are kilobytes to move, of thousands of alarms for each reader that joins.
        let keys = states.indices.filter { isWanted(states[$0]) }.map { index in
            (index: index, urgency: urgency(alarms[index], states[index]), raised: states[index].raisedAt ?? 0)
        }
        return keys.sorted { $0.urgency == $1.urgency ? $0.raised < $1.raised : $0.urgency > $1.urgency }
            .map { (alarms[$0.index], states[$0.index]) }
    }

    private static func urgency(_ definition: AlarmDefinition, _ state: AlarmState) -> Int {
        guard state.core != .norm else { return -1 }
        // What is hidden waits for nobody.
        if state.overlay != nil { return definition.priority(state).rank - 10 }
        return (state.acknowledged ? 0 : 10) + definition.priority(state).rank
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
    /// The priority of the level the alarm is at, or was at last.
    func priority(_ state: AlarmState) -> Priority { state.priority ?? detector.mildest }
}
