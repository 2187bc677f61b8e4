/// A figure against limits on one side of it.
public struct Levels: Hashable, Sendable {
    /// What is compared.
    public let figure: Figure
    /// True for high levels: in alarm at or above; false for low ones.
    public let isAbove: Bool
    /// Whether a value exactly at a limit is in alarm. Alarm limits are inclusive, the limits of a product's
    /// specification are exclusive: 99.900 meets "min 99.9" (`domain` practice of the plant).
    public let isInclusive: Bool
    /// The sets of limits, the most specific first; the first that applies counts. Never empty.
    public let sets: [LimitSet]
    /// Where product and phase come from; needed when a set asks for one.
    public let product: ProductSource?
    public let phase: Tag.ID?

    public init(
        figure: Figure = .value, isAbove: Bool, isInclusive: Bool = true, sets: [LimitSet],
        product: ProductSource? = nil, phase: Tag.ID? = nil
    ) {
        self.figure = figure
        self.isAbove = isAbove
        self.isInclusive = isInclusive
        self.sets = sets
        self.product = product
        self.phase = phase
    }

    /// The same limits whatever is made.
    public init(_ limits: [AlarmLimit], isAbove: Bool, isInclusive: Bool = true, figure: Figure = .value) {
        self.init(figure: figure, isAbove: isAbove, isInclusive: isInclusive, sets: [LimitSet(limits: limits)])
    }
}

/// The limits for one product in one phase. From the mildest to the worst; empty where nothing is watched.
public struct LimitSet: Hashable, Sendable {
    /// For people and the journal: the row's name in the configuration.
    public let name: String?
    /// `nil` for every product.
    public let product: String?
    /// Values of the phase tag; `nil` for every phase.
    public let phases: [Double]?
    public let limits: [AlarmLimit]

    public init(name: String? = nil, product: String? = nil, phases: [Double]? = nil, limits: [AlarmLimit]) {
        (self.name, self.product, self.phases, self.limits) = (name, product, phases, limits)
    }
}

/// Who says what a unit is making.
public enum ProductSource: Hashable, Sendable {
    /// The configuration.
    case fixed(String)
    /// A tag with states or text.
    case tag(Tag.ID)
    /// The heat that operators or the production records have begun on this controller.
    case heat(Controller.ID)
}

/// What a level alarm compares with its limits.
public enum Figure: Hashable, Sendable {
    /// The tag itself.
    case value
    case deviation(Deviation)
    case rate(RateOfChange)
    /// The distance to a twin that measures the same.
    case difference(from: Tag.ID)
    /// The largest distance of one of these, or of the tag, from the median of all that are good.
    case disagreement(with: [Tag.ID])
    /// The median of the tag and these, of those that are good.
    case median(with: [Tag.ID])
    /// The tag and these vote: the alarm is at the level that at least `need` of them have reached.
    case vote(with: [Tag.ID], need: Int, bad: BadVote)
}

/// What an input without a good value does in a vote.
public enum BadVote: String, Hashable, Sendable, CaseIterable {
    /// It is left out: 2 of 3 becomes 2 of 2.
    case drop
    /// It counts as in alarm: 2 of 3 becomes 1 of 2.
    case alarm
}

/// How far the tag is from its setpoint.
public struct Deviation: Hashable, Sendable {
    /// The working setpoint.
    public let setpoint: Tag.ID
    public let form: Form
    /// The two values may be so far apart in time.
    public let maxSkew: Duration
    /// The soak clock runs only while the distance is below this; `nil` for no clock.
    public let soakBand: Double?

    public enum Form: String, Hashable, Sendable, CaseIterable {
        /// |value - setpoint|, in the tag's unit: high levels only.
        case distance
        /// value - setpoint, in the tag's unit.
        case signed
        /// (value - setpoint) / |setpoint| in percent.
        case percent
    }

    public init(setpoint: Tag.ID, form: Form = .distance, maxSkew: Duration, soakBand: Double? = nil) {
        (self.setpoint, self.form, self.maxSkew, self.soakBand) = (setpoint, form, maxSkew, soakBand)
    }
}

/// How fast the tag moves: the change in `per`, found over `over`.
public struct RateOfChange: Hashable, Sendable {
    public let over: Duration
    public let per: Duration
    public let method: Method

    public enum Method: String, Hashable, Sendable, CaseIterable {
        /// The newest sample and the one `over` before it.
        case endpoint
        /// The slope of the least-squares line, of 5 samples at least.
        case leastSquares = "least_squares"
    }

    public init(over: Duration, per: Duration, method: Method = .endpoint) {
        (self.over, self.per, self.method) = (over, per, method)
    }
}
