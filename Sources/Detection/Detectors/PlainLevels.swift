import Plant

/// The limits of an alarm on the value itself that are the same whatever is made: most alarms of a plant.
///
/// Taken out of the definition once and free of references: to judge a sample counts none of them and allocates
/// nothing, and takes a fifth of the time that it takes through the definition.
struct PlainLevels: Sendable {
    private let mild: AlarmLimit
    private let worst: AlarmLimit?
    private let isAbove: Bool
    private let isInclusive: Bool

    /// `nil` when it takes more to find out which limits count.
    init?(_ levels: Levels) {
        guard case .value = levels.figure, levels.sets.count == 1, let set = levels.sets.first, set.name == nil,
            set.product == nil, set.phases == nil, let mild = set.limits.first, set.limits.count <= 2
        else { return nil }
        (self.mild, worst) = (mild, set.limits.dropFirst().first)
        (isAbove, isInclusive) = (levels.isAbove, levels.isInclusive)
    }

    /// A value at the end of its range (`clamped`) tells that it is in alarm, never that it is not.
    func find(_ sample: Sample, after previous: AlarmLevel?) -> Finding {
        guard sample.isUsable else { return Finding(.unknown) }
        if let worst, holds(worst, sample, previous) { return worst.finding }
        if holds(mild, sample, previous) { return mild.finding }
        return sample.isGood ? Finding(.out, limit: mild.limit, priority: mild.priority) : Finding(.unknown)
    }

    private func holds(_ limit: AlarmLimit, _ sample: Sample, _ previous: AlarmLevel?) -> Bool {
        limit.holds(for: sample.value, weight: 1, isAbove: isAbove, isInclusive: isInclusive, after: previous)
    }
}
