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
    case .sample(let time, let finding, let value, let quality):
        state.runTimers(definition, until: time, &events)
        state.take(definition, finding, value: value, quality: quality, &events)
        state.runTimers(definition, until: time, &events)
    case .tick(let time):
        state.runTimers(definition, until: time, &events)
    case .suppress(let time, let reasons):
        state.runTimers(definition, until: time, &events)
        state.suppress(definition, by: reasons, &events)
    case .command(let time, let command, let note):
        state.runTimers(definition, until: time, &events)
        answer = state.obey(command, definition, note, &events)
    case .restart(let time):
        state.restart(definition, at: time, &events)
    }
    return (events, answer)
}

/// When the next timer runs out, so that somebody ticks then; `nil` when none runs, or none may end without a new
/// sample.
public func nextDue(_ definition: AlarmDefinition, _ state: AlarmState) -> Int64? {
    state.nextTimer(definition)?.due
}
