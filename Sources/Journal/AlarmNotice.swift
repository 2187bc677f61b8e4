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
    /// `UNACK`, `RTNUN`, ... after the event.
    public var state: String?
    public var priority: String?
    public var tag: String?
    /// In engineering units, rounded to 15 significant digits: what a scale adds beyond is binary noise.
    public var value: Double?
    public var unit: String?
    public var limit: Double?
    public var level: String?
    public var quality: String?
    /// When the value was asked for, when its reply was here, and when the event took effect (after its delay).
    @UTCMilliseconds public var sourceTime: Int64
    @UTCMilliseconds public var receivedTime: Int64
    @UTCMilliseconds public var effectiveTime: Int64
    /// What to do, and how many seconds there are to do it.
    public var guidance: String?
    public var responseSeconds: Int64?
    /// One sentence for people.
    public var text: String
    /// The operator, where one acted.
    public var who: String?
    /// An operator must be told now; false for what is only recorded and shown.
    public var annunciated: Bool
    /// The condition ended while the daemon was not running; the times say when that was found out.
    public var duringOutage: Bool
    /// It may have been sent before.
    public var dup = false
    /// It is not on disk: the journal could not be written. It comes again, with a number and `dup`, when it is.
    public var unjournalled = false

    public init(
        plant: String = "", boot: String = "", seq: Int64 = 0, id: String, occ: Int = 0, rev: Int = 0, what: String,
        state: String? = nil, priority: String? = nil, tag: String? = nil, value: Double? = nil, unit: String? = nil,
        limit: Double? = nil, level: String? = nil, quality: String? = nil, sourceTime: Int64, receivedTime: Int64,
        effectiveTime: Int64, guidance: String? = nil, responseSeconds: Int64? = nil, text: String = "",
        who: String? = nil, annunciated: Bool = false, duringOutage: Bool = false
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
        self.limit = limit.flatMap { $0.isFinite ? $0 : nil }
        self.level = level
        self.quality = quality
        self.sourceTime = sourceTime
        self.receivedTime = receivedTime
        self.effectiveTime = effectiveTime
        self.guidance = guidance
        self.responseSeconds = responseSeconds
        self.text = text
        self.who = who
        self.annunciated = annunciated
        self.duringOutage = duringOutage
    }

    enum CodingKeys: String, CodingKey {
        case version = "v"
        case plant, boot, seq, id, occ, rev, what, state, priority, tag, value, unit, limit, level, quality
        case sourceTime = "t_source"
        case receivedTime = "t_received"
        case effectiveTime = "t_effective"
        case guidance
        case responseSeconds = "response_s"
        case text, who, annunciated
        case duringOutage = "during_outage"
        case dup, unjournalled
    }
}

/// What the journal records about the daemon itself.
public enum DaemonEvent: String, Hashable, Sendable, CaseIterable, Codable {
    case started, stopped
    case reloaded
    case reloadRefused = "reload-refused"
    /// The states taken over at the start, in one notice.
    case restored
    /// An alarm that the configuration no longer has was closed.
    case retired
    case clockStep = "clock-step"
    /// Events that the journal could not write and had to give up.
    case lost
}

extension AlarmNotice {
    /// A notice about the daemon itself.
    ///
    /// - Parameter time: UTC milliseconds.
    public static func daemon(
        _ event: DaemonEvent, text: String, at time: Int64, who: String? = nil, annunciated: Bool = false
    ) -> AlarmNotice {
        AlarmNotice(
            id: "cupel", what: event.rawValue, sourceTime: time, receivedTime: time, effectiveTime: time, text: text,
            who: who, annunciated: annunciated)
    }
}
