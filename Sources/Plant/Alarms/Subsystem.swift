/// A part of Cupel itself that can fail while the plant is well, and whose failure is an alarm like any other.
///
/// A refused reload is none of them: the old configuration goes on, whoever asked for the new one got the answer, and
/// nobody else can do anything about it.
public enum Subsystem: Hashable, Sendable {
    /// A place that alarms are told at, by its name.
    case sink(String)
    /// Where readings are kept: they cannot be written, or are lost.
    case history
    /// The write-ahead log of the history, which grows while a reader holds on to it.
    case historyLog
    /// Where the alarms' own events are kept.
    case journal
}

extension Subsystem {
    /// The rule of the alarms on places that alarms are told at.
    public static let sinkRule = "sink"
    /// The rule of the alarms on the two databases.
    public static let storageRule = "storage"

    /// The rule of its alarm.
    public var rule: String {
        switch self {
        case .sink: Subsystem.sinkRule
        case .history, .historyLog, .journal: Subsystem.storageRule
        }
    }

    /// The name of its alarm: `sink:pager`, `storage:history`, `storage:log`, `storage:journal`.
    public var alarmName: String {
        let part =
            switch self {
            case .sink(let name): name
            case .history: "history"
            case .historyLog: "log"
            case .journal: "journal"
            }
        return "\(rule):\(part)"
    }

    /// The subsystem that an alarm of this name is about, whether or not it is still configured; `nil` for any other
    /// alarm. Nobody may give an alarm of his own one of the two rules' names.
    public init?(alarmName: String) {
        let sink = Subsystem.sinkRule + ":"
        if alarmName.hasPrefix(sink), alarmName != sink {
            self = .sink(String(alarmName.dropFirst(sink.count)))
        } else if let storage = Subsystem.storage.first(where: { $0.alarmName == alarmName }) {
            self = storage
        } else {
            return nil
        }
    }

    /// The parts that every plant has, whatever is configured.
    public static let storage: [Subsystem] = [.history, .historyLog, .journal]
}
