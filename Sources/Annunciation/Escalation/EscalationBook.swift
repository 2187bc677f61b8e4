public import Plant

/// Which alarms nobody acts upon, and who is called about each, when.
///
/// A value that reads no clock: time is milliseconds on one scale that its owner chooses. The daemon's runs at the speed
/// of the monotonic clock and begins at UTC, so that delays are not touched by a step of UTC and saved times mean
/// something to the next run; after a step the owner moves the book with ``move(by:)``.
///
/// A policy that runs goes on when its alarm is told again or gets worse: were its waits to begin again, an alarm that is
/// told again every four minutes would never reach a step that waits for five. It holds at most one entry for each
/// alarm and policy.
public struct EscalationBook: Sendable {
    public private(set) var policies: [EscalationPolicy] = []
    /// By alarm, then by policy.
    private var entries: [String: [String: EscalationState]] = [:]
    private var touched: Set<Key> = []
    /// Alarms about which nobody is called for now; their times go on.
    public private(set) var held: Set<String> = []
    /// The next call's time, so that ten thousand alarms need not be looked through each time that one is raised.
    private var earliest: Int64?
    /// What it was the time of is gone: it must be looked for.
    private var isStale = false

    private struct Key: Hashable {
        let alarm: String
        let policy: String
    }

    /// - Parameters:
    ///   - saved: what the last run left.
    ///   - standing: the alarms that wait for an acknowledgement and are not hidden: `.raised` where the condition holds,
    ///     `.cleared` where it is gone. Of the others nothing is taken over. A policy that is for one of them and has
    ///     nothing saved begins now.
    public init(
        policies: [EscalationPolicy], saved: [EscalationState] = [], standing: [EscalationEvent] = [], at now: Int64
    ) {
        for state in saved { self[state.alarm, state.policy] = state }
        touched = []
        change(to: policies, standing: standing, at: now)
    }

    /// Goes over to other policies, by name: what runs goes on where it is when its policy still has that step, and
    /// keeps the time of its next call.
    public mutating func change(to policies: [EscalationPolicy], standing: [EscalationEvent], at now: Int64) {
        self.policies = policies
        let waiting = Dictionary(standing.map { ($0.alarm, $0) }, uniquingKeysWith: { $1 })
        for state in states {
            guard let event = waiting[state.alarm], let policy = policy(named: state.policy), policy.isFor(event),
                !(policy.endsWithClear && event.what == .cleared)
            else {
                self[state.alarm, state.policy] = nil
                continue
            }
            let fitted = state.fitted(to: policy, at: now)
            if fitted != state { self[state.alarm, state.policy] = fitted }
        }
        for event in standing { begin(event, at: now, again: false) }
    }

    /// Hears what happened, in the order in which it did. What is known of an occurrence is not changed by an event of
    /// an earlier one.
    public mutating func take(_ event: EscalationEvent, at now: Int64) {
        switch event.what {
        case .raised: begin(event, at: now, again: true)
        case .unacknowledged: begin(event, at: now, again: false)
        case .acknowledged, .hidden: end(event) { _ in true }
        case .cleared:
            end(event) { $0.endsWithClear }
            begin(event, at: now, again: false)
        case .retired: for policy in entries[event.alarm, default: [:]].keys { self[event.alarm, policy] = nil }
        }
    }

    /// Calls nobody about these until they are released, or have no entry any more. What fell due meanwhile is then late, as
    /// after a stall.
    public mutating func hold(_ alarms: some Sequence<String>) {
        held.formUnion(alarms.filter { entries[$0] != nil })
        isStale = true
    }

    public mutating func release(_ alarms: Set<String>) {
        guard !held.isDisjoint(with: alarms) else { return }
        held.subtract(alarms)
        isStale = true
    }

    /// The calls that are to be made now, the one that waits longest first.
    ///
    /// One that comes late, after a stall or a restart, is made at once and once; the next follows it after its full
    /// time, so that no burst makes up for those that were missed.
    public mutating func due(at now: Int64) -> [EscalationCall] {
        if isStale { (earliest, isStale) = (nextDue, false) }
        guard let earliest, earliest <= now else { return [] }
        var calls: [EscalationCall] = []
        let late = callable.filter { $0.due <= now }
        for var state in late.sorted(by: { ($0.due, $0.alarm, $0.policy) < ($1.due, $1.alarm, $1.policy) }) {
            guard let policy = policy(named: state.policy) else { continue }
            // More than once where the next step waits for nothing; at most once for each step.
            for _ in policy.steps where state.isRunning && state.due <= now {
                calls.append(state.call(policy, at: now))
            }
            self[state.alarm, state.policy] = state
        }
        return calls
    }

    /// When somebody must look again; `nil` when nothing runs that is not held.
    public var nextDue: Int64? { isStale ? callable.map(\.due).min() : earliest }

    private var callable: some Sequence<EscalationState> {
        entries.values.lazy.flatMap(\.values).filter { $0.isRunning && !held.contains($0.alarm) }
    }

    /// What changed since this was last asked, in order of the names.
    public mutating func changes() -> [EscalationChange] {
        defer { touched = [] }
        return touched.sorted { ($0.alarm, $0.policy) < ($1.alarm, $1.policy) }.map { key in
            self[key.alarm, key.policy].map { .stands($0) } ?? .ended(alarm: key.alarm, policy: key.policy)
        }
    }

    /// The scale was set forward, or back: all times go with it, so that every wait stays as long as it was.
    public mutating func move(by milliseconds: Int64) {
        for var state in states {
            state.due += milliseconds
            self[state.alarm, state.policy] = state
        }
    }

    /// Everything there is, in order of the names.
    public var states: [EscalationState] {
        entries.values.flatMap(\.values).sorted { ($0.alarm, $0.policy) < ($1.alarm, $1.policy) }
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// Some policy has not ended with it.
    public func contains(_ alarm: String) -> Bool { entries[alarm] != nil }

    /// Begins what is for the alarm and has not begun yet: the same that a restart would find missing.
    ///
    /// - Parameter again: whether a policy that has called everybody begins anew.
    private mutating func begin(_ event: EscalationEvent, at now: Int64, again: Bool) {
        for var state in entries[event.alarm, default: [:]].values where state.occurrence < event.occurrence {
            // Nobody has acknowledged the earlier occurrence, and such a policy goes on until somebody does.
            let goesOn = state.isRunning && policy(named: state.policy)?.endsWithClear == false
            state.occurrence = event.occurrence
            self[state.alarm, state.policy] = goesOn ? state : nil
        }
        for policy in policies where policy.priorities.contains(event.priority) && policy.isFor(event) {
            if policy.endsWithClear, event.what == .cleared { continue }
            if let state = self[event.alarm, policy.name] {
                guard again, !state.isRunning, state.occurrence <= event.occurrence else { continue }
            }
            guard let first = policy.steps.first else { continue }
            self[event.alarm, policy.name] = EscalationState(
                alarm: event.alarm, policy: policy.name, occurrence: event.occurrence, step: 1, called: 0,
                due: now + first.wait.milliseconds)
        }
    }

    private mutating func end(_ event: EscalationEvent, where ends: (EscalationPolicy) -> Bool) {
        for state in entries[event.alarm, default: [:]].values where state.occurrence <= event.occurrence {
            if policy(named: state.policy).map(ends) ?? true { self[state.alarm, state.policy] = nil }
        }
    }

    private func policy(named name: String) -> EscalationPolicy? { policies.first { $0.name == name } }

    private subscript(alarm: String, policy: String) -> EscalationState? {
        get { entries[alarm]?[policy] }
        set {
            if let old = self[alarm, policy], old.isRunning, old.due == earliest { isStale = true }
            if let newValue, newValue.isRunning, !held.contains(alarm) {
                earliest = min(earliest ?? .max, newValue.due)
            }
            entries[alarm, default: [:]][policy] = newValue
            if entries[alarm]?.isEmpty == true {
                entries[alarm] = nil
                held.remove(alarm)
            }
            touched.insert(Key(alarm: alarm, policy: policy))
        }
    }
}

extension EscalationPolicy {
    fileprivate func isFor(_ event: EscalationEvent) -> Bool { isFor(alarm: event.alarm, tag: event.tag) }

    /// Whether its patterns match an alarm's name or its tag's. The priority counts only when it begins: an alarm that
    /// gets worse does not end it.
    public func isFor(alarm: String, tag: String?) -> Bool {
        match.isEmpty || match.contains { $0.matches(alarm) || tag.map($0.matches) == true }
    }
}

extension EscalationState {
    /// The next call, after which it waits for the one behind it.
    fileprivate mutating func call(_ policy: EscalationPolicy, at now: Int64) -> EscalationCall {
        let current = policy.steps[step - 1]
        called += 1
        let call = EscalationCall(
            alarm: alarm, occurrence: occurrence, policy: policy.name, step: step, number: called,
            times: current.times, sinks: current.sinks, due: due)
        if called < current.times {
            // Never zero: a step must not call twice at once.
            due = now + max(1, current.every.milliseconds)
        } else {
            advance(policy)
            due = now + (isRunning ? policy.steps[step - 1].wait.milliseconds : 0)
        }
        return call
    }

    /// The same with a policy that may have become shorter. The time of its next call stays, but is no later than the step
    /// could make it: UTC may have been ahead when it was saved, and nobody would ever be called.
    fileprivate func fitted(to policy: EscalationPolicy, at now: Int64) -> EscalationState {
        var fitted = self
        guard isRunning else { return self }
        fitted.called = max(0, called)
        if step > policy.steps.count {
            (fitted.step, fitted.called) = (0, 0)
        } else if called >= policy.steps[step - 1].times {
            fitted.advance(policy)
        }
        if fitted.isRunning {
            let current = policy.steps[fitted.step - 1]
            let latest = now + max(current.wait, current.every).milliseconds
            // Neither a row that somebody edited may be beyond what the scale can hold.
            fitted.due = min(max(0, due), latest)
        }
        return fitted
    }

    private mutating func advance(_ policy: EscalationPolicy) {
        (step, called) = (step < policy.steps.count ? step + 1 : 0, 0)
    }
}
