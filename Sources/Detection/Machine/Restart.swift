import Plant

extension AlarmState {
    /// Keeps what operators and the journal know, forgets what only samples can tell. Overlays come first: an alarm that
    /// was silent before must not sound because the daemon starts (Alertmanager issue 4064).
    ///
    /// A changed definition begins here too: acknowledgement, latch, shelf and occurrence survive it, and the new limits
    /// are met by the next good sample, with the delays (Phoebus issue 2520).
    mutating func restart(_ definition: AlarmDefinition, at time: Int64, _ events: inout [AlarmEvent]) {
        now = time
        let quality = evidence.qualityCode
        evidence = Evidence()
        // Nothing is read of a part of Cupel: it is well until somebody says otherwise.
        evidence.qualityCode = definition.detector.isTold ? Quality.good.rawValue : quality
        evidence.unconfirmed = condition
        shortenShelf(definition)
        if core != .norm || overlay != nil {
            record(.restored, definition, at: time, until: shelf?.until, &events)
        }
        if let shelf, shelf.until <= time { leaveShelf(definition, at: time, .shelfExpired, &events) }
        if condition, overlay == nil {
            // One that came due meanwhile would sound at every start; the notice of what is restored stands for it.
            let due = reAlarmDue.flatMap { $0 > time ? $0 : nil }
            arm(definition, at: time)
            if let due, let latest = reAlarmDue { reAlarmDue = min(due, latest) }
        }
    }

    /// No shelf is longer than the definition allows, not even one from when it allowed more, or from a clock that was
    /// ahead.
    private mutating func shortenShelf(_ definition: AlarmDefinition) {
        guard let shelf else { return }
        let latest = now + (definition.handling.maxShelve?.milliseconds ?? 0)
        if shelf.until > latest { self.shelf = Shelf(until: latest, oneShot: shelf.oneShot, note: shelf.note) }
    }
}
