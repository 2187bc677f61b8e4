public import Detection
import Glibc
public import Plant
public import Ring
import Synchronization

/// The one thread that sees every reading: it keeps the latest values, runs the alarms, and forwards scans to the
/// recorder.
///
/// It never waits for anybody. Rings that are full are counted, transitions go to a queue of the journal's, operators'
/// requests come through a bounded mailbox. The order within a block is: alarms first, then the recorder, because an
/// operator waits for the one and nobody for the other.
public final class Watch: Sendable {
    /// Requests that may wait for the watch: far above what operators can type, far below what could hurt.
    public static let mailboxLimit = 1000
    /// Parts of Cupel that may be reported of between two turns: far more than anybody configures sinks.
    static let reportLimit = 1000
    /// Unicode scalars of a fault: a sentence for people. It is kept with the alarm's state and told with each event.
    static let faultLimit = 300
    /// A block that rings nobody is found this much later at most: nothing an alarm would notice is in it, and people
    /// see no difference on a screen.
    static let freshness: Duration = .milliseconds(50)
    /// How often it looks at timers, overflow counters and the clock when no reading wakes it.
    static let turnEvery: Duration = .milliseconds(250)

    /// Where the watch hands things on. All closures are called on its thread and must return at once.
    public struct Outputs: Sendable {
        public var news: @Sendable (AlarmNews) -> Void
        public var notice: @Sendable (WatchNotice) -> Void

        public init(
            news: @escaping @Sendable (AlarmNews) -> Void, notice: @escaping @Sendable (WatchNotice) -> Void
        ) {
            (self.news, self.notice) = (news, notice)
        }
    }

    /// Lines ring it after each block that may matter to an alarm.
    public let doorbell: Doorbell
    let clock: any PlantClock
    private let startedAt: Int64?
    private let shared: Mutex<Shared>
    private let mailbox = Mutex<Mailbox>(Mailbox())
    private let stopping = Atomic<Bool>(false)
    private let turnedAt: Atomic<Int64>
    private let readingCount = Atomic<UInt64>(0)
    private let loop: WatchLoop
    private let worker = Mutex<Worker?>(nil)

    /// What other threads may look at, under a lock that is held for one block at most.
    struct Shared {
        var plant: Plant
        var latest: [LatestReading]
        var texts: [Tag.ID: String] = [:]
        var alarms: AlarmBoard
        /// How operators hear of what happens.
        var announcer: Announcer
        /// Milliseconds; see `AlarmTime`.
        var clockSteps: Int64 = 0
    }

    struct Mailbox {
        var requests: [(OperatorRequest, @Sendable (AlarmAnswer?) -> Void)] = []
        var refused = 0
        var change: (Changeover, @Sendable (Bool) -> Void)?
        /// The newest that was said of each part of Cupel since the last turn.
        var reports: [Subsystem: String?] = [:]
        /// The watch has ended; nobody would answer any more.
        var isClosed = false
    }

    /// - Parameters:
    ///   - startedAt: UTC milliseconds that the journal has for the start, so that a replay begins at the same; `nil` for
    ///     the present.
    ///   - states: the alarms' states by alarm id, as the journal kept them.
    ///   - products: what each controller's unit is making, by its heat.
    ///   - lines: the consuming ends of the lines' rings.
    ///   - recorder: the producing end of the recorder's ring, and its doorbell, rung when a batch is full.
    ///   - batchCells: cells in the recorder's ring from which on it should not wait for its commit interval.
    public init(
        plant: Plant, startedAt: Int64? = nil, states: [AlarmDefinition.ID: AlarmState],
        products: [Controller.ID: String] = [:],
        lines: [LineInput], recorder: consuming RingProducer<Cell>, recorderDoorbell: Doorbell, batchCells: Int,
        doorbell: Doorbell,
        clock: any PlantClock = SystemClock(), outputs: Outputs
    ) {
        self.doorbell = doorbell
        self.clock = clock
        self.startedAt = startedAt
        var alarms = AlarmBoard(plant, states: plant.alarms.map { states[$0.id] ?? AlarmState() })
        for (controller, product) in products { alarms.setProduct(product, of: controller) }
        shared = Mutex(
            Shared(
                plant: plant, latest: Array(repeating: .neverRead, count: plant.tags.count), alarms: alarms,
                announcer: Announcer(plant.supervision)))
        turnedAt = Atomic(clock.monotonic())
        loop = WatchLoop(
            plant: plant, alarms: alarms, lines: lines, recorder: recorder, recorderDoorbell: recorderDoorbell,
            batchCells: batchCells, clock: clock, outputs: outputs)
    }

    /// Starts the thread.
    public func start() throws(WorkerError) {
        let started = try Worker(name: "watch", timerSlack: 1_000) { [self] in run() }
        worker.withLock { $0 = started }
    }

    /// Ends the thread once the lines' rings are empty; returns when it has. The lines must have stopped before.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        doorbell.ring()
        worker.withLock { $0.take() }?.join()
    }

    /// Hands a request to the watch; the answer comes on its thread.
    ///
    /// - Parameter answer: gets `nil` when no alarm has this name any more, or the watch has ended meanwhile.
    /// - Returns: false when `mailboxLimit` requests are waiting already, or the watch has ended.
    public func ask(_ request: OperatorRequest, answer: @escaping @Sendable (AlarmAnswer?) -> Void) -> Bool {
        let taken = mailbox.withLock { box in
            guard !box.isClosed, box.requests.count < Watch.mailboxLimit else {
                box.refused += 1
                return false
            }
            box.requests.append((request, answer))
            return true
        }
        if taken { doorbell.ring() }
        return taken
    }

    /// Goes on with another plant, between two blocks. Blocks for a turn of the watch; one caller at a time, never the
    /// watch's thread.
    ///
    /// The lines that do not go on must have ended: what they left is used up under the old plant. Lines made for the new
    /// plant may be running already.
    ///
    /// - Returns: false when the watch has ended or the recorder's ring has no room for the mark; nothing changed then.
    public func changeOver(_ change: Changeover) -> Bool {
        let answer = Answer()
        let taken = mailbox.withLock { box in
            guard !box.isClosed, box.change == nil else { return false }
            box.change = (change, answer.give)
            return true
        }
        guard taken else { return false }
        doorbell.ring()
        return answer.wait()
    }

    /// Says how a part of Cupel does. Any thread; never waits for the watch, whose next turn takes it.
    ///
    /// To be called for every part again and again: of several reports between two turns only the newest counts, and an
    /// alarm from before a restart stands until its first one.
    ///
    /// - Parameter fault: why it does not work, cut to `faultLimit`; `nil` while it does.
    public func report(_ subsystem: Subsystem, fault: String?) {
        let fault = fault.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(Watch.faultLimit))) }
        mailbox.withLock { box in
            guard box.reports.count < Watch.reportLimit || box.reports[subsystem] != nil else { return }
            box.reports.updateValue(fault, forKey: subsystem)
        }
    }

    public func snapshot() -> WatchSnapshot {
        shared.withLock { WatchSnapshot(plant: $0.plant, latest: $0.latest, texts: $0.texts) }
    }

    /// A time of the alarms' scale, which never steps, in present UTC. Milliseconds.
    public func utc(_ alarmTime: Int64) -> Int64 {
        alarmTime + shared.withLock { $0.clockSteps }
    }

    /// All alarms as they are now.
    public func alarms() -> AlarmTable {
        shared.withLock { shared in
            var chattering: [AlarmDefinition.ID: Int] = [:]
            for alarm in shared.plant.alarms {
                if let state = shared.announcer.isChattering(alarm.id) { chattering[alarm.id] = state.raises }
            }
            return AlarmTable(
                plant: shared.plant, states: shared.alarms.states, flood: shared.announcer.flood,
                chattering: chattering)
        }
    }

    /// What a controller's unit makes from now on; `nil` for nothing.
    public func setProduct(_ product: String?, of controller: String) {
        shared.withLock { shared in
            guard let number = shared.plant.controllers.first(where: { $0.name == controller })?.id else { return }
            shared.alarms.setProduct(product, of: number)
        }
    }

    /// CLOCK_MONOTONIC nanoseconds when the thread last went round: the watchdog's evidence.
    public var lastTurn: Int64 { turnedAt.load(ordering: .relaxed) }
    /// Readings seen since the start.
    public var readings: UInt64 { readingCount.load(ordering: .relaxed) }
    /// Requests refused because the mailbox was full.
    public var refusedRequests: Int { mailbox.withLock { $0.refused } }

    private func run() {
        shared.withLock { loop.restart($0.plant.alarms.map(\.id), at: startedAt, &$0) }
        loop.flush()
        var nextTurn = clock.monotonic()
        while true {
            doorbell.listen()
            let ending = stopping.load(ordering: .acquiring)
            var seen = 0
            for line in loop.lines { seen += drain(line) }
            answerRequests()
            seen += changeIfAsked()
            if seen > 0 { readingCount.wrappingAdd(UInt64(seen), ordering: .relaxed) }
            let now = clock.monotonic()
            turnedAt.store(now, ordering: .relaxed)
            if now >= nextTurn {
                turn(at: now)
                nextTurn = now + Watch.turnEvery.nanoseconds
            }
            if ending && seen == 0 { break }
            if seen == 0 { doorbell.wait(nanoseconds: max(1, min(nextTurn - now, Watch.freshness.nanoseconds))) }
        }
        // What is due by now takes effect, as in any other turn.
        turn(at: clock.monotonic())
        let (late, change) = mailbox.withLock { box in
            box.isClosed = true
            defer { (box.requests, box.change) = ([], nil) }
            return (box.requests, box.change)
        }
        for (_, answer) in late { answer(nil) }
        change?.1(false)
    }

    /// What comes without a block.
    func turn(at now: Int64) {
        let reports = mailbox.withLock { box in
            defer { box.reports.removeAll(keepingCapacity: true) }
            return box.reports
        }
        shared.withLock { loop.turn(at: now, hearing: reports, &$0) }
        loop.flush()
    }

    /// Takes what one line has, block by block.
    private func drain(_ line: LineInput) -> Int {
        var seen = 0
        while line.consumer.available() >= ScanHeader.cells {
            let cells = ScanHeader.blockCells(line.consumer.peek())
            line.consumer.take(cells, into: loop.scratch)
            guard line.renumber(&loop.scratch[0]) else { continue }
            shared.withLock { seen += loop.take(cells, &$0) }
            loop.flush()
            loop.forward(cells)
        }
        return seen
    }

    /// - Returns: the readings that lines which have ended left behind.
    private func changeIfAsked() -> Int {
        let asked = mailbox.withLock { box in
            defer { box.change = nil }
            return box.change
        }
        guard let (change, answer) = asked else { return 0 }
        let (done, seen) = perform(change)
        answer(done)
        return seen
    }

    /// The change itself, on the watch's thread.
    func perform(_ change: Changeover) -> (done: Bool, seen: Int) {
        let goOn = Set(change.lines.map { ObjectIdentifier($0.input) })
        var seen = 0
        for line in loop.lines where !goOn.contains(ObjectIdentifier(line)) { seen += drain(line) }
        let done = shared.withLock { loop.changeOver(change, &$0) }
        loop.flush()
        return (done, seen)
    }

    private func answerRequests() {
        let requests = mailbox.withLock { box in
            let waiting = box.requests
            if !waiting.isEmpty { box.requests = [] }
            return waiting
        }
        for (request, answer) in requests {
            let result = shared.withLock { loop.obey(request, &$0) }
            loop.flush()
            answer(result)
        }
    }
}

/// One thread waits here for another's answer.
private final class Answer: Sendable {
    /// Longer than anybody waits; the doorbell wakes.
    private static let sleep: Duration = .seconds(3600)

    private let value = Mutex<Bool?>(nil)
    private let doorbell = Doorbell()

    func give(_ answer: Bool) {
        value.withLock { $0 = answer }
        doorbell.ring()
    }

    func wait() -> Bool {
        while true {
            doorbell.listen()
            if let answer = value.withLock({ $0 }) { return answer }
            doorbell.wait(nanoseconds: Answer.sleep.nanoseconds)
        }
    }
}
