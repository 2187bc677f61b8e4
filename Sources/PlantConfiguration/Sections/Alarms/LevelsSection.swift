import Plant

/// The levels of one alarm, all on one side of the normal values.
struct LevelsRule {
    /// One level with the place of its limit.
    struct Level {
        let level: AlarmLevel
        let limit: Double
        let priority: Priority
        /// Its own; otherwise that of the alarm.
        let deadband: Deadband?
        let value: Value
    }

    struct Deadband {
        let width: Double
        let value: Value

        init?(_ value: Value) {
            guard let width = value.number("a number of at least 0", where: { $0 >= 0 }) else { return nil }
            (self.width, self.value) = (width, value)
        }
    }

    /// From the mildest to the worst.
    let levels: [Level]
    let isAbove: Bool

    /// In the order of their limits.
    enum Key: String, SectionKey {
        case lowLow = "low_low"
        case low, high
        case highHigh = "high_high"

        var level: AlarmLevel {
            switch self {
            case .lowLow: .lowLow
            case .low: .low
            case .high: .high
            case .highHigh: .highHigh
            }
        }
    }

    enum LevelKey: String, SectionKey { case limit, priority, deadband }

    init?(_ value: Value) {
        let expected = "levels such as {high: {limit: 1480, priority: high}}"
        guard let section = value.section(Key.self, expected) else { return nil }
        let present = Key.allCases.filter(section.contains)
        let ascending = present.compactMap { key in section[key].flatMap { Self.level(key, $0) } }
        guard !present.isEmpty else {
            value.reject(found: "no level", expected: Key.allCases.map(\.rawValue).asChoice)
            return nil
        }
        Self.reportDisorder(ascending)
        isAbove = present.contains { $0 == .high || $0 == .highHigh }
        guard !(isAbove && present.contains { $0 == .low || $0 == .lowLow }) else {
            value.reject(found: "both high and low levels", expected: "one side; write two alarms")
            return nil
        }
        guard ascending.count == present.count else { return nil }
        levels = isAbove ? ascending : ascending.reversed()
    }

    /// The limits, with the alarm's deadband where a level has none of its own.
    func limits(deadband: Deadband?) -> [AlarmLimit] {
        levels.map { level in
            AlarmLimit(
                level: level.level, limit: level.limit, priority: level.priority,
                deadband: (level.deadband ?? deadband)?.width ?? 0)
        }
    }

    /// A deadband that joins two levels would make the worse one as hard to leave as the milder.
    func reportWide(deadband: Deadband?) {
        for (mild, worse) in zip(levels, levels.dropFirst()) {
            let distance = abs(worse.limit - mild.limit)
            guard distance > 0, let deadband = worse.deadband ?? deadband, deadband.width >= distance else { continue }
            let (lower, upper) = isAbove ? (mild, worse) : (worse, mild)
            deadband.value.reject(
                expected: "less than the distance of \(lower.level.rawValue) and \(upper.level.rawValue), "
                    + distance.short)
        }
    }

    private static func level(_ key: Key, _ value: Value) -> Level? {
        let form = "a level such as {limit: 1480, priority: high}"
        guard let section = value.section(LevelKey.self, form) else { return nil }
        let limitValue = section.required(.limit, "a number")
        let limit = limitValue?.number()
        let priority = section.priority(.priority)
        let deadband = section[.deadband].flatMap(Deadband.init)
        guard let limitValue, let limit, let priority else { return nil }
        return Level(level: key.level, limit: limit, priority: priority, deadband: deadband, value: limitValue)
    }

    /// Limits that do not ascend would make a level that is never reached.
    private static func reportDisorder(_ ascending: [Level]) {
        for (lower, upper) in zip(ascending, ascending.dropFirst()) where upper.limit <= lower.limit {
            upper.value.reject(
                found: "\(upper.value.found) for \(upper.level.rawValue)",
                expected: "more than \(lower.level.rawValue), \(lower.value.found)")
        }
    }
}

extension Double {
    /// Without the `.0` that no engineer writes.
    var short: String {
        let text = description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
