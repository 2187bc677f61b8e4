import Plant
import Ring
import Synchronization

/// What a sink's thread does and remembers.
struct SinkLoop {
    let sink: Sink
    let text: LineText?
    private var rate: LineRate?
    var givenUp: GivenUp?
    var givingUpToldAt: Int64?
    private var declined = Declined()

    /// The line at the head, which the other end turns down.
    private struct Declined {
        /// Its item's number.
        var item = 0
        var times = 0
        /// Until another line is tried, or it again.
        var turn = 0
        /// Another was taken meanwhile.
        var isAlone = false
        /// The item of the newest other line that was tried in its place.
        var other = 0
    }

    /// What goes out in one `send`.
    private struct Parcel {
        var lines: [AlarmLine]
        /// Items at the head of the queue that it stands for.
        var items: [SinkQueue.Item]
        var gap: SinkQueue.Gap?
        var isDigest = false
        /// It goes past the line at the head, which is turned down.
        var overtakes = false
    }

    private enum Next {
        case parcel(Parcel)
        /// CLOCK_MONOTONIC nanoseconds.
        case wait(until: Int64)
        case page(after: Int64)
    }

    init(_ sink: Sink) {
        self.sink = sink
        // The configuration has looked at it; a template that fails now costs its form, not the alarm.
        text = sink.definition.text.flatMap { try? LineText($0) }
        rate = sink.definition.rateLimit.map(LineRate.init)
    }

    mutating func run() {
        var stopAt: Int64?
        defer {
            if let givenUp { sink.ledger.gaveUp(givenUp) }
            refuseTrials()
        }
        while true {
            sink.doorbell.listen()
            let now = Moment(sink.clock)
            if sink.stopping.load(ordering: .acquiring) {
                stopAt = stopAt ?? now.monotonic + Sink.stopPatience.nanoseconds
                let isFailing = sink.state.withLock { $0.isFailing }
                if isFailing || now.monotonic >= stopAt ?? 0 { return }
            }
            tryOut()
            tellWhatWasGivenUp(at: now)
            switch next(at: now) {
            case .parcel(let parcel): send(parcel)
            case .page(let position): catchUp(after: position)
            case .wait(let until):
                if stopAt != nil { return }
                sink.doorbell.wait(nanoseconds: max(1, until - sink.clock.monotonic()))
            }
        }
    }

    // MARK: What goes out next

    /// Without anything to do it looks again after so long: it is rung when there is.
    private static let idle: Int64 = 3_600_000_000_000

    private mutating func next(at now: Moment) -> Next {
        expire(at: now)
        let room = rate?.room(at: now.monotonic)
        let roomAt = rate?.nextRoom ?? now.monotonic
        return sink.state.withLock { state in
            if let next = state.retry.next, now.monotonic < next {
                // What a reader who is not there misses is counted now, while it is still what he misses.
                let counts = state.queue.isBehind && !state.queue.keepsAll && !state.readFault
                return counts ? .page(after: state.queue.position) : .wait(until: next)
            }
            // The reader hears first what it will never hear.
            if let gap = state.queue.gap {
                let line = AlarmLine.gap(
                    from: gap.to > 0 ? gap.from : nil, to: gap.to > 0 ? gap.to : nil, lost: gap.lost)
                return .parcel(Parcel(lines: [line], items: [], gap: gap))
            }
            var next = Next.wait(until: now.monotonic + SinkLoop.idle)
            if let other = overtaking(state.queue.items) {
                next = single([other], overtakes: true)
            } else if !state.queue.items.isEmpty {
                // After a failure one line alone shows whether it is over; or those that may have arrived, as they were:
                // a receiver knows them by one key.
                let doubted = min(state.queue.items.prefix { $0.mayHaveArrived }.count, sink.outlet.batchLimit)
                let batch = state.retry.next == nil ? sink.outlet.batchLimit : max(1, doubted)
                next = parcel(state.queue.items, batch: batch, room: room, roomAt: roomAt, now.monotonic)
            } else if state.queue.isBehind {
                return .page(after: state.queue.position)
            }
            // Beside lines a sign of life says nothing, unless they are held back.
            let heartbeat = state.queue.takeHeartbeat()
            if case .wait = next, let heartbeat { return .parcel(Parcel(lines: [heartbeat], items: [])) }
            // A reader that listens for signs of life, and was away, hears what stands as soon as it is back.
            if state.isFailing, state.queue.items.isEmpty, sink.outlet.takesHeartbeats {
                return .parcel(Parcel(lines: [], items: []))
            }
            if case .parcel(let parcel) = next { state.queue.handOut(parcel.items) }
            return next
        }
    }

    private func parcel(
        _ items: [SinkQueue.Item], batch: Int, room: Int?, roomAt: Int64, _ now: Int64
    ) -> Next {
        guard let room else { return single(items.prefix(batch)) }
        let window = items.prefix(Sink.digestLimit)
        // Critical lines never wait, nor overtake: what waits before one goes out with it, as a digest. What only shows
        // a state disturbs nobody.
        let urgent = window.firstIndex { $0.line.rank == Self.critical }
        if urgent == 0 || window.first?.line.kind == .state { return single(window.prefix(1)) }
        if room == 0, urgent == nil, now < roomAt { return .wait(until: roomAt) }
        let held = window.prefix(urgent ?? window.count)
        if held.count(where: { $0.line.kind != .state }) <= max(room, 1) { return single(held.prefix(batch)) }
        return .parcel(Parcel(lines: [.digest(of: held.map(\.outgoing))], items: Array(held), isDigest: true))
    }

    private static let critical = Priority.allCases.count - 1

    private func single(_ items: ArraySlice<SinkQueue.Item>, overtakes: Bool = false) -> Next {
        .parcel(
            Parcel(
                lines: items.map { text?.applied(to: $0.outgoing) ?? $0.outgoing }, items: Array(items),
                overtakes: overtakes))
    }

    /// The line to try in the place of one that was turned down so often that it may be meant itself: the next that is
    /// not less urgent, or any for one of low or medium priority. A program that has no use for a mild line exits with 0,
    /// too, and that must not cost a page.
    private mutating func overtaking(_ items: [SinkQueue.Item]) -> SinkQueue.Item? {
        guard let head = items.first, declined.item == head.number, declined.turn >= Sink.refusalTries else {
            return nil
        }
        let least = head.line.rank < Self.high ? 0 : head.line.rank
        let other = items.dropFirst().first { $0.number > declined.other && $0.line.rank >= least }
        declined.other = other?.number ?? 0
        return other
    }

    // MARK: Sending

    private mutating func send(_ parcel: Parcel) {
        let began = Moment(sink.clock)
        sink.state.withLock { $0.trying = began }
        let delivery = sink.outlet.send(parcel.lines)
        let now = Moment(sink.clock)
        // A digest is taken or not; a batch up to a line.
        let done =
            parcel.isDigest ? (delivery.taken > 0 ? parcel.items.count : 0) : min(delivery.taken, parcel.items.count)
        rate?.note(
            parcel.isDigest ? delivery.taken : parcel.items.prefix(done).count { $0.line.kind != .state },
            at: now.monotonic)
        let written = delivery.written.map { began.utc + ($0 - began.monotonic) / 1_000_000 } ?? now.utc
        let writtenAt = delivery.written ?? now.monotonic
        let said = sink.state.withLock { state -> String? in
            state.trying = nil
            let said = state.note(
                delivery, of: parcel.lines.count, isSignOfLife: parcel.items.isEmpty && parcel.gap == nil,
                isCheap: sink.outlet.isCheapToTry, at: now)
            if let gap = parcel.gap {
                if delivery.taken > 0 { state.queue.told(gap) }
                return said
            }
            state.queue.handOut([])
            state.queue.tried(parcel.items)
            if delivery.mayHaveArrived { state.queue.doubt(parcel.items.dropFirst(done)) }
            state.queue.remove(parcel.items.prefix(done))
            state.sent += done
            for item in parcel.items.prefix(done) {
                guard let committed = item.line.committed else { continue }
                state.written.note(writtenAt - committed.monotonic)
                if sink.outlet.acknowledges { state.acknowledged.note(now.monotonic - committed.monotonic) }
            }
            return said
        }
        if let said { sink.log("sink \(sink.name): \(said)") }
        record(parcel.items.prefix(done)) { item in
            DeliveryRecord(
                sequence: item.line.sequence, sink: sink.name, committed: item.line.committed?.utc, written: written,
                acknowledged: sink.outlet.acknowledges ? now.utc : nil, tries: item.tries + 1, outcome: .delivered)
        }
        if parcel.overtakes {
            overtook(delivery)
        } else {
            let left = parcel.items.dropFirst(done).prefix(parcel.isDigest ? parcel.items.count : 1)
            turnedDown(left, delivery.trouble)
        }
    }

    /// Gives up what the other end does not want, or counts how often it did not.
    private mutating func turnedDown(_ items: ArraySlice<SinkQueue.Item>, _ trouble: Delivery.Trouble?) {
        switch trouble {
        case .refused(let reason):
            giveUp(items, .refused, reason, tried: 1)
        case .declined(let reason):
            guard let head = items.first else { return }
            if declined.item != head.number { declined = Declined(item: head.number) }
            declined.times += 1
            declined.turn += 1
            guard declined.isAlone else { return }
            giveUp([head], .refused, "\(reason), \(declined.times) times, and not for others", tried: 1)
            sink.state.withLock { $0.refuses(reason) }
            declined = Declined()
        case .unavailable, nil:
            declined = Declined()
        }
    }

    /// Another line was tried; now it is the turn of the one at the head again. Turned down once more after the other was
    /// taken, that one is meant. Not before: what was wrong for both may be over just now.
    private mutating func overtook(_ delivery: Delivery) {
        declined.turn = Sink.refusalTries - 1
        declined.isAlone = delivery.taken > 0
        guard case .refused(let reason) = delivery.trouble else { return }
        let refused = sink.state.withLock { state in state.queue.items.first { $0.number == declined.other } }
        if let refused { giveUp([refused], .refused, reason, tried: 0) }
    }

    func record(_ items: some Sequence<SinkQueue.Item>, _ record: (SinkQueue.Item) -> DeliveryRecord) {
        let records = items.filter { $0.line.sequence > 0 && $0.line.kind == .event }.map(record)
        if !records.isEmpty { sink.ledger.record(records) }
        sink.ledger.settled(sink.state.withLock { $0.queue.settled })
    }

    // MARK: The journal

    private mutating func catchUp(after position: Int64) {
        do {
            let page = try sink.ledger.lines(after: position, limit: Sink.page, repeats: sink.repeatsUpTo)
            let now = Moment(sink.clock)
            let settled = sink.state.withLock { state in
                state.queue.catchUp(
                    with: page, born: { now.monotonic - max(0, now.utc - $0.time) * 1_000_000 }, as: sink.filter.take)
                if state.readFault {
                    state.readFault = false
                    state.succeeded()
                }
                return state.queue.settled
            }
            sink.ledger.settled(settled)
        } catch {
            sink.state.withLock { state in
                state.readFault = true
                state.fault = "the journal cannot be read: \(error)"
                state.retry.failed(at: Moment(sink.clock), isCheap: true, wish: nil)
            }
        }
    }
}
