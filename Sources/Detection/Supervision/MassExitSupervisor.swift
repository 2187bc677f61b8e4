import Plant

/// Many alarms that come out of suppression together, as when a phase or the silence of a controller ends.
///
/// More than `alarms` within `window` are told as one. Those of one batch are known at once. When they trickle in, the
/// first ones were told already; from the one too many on they gather, and the notice comes `window` later. So a lone
/// exit is never held back.
struct MassExitSupervisor: Sendable {
    private struct Group: Sendable {
        let since: Int64
        var total = 0
        var alarms: [AlarmDefinition.ID] = []
        var names: [String] = []
    }

    let rules: Supervision.MassExit
    /// The newest exits, as many as may be told singly.
    private var recent: [Int64] = []
    private var group: Group?
    private(set) var nextDue: Int64?

    init(_ rules: Supervision.MassExit) { self.rules = rules }

    private var singles: Int { min(max(0, rules.alarms), Announcer.Limits.massExitSingles) }
    private var window: Int64 { rules.window.milliseconds }

    /// Whether the exits of one batch are too many by themselves.
    func isMass(_ batch: [Announcer.Occasion]) -> Bool {
        let times = batch.lazy.filter(\.isExit).map(\.effective)
        guard let first = times.min(), let last = times.max() else { return false }
        return times.count > singles && last - first <= window
    }

    /// One more exit; true when it is one too many for telling it singly.
    mutating func exit(_ time: Int64, isMass: Bool) -> Bool {
        let isTooMany = recent.count == singles && recent.allSatisfy { time - $0 <= window }
        recent.append(time)
        recent.removeFirst(max(0, recent.count - singles))
        return isMass || group != nil || isTooMany
    }

    mutating func gather(_ occasion: Announcer.Occasion, at time: Int64) {
        var gathered = group ?? Group(since: time)
        gathered.total += 1
        if gathered.alarms.count < Announcer.Limits.listed { gathered.alarms.append(occasion.alarm) }
        if gathered.names.count < Announcer.Limits.spoken { gathered.names.append(occasion.name) }
        if group == nil { nextDue = time + window }
        group = gathered
    }

    /// The notice of what has gathered.
    mutating func run(_ time: Int64) -> SupervisorNotice? {
        guard let group else { return nil }
        (self.group, nextDue) = (nil, nil)
        return SupervisorNotice(
            kind: .massExit, time: time, since: group.since, count: group.total, alarms: group.alarms,
            text: "\(group.total) \(group.total == 1 ? "alarm is" : "alarms are") active after suppression: "
                + listing(group.names, of: group.total) + ".")
    }

    mutating func renumber(_ map: (AlarmDefinition.ID) -> AlarmDefinition.ID?) {
        guard var renumbered = group else { return }
        renumbered.alarms = renumbered.alarms.compactMap(map)
        group = renumbered
    }

    func under(_ rules: Supervision.MassExit) -> Self {
        var copy = Self(rules)
        (copy.group, copy.nextDue) = (group, nextDue)
        copy.recent = Array(recent.suffix(copy.singles))
        return copy
    }
}
