/// What the journal records about the daemon itself.
public enum DaemonEvent: String, Hashable, Sendable, CaseIterable, Codable {
    case started, stopped
    case reloaded
    case reloadRefused = "reload-refused"
    /// The states taken over at the start, in one notice.
    case restored
    /// An alarm that the configuration no longer has was closed.
    case retired
    case clockStep = "clock-step"
    /// Events that the journal could not write and had to give up.
    case lost
    /// A sink gave up events that the others got.
    case undelivered
    /// Somebody tested a sink.
    case sinkTest = "sink-test"
    /// Somebody had a sink's dead letters sent again.
    case resent
    /// More alarms come than an operator can take in, and no longer.
    case floodBegins = "flood-begins"
    case floodEnds = "flood-ends"
    /// What was not told singly during a flood, summed up.
    case digest
    /// Many alarms came out of suppression together, in one notice.
    case massExit = "mass-exit"
    /// One alarm goes to and fro, and no longer.
    case chatterBegins = "chatter-begins"
    case chatterEnds = "chatter-ends"
    /// Nobody acts upon an alarm, and somebody is called. Its `id` is the alarm's.
    case escalate
    /// A controller begins or ends to make a lot.
    case heatBegins = "heat-begins"
    case heatEnds = "heat-ends"
}

extension AlarmNotice {
    /// The `id` of events that are about no alarm.
    public static let daemonID = "cupel"

    /// A notice about the daemon itself.
    ///
    /// - Parameters:
    ///   - id: the alarm it is about, when it is about one alone.
    ///   - time: UTC milliseconds.
    public static func daemon(
        _ event: DaemonEvent, of id: String = AlarmNotice.daemonID, text: String, at time: Int64, who: String? = nil,
        annunciated: Bool = false
    ) -> AlarmNotice {
        AlarmNotice(
            id: id, what: event.rawValue, sourceTime: time, receivedTime: time, effectiveTime: time, text: text,
            who: who, annunciated: annunciated, told: annunciated ? "single" : nil)
    }
}
