public import Plant

/// Brings one alarm from one state to the next. A pure function: the same inputs always give the same events.
///
/// Allocates nothing when nothing happens, because it runs for every sample of every alarmed tag.
///
/// - Returns: the events in the order they took effect, and an answer when the input was an operator's.
public func step(
    _ definition: AlarmDefinition, _ state: inout AlarmState, _ input: AlarmInput
) -> (events: [AlarmEvent], answer: AlarmAnswer?) {
    var events: [AlarmEvent] = []
    var answer: AlarmAnswer?
    switch input {
    case .sample(let time, let value, let quality, let enabled):
        state.runTimers(definition, until: time, &events)
        state.evidence.qualityCode = quality.rawValue
        // Three kinds of not knowing, one treatment: nothing changes, nothing starts again.
        guard quality.isGood, value.isFinite, let enabled, definition.needsFreshEvidence else { break }
        let rank = enabled ? definition.rank(of: value, after: state.lastRank(definition)) : 0
        state.judge(definition, rank: rank, value: value, &events)
    case .comms(let time, let down, let cause):
        state.runTimers(definition, until: time, &events)
        guard !definition.needsFreshEvidence else { break }
        state.evidence.qualityCode = cause.rawValue
        state.judge(definition, rank: down ? 1 : 0, value: nil, &events)
    case .tick(let time):
        state.runTimers(definition, until: time, &events)
    case .acknowledge(let time, let occurrence, let revision, let who):
        state.runTimers(definition, until: time, &events)
        answer = state.acknowledge(definition, occurrence, revision, by: who, &events)
    case .reset(let time, let who):
        state.runTimers(definition, until: time, &events)
        answer = state.reset(definition, by: who, &events)
    case .restart(let time):
        state.restart(definition, at: time, &events)
    }
    return (events, answer)
}

/// When the next delay ends, so that somebody ticks then; `nil` when none runs, or none may end without a new sample.
public func nextDue(_ definition: AlarmDefinition, _ state: AlarmState) -> Int64? {
    guard let since = state.evidence.since else { return nil }
    let due = since + (state.condition ? definition.offDelay : definition.onDelay).milliseconds
    guard definition.needsFreshEvidence else { return due }
    guard let lastGood = state.evidence.lastGood else { return nil }
    // The evidence horizon: what was last seen longer ago than this may have changed, so no delay ends on it.
    return due <= lastGood + definition.maxGap.milliseconds ? due : nil
}
