public import Detection
public import Plant

/// An event as a replay tells it: what the journal would have of it, whoever listens.
public struct ReplayEvent: Hashable, Sendable {
    /// UTC milliseconds when it took effect.
    public var time: Int64
    /// The alarm's name, `high:F-01.melt_temp`.
    public var alarm: String
    public var tag: String?
    public var event: AlarmEvent.What
    /// What people saw after it: the overlay where there is one, else the core.
    public var state: String
    public var level: AlarmLevel?
    /// In engineering units.
    public var value: Double?
    public var quality: Quality
    public var occurrence: Int
    public var revision: Int
    public var annunciated: Bool
    /// Not part of the line: who supervises alarms needs it.
    public var priority: Priority

    public init(
        time: Int64, alarm: String, tag: String?, event: AlarmEvent.What, state: String, level: AlarmLevel?,
        value: Double?, quality: Quality, occurrence: Int, revision: Int, annunciated: Bool, priority: Priority
    ) {
        (self.time, self.alarm, self.tag, self.event, self.state) = (time, alarm, tag, event, state)
        (self.level, self.value, self.quality) = (level, value, quality)
        (self.occurrence, self.revision, self.annunciated) = (occurrence, revision, annunciated)
        self.priority = priority
    }

    init(_ happening: AlarmBoard.Happening, in plant: Plant) {
        let (definition, event) = (plant.alarms[happening.alarm], happening.event)
        let tag = definition.tag.map { plant.tags[$0] }
        // The value as the journal writes it.
        let value = event.value.map { (tag?.decimal($0) ?? $0).toFifteenDigits }
        self.init(
            time: event.effective, alarm: definition.name, tag: tag?.name,
            event: event.what, state: event.overlay?.rawValue ?? event.core.rawValue, level: event.level,
            value: value, quality: event.quality, occurrence: event.occurrence, revision: event.revision,
            annunciated: event.annunciated, priority: event.priority)
    }

    /// The same line.
    func isLike(_ other: Self) -> Bool {
        var other = other
        other.priority = priority
        return self == other
    }

    /// The order in which two accounts of the same day are compared.
    public static func isBefore(_ a: Self, _ b: Self) -> Bool { (a.time, a.alarm) < (b.time, b.alarm) }
}

extension ReplayEvent: Codable {
    enum CodingKeys: String, CodingKey {
        case time, alarm, tag, event, state, level, value, quality, occurrence, revision, annunciated
    }

    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: CodingKeys.self)
        try object.encode(UTCTime.text(time), forKey: .time)
        try object.encode(alarm, forKey: .alarm)
        try object.encode(tag, forKey: .tag)
        try object.encode(event, forKey: .event)
        try object.encode(state, forKey: .state)
        try object.encode(level, forKey: .level)
        try object.encode(value, forKey: .value)
        try object.encode(quality.name, forKey: .quality)
        try object.encode(occurrence, forKey: .occurrence)
        try object.encode(revision, forKey: .revision)
        try object.encode(annunciated, forKey: .annunciated)
    }

    public init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: CodingKeys.self)
        let stamp = try object.decode(String.self, forKey: .time)
        let name = try object.decode(String.self, forKey: .quality)
        guard let time = TimeStamp.milliseconds(stamp) else {
            throw DecodingError.dataCorruptedError(forKey: .time, in: object, debugDescription: "no time: \(stamp)")
        }
        guard let quality = Quality(name: name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .quality, in: object, debugDescription: "no quality: \(name)")
        }
        self.init(
            time: time, alarm: try object.decode(String.self, forKey: .alarm),
            tag: try object.decodeIfPresent(String.self, forKey: .tag),
            event: try object.decode(AlarmEvent.What.self, forKey: .event),
            state: try object.decode(String.self, forKey: .state),
            level: try object.decodeIfPresent(AlarmLevel.self, forKey: .level),
            value: try object.decodeIfPresent(Double.self, forKey: .value), quality: quality,
            occurrence: try object.decode(Int.self, forKey: .occurrence),
            revision: try object.decode(Int.self, forKey: .revision),
            annunciated: try object.decode(Bool.self, forKey: .annunciated), priority: .low)
    }
}
