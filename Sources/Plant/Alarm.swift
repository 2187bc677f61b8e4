/// How urgently an operator must act, lowest first.
public enum Priority: String, Hashable, Sendable, CaseIterable, Comparable, Codable {
    case low, medium, high, critical

    public static func < (a: Self, b: Self) -> Bool {
        allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
    }
}

/// The level an alarm is at. One excursion is at one level at a time (OPC UA Part 9, exclusive limits).
public enum AlarmLevel: String, Hashable, Sendable, CaseIterable, Codable {
    case lowLow = "low_low"
    case low, high
    case highHigh = "high_high"
    /// The only level of an alarm on a state rather than a limit.
    case state
    /// The only level of a controller's communication alarm.
    case comms
}

/// One limit of a level alarm.
public struct AlarmLimit: Hashable, Sendable {
    public let level: AlarmLevel
    public let limit: Double
    public let priority: Priority

    public init(level: AlarmLevel, limit: Double, priority: Priority) {
        (self.level, self.limit, self.priority) = (level, limit, priority)
    }
}

/// What makes an alarm's condition true.
public enum AlarmCondition: Hashable, Sendable {
    /// At or above a limit. The limits ascend; the last is the worst.
    case above([AlarmLimit], deadband: Double)
    /// At or below a limit. The limits descend; the last is the worst.
    case below([AlarmLimit], deadband: Double)
    /// The value is one of these.
    case state([Double], priority: Priority)
    /// The controller cannot be read. Every controller has one such alarm; nobody configures it.
    case comms(Controller.ID, priority: Priority)
}

/// One alarm on one tag: what a rule of the configuration becomes for each tag it matches.
public struct AlarmDefinition: Sendable, Identifiable {
    /// The index in `Plant.alarms`.
    public typealias ID = Int

    public let id: ID
    /// `melt-temperature-high:F-01.melt_temp`, `comms:F-01`: unique, stable, what operators type.
    public let name: String
    /// The id of the rule, `melt-temperature-high`.
    public let rule: String
    /// The tag it watches; `nil` for a communication alarm.
    public let tag: Tag.ID?
    public let condition: AlarmCondition
    /// How long the condition must hold before it counts, and must be gone before it no longer does.
    public let onDelay: Duration
    public let offDelay: Duration
    /// After this long without a good sample a running delay starts again, so that nothing ripens on stale data: three periods of the tag.
    public let maxGap: Duration
    public let latching: Bool
    /// The alarm only counts while another tag has one of these values.
    public let when: When?
    /// What the operator should do, and how long there is to do it.
    public let guidance: String?
    public let respondWithin: Duration?

    public struct When: Hashable, Sendable {
        public let tag: Tag.ID
        public let values: [Double]
        public init(tag: Tag.ID, values: [Double]) { (self.tag, self.values) = (tag, values) }
    }

    public init(
        id: ID, name: String, rule: String, tag: Tag.ID?, condition: AlarmCondition, onDelay: Duration = .zero,
        offDelay: Duration = .zero, maxGap: Duration, latching: Bool = false, when: When? = nil,
        guidance: String? = nil, respondWithin: Duration? = nil
    ) {
        self.id = id
        self.name = name
        self.rule = rule
        self.tag = tag
        self.condition = condition
        self.onDelay = onDelay
        self.offDelay = offDelay
        self.maxGap = maxGap
        self.latching = latching
        self.when = when
        self.guidance = guidance
        self.respondWithin = respondWithin
    }
}
