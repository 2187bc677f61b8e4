import Plant

/// One event as everybody outside sees it: a row of the journal, a line on a pipe, a message of the API.
///
/// The JSON names are the contract, given by `CodingKeys`; absent means "does not apply". In JSON times are ISO 8601
/// UTC with milliseconds, for whoever reads a pipe; here they are UTC milliseconds.
public struct AlarmNotice: Codable, Hashable, Sendable {
    /// The version of the envelope.
    public var version = 1
    public var plant: String
    /// The run of the daemon that saw it. With `seq` it names the event for ever.
    public var boot: String
    /// The number in the journal; grows by one with each event, across restarts. 0 while it has none.
    public var seq: Int64
    /// The alarm's name, `melt-temperature-high:F-01.melt_temp`, or `cupel` for events of the daemon itself.
    public var id: String
    /// What an acknowledgement must name.
    public var occ: Int
    public var rev: Int
    /// `raise`, `clear`, `ack`, ... as `AlarmEvent.What`, or a `DaemonEvent`.
    public var what: String
    /// What people see after the event: `SHLV`, `DSUP`, `OOS` where something hides the alarm, else `UNACK`, `RTNUN`...
    public var state: String?
    public var priority: String?
    /// The worst priority of the occurrence: who was told of it must hear of its end. `nil` where it was none worse.
    public var topPriority: String?
    public var tag: String?
    /// In engineering units, rounded to 15 significant digits: what a scale adds beyond is binary noise.
    public var value: Double?
    public var unit: String?
    /// What the detector compared with the limit, where that is not the value: a rate, a distance, a sum.
    public var figure: Double?
    public var limit: Double?
    public var level: String?
    /// The revision of the alarm's definition that was in force; `nil` where the journal has none, or could not look.
    public var definition: Int?
    /// `first` of its group, or `simultaneous` with another.
    public var firstOut: String?
    public var quality: String?
    /// When the value was asked for, when its reply was here, and when the event took effect (after its delay).
    @UTCMilliseconds public var sourceTime: Int64
    @UTCMilliseconds public var receivedTime: Int64
    @UTCMilliseconds public var effectiveTime: Int64
    /// When the alarm's latest raise took effect.
    @OptionalUTCMilliseconds public var raisedTime: Int64?
    /// When a shelf ends, or when somebody must look again at what is out of service.
    @OptionalUTCMilliseconds public var until: Int64?
    /// What to do, and how many seconds there are to do it.
    public var guidance: String?
    public var responseSeconds: Int64?
    /// Why it comes to be, what happens when nobody acts, and the plant's own class of the alarm.
    public var cause: String?
    public var consequence: String?
    public var alarmClass: String?
    /// One sentence for people.
    public var text: String
    /// The detector's own words, the reasons of a suppression, the permit of a work.
    public var detail: String?
    /// The operator, where one acted, and his reason.
    public var who: String?
    public var why: String?
    /// The last scan that was complete before an operator acted, `F-01/fast#1234`: what he did and what was read may
    /// fall into one millisecond.
    public var afterScan: String?
    /// An operator must be told now; false for what is only recorded and shown.
    public var annunciated: Bool
    /// How he is told: `single`, or in a flood `digest`, `grouped`, `counted`; `nil` when he is not.
    public var told: String?
    /// The condition ended while the daemon was not running; the times say when that was found out.
    public var duringOutage: Bool
    /// The sinks it is for alone, by name: a call of an escalation; `nil` for all.
    public var onlyTo: [String]?
    /// A sink it is not for: it is about that one's own failure.
    public var notTo: String?
    /// It may have been sent before.
    public var dup = false
    /// It is not on disk: the journal could not be written. It comes again, with a number and `dup`, when it is.
    public var unjournalled = false

    public init(
        plant: String = "", boot: String = "", seq: Int64 = 0, id: String, occ: Int = 0, rev: Int = 0, what: String,
        state: String? = nil, priority: String? = nil, tag: String? = nil, value: Double? = nil, unit: String? = nil,
        figure: Double? = nil, limit: Double? = nil, level: String? = nil, definition: Int? = nil,
        firstOut: String? = nil, quality: String? = nil, sourceTime: Int64, receivedTime: Int64, effectiveTime: Int64,
        until: Int64? = nil, guidance: String? = nil, responseSeconds: Int64? = nil, cause: String? = nil,
        consequence: String? = nil, alarmClass: String? = nil, text: String = "", detail: String? = nil,
        who: String? = nil, why: String? = nil, annunciated: Bool = false, told: String? = nil,
        duringOutage: Bool = false, afterScan: String? = nil, onlyTo: [String]? = nil,
        topPriority: String? = nil, raisedTime: Int64? = nil, notTo: String? = nil
    ) {
        self.plant = plant
        self.boot = boot
        self.seq = seq
        self.id = id
        self.occ = occ
        self.rev = rev
        self.what = what
        self.state = state
        self.priority = priority
        self.tag = tag
        // JSON has no infinity, and a level at infinity tells nobody anything.
        self.value = value.flatMap { $0.isFinite ? $0.toFifteenDigits : nil }
        self.unit = unit
        self.figure = figure.flatMap { $0.isFinite ? $0.toFifteenDigits : nil }
        self.limit = limit.flatMap { $0.isFinite ? $0 : nil }
        self.level = level
        self.definition = definition
        self.firstOut = firstOut
        self.quality = quality
        self.sourceTime = sourceTime
        self.receivedTime = receivedTime
        self.effectiveTime = effectiveTime
        self.until = until
        self.guidance = guidance
        self.responseSeconds = responseSeconds
        self.cause = cause
        self.consequence = consequence
        self.alarmClass = alarmClass
        self.text = text
        self.detail = detail
        self.who = who
        self.why = why
        self.annunciated = annunciated
        self.told = told
        self.duringOutage = duringOutage
        self.afterScan = afterScan
        self.onlyTo = onlyTo
        self.topPriority = topPriority
        self.raisedTime = raisedTime
        self.notTo = notTo
    }

    enum CodingKeys: String, CodingKey {
        case version = "v"
        case plant, boot, seq, id, occ, rev, what, state, priority, tag, value, unit, figure, limit
        case level, definition
        case topPriority = "top_priority"
        case firstOut = "first_out"
        case quality
        case sourceTime = "t_source"
        case receivedTime = "t_received"
        case effectiveTime = "t_effective"
        case raisedTime = "t_raised"
        case until, guidance
        case responseSeconds = "response_s"
        case cause, consequence
        case alarmClass = "class"
        case text, detail, who, why, annunciated, told
        case afterScan = "after_scan"
        case duringOutage = "during_outage"
        case onlyTo = "only_to"
        case notTo = "not_to"
        case dup, unjournalled
    }
}
