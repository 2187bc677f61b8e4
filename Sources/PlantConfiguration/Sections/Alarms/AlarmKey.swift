import Plant

/// Every key of an alarm.
enum AlarmKey: String, SectionKey {
    case id, tag, unit
    // What it detects: one of these,
    case levels, limits, state, bits, change, edges, mismatch, spike, stuck, stale, quality, degraded, phantom
    case timeToLimit = "time_to_limit"
    case logic, lots
    // with the figure that levels and limits are compared with,
    case deviation, rate, difference, disagreement, median, vote
    case deadband, inclusive, priority
    case phaseFrom = "phase_from"
    // what makes it count,
    case onDelay = "on_delay"
    case offDelay = "off_delay"
    case maxGap = "max_gap"
    case count
    case onBad = "on_bad"
    // what operators do with it,
    case latching, acknowledge, group
    case reAlarm = "re_alarm"
    case maxShelve = "max_shelve"
    // when it is watched,
    case when, arm
    case suppressedBy = "suppressed_by"
    // and why it exists.
    case cause, consequence, guidance
    case respondWithin = "respond_within"
    case alarmClass = "class"

    /// One of these an alarm has.
    static let detectors: [AlarmKey] = [
        .levels, .limits, .state, .bits, .change, .edges, .mismatch, .spike, .stuck, .stale, .quality, .degraded,
        .phantom, .timeToLimit, .lots, .logic,
    ]
    /// At most one of these an alarm with limits has.
    static let figures: [AlarmKey] = [.deviation, .rate, .difference, .disagreement, .median, .vote]
}

extension Section {
    /// Reports keys that mean nothing beside the others.
    func refuse(_ keys: [Key], _ reason: String) {
        for key in keys { self[key]?.reject(expected: "none: \(reason)") }
    }

    func priority(_ key: Key) -> Priority? { required(key, Priority.words)?.choice(Priority.self) }
}
