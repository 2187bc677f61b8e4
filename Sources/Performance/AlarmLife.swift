import Plant

/// What one alarm did. Memory does not grow with the number of records.
struct AlarmLife: Sendable {
    private(set) var annunciations = 0
    private(set) var raises = 0
    private(set) var fleeting = 0
    private(set) var chatterRuns = 0
    private(set) var chatterRaises = 0
    private(set) var withheld: [Withholding: StandingAlarm.Withheld] = [:]
    private var isActive = false
    /// Since when operators see it active: its raise, or the end of what withheld it.
    private var shownSince: Int64?
    /// The raise that may turn out to be fleeting.
    private var raised: Int64?
    private var run = RaiseRun()
    /// What nobody has acknowledged yet.
    private var pending: (occurrence: Int, since: Int64)?

    init() {}

    init(_ standing: StandingAlarm) {
        isActive = standing.activeSince != nil
        withheld = .init(standing.withheld.map { ($0.kind, $0) }) { first, _ in first }
        shownSince = withheld.isEmpty ? standing.activeSince : nil
    }

    /// - Parameter counts: false for a record before the time of the report: it only sets the state.
    /// - Returns: how long an acknowledgement took, when this is one.
    mutating func take(_ record: AlarmRecord, counts: Bool, _ rules: PerformanceRules) -> Int64? {
        if record.annunciated {
            annunciations += counts ? 1 : 0
            if pending == nil || pending?.occurrence != record.occurrence {
                pending = (record.occurrence, record.time)
            }
        }
        switch record.what {
        case "raise", "raise-exit": raise(record.time, counts: counts, rules)
        case "clear": clear(record.time, rules)
        case "raise-suppressed": show(true, record.time)
        case "clear-suppressed": show(false, record.time)
        case "shelve": withhold(.shelved, record)
        case "suppress": withhold(.suppressed, record)
        case "out-of-service": withhold(.outOfService, record)
        case "unshelve", "shelf-expired", "one-shot-ended": release(.shelved, record.time)
        case "unsuppress": release(.suppressed, record.time)
        case "return": release(.outOfService, record.time)
        case "superseded": if pending?.occurrence == record.occurrence { pending = nil }
        case "retired":
            (raised, pending, withheld) = (nil, nil, [:])
            show(false, record.time)
        case "ack":
            defer { pending = nil }
            return counts ? pending.map { max(0, record.time - $0.since) } : nil
        default: break
        }
        return nil
    }

    private mutating func raise(_ time: Int64, counts: Bool, _ rules: PerformanceRules) {
        (shownSince, raised) = (nil, counts ? time : nil)
        show(true, time)
        guard counts else { return }
        raises += 1
        let (marked, begins) = run.raise(time, within: rules.chatterWindow.milliseconds)
        chatterRaises += marked
        chatterRuns += begins ? 1 : 0
    }

    private mutating func clear(_ time: Int64, _ rules: PerformanceRules) {
        if let raised, time - raised < rules.fleeting.milliseconds { fleeting += 1 }
        raised = nil
        show(false, time)
    }

    /// An alarm that is withheld anew keeps the age of the first time: that is how long nobody has seen it.
    private mutating func withhold(_ kind: Withholding, _ record: AlarmRecord) {
        withheld[kind] = StandingAlarm.Withheld(
            kind: kind, since: withheld[kind]?.since ?? record.time, reason: record.reason, who: record.who)
        (raised, pending) = (nil, nil)
        show(isActive, record.time)
    }

    private mutating func release(_ kind: Withholding, _ time: Int64) {
        withheld[kind] = nil
        show(isActive, time)
    }

    private mutating func show(_ active: Bool, _ time: Int64) {
        isActive = active
        shownSince = active && withheld.isEmpty ? shownSince ?? time : nil
    }

    /// Active in the operators' sight for longer than the rule allows; since when.
    func standing(at time: Int64, _ rules: PerformanceRules) -> Int64? {
        guard let shownSince, time - shownSince > rules.standing.milliseconds else { return nil }
        return shownSince
    }
}
