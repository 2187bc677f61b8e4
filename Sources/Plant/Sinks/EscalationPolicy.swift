/// Who is called when nobody acts upon an alarm, and when.
public struct EscalationPolicy: Sendable, Hashable {
    public struct Step: Sendable, Hashable {
        /// From the raise, or from the last call of the step before it.
        public let wait: Duration
        /// Names of sinks; all are told at the same time.
        public let sinks: [String]
        /// Calls in all, 1...100.
        public let times: Int
        /// Between them.
        public let every: Duration

        public init(wait: Duration, sinks: [String], times: Int = 1, every: Duration = .seconds(60)) {
            (self.wait, self.sinks, self.times, self.every) = (wait, sinks, times, every)
        }
    }

    public let name: String
    public let priorities: Set<Priority>
    /// Names of alarms or tags; none stands for all.
    public let match: [NamePattern]
    /// Whether the condition's end ends it, too; an acknowledgement, a shelf or suppression always does.
    public let endsWithClear: Bool
    public let steps: [Step]

    public init(
        name: String, priorities: Set<Priority>, match: [NamePattern] = [], endsWithClear: Bool = true, steps: [Step]
    ) {
        self.name = name
        self.priorities = priorities
        self.match = match
        self.endsWithClear = endsWithClear
        self.steps = steps
    }
}
