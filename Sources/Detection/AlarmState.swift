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

/// Everything an alarm remembers. A value: what is saved and loaded again goes on as if nothing had happened.
public struct AlarmState: Codable, Hashable, Sendable {
    /// True from the raise to the clear: the verdict after deadband and delays.
    public internal(set) var condition = false
    /// The level it is at; `nil` outside the condition.
    public internal(set) var level: AlarmLevel?
    /// The worst level of this occurrence; stays when the condition is gone, until the next occurrence.
    public internal(set) var topLevel: AlarmLevel?
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
    public internal(set) var evidence = Evidence()

    /// The latest time any input brought. Not saved: the scale may begin elsewhere after a restart.
    var now = Int64.min

    public init() {}

    /// What the samples said, before the delays.
    public struct Evidence: Codable, Hashable, Sendable {
        /// Whether the last good sample was in alarm; `nil` before the first.
        public internal(set) var verdict: Bool?
        /// The level of that sample.
        public internal(set) var level: AlarmLevel?
        /// Since when, without a break, the verdict contradicts the condition; `nil` while they agree. A delay runs
        /// exactly then, so this is the only timer.
        public internal(set) var since: Int64?
        /// When the last good sample was taken.
        public internal(set) var lastGood: Int64?
        /// Its value; `nil` for a communication alarm.
        public internal(set) var value: Double?
        /// The condition was true when the daemon stopped, and no sample has confirmed it since.
        public internal(set) var unconfirmed = false
        var qualityCode: UInt8 = Quality.neverRead.rawValue

        /// The quality of the last sample, good or not.
        public var quality: Quality { Quality(rawValue: qualityCode) }
    }

    public var core: AlarmCore {
        if condition { return acknowledged ? .acked : .unack }
        if latched { return acknowledged ? .latak : .latun }
        return acknowledged ? .norm : .rtnun
    }

    private enum CodingKeys: String, CodingKey {
        case condition, level, topLevel, latched, acknowledged, occurrence, revision, raisedAt, clearedAt, raisedValue
        case evidence
    }
}
