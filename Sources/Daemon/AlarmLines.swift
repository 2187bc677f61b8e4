import Annunciation
import Detection
import Journal
import Plant

extension AlarmLine {
    /// The line of a journalled notice.
    init(_ notice: AlarmNotice) {
        self.init(
            sequence: notice.seq, json: notice.jsonLine(), text: notice.textLine(),
            severity: AlarmLine.severity(notice), rank: notice.priority.flatMap(Priority.init(rawValue:))?.rank ?? 0,
            announces: notice.isTold)
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
            sequence: 0,
            json: "{\"active\":\(active),\"last\":\(last),\"plant\":\(quoted(plant)),\"t\":\"\(UTCTime.text(time))\","
                + "\"unacked\":\(unacknowledged),\"what\":\"heartbeat\"}\n",
            text: "", severity: 7, rank: 3, announces: false, isHeartbeat: true)
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
    /// It calls an operator by itself. In a flood, and of what chatters, a sum does.
    fileprivate var isTold: Bool { annunciated && (told ?? Telling.single.rawValue) == Telling.single.rawValue }
}

extension Priority {
    /// 0 low ... 3 critical.
    var rank: Int { Priority.allCases.firstIndex(of: self) ?? 0 }
}
