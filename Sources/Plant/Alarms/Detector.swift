/// What decides, sample by sample, whether an alarm's verdict is in, out or unknown.
public enum Detector: Hashable, Sendable {
    /// A figure against limits, each with a priority of its own.
    case levels(Levels)
    /// Something that is the case or not.
    case test(Test, priority: Priority)
    /// One value for each lot, judged by the rules of statistical process control.
    case lots(LotChart, priority: Priority)
    /// The controller cannot be read. Every controller has one such alarm; nobody configures it.
    case comms(Controller.ID, priority: Priority)
    /// A part of Cupel itself fails. Each has one such alarm; nobody configures it.
    case health(Subsystem, priority: Priority)

    public enum Test: Hashable, Sendable {
        /// The value is one of these.
        case state([Double])
        /// One of these bits of the raw value is set, or with `set` false clear.
        case bits(mask: UInt64, set: Bool)
        /// The value is another than in the last good sample.
        case change
        /// So many changes of value within the time.
        case edges(count: Int, within: Duration)
        /// A command and its feedback differ for longer than the plant needs to move.
        case mismatch(feedback: Tag.ID, transit: Duration)
        /// One sample stands out from its neighbours.
        case spike(Spike)
        /// The value does not move.
        case stuck(Stuck)
        /// No good sample for so long.
        case stale(after: Duration)
        /// The quality is bad, for one of these causes; empty for all.
        case quality([Quality])
        /// The tag or one of these has no good value: what votes with them has lost its redundancy.
        case degraded(with: [Tag.ID])
        /// The thermocouple reads its cold junction although the furnace is heated.
        case phantom(Phantom)
        /// The trend reaches the worst limit before anybody could act.
        case timeToLimit(TimeToLimit)
        /// A combination of other alarms and tags.
        case logic(Logic)
    }
}

/// A spike test after IOOS QARTOD test 6: one sample late by design, for it needs both neighbours.
public struct Spike: Hashable, Sendable {
    public let threshold: Double
    public let form: Form

    public enum Form: String, Hashable, Sendable, CaseIterable {
        /// The distance to the mean of the neighbours.
        case average
        /// The smaller of the two steps, when they have opposite signs.
        case differential
    }

    public init(threshold: Double, form: Form = .average) { (self.threshold, self.form) = (threshold, form) }
}

/// A flat-line test after IOOS QARTOD test 8.
public struct Stuck: Hashable, Sendable {
    /// max - min below this is standing still; at least the resolution of the register.
    public let tolerance: Double
    public let over: Duration
    /// Samples the window holds when it is full: `over` / period + 1.
    public let samples: Int
    /// Only while something should move it: a soak at its setpoint is not stuck.
    public let whenMoving: Logic?

    public init(tolerance: Double, over: Duration, samples: Int, whenMoving: Logic? = nil) {
        (self.tolerance, self.over, self.samples, self.whenMoving) = (tolerance, over, samples, whenMoving)
    }
}

public struct Phantom: Hashable, Sendable {
    /// Where the cold junction's temperature is read; `nil` compares with `ambient`.
    public let coldJunction: Tag.ID?
    /// What a transmitter shows with no thermocouple fitted; some read a steady 21 degC.
    public let ambient: Double
    /// Nearer than this to the cold junction is suspect.
    public let within: Double
    /// For so long.
    public let after: Duration
    /// While this tag, the heater's output, is above `outputAbove`.
    public let output: Tag.ID?
    public let outputAbove: Double

    public init(
        coldJunction: Tag.ID?, ambient: Double = 21, within: Double = 3, after: Duration, output: Tag.ID?,
        outputAbove: Double
    ) {
        self.coldJunction = coldJunction
        self.ambient = ambient
        self.within = within
        self.after = after
        self.output = output
        self.outputAbove = outputAbove
    }
}

public struct TimeToLimit: Hashable, Sendable {
    public let limit: Double
    public let isAbove: Bool
    /// The least-squares line is drawn over this.
    public let over: Duration
    /// In alarm when the limit is nearer than this: the time an operator needs to respond.
    public let horizon: Duration

    public init(limit: Double, isAbove: Bool, over: Duration, horizon: Duration) {
        (self.limit, self.isAbove, self.over, self.horizon) = (limit, isAbove, over, horizon)
    }
}
