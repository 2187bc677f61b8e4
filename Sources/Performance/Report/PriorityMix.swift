import Plant

extension PerformanceReport {
    /// How urgent alarms are, in percent, beside 80 low, 15 medium, 5 high (EEMUA 191). Critical counts as high.
    public struct PriorityMix: Hashable, Sendable, Codable {
        public let low: Double
        public let medium: Double
        public let high: Double
        public let critical: Double
        /// High and critical…
        public let urgent: KeyFigure
        /// …and medium with them: fewer than the target of either is no fault.
        public let mediumAndUrgent: KeyFigure

        init(_ counts: [Priority: Int]) {
            let total = counts.values.reduce(0, +)
            func percent(_ priorities: Priority...) -> Double {
                let count = priorities.reduce(0) { $0 + (counts[$1] ?? 0) }
                return total > 0 ? 100 * Double(count) / Double(total) : 0
            }
            (low, medium, high, critical) = (percent(.low), percent(.medium), percent(.high), percent(.critical))
            urgent = KeyFigure(percent(.high, .critical), .atMost(5, .eemua))
            mediumAndUrgent = KeyFigure(percent(.medium, .high, .critical), .atMost(20, .eemua))
        }

        enum CodingKeys: String, CodingKey {
            case low, medium, high, critical, urgent
            case mediumAndUrgent = "medium_and_urgent"
        }
    }
}
