import Modbus
import Plant

/// The life of a line on its thread: wait for the next deadline, connect, scan, publish; lose, back off, come back.
///
/// Everything here belongs to that one thread. What others may see is on the board, what they may say in the inbox.
final class LineLoop<Transport: RegisterTransport & ~Copyable> {
    /// The preferred endpoint is tested only while the line has this much time on its hands.
    static var testTime: Int64 { 50_000_000 }

    /// A connection that is released is released for so long at least: making one takes a round trip or two.
    static var releaseTime: Int64 { 100_000_000 }

    let plan: LinePlan
    let plant: Plant
    let clock: any PlantClock
    private let pause: @Sendable (_ nanoseconds: Int64) -> Void
    private let interrupter: Interrupter
    let publisher: BlockPublisher
    let board: LineBoard
    private let inbox: LineInbox
    private let log: @Sendable (LineNotice) -> Void
    private var gate = NoticeGate()
    let onLearned: @Sendable (Controller.ID, LearnedLimits) -> Void
    private let makeTransport: () -> Transport
    var transport: Transport
    /// Strays of the transports before this one.
    private var straysBefore = 0

    var schedule: LineSchedule
    var groups: [LineGroup]
    var units: [LineUnit]
    var diagnoses: [Diagnosis]
    private var diagnoseAt: Int64
    private let connectTimeout: Duration
    /// Somebody else may want the connection between scans.
    private let releases: Bool
    private var choice: EndpointChoice
    private var backOff: BackOff
    private var retryAt = Int64.min
    private var linkFault = FaultRecord()
    private var owesLosses = false
    /// When the last reply came, from whom, and before when nothing may be asked on a new connection.
    var lastReply = Int64.min
    var lastUnit: Int?
    var readyAt = Int64.min
    /// The values of the group in hand, a place for each of its blocks.
    let payloads: UnsafeMutableBufferPointer<UInt8>
    /// What is asked for at once, where a controller takes that. Kept between scans, so that a scan allocates nothing.
    var together: [AskedPart] = []
    var togetherRequests: [ReadRequest] = []
    var togetherOpen: [Int] = []

    /// - Parameters:
    ///   - pause: sleeps for so long, or until interrupted.
    ///   - learned: what controllers were found to answer at most, in an earlier run.
    ///   - learn: told when that is found.
    init(
        plan: LinePlan, plant: Plant, groups: [LineGroup], diagnoses: [Diagnosis], publisher: BlockPublisher,
        clock: any PlantClock, pause: @escaping @Sendable (_ nanoseconds: Int64) -> Void, seed: UInt64,
        learned: [Controller.ID: LearnedLimits] = [:],
        learn: @escaping @Sendable (Controller.ID, LearnedLimits) -> Void = { _, _ in },
        log: @escaping @Sendable (LineNotice) -> Void, interrupter: Interrupter, board: LineBoard,
        inbox: LineInbox = LineInbox(), transport: @escaping () -> Transport
    ) {
        self.plan = plan
        self.plant = plant
        self.clock = clock
        self.pause = pause
        self.interrupter = interrupter
        self.publisher = publisher
        self.board = board
        self.inbox = inbox
        self.log = log
        onLearned = learn
        makeTransport = transport
        self.transport = transport()
        self.groups = groups
        self.diagnoses = diagnoses
        var seeds = SplitMix(state: seed)
        backOff = BackOff(BackOff.line, seed: seeds.next())
        units = LineUnit.all(of: plan, plant, learned: learned, seeds: &seeds)
        let members = plan.controllers.map { plant.controllers[$0] }
        connectTimeout = members.map { $0.pacing.connectTimeout ?? $0.timeout }.max() ?? .seconds(1)
        releases = members.contains(where: \.pacing.releases)
        choice = EndpointChoice(plan.endpoints)
        let now = clock.monotonic()
        schedule = LineSchedule(plan, now: now)
        diagnoseAt = diagnoses.first.map { now + plant.groups[$0.group].period.nanoseconds } ?? .max
        payloads = .allocate(capacity: LineGroup.payloadBytes * (groups.map(\.blocks.count).max() ?? 0))
        payloads.initialize(repeating: 0)
        for unit in units.indices {
            verifyFirst(unit)
            applyLearned(unit, at: now)
        }
    }

    deinit { payloads.deallocate() }

    /// Of each group, the number of its next scan or loss.
    var nextSequence: [ScanGroup.ID: UInt64] {
        let numbers = groups.map { ($0.id, $0.sequence) } + diagnoses.map { ($0.group, $0.sequence) }
        return Dictionary(numbers, uniquingKeysWith: { first, _ in first })
    }

    func run() {
        while !interrupter.isInterrupted {
            let now = clock.monotonic()
            board.turned(now)
            if let limits = inbox.takeLimits() { watch(limits) }
            if owesLosses { settleLosses(now) }
            if now >= diagnoseAt { diagnose(now) }
            let next = nextGroup()
            guard let next, next.at <= now else {
                let idle = min(next?.at ?? .max, diagnoseAt) - now
                if choice.isTestDue(at: now), idle >= Self.testTime + connectDelay, transport.isConnected {
                    testPreferred(within: idle)
                } else {
                    if releases, idle >= Self.releaseTime { release() }
                    pause(min(idle, LineSchedule.longestSleep))
                }
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
        // A group of computed tags alone asks for nothing, so it is no sign that its controller answers.
        for group in groups.indices where !groups[group].blocks.isEmpty {
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

    /// The alarms' limits changed, and with them what the watch must hear of at once.
    private func watch(_ limits: [Tag.ID: [Double]]) {
        for group in groups.indices {
            for block in groups[group].blocks.indices {
                groups[group].blocks[block].urgency = Urgency(
                    groups[group].blocks[block].tags, plant: plant, limits: limits,
                    rings: LineGroup.rings(block, of: plan.groups[group], plant, limits))
            }
        }
    }

    private func diagnose(_ now: Int64) {
        let period = diagnoses.first.map { plant.groups[$0.group].period.nanoseconds } ?? .max
        while diagnoseAt <= now { diagnoseAt += period }
        publishDiagnoses(now)
    }

    // MARK: Connecting

    func connect() -> Bool {
        do throws(ModbusError) {
            try transport.connect(to: choice.endpoint, timeout: connectTimeout)
        } catch {
            fail(error, of: nil)
            return false
        }
        opened()
        return true
    }

    private func opened() {
        board.connected(to: choice.current, of: choice.endpoints)
        for unit in units.indices { units[unit].answeredSinceConnect = false }
        readyAt = clock.monotonic() + connectDelay
    }

    /// Lets go of the connection until the next scan. Whoever answers on the next one must show its layout again.
    private func release() {
        guard transport.isConnected else { return }
        transport.close()
        board.disconnected()
        for unit in units.indices {
            units[unit].trust.forgetLayout()
            verifyFirst(unit)
        }
    }

    /// What the most sensitive of its controllers needs between connecting and the first request, in nanoseconds.
    private var connectDelay: Int64 { units.map(\.controller.pacing.connectDelay.nanoseconds).max() ?? 0 }

    /// Tries the preferred endpoint with a second connection while the first one stays, and changes over to it when it
    /// answers for a controller that answers now. When none does there is nothing to ask, and it rests.
    private func testPreferred(within idle: Int64) {
        guard let group = groups.indices.first(where: { units[groups[$0].unit].answers && !groups[$0].blocks.isEmpty }),
            let first = groups[group].blocks[0].parts.probe(0)
        else { return pause(min(idle, LineSchedule.longestSleep)) }
        let deadline = clock.monotonic() + idle
        let delay = connectDelay
        var other = makeTransport()
        var answered = false
        do throws(ModbusError) {
            try other.connect(to: choice.endpoints[0], timeout: min(connectTimeout, .nanoseconds((idle - delay) / 2)))
            rest(until: clock.monotonic() + delay)
            let left = deadline - clock.monotonic()
            if left > 0 {
                _ = try other.read(
                    first, timeout: min(units[groups[group].unit].controller.timeout, .nanoseconds(left)),
                    into: payloads)
                answered = true
            }
        } catch {
            if case .exception = error { answered = true }
        }
        choice.tested(answered: answered, at: clock.monotonic())
        guard answered else { return other.close() }
        transport.close()
        board.disconnected()
        straysBefore += transport.strays
        transport = other
        meetAnotherDevice()
        opened()
        tell(LineNotice(subject: lineSubject, isFault: false, cause: "back on \(choice.endpoint), which is preferred"))
    }

    // MARK: Asking

    private func scan(_ group: Int) {
        let unit = groups[group].unit
        guard pace(unit) else { return }
        let sent = clock.monotonic()
        let wallOffset = clock.wall() - sent
        let (lateness, late, skipped) = schedule.take(group, at: sent)
        board.began(group, late: late, lateness: lateness, skipped: skipped)
        units[unit].lastAsked = sent
        var scan = ScanInHand(group: group, unit: unit, sent: sent, wallOffset: wallOffset)
        let lost = probe(before: scan).flatMap { ask($0, before: scan) }
        if let lost = lost ?? ask(&scan) {
            // The blocks before are a scan that will never be whole; the loss is the next one.
            if scan.published > 0 { groups[group].sequence += 1 }
            if lost != .stopped { board.failed(group) }
            fail(lost, of: unit)
            return
        }
        board.ended(group, sequence: groups[group].sequence, after: max(sent, lastReply) - sent)
        groups[group].sequence += 1
        recover(unit, clock.monotonic())
    }

    /// Leaves the controller the time it needs since the reply before.
    ///
    /// - Returns: false when interrupted.
    func pace(_ unit: Int) -> Bool {
        let pacing = units[unit].controller.pacing
        let gap = lastUnit == unit ? pacing.pause : max(pacing.pause, pacing.unitPause)
        let since = lastReply == .min ? .min : lastReply + gap.nanoseconds
        rest(until: lastUnit == nil ? readyAt : max(readyAt, since))
        lastUnit = unit
        return !interrupter.isInterrupted
    }

    /// Does nothing until then, or until interrupted. In pieces: a delay may be a minute, and the watchdog takes a thread
    /// that does not turn for stuck.
    private func rest(until ready: Int64) {
        while !interrupter.isInterrupted {
            let now = clock.monotonic()
            guard now < ready else { return }
            board.turned(now)
            pause(min(ready - now, LineSchedule.longestSleep))
        }
    }

    /// Tells the log, but never more than it can bear.
    func tell(_ notice: LineNotice) {
        if let notice = gate.pass(notice, at: clock.monotonic()) { log(notice) }
    }

    // MARK: Losing and coming back

    /// A request failed in a way that concerns more than its block; decides whom.
    ///
    /// - Parameter asked: the controller that was asked, `nil` while connecting.
    private func fail(_ error: ModbusError, of asked: Int?) {
        if !error.keepsConnection {
            transport.close()
            board.disconnected()
        }
        let othersAnswer = units.indices.contains { $0 != asked && units[$0].answers }
        let now = clock.monotonic()
        switch LinkPolicy.consequence(of: error, othersAnswer: asked != nil && othersAnswer) {
        case .registers, .block, .end:
            return
        case .controller:
            guard let asked else { return }
            board.count(error, of: asked)
            units[asked].retryAt = now + wait(for: asked, after: error)
            let name = units[asked].controller.name
            if let notice = units[asked].linkFault.begin(name, "\(error)", at: now) { tell(notice) }
            lose(asked, error, line: false, retryAt: units[asked].retryAt)
            settleLosses(now)
        case .line:
            board.count(error, of: asked)
            let failed = choice.endpoint
            let another = choice.moveOn(at: now)
            if choice.endpoints.count > 1 { meetAnotherDevice() }
            retryAt = another ? now : now + backOff.wait()
            let cause = choice.endpoints.count > 1 ? "\(failed): \(error); next is \(choice.endpoint)" : "\(error)"
            if let notice = linkFault.begin(lineSubject, cause, at: now) { tell(notice) }
            for unit in units.indices {
                // Who was lost before the line was has a wait of its own.
                if units[unit].losses <= 1 { units[unit].retryAt = .min }
                lose(unit, error, line: true, retryAt: retryAt)
            }
            settleLosses(now)
        }
        if error == .timeout, let asked {
            units[asked].mustProbe = true
            units[asked].silentProbes += units[asked].answeredSinceConnect ? 0 : 1
        }
    }

    /// Something was found out about a controller that is lost: it is worth asking again soon.
    func hasNews() { backOff.reset() }

    /// Frames that answered nothing and were dropped, since the line began.
    var strays: Int { straysBefore + transport.strays }

    private var lineSubject: String { units.count == 1 ? units[0].controller.name : "\(plan.endpoint)" }

    /// A connection that is cut once may be anybody's doing, so the unit that was asked is asked again soon; what goes on
    /// is the unit's own, and costs the others a connection each time.
    private func wait(for unit: Int, after error: ModbusError) -> Int64 {
        units[unit].losses += 1
        switch error {
        case .badReply, .disconnected: if units[unit].losses == 1 { return BackOff.line.lowerBound }
        case .timeout, .exception, .refused, .unreachable, .localFault, .stopped: break
        }
        return units[unit].backOff.wait()
    }

    /// Whoever answers from now on may hold other registers, and say other things of itself: nothing that was found out
    /// about the device before is held against it, or believed of it.
    private func meetAnotherDevice() {
        for unit in units.indices {
            units[unit].trust.forgetLayout()
            units[unit].statuses.forget()
        }
        for group in groups.indices {
            for block in groups[group].blocks.indices {
                groups[group].blocks[block].memory = groups[group].blocks[block].decoder.memory()
                groups[group].blocks[block].parts.forgetRefusals()
            }
        }
        for unit in units.indices { verifyFirst(unit) }
    }

    private func lose(_ unit: Int, _ error: ModbusError, line: Bool, retryAt: Int64) {
        units[unit].answers = false
        units[unit].trust.forgetLayout()
        units[unit].statuses.forget()
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
        units[unit].losses = 0
        units[unit].retryAt = .min
        units[unit].backOff.reset()
        backOff.reset()
        choice.worked()
        retryAt = .min
        board.recovered(unit)
        if let notice = units[unit].linkFault.end(units[unit].controller.name, at: now) { tell(notice) }
        if let notice = linkFault.end(lineSubject, at: now) { tell(notice) }
    }
}
