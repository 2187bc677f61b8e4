/// How a range is cut into buckets.
public enum Buckets: Sendable {
    /// Intervals of people's clocks; the first and the last may reach over the ends of the range.
    case grid(BucketGrid)
    /// So many equal parts of the range, to the millisecond; at least 1.
    case equal(Int)
    /// The range as one.
    case whole
}

/// How aggregates are made.
public struct AggregateOptions: Sendable, Hashable {
    public enum Interpolation: Sendable, Hashable {
        /// Analog tags lie on a straight line between two good readings, all others stand until the next one.
        case byKind
        /// Every tag stands until the next reading.
        case steps
    }

    public var interpolation: Interpolation
    /// Adds up how long each raw value of a discrete tag stood.
    public var withStates: Bool
    /// Whether the tables `hour` and `day` may answer for the readings.
    public var useRollups: Bool
    /// Makes a row of those tables, and no answer.
    package var rollUp: RollUpMaking?

    public init(interpolation: Interpolation = .byKind, withStates: Bool = false, useRollups: Bool = true) {
        (self.interpolation, self.withStates, self.useRollups) = (interpolation, withStates, useRollups)
    }

    package init(making rollUp: RollUpMaking) {
        self.init()
        self.rollUp = rollUp
    }
}

/// What a roll-up is made of. What stood when its range began counts even if it was read behind the horizon: retention
/// leaves the readings of the last three periods before it, so that an hour that is made anew is as it was.
package enum RollUpMaking: Sendable, Hashable {
    /// Of readings.
    case hour
    /// Of its hours, and of readings where it has none, or only a part of one. Never of the day that is there.
    case day
}
