public import Plant

/// What people do, and what a restart does.
extension AlarmBoard {
    /// Obeys a command, or says why not. What was due before it takes effect before it, however long ago somebody last
    /// looked.
    public mutating func obey(
        _ command: AlarmCommand, _ alarm: AlarmDefinition.ID, at time: Int64, by note: Note
    ) -> AlarmAnswer {
        rest(at: time)
        let before = states[alarm].condition
        let answer = feed(alarm, .command(time: time, command, by: note))
        if states[alarm].condition != before, settle(alarm) { propagate([alarm], at: time) }
        return answer ?? .already
    }

    public func number(of name: String) -> AlarmDefinition.ID? { tables.byName[name] }

    /// Takes alarms over from before a restart or a change of their definition, before any sample of theirs. Windows of
    /// detectors begin anew: what happened meanwhile is not in them.
    public mutating func restart(_ alarms: some Sequence<AlarmDefinition.ID>, at time: Int64) {
        for alarm in alarms {
            memories[alarm].reset(tables.definitions[alarm].whole)
            // What is stale counts from here: nothing has been heard of it yet.
            _ = memories[alarm].look(tables.definitions[alarm].whole, at: time)
            activities[alarm] = ActivityMemory(tables.definitions[alarm].whole, states[alarm])
            feed(alarm, .restart(time: time))
            // A reason that the definition no longer has would never end.
            let possible = tables.definitions[alarm].whole.reasonsToSuppress
            feed(alarm, .suppress(time: time, states[alarm].suppression.intersection(possible)))
            _ = settle(alarm)
        }
    }
}
