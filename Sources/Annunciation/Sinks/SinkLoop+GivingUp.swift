import Plant
import Synchronization

/// Lines that a sink never delivers.
extension SinkLoop {
    static let high = Priority.allCases.firstIndex(of: .high) ?? 0

    /// Lines of low and medium priority are not tried for ever.
    ///
    /// The time counts from the sink's failure in this run at the earliest: what waited while nobody tried was not tried.
    mutating func expire(at now: Moment) {
        let limit = sink.definition.giveUpAfter
        while true {
            let item = sink.state.withLock { state -> (SinkQueue.Item, String)? in
                guard sink.outlet.acknowledges, let failing = state.retry.failingSince, !state.readFault,
                    let first = state.queue.items.first, first.line.rank < SinkLoop.high,
                    now.monotonic - max(first.born, failing.monotonic) > limit.nanoseconds
                else { return nil }
                return (first, "not taken within \(limit.components.seconds) s: \(state.fault ?? "")")
            }
            guard let (first, reason) = item else { return }
            giveUp([first], .expired, reason, tried: 0)
        }
    }

    /// These become dead letters.
    ///
    /// - Parameter tried: tries that the items do not know of yet.
    mutating func giveUp(
        _ items: ArraySlice<SinkQueue.Item>, _ outcome: DeliveryRecord.Outcome, _ reason: String, tried: Int
    ) {
        guard !items.isEmpty else { return }
        // Before the cursor can pass them: a letter that nobody knows of would be an alarm that nobody misses.
        record(items) { item in
            DeliveryRecord(
                sequence: item.line.sequence, sink: sink.name, committed: item.line.committed?.utc, written: nil,
                acknowledged: nil, tries: item.tries + tried, outcome: outcome, reason: reason)
        }
        let settled = sink.state.withLock { state in
            state.queue.remove(items)
            state.dead += items.count
            return state.queue.settled
        }
        sink.ledger.settled(settled)
        // That another sink's events were given up is told by that one; nobody would hear the end of it.
        for item in items where item.line.fields[.what] != SinkLoop.undelivered {
            if givenUp == nil {
                givenUp = GivenUp(item.line, reason: reason)
            } else {
                givenUp?.add(item.line, reason: reason)
            }
        }
    }

    /// What the journal calls an event about events that a sink gave up.
    static let undelivered = "undelivered"

    mutating func tellWhatWasGivenUp(at now: Moment) {
        guard let lines = givenUp else { return }
        if let told = givingUpToldAt, now.monotonic - told < Sink.givingUpEvery.nanoseconds { return }
        sink.ledger.gaveUp(lines)
        givenUp = nil
        givingUpToldAt = now.monotonic
    }
}
