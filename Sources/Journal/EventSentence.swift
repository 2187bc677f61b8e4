import Detection
import Plant

/// What an event says to an operator, in one sentence.
struct EventSentence {
    private let event: AlarmEvent
    private let definition: AlarmDefinition
    private let notice: AlarmNotice
    private let finding: FindingPhrase

    init(_ event: AlarmEvent, _ definition: AlarmDefinition, _ plant: Plant, _ notice: AlarmNotice) {
        self.event = event
        self.definition = definition
        self.notice = notice
        finding = FindingPhrase(event, definition, plant, notice)
    }

    var text: String { "\(finding.subject) \(predicate)" }

    private var predicate: String {
        switch event.what {
        case .raise, .levelUp, .levelDown: finding.text + firstOut
        case .reAlarm: "\(finding.text), still standing"
        case .raiseSuppressed: "\(finding.text), while \(hidden)"
        case .raiseExit: "\(finding.text)\(firstOut), hidden no longer"
        case .clear: back
        case .clearSuppressed: "\(back), while \(hidden)"
        case .acknowledge: "acknowledged\(operatorWords)"
        case .unacknowledge: "acknowledgement taken back\(operatorWords)"
        case .reset: "reset\(operatorWords)"
        case .superseded: "came again before anybody acknowledged it"
        case .restored: "was \(notice.state ?? "") when the daemon stopped"
        case .shelve:
            event.detail == "one-shot"
                ? "shelved until it clears, at most\(until)\(operatorWords)" : "shelved\(until)\(operatorWords)"
        case .unshelve: "unshelved\(operatorWords)\(stillHidden)"
        case .shelfExpired: "unshelved, its time is over\(stillHidden)"
        case .oneShotEnded: "unshelved, it has cleared\(stillHidden)"
        case .suppress: event.note == nil ? "suppressed by design\(reasons)" : "suppressed\(operatorWords)"
        case .unsuppress: "no longer suppressed\(event.note == nil ? reasons : operatorWords)\(stillHidden)"
        case .outOfService: "out of service\(permit)\(review)\(operatorWords)"
        case .returnToService: "returned to service\(operatorWords)\(stillHidden)"
        case .test: "is only tested\(operatorWords)"
        case .amended: "was corrected\(event.detail.map { ": \($0)" } ?? "")"
        }
    }

    private var back: String {
        let since = event.duringOutage ? ", found at the first look after a restart or reload" : ""
        switch definition.detector {
        case .comms: return "answers again\(since)"
        case .health(let subsystem, _): return "\(FindingPhrase.recovery(of: subsystem))\(since)"
        case .levels, .test, .lots: break
        }
        return "back to normal\(finding.reading.map { " at \($0)" } ?? "")\(since)"
    }

    private var firstOut: String {
        guard let firstOut = event.firstOut else { return "" }
        let group = definition.handling.group.map { " of group \($0)" } ?? " of its group"
        return ", first out\(group)\(firstOut.simultaneous ? " with another at the same time" : "")"
    }

    /// ` by kim: thermocouple being replaced`.
    private var operatorWords: String {
        guard let note = event.note else { return "" }
        return " by \(note.who)\(note.why.isEmpty ? "" : ": \(note.why)")"
    }

    private var hidden: String {
        switch event.overlay {
        case .shelved: "shelved"
        case .suppressed: "suppressed"
        case .outOfService: "out of service"
        case nil: "hidden"
        }
    }

    private var stillHidden: String { event.overlay == nil ? "" : ", still \(hidden)" }
    private var reasons: String { event.detail.map { " (\($0))" } ?? "" }
    private var permit: String { event.detail.map { ", permit \($0)" } ?? "" }

    /// ` until 14:00Z`, with the date when it is another day than the event.
    private var until: String { notice.until.map { " until \(day(of: $0))\(clock($0))" } ?? "" }
    private var review: String { notice.until.map { ", review on \(UTCTime.text($0).prefix(10))" } ?? "" }

    private func day(of time: Int64) -> String {
        let date = UTCTime.text(time).prefix(10)
        return date == UTCTime.text(notice.effectiveTime).prefix(10) ? "" : "\(date) "
    }

    private func clock(_ time: Int64) -> String { "\(UTCTime.text(time).dropFirst(11).prefix(5))Z" }
}
