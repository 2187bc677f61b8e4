public import Detection
import Plant

/// Who did what to what, and why: every operator command, and nothing else, leaves one, also when it was not obeyed.
public struct AuditRecord: Codable, Hashable, Sendable {
    /// UTC milliseconds.
    public var time: Int64
    public var who: String
    /// The command, `ack`, `shelve`, `reload`.
    public var what: String
    /// The alarm or file it was about.
    public var subject: String
    /// `UNACK@12.0`, `SHLV@12.0 until 2026-01-03T14:00:00.000Z`.
    public var before: String?
    public var after: String?
    /// `ok`, `already`, `stale`, or `refused` and the reason for that.
    public var answer: String?
    /// The operator's reason.
    public var why: String?

    public init(
        time: Int64, who: String, what: String, subject: String, before: String? = nil, after: String? = nil,
        answer: String? = nil, why: String? = nil
    ) {
        self.time = time
        self.who = who
        self.what = what
        self.subject = subject
        self.before = before
        self.after = after
        self.answer = answer
        self.why = why
    }
}

extension AuditRecord {
    /// An operator's command to an alarm.
    ///
    /// - Parameters:
    ///   - time: UTC milliseconds.
    ///   - offset: what makes the time of the states, which never steps, UTC.
    public init(
        time: Int64, _ note: Note, _ what: String, alarm: String, before: AlarmState, after: AlarmState,
        answer: AlarmAnswer, offset: Int64 = 0
    ) {
        self.init(
            time: time, who: note.who, what: what, subject: alarm, before: before.auditText(offset: offset),
            after: after.auditText(offset: offset), answer: answer.auditText, why: note.why.isEmpty ? nil : note.why)
    }
}

extension AlarmState {
    func auditText(offset: Int64) -> String {
        let until = shelf.map { " until \(UTCTime.text($0.until + offset))" } ?? ""
        return "\(shown)@\(occurrence).\(revision)\(until)"
    }
}

extension AlarmAnswer {
    var auditText: String {
        if case .refused(let refusal) = self { "\(word): \(refusal.rawValue)" } else { word }
    }
}
