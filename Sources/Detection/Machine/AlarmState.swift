public import Plant

/// Where an alarm stands between the process and the operator, with the names of ISA-18.2.
public enum AlarmCore: String, Hashable, Sendable, CaseIterable, Codable {
    /// Nothing is wrong and nothing waits for anybody.
    case norm = "NORM"
    /// The condition is true and nobody has seen it.
    case unack = "UNACK"
    /// The condition is true and somebody has seen it.
    case acked = "ACKED"
    /// The condition came and went, and nobody has seen it.
    case rtnun = "RTNUN"
    /// Latched: the condition is gone, the alarm stays until it is acknowledged and reset.
    case latun = "LATUN"
    /// Latched and seen: waits for its reset.
    case latak = "LATAK"
}

/// What hides an alarm from the operators. The core goes on following the process beneath it, silently.
public enum AlarmOverlay: String, Hashable, Sendable, CaseIterable, Codable {
    case outOfService = "OOS"
    case suppressed = "DSUP"
    case shelved = "SHLV"
}

/// Everything an alarm remembers. A value: what is saved and loaded again goes on as if nothing had happened.
public struct AlarmState: Codable, Hashable, Sendable {
    /// True from the raise to the clear: the verdict after deadband and delays.
    public internal(set) var condition = false
    /// The level it is at; `nil` outside the condition.
    public internal(set) var level: AlarmLevel?
    /// The worst level of this occurrence; stays when the condition is gone, until the next occurrence.
    public internal(set) var topLevel: AlarmLevel?
    /// Limit and priority of the level it is at, or was at last.
    public internal(set) var limit: Double?
    public internal(set) var priority: Priority?
    /// The worst priority of this occurrence. Stays as `topLevel` does: whoever was told of it must hear of its end.
    public internal(set) var topPriority: Priority?
    public internal(set) var latched = false
    public internal(set) var acknowledged = true
    /// Counts the excursions, from 1; 0 before the first. With `revision` it names what an acknowledgement is for.
    public internal(set) var occurrence = 0
    /// Counts what an operator has to see again within one occurrence, from 0.
    public internal(set) var revision = 0
    /// When the latest raise took effect, and the latest clear, on the time scale of the inputs.
    public internal(set) var raisedAt: Int64?
    public internal(set) var clearedAt: Int64?
    /// The value that the latest raise saw; `nil` for a communication alarm.
    public internal(set) var raisedValue: Double?
    /// It was the first of its group.
    public internal(set) var firstOut: FirstOut?
    public internal(set) var reAlarmDue: Int64?
    public internal(set) var shelf: Shelf?
    /// Why it is suppressed by design; empty when it is not.
    public internal(set) var suppression: Suppression = []
    /// Who suppressed it by hand, when `suppression` has `.operator`.
    public internal(set) var suppressedBy: Note?
    public internal(set) var outOfService: OutOfService?
    public internal(set) var evidence = Evidence()
    /// The points of its chart, where it judges lots: they are days of work, and no restart may lose them.
    public internal(set) var chart: SavedChart?

    /// The latest time any input brought. Not saved: the scale may begin elsewhere after a restart.
    var now = Int64.min

    public init() {}

    /// What the samples said, before the delays.
    public struct Evidence: Codable, Hashable, Sendable {
        /// Whether the last good sample was in alarm; `nil` before the first.
        public internal(set) var verdict: Bool?
        /// The level of that sample, with its limit and priority.
        public internal(set) var level: AlarmLevel?
        public internal(set) var limit: Double?
        public internal(set) var priority: Priority?
        /// Since when, without a break, the verdict contradicts the condition; `nil` while they agree. A delay runs
        /// exactly then, so this is the only timer.
        public internal(set) var since: Int64?
        /// When the last good sample was taken.
        public internal(set) var lastGood: Int64?
        /// Its value; `nil` for a communication alarm.
        public internal(set) var value: Double?
        /// What its detector compared, and said, where that is not the value.
        public internal(set) var figure: Double?
        public internal(set) var detail: String?
        /// Since when no sample could be used; `nil` after one that could.
        public internal(set) var badSince: Int64?
        /// When the runs in alarm began that count towards `Qualification.count`; at most so many.
        public internal(set) var runs: [Int64] = []
        /// The condition was true when the daemon stopped, and no sample has confirmed it since.
        public internal(set) var unconfirmed = false
        var qualityCode: UInt8 = Quality.neverRead.rawValue

        /// The quality of the last sample, good or not.
        public var quality: Quality { Quality(rawValue: qualityCode) }

        enum CodingKeys: String, CodingKey {
            case verdict, level, limit, priority, since, lastGood, value, figure, detail, badSince, runs, unconfirmed
            case qualityCode
        }
    }

    /// Put away by an operator for a while.
    public struct Shelf: Codable, Hashable, Sendable {
        public let until: Int64
        /// It also ends when the condition clears.
        public let oneShot: Bool
        public let note: Note

        public init(until: Int64, oneShot: Bool, note: Note) {
            (self.until, self.oneShot, self.note) = (until, oneShot, note)
        }
    }

    public struct OutOfService: Codable, Hashable, Sendable {
        public let since: Int64
        /// The permit to work it is covered by.
        public let permit: String?
        /// UTC milliseconds; there is no expiry, but somebody must look again.
        public let review: Int64?
        public let note: Note

        public init(since: Int64, permit: String?, review: Int64?, note: Note) {
            (self.since, self.permit, self.review, self.note) = (since, permit, review, note)
        }
    }

    public struct FirstOut: Codable, Hashable, Sendable {
        /// Another of its group rose within one period of it: which was first cannot be told.
        public let simultaneous: Bool

        public init(simultaneous: Bool) { self.simultaneous = simultaneous }
    }

    public var overlay: AlarmOverlay? {
        if outOfService != nil { return .outOfService }
        if !suppression.isEmpty { return .suppressed }
        return shelf == nil ? nil : .shelved
    }

    public var core: AlarmCore {
        if condition { return acknowledged ? .acked : .unack }
        if latched { return acknowledged ? .latak : .latun }
        return acknowledged ? .norm : .rtnun
    }

    /// What a deadband remembers: the level of the last verdict. After a restart the condition stands in for it.
    var lastLevel: AlarmLevel? { evidence.verdict == nil ? level : evidence.level }

    /// What people see: the overlay where there is one, `SHLV`, else the core, `UNACK`.
    public var shown: String { overlay?.rawValue ?? core.rawValue }

    enum CodingKeys: String, CodingKey {
        case condition, level, topLevel, limit, priority, topPriority, latched, acknowledged, occurrence, revision
        case raisedAt, clearedAt, raisedValue, firstOut, reAlarmDue, shelf, suppression, suppressedBy, outOfService,
            evidence
        case chart
    }
}

/// Who did something, and why.
public struct Note: Codable, Hashable, Sendable {
    public let who: String
    public let why: String

    public init(who: String, why: String) { (self.who, self.why) = (who, why) }
}

/// The reasons by which the design of the plant keeps an alarm silent.
public struct Suppression: OptionSet, Codable, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It does not belong to the present phase.
    public static let phase = Suppression(rawValue: 1)
    /// Not armed yet since the phase began.
    public static let arming = Suppression(rawValue: 2)
    /// Its `suppressed_by` holds.
    public static let expression = Suppression(rawValue: 4)
    /// Its controller is lost, and that is an alarm of its own.
    public static let comms = Suppression(rawValue: 8)
    /// An operator's command.
    public static let `operator` = Suppression(rawValue: 16)

    static let all: Suppression = [.phase, .arming, .expression, .comms, .operator]

    /// `phase, comms`.
    public var text: String {
        let names: [(Suppression, String)] = [
            (.phase, "phase"), (.arming, "arming"), (.expression, "suppressed_by"), (.comms, "comms"),
            (.operator, "operator"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
