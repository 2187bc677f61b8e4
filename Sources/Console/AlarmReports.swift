/// The JSON shapes of alarms and of what operators do with them. Names are the contract.

/// One alarm as it stands.
public struct AlarmReport: Codable, Sendable {
    public var alarm: String
    public var tag: String?
    /// What people see: SHLV, DSUP or OOS where it is hidden, else the core.
    public var state: String
    /// NORM, UNACK, ACKED, RTNUN, LATUN or LATAK.
    public var core: String
    public var level: String?
    public var priority: String?
    public var occurrence = 0
    public var revision = 0
    public var since: String?
    /// The newest value; absent when its quality is not good.
    public var value: Double?
    public var unit: String?
    public var quality: String?
    /// What its detector compared, where that is not the value, and what it says about it.
    public var figure: Double?
    public var limit: Double?
    public var detail: String?
    /// `first` or `simultaneous`, of its group.
    public var first_out: String?
    /// Raises since it began to chatter.
    public var chattering: Int?
    /// Who hides it, why, and until when or when somebody must look again.
    public var hidden_by: String?
    public var hidden_why: String?
    public var hidden_until: String?
    public var cause: String?
    public var consequence: String?
    public var guidance: String?
    public var respond_within_s: Double?
    public var alarm_class: String?

    public init(alarm: String, tag: String?, state: String, core: String) {
        (self.alarm, self.tag, self.state, self.core) = (alarm, tag, state, core)
    }
}

/// What operators can do with an alarm, by the words they type.
public enum OperatorCommand: String, Sendable, CaseIterable {
    case ack, unack, reset, shelve, unshelve, suppress, unsuppress
    case outOfService = "out-of-service"
    case `return`, test
}

/// What an operator asks: one alarm, and what the command needs.
public struct CommandRequest: Codable, Sendable {
    public var alarm: String
    /// What he was shown; `ack` and `unack` need both.
    public var occurrence: Int?
    public var revision: Int?
    public var why: String?
    /// Of a shelf, in seconds.
    public var duration_s: Double?
    /// The shelf also ends when the condition does.
    public var one_shot: Bool?
    /// Out of service: the permit to work, and when somebody must look again (UTC milliseconds).
    public var permit: String?
    public var review_ms: Int64?

    public init(alarm: String, occurrence: Int? = nil, revision: Int? = nil, why: String? = nil) {
        (self.alarm, self.occurrence, self.revision, self.why) = (alarm, occurrence, revision, why)
    }
}

/// What became of it: `ok`, `already`, `stale`, `refused` or `unknown`.
public struct CommandReport: Codable, Sendable {
    public var alarm: String
    public var answer: String
    public var reason: String?
    public var who: String

    public init(alarm: String, answer: String, reason: String? = nil, who: String) {
        (self.alarm, self.answer, self.reason, self.who) = (alarm, answer, reason, who)
    }
}

/// What a controller's unit is making.
public struct HeatReport: Codable, Sendable {
    public var controller: String
    /// The heat's number or name; absent when none is on.
    public var heat: String?
    public var product: String?
    public var since: String?
    public var who: String?

    public init(controller: String, heat: String?, product: String?, since: String? = nil, who: String? = nil) {
        (self.controller, self.heat, self.product, self.since, self.who) = (controller, heat, product, since, who)
    }
}
