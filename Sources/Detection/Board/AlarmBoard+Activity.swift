import Plant

/// When an alarm is watched at all: suppression by design, and arming.
struct ActivityMemory: Sendable {
    /// Whether `when` held the last time it was known, and when that was.
    var held: Bool?
    var known: Int64?
    /// Since when `when` holds.
    var since: Int64?
    /// It has been armed since `when` began to hold.
    var isArmed = true
    /// No row of limits is for what is made now: it is not watched, as if it did not belong to the phase.
    var isOutside = false
    private let arming: Activity.Arming?
    private let isOrdinary: Bool

    /// Goes on where the saved state stopped.
    init(_ definition: AlarmDefinition, _ state: AlarmState) {
        arming = definition.activity.arming
        isOrdinary = definition.activity == Activity()
        if state.suppression.contains(.phase) {
            held = false
            isOutside = definition.activity.when == nil
        } else if state.suppression.contains(.arming) {
            (held, isArmed) = (true, arming == nil)
        } else if definition.activity.when != nil, state != AlarmState() {
            // It was watched when it was saved. A restart disarms nothing: an alarm that stands must not go silent.
            held = true
        }
    }

    /// An alarm that is armed once its value has been normal hears of it here.
    mutating func hear(_ finding: Finding) {
        guard !isOrdinary, !isArmed, arming == .onceNormal, held != false, finding.verdict == .out else { return }
        isArmed = true
    }

    /// When it was known the last time; waiting for the first time begins now.
    mutating func lastKnown(or time: Int64) -> Int64 {
        if let known { return known }
        known = time
        return time
    }

    /// When the arming delay is over.
    var due: Int64? {
        guard !isArmed, held == true, case .after(let delay)? = arming, let since else { return nil }
        return since + delay.milliseconds
    }

    /// - Parameters:
    ///   - isRecent: it was known a moment ago, or the alarm has only begun to ask.
    ///   - isLost: who could tell is lost.
    /// - Returns: the reasons of `when` and its arming.
    mutating func take(_ truth: Truth, isRecent: Bool, isLost: Bool, at time: Int64) -> Suppression {
        switch truth {
        case .yes:
            if held != true { begin(at: time) }
            (held, known) = (true, time)
        case .no:
            (held, known) = (false, time)
        case .unknown:
            // Nobody knows the phase. For a while, or while who could tell is lost, it is still the last one, and at the
            // start nobody's yet; then the alarm watches, for safety.
            if held == nil, isRecent { return .phase }
            if held == nil || held == false && !isRecent && !isLost {
                begin(at: time)
                held = true
            }
        }
        if held == false { return .phase }
        if let due, due <= time { isArmed = true }
        if since == nil, !isArmed { since = time }
        return isArmed ? [] : .arming
    }

    private mutating func begin(at time: Int64) {
        since = time
        isArmed = arming == nil
    }
}

extension AlarmBoard {
    /// The reasons by which the design keeps an alarm silent now.
    private mutating func reasons(of alarm: AlarmDefinition.ID, at time: Int64) -> Suppression {
        var reasons: Suppression = []
        let activity = tables.definitions[alarm].whole.activity
        if let when = activity.when {
            let isRecent = time - activities[alarm].lastKnown(or: time) <= tables.patience[alarm]
            let isLost = tables.authorities[alarm].contains { self.isLost[$0] == true }
            reasons.formUnion(activities[alarm].take(truth(when), isRecent: isRecent, isLost: isLost, at: time))
        }
        if activities[alarm].isOutside { reasons.insert(.phase) }
        // Who cannot be asked does not suppress.
        if let suppressor = activity.suppressedBy, truth(suppressor) == .yes { reasons.insert(.expression) }
        if let silencer = tables.silencer[alarm], isLost[silencer] == true { reasons.insert(.comms) }
        return reasons
    }

    private func truth(_ logic: Logic) -> Truth { logic.root.truth(settled.sample, settled.isIn) }

    /// Adds reasons; takes none away.
    mutating func enterSuppression(_ alarm: AlarmDefinition.ID, at time: Int64) {
        guard tables.mayBeSilent[alarm] else { return }
        let old = states[alarm].suppression
        let new = reasons(of: alarm, at: time)
        // What a window saw of the phase before is not about this one.
        if old.contains(.phase), !new.contains(.phase) { memories[alarm].beginPhase(tables.definitions[alarm].whole) }
        if !new.isSubset(of: old) { feed(alarm, .suppress(time: time, old.union(new))) }
    }

    mutating func leaveSuppression(_ alarm: AlarmDefinition.ID, at time: Int64) {
        guard tables.mayBeSilent[alarm] else { return }
        let new = reasons(of: alarm, at: time)
        if new != states[alarm].suppression.subtracting(.operator) { feed(alarm, .suppress(time: time, new)) }
    }
}

extension AlarmDefinition {
    /// By what its design may keep it silent.
    var reasonsToSuppress: Suppression {
        var reasons: Suppression = []
        if activity.when != nil || detector.hasRows { reasons.insert(.phase) }
        if activity.arming != nil { reasons.insert(.arming) }
        if activity.suppressedBy != nil { reasons.insert(.expression) }
        if isSilencedByLoss { reasons.insert(.comms) }
        return reasons
    }
}
