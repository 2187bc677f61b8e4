import Modbus
import Plant

/// The life of a line on its thread: wait for the next deadline, connect, scan, publish; lose, back off, come back.
///
/// Everything here belongs to that one thread. What others may see is on the board.
final class LineLoop<Transport: RegisterTransport & ~Copyable> {
    private let plan: LinePlan
    private let clock: any PlantClock
    private let pause: @Sendable (_ nanoseconds: Int64) -> Void
    private let interrupter: Interrupter
    private let publisher: BlockPublisher
    private let board: LineBoard
    private let log: @Sendable (LineNotice) -> Void
    private var transport: Transport

    private var schedule: LineSchedule
    private var groups: [LineGroup]
    private var units: [LineUnit]
    private let connectTimeout: Duration
    private var backOff: BackOff
    private var retryAt = Int64.min
    private var linkFault = FaultRecord()
    private var owesLosses = false
    private let payload: UnsafeMutableBufferPointer<UInt8>

    /// - Parameter pause: sleeps for so long, or until interrupted.
    init(
        plan: LinePlan, plant: Plant, groups: [LineGroup], publisher: BlockPublisher, clock: any PlantClock,
        pause: @escaping @Sendable (_ nanoseconds: Int64) -> Void, seed: UInt64,
        log: @escaping @Sendable (LineNotice) -> Void, interrupter: Interrupter, board: LineBoard,
        transport: consuming Transport
    ) {
        self.plan = plan
        self.clock = clock
        self.pause = pause
        self.interrupter = interrupter
        self.publisher = publisher
        self.board = board
        self.log = log
        self.transport = transport
        self.groups = groups
        var seeds = SplitMix(state: seed)
        backOff = BackOff(seed: seeds.next())
        units = LineUnit.all(of: plan, plant, seeds: &seeds)
        connectTimeout = plan.controllers.map { plant.controllers[$0].timeout }.max() ?? .seconds(1)
        schedule = LineSchedule(plan, now: clock.monotonic())
        // 250 bytes are the most a reply can carry: 125 registers or 2 000 bits (V1.1b3, section 6).
        payload = .allocate(capacity: 250)
        for unit in units.indices { verifyFirst(unit) }
    }

    deinit { payload.deallocate() }

    /// Of each group, the number of its next scan or loss.
    var nextSequence: [ScanGroup.ID: UInt64] {
        Dictionary(groups.map { ($0.id, $0.sequence) }, uniquingKeysWith: { first, _ in first })
    }

    func run() {
        while !interrupter.isInterrupted {
            let now = clock.monotonic()
            board.turned(now)
            if owesLosses { settleLosses(now) }
            let next = nextGroup()
            guard let next, next.at <= now else {
                pause(min(next.map { $0.at - now } ?? .max, LineSchedule.longestSleep))
                continue
            }
            guard transport.isConnected || connect() else { continue }
            scan(next.group)
        }
        transport.close()
    }

    /// The group that is due first among those that may be asked, and when.
    private func nextGroup() -> (group: Int, at: Int64)? {
        var best: (group: Int, at: Int64)?
        for group in groups.indices {
            let at = max(schedule.slots[group].due, retryAt, units[groups[group].unit].retryAt)
            if best.map({ comesBefore(group, at, $0.group, $0.at) }) ?? true { best = (group, at) }
        }
        return best
    }

    private func comesBefore(_ one: Int, _ oneAt: Int64, _ other: Int, _ otherAt: Int64) -> Bool {
        if oneAt != otherAt { return oneAt < otherAt }
        let (oneUnit, otherUnit) = (units[groups[one].unit], units[groups[other].unit])
        // Taking turns: behind a gateway the one dead unit must not be the first to be tried for ever.
        if oneUnit.lastAsked != otherUnit.lastAsked, !oneUnit.answers, !otherUnit.answers {
            return oneUnit.lastAsked < otherUnit.lastAsked
        }
        return groups[one].rank < groups[other].rank
    }

    /// Nothing of a controller is believed before its layout was seen, so the groups that show it go first.
    private func verifyFirst(_ unit: Int) {
        guard let first = units[unit].groups.map({ schedule.slots[$0].due }).min() else { return }
        for group in units[unit].groups where plan.groups[group].verifies { schedule.call(group, at: first) }
    }

    // MARK: Asking

    private func connect() -> Bool {
        do throws(ModbusError) {
            try transport.connect(to: plan.endpoint, timeout: connectTimeout)
        } catch {
            fail(error, of: nil)
            return false
        }
        board.connected()
        return true
    }

    private func scan(_ group: Int) {
        let unit = groups[group].unit
        let timeout = units[unit].controller.timeout
        let sent = clock.monotonic()
        let wallOffset = clock.wall() - sent
        var tally = LineBoard.ScanTally()
        (tally.late, tally.skipped) = schedule.take(group, at: sent)
        units[unit].lastAsked = sent
        var asked = sent
        for block in groups[group].requests.indices {
            board.turned(asked)
            var outcome: ModbusError?
            var bytes = 0
            do throws(ModbusError) {
                bytes = try transport.read(groups[group].requests[block], timeout: timeout, into: payload)
            } catch {
                outcome = error
            }
            let replied = clock.monotonic()
            if let outcome, !outcome.keepsConnection {
                // The blocks before are a scan that will never be whole; the loss is the next one.
                if block > 0 { groups[group].sequence += 1 }
                if outcome != .stopped { board.scanned(group, tally, sequence: 0, lasted: nil) }
                fail(outcome, of: unit)
                return
            }
            let header = ScanHeader(
                sequence: groups[group].sequence, group: groups[group].id, block: block,
                blocks: groups[group].requests.count, sent: sent, replied: replied, wallOffset: wallOffset)
            if let outcome {
                refuse(group, block, outcome, header)
            } else {
                take(group, block, bytes, header)
                tally.answered(after: replied - asked, bytes: bytes)
            }
            asked = replied
        }
        board.scanned(group, tally, sequence: groups[group].sequence, lasted: asked - sent)
        groups[group].sequence += 1
        recover(unit, asked)
    }

    /// The values of a block came.
    private func take(_ group: Int, _ block: Int, _ bytes: Int, _ header: ScanHeader) {
        let unit = groups[group].unit
        let values = UnsafeBufferPointer(rebasing: payload[..<bytes])
        let before = (units[unit].trust.isFrozen, units[unit].trust.layoutMatches)
        groups[group].decoders[block].observe(values, &units[unit].trust, at: header.replied)
        let after = (units[unit].trust.isFrozen, units[unit].trust.layoutMatches)
        if before != after { tellTrust(unit, header.replied) }
        var header = header
        header.count = UInt16(
            groups[group].decoders[block].decode(values, doubt: units[unit].trust.doubt, into: publisher.readings))
        publish(group, header)
        if let notice = groups[group].refusals[block].end(subject(group, block), at: header.replied) { log(notice) }
    }

    /// The controller refused a block: its readings are bad, everything else goes on.
    private func refuse(_ group: Int, _ block: Int, _ error: ModbusError, _ header: ScanHeader) {
        board.count(error)
        var header = header
        header.count = UInt16(groups[group].decoders[block].refuse(error.quality, into: publisher.readings))
        publish(group, header)
        let notice = groups[group].refusals[block].begin(subject(group, block), "\(error)", at: header.replied)
        if let notice { log(notice) }
    }

    private func publish(_ group: Int, _ header: ScanHeader) {
        let urgent = groups[group].urgency[Int(header.block)].look(at: publisher.readings, count: Int(header.count))
        // A full ring has counted what it refused, and the recorder sees the hole in the numbers.
        _ = publisher.publish(header, urgent: urgent || groups[group].toldLoss != nil)
        groups[group].toldLoss = nil
        groups[group].owedLoss = nil
    }

    private func subject(_ group: Int, _ block: Int) -> String {
        "\(units[groups[group].unit].controller.name) \(groups[group].requests[block].range)"
    }

    private func tellTrust(_ unit: Int, _ now: Int64) {
        let trust = units[unit].trust
        let name = units[unit].controller.name
        board.trust(unit, frozen: trust.isFrozen, layoutMatches: trust.layoutMatches)
        let layout =
            trust.layoutMatches
            ? units[unit].layoutFault.end(name, at: now)
            : units[unit].layoutFault.begin(
                name, "a tag holds another value than its profile expects: not this register layout", at: now)
        let frozen =
            trust.isFrozen
            ? units[unit].frozenFault.begin(name, "the heartbeat stands still", at: now)
            : units[unit].frozenFault.end(name, at: now)
        for notice in [layout, frozen] { if let notice { log(notice) } }
    }

    // MARK: Losing and coming back

    /// The connection is of no use any more; decides for whom.
    ///
    /// - Parameter asked: the controller that was asked, `nil` while connecting.
    private func fail(_ error: ModbusError, of asked: Int?) {
        transport.close()
        board.disconnected()
        let othersAnswer = units.indices.contains { $0 != asked && units[$0].answers }
        switch LinkPolicy.consequence(of: error, othersAnswer: asked != nil && othersAnswer) {
        case .block, .end:
            return
        case .controller:
            guard let asked else { return }
            let now = clock.monotonic()
            board.count(error)
            units[asked].retryAt = now + units[asked].backOff.wait()
            let name = units[asked].controller.name
            if let notice = units[asked].linkFault.begin(name, "\(error)", at: now) { log(notice) }
            lose(asked, error, line: false, retryAt: units[asked].retryAt)
            settleLosses(now)
        case .line:
            let now = clock.monotonic()
            board.count(error)
            retryAt = now + backOff.wait()
            if let notice = linkFault.begin(lineSubject, "\(error)", at: now) { log(notice) }
            for unit in units.indices {
                units[unit].retryAt = .min
                lose(unit, error, line: true, retryAt: retryAt)
            }
            settleLosses(now)
        }
    }

    private var lineSubject: String { units.count == 1 ? units[0].controller.name : "\(plan.endpoint)" }

    private func lose(_ unit: Int, _ error: ModbusError, line: Bool, retryAt: Int64) {
        units[unit].answers = false
        units[unit].trust.forgetLayout()
        board.lost(unit, error, line: line)
        for group in units[unit].groups {
            // All its tags are bad, so all are read as soon as there is hope.
            schedule.call(group, at: retryAt)
            if groups[group].toldLoss != error.quality { groups[group].owedLoss = error.quality }
        }
    }

    /// Tells the watch of each group that is lost, once. What a full ring refuses is told at the next turn: a tag
    /// must not look good because there was no room to say otherwise.
    private func settleLosses(_ now: Int64) {
        owesLosses = false
        let wallOffset = clock.wall() - now
        for group in groups.indices {
            guard let loss = groups[group].owedLoss else { continue }
            let header = ScanHeader(
                sequence: groups[group].sequence, group: groups[group].id, loss: loss, sent: now, replied: now,
                wallOffset: wallOffset)
            guard publisher.publish(header, urgent: true) else {
                owesLosses = true
                continue
            }
            groups[group].sequence += 1
            groups[group].owedLoss = nil
            groups[group].toldLoss = loss
        }
    }

    /// A whole scan was answered.
    private func recover(_ unit: Int, _ now: Int64) {
        guard !units[unit].answers else { return }
        units[unit].answers = true
        units[unit].retryAt = .min
        units[unit].backOff.reset()
        backOff.reset()
        retryAt = .min
        board.recovered(unit)
        if let notice = units[unit].linkFault.end(units[unit].controller.name, at: now) { log(notice) }
        if let notice = linkFault.end(lineSubject, at: now) { log(notice) }
    }
}
