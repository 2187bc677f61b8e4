import Plant
import Ring
import Synchronization

/// What a sink's thread does and remembers.
struct SinkLoop {
    private let sink: Sink
    private let text: LineText?
    private var rate: LineRate?
    private var givenUp = 0
    private var givingUpToldAt: Int64?

    /// What goes out in one `send`.
    private struct Parcel {
        var lines: [AlarmLine]
        /// Items at the head of the queue that it stands for.
        var items: [SinkQueue.Item]
        var gap: SinkQueue.Gap?
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
        defer { refuseTrials() }
        while true {
            sink.doorbell.listen()
            let now = Moment(sink.clock)
            if sink.stopping.load(ordering: .acquiring) {
                stopAt = stopAt ?? now.monotonic + Sink.stopPatience.nanoseconds
                let isFailing = sink.state.withLock { $0.fault != nil }
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

    private static let idle: Int64 = 3_600_000_000_000

    private mutating func next(at now: Moment) -> Next {
        expire(at: now)
        let room = rate?.room(at: now.monotonic)
        let roomAt = rate?.nextRoom ?? now.monotonic
        return sink.state.withLock { state in
            if let next = state.retry.next, now.monotonic < next { return .wait(until: next) }
            // The reader hears first what it will never hear.
            if let gap = state.queue.gap {
                let line = AlarmLine.gap(
                    from: gap.to > 0 ? gap.from : nil, to: gap.to > 0 ? gap.to : nil, lost: gap.lost)
                return .parcel(Parcel(lines: [line], items: [], gap: gap))
            }
            guard !state.queue.items.isEmpty else {
                if state.queue.isBehind { return .page(after: state.queue.position) }
                return .wait(until: now.monotonic + SinkLoop.idle)
            }
            // After a failure one line alone shows whether it is over.
            let batch = state.retry.next == nil ? sink.outlet.batchLimit : 1
            let next = parcel(state.queue.items, batch: batch, room: room, roomAt: roomAt, now.monotonic)
            if case .parcel(let parcel) = next { state.queue.handOut(parcel.items) }
            return next
        }
    }

    private func parcel(
        _ items: [SinkQueue.Item], batch: Int, room: Int?, roomAt: Int64, _ now: Int64
    ) -> Next {
        guard let room else { return single(Array(items.prefix(batch))) }
        let window = Array(items.prefix(Sink.digestLimit))
        let urgent = window.firstIndex { $0.line.rank == Self.critical }
        // Critical lines never wait, nor overtake: what waits before one goes out with it, as a digest.
        if urgent == 0 { return single(Array(window.prefix(1))) }
        if room == 0, urgent == nil, now < roomAt { return .wait(until: roomAt) }
        let held = Array(window.prefix(urgent ?? window.count))
        if held.count <= max(room, 1) { return single(Array(held.prefix(batch))) }
        return .parcel(Parcel(lines: [.digest(of: held.map(\.line))], items: held))
    }

    private static let critical = Priority.allCases.count - 1

    private func single(_ items: [SinkQueue.Item]) -> Next {
        .parcel(Parcel(lines: items.map { text?.applied(to: $0.line) ?? $0.line }, items: items))
    }

    // MARK: Sending

    private mutating func send(_ parcel: Parcel) {
        let began = Moment(sink.clock)
        let delivery = sink.outlet.send(parcel.lines)
        let now = Moment(sink.clock)
        rate?.note(delivery.taken, at: now.monotonic)
        // A digest is taken or not; a batch up to a line.
        let taken = delivery.taken >= parcel.lines.count ? parcel.items.count : delivery.taken
        let isDigest = parcel.lines.count < parcel.items.count
        let done = isDigest && taken < parcel.items.count ? 0 : taken
        let written = delivery.written.map { began.utc + ($0 - began.monotonic) / 1_000_000 } ?? now.utc
        let writtenAt = delivery.written ?? now.monotonic
        let recovered = sink.state.withLock { state -> Bool in
            let recovered = note(delivery, &state, now)
            if let gap = parcel.gap {
                if delivery.taken > 0 { state.queue.told(gap) }
                return recovered
            }
            state.queue.handOut([])
            state.queue.tried(parcel.items[...])
            state.queue.remove(parcel.items.prefix(done))
            state.sent += done
            for item in parcel.items.prefix(done) {
                guard let committed = item.line.committed, item.tries == 0 else { continue }
                state.written.note(writtenAt - committed.monotonic)
                if sink.outlet.acknowledges { state.acknowledged.note(now.monotonic - committed.monotonic) }
            }
            return recovered
        }
        if recovered { sink.log("sink \(sink.name): delivering again") }
        record(parcel.items.prefix(done)) { item in
            DeliveryRecord(
                sequence: item.line.sequence, sink: sink.name, committed: item.line.committed?.utc, written: written,
                acknowledged: sink.outlet.acknowledges ? now.utc : nil, tries: item.tries + 1, outcome: .delivered)
        }
        if case .refused(let reason) = delivery.trouble, parcel.gap == nil {
            giveUp(parcel.items.dropFirst(done).prefix(isDigest ? parcel.items.count : 1), .refused, reason)
        }
    }

    /// - Returns: whether a failure is over.
    private func note(_ delivery: Delivery, _ state: inout Sink.State, _ now: Moment) -> Bool {
        guard case .unavailable(let reason, let wish) = delivery.trouble else {
            defer {
                state.fault = nil
                state.retry.succeeded()
            }
            return state.fault != nil
        }
        if delivery.taken > 0 { state.retry.succeeded() }
        if state.fault == nil { sink.log("sink \(sink.name): \(reason); lines wait") }
        state.fault = reason
        state.retry.failed(at: now, isCheap: sink.outlet.isCheapToTry, wish: wish)
        return false
    }

    private func record(_ items: some Sequence<SinkQueue.Item>, _ record: (SinkQueue.Item) -> DeliveryRecord) {
        let records = items.filter { $0.line.sequence > 0 && $0.line.kind == .event }.map(record)
        if !records.isEmpty { sink.ledger.record(records) }
        sink.ledger.settled(sink.state.withLock { $0.queue.settled })
    }

    // MARK: Giving up

    /// Lines of low and medium priority are not tried for ever.
    private mutating func expire(at now: Moment) {
        let limit = sink.definition.giveUpAfter.nanoseconds
        let high = Priority.allCases.firstIndex(of: .high) ?? 0
        while true {
            let item = sink.state.withLock { state -> (SinkQueue.Item, String)? in
                guard sink.outlet.acknowledges, let fault = state.fault, let first = state.queue.items.first,
                    first.line.rank < high, now.monotonic - first.born > limit
                else { return nil }
                return (first, "tried for \(sink.definition.giveUpAfter.components.seconds) s: \(fault)")
            }
            guard let (first, reason) = item else { return }
            giveUp([first], .expired, reason)
        }
    }

    /// These become dead letters.
    private mutating func giveUp(
        _ items: ArraySlice<SinkQueue.Item>, _ outcome: DeliveryRecord.Outcome, _ reason: String
    ) {
        guard let last = items.last else { return }
        // Before the cursor can pass them: a letter that nobody knows of would be an alarm that nobody misses.
        record(items) { item in
            DeliveryRecord(
                sequence: item.line.sequence, sink: sink.name, committed: item.line.committed?.utc, written: nil,
                acknowledged: nil, tries: max(1, item.tries), outcome: outcome, reason: reason)
        }
        let settled = sink.state.withLock { state in
            state.queue.remove(items)
            state.dead += items.count
            return state.queue.settled
        }
        sink.ledger.settled(settled)
        givenUp += items.count
        lastGivenUp = (last.line, reason)
    }

    private var lastGivenUp: (line: AlarmLine, reason: String)?

    private mutating func tellWhatWasGivenUp(at now: Moment) {
        guard givenUp > 0, let last = lastGivenUp else { return }
        if let told = givingUpToldAt, now.monotonic - told < Sink.givingUpEvery.nanoseconds { return }
        sink.ledger.gaveUp(givenUp, last: last.line, reason: last.reason)
        givenUp = 0
        givingUpToldAt = now.monotonic
    }

    // MARK: The journal

    private mutating func catchUp(after position: Int64) {
        do {
            let page = try sink.ledger.lines(after: position, limit: Sink.page, repeats: sink.repeatsUpTo)
            let now = Moment(sink.clock)
            let settled = sink.state.withLock { state in
                state.queue.catchUp(
                    with: page, born: { now.monotonic - max(0, now.utc - $0.time) * 1_000_000 },
                    where: sink.filter.wants)
                if state.readFault {
                    state.readFault = false
                    state.fault = nil
                    state.retry.succeeded()
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

    // MARK: Tests by hand

    private func tryOut() {
        while let (line, answer) = sink.state.withLock({ $0.trials.isEmpty ? nil : $0.trials.removeFirst() }) {
            let began = sink.clock.monotonic()
            let delivery = sink.outlet.send([text?.applied(to: line) ?? line])
            let milliseconds = Double(sink.clock.monotonic() - began) / 1_000_000
            let isTaken = delivery.taken == 1
            let said: String =
                switch delivery.trouble {
                case .unavailable(let reason, _), .refused(let reason): reason
                case nil: delivery.answer ?? "taken"
                }
            answer(
                SinkTrial(
                    sink: sink.name, delivered: isTaken, acknowledged: isTaken && sink.outlet.acknowledges,
                    answer: said, milliseconds: milliseconds))
        }
    }

    private func refuseTrials() {
        let waiting = sink.state.withLock { state in
            defer { state.trials = [] }
            state.isClosed = true
            return state.trials
        }
        for trial in waiting {
            trial.answer(
                SinkTrial(
                    sink: sink.name, delivered: false, acknowledged: false, answer: "the sink is stopping",
                    milliseconds: 0))
        }
    }
}
