/// When a number that came properly is less than good, and why then.
public struct TagRules: Sendable, Hashable {
    /// Outside `range` the value is pinned to its end and uncertain, instead of bad.
    public var clamps = false
    /// The value is a live-zero current signal, and its ends tell failures.
    public var loop: CurrentLoop?
    /// Another tag of the same controller says what the number is worth.
    public var status: StatusRule?
    /// A count that only grows: a smaller value than the last is a wrap or a reset.
    public var isCounter = false
    /// A value that has not changed for so long is frozen.
    public var stuckAfter: Duration?

    public init(
        clamps: Bool = false, loop: CurrentLoop? = nil, status: StatusRule? = nil, isCounter: Bool = false,
        stuckAfter: Duration? = nil
    ) {
        self.clamps = clamps
        self.loop = loop
        self.status = status
        self.isCounter = isCounter
        self.stuckAfter = stuckAfter
    }
}

/// A 4-20 mA signal: which raw values stand for its two ends, and the bands of NAMUR NE 43 in milliamperes.
///
/// NE 43 gives 3.8...20.5 mA to the measurement and takes 3.6 mA and below, 21.0 mA and above for a failure; between,
/// the transmitter is at the end of its range. The limits are as in `acquisition` practice; a plant may set its own.
public struct CurrentLoop: Sendable, Hashable {
    /// The raw values at 4 and at 20 mA.
    public let raw: ClosedRange<Double>
    /// Below it the signal has failed low.
    public let failLow: Double
    /// What counts as a measurement.
    public let measures: ClosedRange<Double>
    /// Above it the signal has failed high.
    public let failHigh: Double

    /// The bands of NE 43.
    public static let failLow = 3.6
    public static let measures = 3.8...20.5
    public static let failHigh = 21.0

    public init(
        raw: ClosedRange<Double>, failLow: Double = CurrentLoop.failLow,
        measures: ClosedRange<Double> = CurrentLoop.measures, failHigh: Double = CurrentLoop.failHigh
    ) {
        self.raw = raw
        self.failLow = failLow
        self.measures = measures
        self.failHigh = failHigh
    }

    /// The current of a raw value, in milliamperes.
    @inlinable
    public func current(of number: Double) -> Double {
        4 + 16 * (number - raw.lowerBound) / (raw.upperBound - raw.lowerBound)
    }

    /// `.good`, `.clamped`, `.failLow` or `.failHigh`. NaN is none of them; it is judged before.
    @inlinable
    public func quality(of number: Double) -> Quality {
        let current = current(of: number)
        if current < failLow { return .failLow }
        if current > failHigh { return .failHigh }
        return measures.contains(current) ? .good : .clamped
    }
}

/// What a status tag of the same controller says about a value. The first test that holds decides.
public struct StatusRule: Sendable, Hashable {
    public struct Test: Sendable, Hashable {
        public enum Condition: Sendable, Hashable {
            /// The raw status is one of these.
            case isOne(of: [UInt64])
            /// The raw status is none of these.
            case isNone(of: [UInt64])
            /// One of the bits of the mask is set.
            case anyBit(of: UInt64)
            /// One of the bits of the mask is clear.
            case anyBitClear(of: UInt64)
        }

        public let condition: Condition
        /// What the value is worth when it holds; never `.good`.
        public let quality: Quality

        public init(_ condition: Condition, _ quality: Quality) {
            (self.condition, self.quality) = (condition, quality)
        }

        /// - Parameter status: the raw bits of the status tag.
        @inlinable
        public func holds(_ status: UInt64) -> Bool {
            switch condition {
            case .isOne(let values): values.contains(status)
            case .isNone(let values): !values.contains(status)
            case .anyBit(let mask): status & mask != 0
            case .anyBitClear(let mask): ~status & mask != 0
            }
        }
    }

    /// The status tag, of the same controller.
    public let tag: Tag.ID
    public let tests: [Test]

    public init(tag: Tag.ID, tests: [Test]) { (self.tag, self.tests) = (tag, tests) }

    /// What a value is worth under this status; `.good` when no test holds.
    public func quality(under status: UInt64) -> Quality { tests.first { $0.holds(status) }?.quality ?? .good }
}
