import Plant

/// The values that would change nothing about an alarm: the samples of a quiet plant, which are almost all there are.
///
/// What a sample there does to the state is two numbers (`AlarmState.confirm`), a hundredth of the whole step's work.
/// Tests hold the two ways against each other.
struct CalmZone: Sendable {
    private let least: Double
    private let greatest: Double

    /// No value is calm.
    static let none = CalmZone(least: .infinity, greatest: -.infinity)

    private init(least: Double, greatest: Double) { (self.least, self.greatest) = (least, greatest) }

    /// Not a number is nowhere.
    func contains(_ value: Double) -> Bool { value >= least && value <= greatest }

    init(_ definition: AlarmDefinition, _ state: AlarmState) {
        guard case .levels(let levels) = definition.detector, let set = levels.plainSet, state.isQuiet else {
            self = .none
            return
        }
        // Reached at the next worse limit, left beyond the deadband of the present one.
        let severity = state.level.severity
        let worse = set.limits.first { $0.level.severity > severity }
        let present = set.limits.last { $0.level.severity <= severity }
        let sign: Double = levels.isAbove ? 1 : -1
        var (near, far) = (-Double.greatestFiniteMagnitude, Double.greatestFiniteMagnitude)
        if let worse { far = levels.isInclusive ? (sign * worse.limit).nextDown : sign * worse.limit }
        if severity > 0, let present {
            if present.deadband > 0 {
                near = sign * (present.limit - sign * present.deadband)
            } else {
                near = levels.isInclusive ? sign * present.limit : (sign * present.limit).nextUp
            }
        }
        self = sign > 0 ? CalmZone(least: near, greatest: far) : CalmZone(least: -far, greatest: -near)
    }
}

extension Levels {
    /// The limits, where nothing but the value decides.
    fileprivate var plainSet: LimitSet? {
        guard case .value = figure, sets.count == 1, product == nil, phase == nil, sets[0].name == nil else {
            return nil
        }
        return sets[0].product == nil && sets[0].phases == nil ? sets[0] : nil
    }
}

extension AlarmState {
    /// The last sample was good, agreed with the condition, and no timer runs.
    fileprivate var isQuiet: Bool {
        evidence.verdict == condition && evidence.level == level && evidence.since == nil && evidence.badSince == nil
            && !evidence.unconfirmed && shelf == nil && reAlarmDue == nil && evidence.quality.isGood
            && evidence.figure == nil && evidence.detail == nil
    }

    /// A good sample that agrees with everything.
    mutating func confirm(at time: Int64, _ value: Double) {
        now = max(now, time)
        evidence.lastGood = now
        evidence.value = value
    }
}
