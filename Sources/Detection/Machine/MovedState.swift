/// A state on another scale of time.
extension AlarmState {
    /// The same with all its times later. The scale of the inputs may leave out the steps of the clock; who saves a state
    /// for a run that knows nothing of them adds them here.
    ///
    /// - Parameter offset: milliseconds.
    public func moved(by offset: Int64) -> AlarmState {
        guard offset != 0 else { return self }
        func later(_ time: Int64?) -> Int64? { time.map { $0 &+ offset } }
        var state = self
        (state.raisedAt, state.clearedAt, state.reAlarmDue) = (later(raisedAt), later(clearedAt), later(reAlarmDue))
        state.shelf = shelf.map { Shelf(until: $0.until &+ offset, oneShot: $0.oneShot, note: $0.note) }
        state.outOfService = outOfService.map {
            // The review is a date, and never was on this scale.
            OutOfService(since: $0.since &+ offset, permit: $0.permit, review: $0.review, note: $0.note)
        }
        state.evidence.since = later(evidence.since)
        state.evidence.lastGood = later(evidence.lastGood)
        state.evidence.badSince = later(evidence.badSince)
        state.evidence.runs = evidence.runs.map { $0 &+ offset }
        return state
    }
}
