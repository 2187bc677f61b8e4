public import Plant

/// What a detector says about one moment.
public enum Verdict: Hashable, Sendable {
    /// Nothing can be said: changes nothing, starts nothing again.
    case unknown
    case out
    case alarm(AlarmLevel)

    public var level: AlarmLevel? { if case .alarm(let level) = self { level } else { nil } }
}

/// A verdict and what it rests on: for the event, and for the operator who reads it.
public struct Finding: Hashable, Sendable {
    public var verdict: Verdict
    /// What was compared, where it is not the tag's own value: a rate, a distance, a sum.
    public var figure: Double?
    /// The limit of the verdict's level, or of the mildest one when there is no level.
    public var limit: Double?
    public var priority: Priority
    /// What a person should know beside the numbers: the rule and the points, the time that is left.
    public var detail: String?
    /// There are limits for what is made now; without any the alarm is not watched, and neither in nor out.
    var isWatched = true

    public init(
        _ verdict: Verdict, figure: Double? = nil, limit: Double? = nil, priority: Priority = .low,
        detail: String? = nil
    ) {
        self.verdict = verdict
        self.figure = figure
        self.limit = limit
        self.priority = priority
        self.detail = detail
    }
}

extension AlarmLevel {
    /// Which of two levels of one alarm is worse. `unknown` is milder than any that was measured.
    var severity: Int {
        switch self {
        case .unknown: 1
        case .low, .high, .state, .comms, .fault: 2
        case .lowLow, .highHigh: 3
        }
    }
}

extension AlarmLevel? {
    var severity: Int { self?.severity ?? 0 }
}
