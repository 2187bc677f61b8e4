public import Plant

extension Announcer {
    /// What the supervisors must know of one event.
    public struct Occasion: Hashable, Sendable {
        public let alarm: AlarmDefinition.ID
        /// UTC milliseconds when it took effect: the time of all rules.
        public let effective: Int64
        public let what: AlarmEvent.What
        public let priority: Priority
        /// `nil` where the alarm has only one.
        public let level: AlarmLevel?
        /// The alarm asks for an operator. Everything else is told to nobody.
        public let annunciated: Bool
        /// The controller's name.
        public let area: String
        public let isFirstOut: Bool
        /// The alarm's name, for the texts.
        public let name: String

        public init(
            alarm: AlarmDefinition.ID, effective: Int64, what: AlarmEvent.What, priority: Priority,
            level: AlarmLevel? = nil, annunciated: Bool, area: String, isFirstOut: Bool = false, name: String
        ) {
            (self.alarm, self.effective, self.what, self.priority) = (alarm, effective, what, priority)
            (self.level, self.annunciated, self.area) = (level, annunciated, area)
            (self.isFirstOut, self.name) = (isFirstOut, name)
        }

        /// The condition came or went where operators can see it. Edges under an overlay are nobody's chatter.
        var isChange: Bool { isRaise || what == .clear }
        var isRaise: Bool { what == .raise || what == .raiseExit }
        var isExit: Bool { what == .raiseExit && annunciated }
        var badness: Badness { Badness(severity: level.severity, priority: priority) }
    }

    /// How bad it is: by level first, because two levels may share a priority.
    struct Badness: Hashable, Comparable {
        let severity: Int
        let priority: Priority

        static func < (a: Self, b: Self) -> Bool { (a.severity, a.priority) < (b.severity, b.priority) }
    }
}
