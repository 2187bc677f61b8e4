public import Plant

/// One row of the alarm journal, as far as figures need it.
public struct AlarmRecord: Hashable, Sendable {
    public let alarm: String
    /// The journal's word: `raise`, `clear`, `ack`, `shelve`… Words that no figure needs are passed over.
    public let what: String
    /// UTC milliseconds at which it took effect.
    public let time: Int64
    public let occurrence: Int
    public let priority: Priority
    /// Operators got it.
    public let annunciated: Bool
    /// Of a shelf, a suppression, a work.
    public let reason: String?
    public let who: String?

    public init(
        alarm: String, what: String, time: Int64, occurrence: Int, priority: Priority, annunciated: Bool,
        reason: String? = nil, who: String? = nil
    ) {
        (self.alarm, self.what, self.time, self.occurrence) = (alarm, what, time, occurrence)
        (self.priority, self.annunciated, self.reason, self.who) = (priority, annunciated, reason, who)
    }
}

/// What keeps an alarm from operators.
public enum Withholding: String, Hashable, Sendable, CaseIterable, Codable {
    case shelved, suppressed
    case outOfService = "out_of_service"
}

/// How an alarm stood when the time of the report began.
public struct StandingAlarm: Hashable, Sendable {
    public let alarm: String
    /// Its condition holds since then; `nil` when it does not.
    public let activeSince: Int64?
    public let withheld: [Withheld]

    public struct Withheld: Hashable, Sendable {
        public let kind: Withholding
        public let since: Int64
        public let reason: String?
        public let who: String?

        public init(kind: Withholding, since: Int64, reason: String? = nil, who: String? = nil) {
            (self.kind, self.since, self.reason, self.who) = (kind, since, reason, who)
        }
    }

    public init(alarm: String, activeSince: Int64? = nil, withheld: [Withheld] = []) {
        (self.alarm, self.activeSince, self.withheld) = (alarm, activeSince, withheld)
    }
}
