import Plant

/// The levels of one alarm, all on one side of the normal values.
struct LevelsRule {
    /// One level with the place of its limit.
    struct Level {
        let limit: AlarmLimit
        let value: Value
    }

    /// From the mildest to the worst.
    let levels: [Level]
    let deadband: Double
    let isAbove: Bool

    var condition: AlarmCondition {
        let limits = levels.map(\.limit)
        return isAbove ? .above(limits, deadband: deadband) : .below(limits, deadband: deadband)
    }

    /// In the order of their limits.
    private enum Key: String, SectionKey {
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

    private enum LevelKey: String, SectionKey { case limit, priority }

    init?(_ value: Value, deadband deadbandValue: Value?) {
        let expected = "levels such as {high: {limit: 1480, priority: high}}"
        guard let section = value.section(Key.self, expected) else { return nil }
        deadband = deadbandValue?.number("a number of at least 0") { $0 >= 0 } ?? 0
        let present = Key.allCases.filter(section.contains)
        let ascending = present.compactMap { key in section[key].flatMap { Self.level(key, $0) } }
        guard !present.isEmpty else {
            value.reject(found: "no level", expected: Key.allCases.map(\.rawValue).asChoice)
            return nil
        }
        Self.reportDisorder(ascending, deadband: deadband, deadbandValue)
        isAbove = present.contains { $0 == .high || $0 == .highHigh }
        guard !(isAbove && present.contains { $0 == .low || $0 == .lowLow }) else {
            value.reject(found: "both high and low levels", expected: "one side; write two alarms")
            return nil
        }
        guard ascending.count == present.count else { return nil }
        levels = isAbove ? ascending : ascending.reversed()
    }

    private static func level(_ key: Key, _ value: Value) -> Level? {
        let form = "a level such as {limit: 1480, priority: high}"
        guard let section = value.section(LevelKey.self, form) else { return nil }
        let limitValue = section.required(.limit, "a number")
        let limit = limitValue?.number()
        let priority = section.required(.priority, Priority.words)?.choice(Priority.self)
        guard let limitValue, let limit, let priority else { return nil }
        return Level(limit: AlarmLimit(level: key.level, limit: limit, priority: priority), value: limitValue)
    }

    /// Limits that do not ascend, or that a deadband joins, would make a level that is never reached or never left.
    private static func reportDisorder(_ ascending: [Level], deadband: Double, _ deadbandValue: Value?) {
        for (lower, upper) in zip(ascending, ascending.dropFirst()) {
            let (lowerName, upperName) = (lower.limit.level.rawValue, upper.limit.level.rawValue)
            let distance = upper.limit.limit - lower.limit.limit
            if distance <= 0 {
                upper.value.reject(
                    found: "\(upper.value.found) for \(upperName)",
                    expected: "more than \(lowerName), \(lower.value.found)")
            } else if deadband >= distance {
                deadbandValue?.reject(
                    expected: "less than the distance of \(lowerName) and \(upperName), \(distance.short)")
            }
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
