public import Plant

/// What Cupel says of itself. No scan tells it, so a replay knows nothing of it.
extension AlarmBoard {
    /// The parts that have an alarm, in the order of the alarms' numbers.
    public var subsystems: [Subsystem] { tables.subsystems }

    /// How a part of Cupel does. Only a change matters; a part without an alarm is ignored.
    ///
    /// Before anything is said it counts as well. An alarm that stood before a restart stands until something is said:
    /// whoever feeds a board must therefore tell of every part soon after a start, and go on telling.
    ///
    /// - Parameters:
    ///   - fault: why it does not work, in words that operators read behind its name; `nil` while it does. Another
    ///     text while it stands is no event of its own, and is in the next one.
    ///   - time: of this look. Never before one that was given already.
    public mutating func health(_ subsystem: Subsystem, fault: String?, at time: Int64) {
        guard let alarm = tables.health[subsystem],
            case .health(_, let priority) = tables.definitions[alarm].whole.detector
        else { return }
        let known = states[alarm].evidence
        guard known.verdict != (fault != nil) || known.detail != fault else {
            // A look that finds the same is still a look: delays need not wait for a scan.
            return runTimer(of: alarm, upTo: time)
        }
        let finding = Finding(fault == nil ? .out : .alarm(.fault), priority: priority, detail: fault)
        feed(alarm, .sample(time: time, finding, value: nil, quality: .good))
        // The first word about it is news for who looks at alarms alone, whatever it says.
        if settle(alarm) || known.verdict == nil { propagate([alarm], at: time) }
    }
}
