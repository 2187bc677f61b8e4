/// What the advice may change of one level alarm, and what it must know.
public struct AlarmSetting: Hashable, Sendable {
    public let alarm: String
    public let unit: String
    /// Of the mildest level: it decides raise and clear.
    public let limit: Double
    public let isAbove: Bool
    public let isInclusive: Bool
    /// As configured now.
    public let tuning: Tuning
    public let maxGap: Duration
    /// No advice may use up more than half of it; `nil` when nobody said.
    public let respondWithin: Duration?

    public init(
        alarm: String, unit: String, limit: Double, isAbove: Bool, isInclusive: Bool = true, tuning: Tuning,
        maxGap: Duration, respondWithin: Duration? = nil
    ) {
        (self.alarm, self.unit, self.limit, self.isAbove) = (alarm, unit, limit, isAbove)
        (self.isInclusive, self.tuning) = (isInclusive, tuning)
        (self.maxGap, self.respondWithin) = (maxGap, respondWithin)
    }
}

/// The three screws of a level alarm.
public struct Tuning: Hashable, Sendable, Codable {
    /// In the tag's unit.
    public let deadband: Double
    /// Milliseconds.
    public let onDelay: Int64
    public let offDelay: Int64

    public init(deadband: Double = 0, onDelay: Int64 = 0, offDelay: Int64 = 0) {
        (self.deadband, self.onDelay, self.offDelay) = (deadband, onDelay, offDelay)
    }

    enum CodingKeys: String, CodingKey {
        case deadband
        case onDelay = "on_delay_ms"
        case offDelay = "off_delay_ms"
    }
}
