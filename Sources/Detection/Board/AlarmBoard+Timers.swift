import Plant

/// Delays, shelves, re-alarms, stale and mismatched values, arming: what happens although nobody brings a sample.
extension AlarmBoard {
    /// There was no scan for a while; the present moment counts instead.
    ///
    /// - Returns: the time up to which nothing can come any more: scans that are late may still be on their way.
    @discardableResult
    public mutating func rest(at now: Int64) -> Int64 {
        let past = now - tables.longestTimeout - tables.longestPeriod - BoardTables.graceMilliseconds
        runTimers(upTo: past)
        return past
    }

    /// Runs the timers that were due long enough before `time` that no older sample can come any more, one after the
    /// other in the order of their times.
    ///
    /// A thousand may be due at once, when a network comes back: they are collected in one look, which is taken again
    /// only when one of them has started another that is due as well.
    mutating func runTimers(upTo time: Int64) {
        // One that stays due would stop the world.
        var expired: Set<AlarmDefinition.ID> = []
        while soonest <= time {
            var ripe: [(due: Int64, alarm: AlarmDefinition.ID)] = []
            var later = Int64.max
            for alarm in states.indices {
                guard let due = due(alarm) else { continue }
                let end = due + tables.grace[alarm]
                if end > time { later = min(later, end) } else if !expired.contains(alarm) { ripe.append((due, alarm)) }
            }
            soonest = later
            guard !ripe.isEmpty else { return }
            ripe.sort { ($0.due, $0.alarm) < ($1.due, $1.alarm) }
            for (place, next) in ripe.enumerated() where due(next.alarm) == next.due {
                expire(next.alarm, at: next.due)
                if due(next.alarm) == next.due { expired.insert(next.alarm) }
                guard soonest <= time else { continue }
                // What is left of this look is taken into the next one.
                for left in ripe[(place + 1)...] { soonest = min(soonest, left.due + tables.grace[left.alarm]) }
                break
            }
        }
    }

    /// Runs what an idle turn would have found before this sample came, so that those who use the alarm hear of it at its
    /// time and not at the sample's.
    mutating func runTimer(of alarm: AlarmDefinition.ID, upTo time: Int64) {
        guard soonest <= time, let due = due(alarm), due + tables.grace[alarm] <= time else { return }
        expire(alarm, at: due)
    }

    private mutating func expire(_ alarm: AlarmDefinition.ID, at due: Int64) {
        let before = states[alarm].condition
        if let found = memories[alarm].look(tables.definitions[alarm].whole, at: due) {
            let sample = tables.definitions[alarm].whole.tag.map { settled.samples[$0] }
            let value = sample.flatMap { $0.value.isFinite ? $0.value : nil }
            feed(alarm, .sample(time: due, found, value: value, quality: sample?.quality ?? .good))
        } else {
            feed(alarm, .tick(time: due))
        }
        if activities[alarm].due.map({ $0 <= due }) == true { leaveSuppression(alarm, at: due) }
        // A block of a scan that is half here may have changed it, too; others hear of that when the scan is complete.
        if states[alarm].condition != before, settle(alarm) { propagate([alarm], at: due) }
    }

    private func due(_ alarm: AlarmDefinition.ID) -> Int64? {
        var due = nextDue(tables.definitions[alarm].whole, states[alarm])
        for other in [memories[alarm].due(tables.definitions[alarm].whole), activities[alarm].due] {
            if let other { due = min(due ?? other, other) }
        }
        return due
    }

    mutating func note(timersOf alarm: AlarmDefinition.ID) {
        if let due = due(alarm) { soonest = min(soonest, due + tables.grace[alarm]) }
    }
}
