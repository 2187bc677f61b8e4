/// One alarm on one tag: what a rule of the configuration becomes for each tag it matches.
public struct AlarmDefinition: Sendable, Identifiable {
    /// The index in `Plant.alarms`.
    public typealias ID = Int

    public let id: ID
    /// `melt-temperature-high:F-01.melt_temp`, `comms:F-01`, `sink:pager`: unique, stable, what operators type.
    public let name: String
    /// The id of the rule, `melt-temperature-high`.
    public let rule: String
    /// The tag whose samples drive it; `nil` for logic, and for alarms on a link or on Cupel itself.
    public let tag: Tag.ID?
    public let detector: Detector
    public let qualification: Qualification
    public let handling: Handling
    public let activity: Activity
    public let rationale: Rationale

    public init(
        id: ID, name: String, rule: String, tag: Tag.ID?, detector: Detector, qualification: Qualification,
        handling: Handling = Handling(), activity: Activity = Activity(), rationale: Rationale = Rationale()
    ) {
        self.id = id
        self.name = name
        self.rule = rule
        self.tag = tag
        self.detector = detector
        self.qualification = qualification
        self.handling = handling
        self.activity = activity
        self.rationale = rationale
    }
}

/// From a verdict to a condition.
public struct Qualification: Hashable, Sendable {
    /// How long the verdict must be in before it counts, and out before it no longer does.
    public let onDelay: Duration
    public let offDelay: Duration
    /// The evidence horizon: a delay ends no later than this after the last good sample, and a longer gap starts it
    /// again. Three periods of the tag.
    public let maxGap: Duration
    /// So many runs within the time raise, too, however short each is.
    public let count: RunCount?
    public let onBad: OnBad

    public struct RunCount: Hashable, Sendable {
        public let runs: Int
        public let within: Duration
        public init(runs: Int, within: Duration) { (self.runs, self.within) = (runs, within) }
    }

    /// What a bad sample does. There is no "clear": nothing may go away because it cannot be seen.
    public enum OnBad: Hashable, Sendable {
        case freeze
        /// Bad for longer than this raises at level `unknown`, fail-safe.
        case activate(after: Duration)
    }

    public init(
        onDelay: Duration = .zero, offDelay: Duration = .zero, maxGap: Duration, count: RunCount? = nil,
        onBad: OnBad = .freeze
    ) {
        self.onDelay = onDelay
        self.offDelay = offDelay
        self.maxGap = maxGap
        self.count = count
        self.onBad = onBad
    }
}

/// What operators do with it.
public struct Handling: Hashable, Sendable {
    /// Stays when its condition is gone, until it is acknowledged and reset.
    public let latching: Bool
    public let acknowledgement: Acknowledgement
    /// Told again when it still stands after this; `nil` never.
    public let reAlarm: Duration?
    /// The longest it may be shelved; `nil` when it may not be.
    public let maxShelve: Duration?
    /// Alarms of one group tell which of them was the first.
    public let group: String?

    /// A working shift.
    public static let shift: Duration = .seconds(8 * 3600)

    public enum Acknowledgement: String, Hashable, Sendable, CaseIterable {
        case required
        /// The return to normal acknowledges.
        case auto
        /// It is told, and needs nobody.
        case none
    }

    public init(
        latching: Bool = false, acknowledgement: Acknowledgement = .required, reAlarm: Duration? = nil,
        maxShelve: Duration? = Handling.shift, group: String? = nil
    ) {
        self.latching = latching
        self.acknowledgement = acknowledgement
        self.reAlarm = reAlarm
        self.maxShelve = maxShelve
        self.group = group
    }
}

/// When it is watched at all. Outside it is suppressed by design, not cleared.
public struct Activity: Hashable, Sendable {
    /// Suppressed while this does not hold: the phases it belongs to.
    public let when: Logic?
    /// Suppressed while this holds.
    public let suppressedBy: Logic?
    /// After `when` begins to hold.
    public let arming: Arming?

    public enum Arming: Hashable, Sendable {
        /// Watched from this long after.
        case after(Duration)
        /// Watched once the value has been out of alarm.
        case onceNormal
    }

    public init(when: Logic? = nil, suppressedBy: Logic? = nil, arming: Arming? = nil) {
        (self.when, self.suppressedBy, self.arming) = (when, suppressedBy, arming)
    }
}

/// Why the alarm exists (ISA-18.2, rationalisation).
public struct Rationale: Hashable, Sendable {
    public let cause: String?
    public let consequence: String?
    /// What the operator should do, and how long there is to do it.
    public let guidance: String?
    public let respondWithin: Duration?
    /// The plant's own classification: safety, quality, equipment.
    public let alarmClass: String?

    public init(
        cause: String? = nil, consequence: String? = nil, guidance: String? = nil, respondWithin: Duration? = nil,
        alarmClass: String? = nil
    ) {
        self.cause = cause
        self.consequence = consequence
        self.guidance = guidance
        self.respondWithin = respondWithin
        self.alarmClass = alarmClass
    }
}
