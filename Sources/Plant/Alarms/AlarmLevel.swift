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
    /// The only level of an alarm with one of the other tests: its kind is in its definition.
    case fault
    /// An alarm with `on_bad: activate` whose tag has been bad for too long: nobody knows where the value is.
    case unknown
}

/// One limit of a level alarm.
public struct AlarmLimit: Hashable, Sendable, Codable {
    public let level: AlarmLevel
    public let limit: Double
    public let priority: Priority
    /// How far back within the limit the value must come before the level is left; 0 has no memory.
    public let deadband: Double

    public init(level: AlarmLevel, limit: Double, priority: Priority, deadband: Double = 0) {
        (self.level, self.limit, self.priority, self.deadband) = (level, limit, priority, deadband)
    }
}
