import Detection
import Journal
import Plant
import Watch

extension JournalEntry {
    /// What the watch's news leaves in the journal.
    init(_ news: AlarmNews) {
        self.init()
        let plant = news.plant
        for transition in news.transitions {
            let definition = plant.alarms[transition.alarm]
            // The next run begins with the clock as it is then.
            states[definition.name] = transition.state.moved(by: news.clockSteps)
            // What was taken over at the start is told in one notice.
            guard transition.event.what != .restored else { continue }
            var notice = AlarmNotice(
                transition.event, of: definition, in: plant, sourceTime: transition.sourceTime,
                receivedTime: transition.receivedTime, effectiveTime: transition.effectiveTime)
            notice.told = transition.told == .none ? nil : transition.told.rawValue
            notice.afterScan = transition.afterScan
            notices.append(notice)
        }
        for (alarm, state) in news.charted { states[plant.alarms[alarm].name] = state.moved(by: news.clockSteps) }
        audit = news.actions.map {
            AuditRecord(
                time: $0.time, $0.note, $0.command.word, alarm: plant.alarms[$0.alarm].name, before: $0.before,
                after: $0.after, answer: $0.answer, offset: news.clockSteps)
        }
        notices += news.supervision.map { .supervision($0, clockSteps: news.clockSteps) }
    }
}

extension AlarmNotice {
    /// A flood, a digest, a mass exit. Its beginning is for the log; what names alarms is for operators.
    fileprivate static func supervision(_ notice: SupervisorNotice, clockSteps: Int64) -> AlarmNotice {
        let time = notice.time + clockSteps
        return AlarmNotice(
            id: daemonID, what: notice.kind.rawValue, priority: notice.kind.priority.rawValue,
            sourceTime: notice.since + clockSteps, receivedTime: time, effectiveTime: time, text: notice.text,
            annunciated: notice.kind.isTold)
    }
}

extension SupervisorNotice.Kind {
    /// A digest sums up alarms of low and medium priority, so it calls nobody who wants more urgent ones.
    fileprivate var priority: Priority { self == .digest ? .medium : .high }

    /// Operators hear of a flood and of what is told in one; that an alarm chatters stands at the alarm itself.
    fileprivate var isTold: Bool {
        switch self {
        case .floodBegins, .digest, .massExit: true
        case .floodEnds, .chatterBegins, .chatterEnds: false
        }
    }
}
