import Annunciation
import Detection
import Journal
import Plant

extension AlarmLine {
    /// The line of a notice.
    ///
    /// - Parameter committed: when it was on disk in this run.
    init(_ notice: AlarmNotice, kind: Kind = .event, committed: Moment? = nil) {
        let text = notice.textLine()
        self.init(
            kind: kind, sequence: notice.seq, json: notice.jsonLine(), text: text,
            severity: AlarmLine.severity(notice), rank: notice.priority.flatMap(Priority.init(rawValue:))?.rank ?? 0,
            announces: notice.isTold, fields: notice.fields, only: notice.onlyTo.map(Set.init),
            time: notice.effectiveTime, committed: notice.seq > 0 ? committed : nil,
            topRank: notice.topPriority.flatMap(Priority.init(rawValue:))?.rank, raised: notice.raisedTime,
            not: notice.notTo)
    }

    /// syslog's severity: an announcement by its priority, everything else a notice.
    private static func severity(_ notice: AlarmNotice) -> Int {
        guard notice.isTold else { return 5 }
        switch notice.priority.flatMap(Priority.init(rawValue:)) {
        case .critical: return 1
        case .high: return 2
        case .medium: return 3
        case .low, nil: return 4
        }
    }

    /// What a reader without news hears, so that silence means trouble.
    static func heartbeat(plant: String, time: Int64, last: Int64, active: Int, unacknowledged: Int) -> AlarmLine {
        AlarmLine(
            kind: .heartbeat, sequence: 0,
            json: "{\"active\":\(active),\"last\":\(last),\"plant\":\(quoted(plant)),\"t\":\"\(UTCTime.text(time))\","
                + "\"unacked\":\(unacknowledged),\"what\":\"heartbeat\"}\n",
            text: "", severity: 7, rank: 0, announces: false,
            fields: [.what: "heartbeat", .plant: plant, .time: UTCTime.text(time)], time: time)
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20: quoted += " "
            case _: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension AlarmNotice {
    /// What templates and messages are made of.
    fileprivate var fields: [AlarmField: String] {
        var fields: [AlarmField: String] = [
            .plant: plant, .boot: boot, .alarm: id, .what: what, .time: UTCTime.text(effectiveTime), .text: text,
        ]
        fields[.sequence] = seq > 0 ? String(seq) : nil
        // Events of the daemon itself are about no alarm that could be acknowledged.
        if state != nil { (fields[.occurrence], fields[.revision]) = (String(occ), String(rev)) }
        fields[.dup] = dup ? "dup" : nil
        fields[.tag] = tag
        fields[.state] = state
        fields[.priority] = priority
        fields[.level] = level
        fields[.value] = value.map { Tag.shown($0) }
        fields[.unit] = unit
        fields[.limit] = limit.map { Tag.shown($0) }
        fields[.quality] = quality
        fields[.guidance] = guidance
        fields[.response] = responseSeconds.map(String.init)
        fields[.cause] = cause
        fields[.consequence] = consequence
        fields[.alarmClass] = alarmClass
        fields[.who] = who
        fields[.why] = why
        return fields
    }

    /// It calls an operator by itself. In a flood, and of what chatters, a sum does.
    fileprivate var isTold: Bool { annunciated && (told ?? Telling.single.rawValue) == Telling.single.rawValue }
}

extension Priority {
    /// 0 low ... 3 critical.
    var rank: Int { Priority.allCases.firstIndex(of: self) ?? 0 }
}
