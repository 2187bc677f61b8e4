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
    /// A block that rings nobody is found this much later at most: nothing an alarm would notice is in it, and people
    /// see no difference on a screen.
    static let freshness: Duration = .milliseconds(50)
    /// How often it looks at timers, overflow counters and the clock when no reading wakes it.
    static let turnEvery: Duration = .milliseconds(250)
    /// UTC may drift this far from the monotonic clock between two looks before it counts as a step.
    static let clockStepLimit: Duration = .seconds(2)

    /// Where the watch hands things on. All closures are called on its thread and must return at once.
    public struct Outputs: Sendable {
        /// With the plant whose numbers the transitions use.
        public var transitions: @Sendable ([AlarmTransition], Plant) -> Void
        public var notice: @Sendable (WatchNotice) -> Void

        public init(
            transitions: @escaping @Sendable ([AlarmTransition], Plant) -> Void,
            notice: @escaping @Sendable (WatchNotice) -> Void
        ) {
            (self.transitions, self.notice) = (transitions, notice)
        }
    }

    /// Lines ring it after each block that may matter to an alarm.
    public let doorbell: Doorbell
    let clock: any PlantClock
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
        var alarms: [AlarmState]
    }

    struct Mailbox {
        var requests: [(OperatorRequest, @Sendable (AlarmAnswer) -> Void)] = []
        var refused = 0
        /// The watch has ended; nobody would answer any more.
        var isClosed = false
    }

    /// - Parameters:
    ///   - states: the alarms' states by alarm id, as the journal kept them.
    ///   - lines: the consuming ends of the lines' rings.
    ///   - recorder: the producing end of the recorder's ring, and its doorbell, rung when a batch is full.
    ///   - batchCells: cells in the recorder's ring from which on it should not wait for its commit interval.
    public init(
        plant: Plant, states: [AlarmDefinition.ID: AlarmState], lines: [LineInput],
        recorder: consuming RingProducer<Cell>, recorderDoorbell: Doorbell, batchCells: Int, doorbell: Doorbell,
        clock: any PlantClock = SystemClock(), outputs: Outputs
    ) {
        self.doorbell = doorbell
        self.clock = clock
        shared = Mutex(
            Shared(
                plant: plant, latest: Array(repeating: .neverRead, count: plant.tags.count),
                alarms: plant.alarms.map { states[$0.id] ?? AlarmState() }))
        turnedAt = Atomic(clock.monotonic())
        loop = WatchLoop(
            plant: plant, lines: lines, recorder: recorder, recorderDoorbell: recorderDoorbell, batchCells: batchCells,
            clock: clock, outputs: outputs)
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
    /// - Returns: false when `mailboxLimit` requests are waiting already, or the watch has ended.
    public func ask(_ request: OperatorRequest, answer: @escaping @Sendable (AlarmAnswer) -> Void) -> Bool {
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

    public func snapshot() -> WatchSnapshot {
        shared.withLock { WatchSnapshot(plant: $0.plant, latest: $0.latest, texts: $0.texts) }
    }

    /// A time of the alarms' scale, which never steps, in present UTC. Milliseconds.
    public func utc(_ alarmTime: Int64) -> Int64 {
        alarmTime + (clock.wall() - clock.monotonic() - loop.timelineOffset) / 1_000_000
    }

    /// The plant, and the states of all its alarms by alarm id.
    public func alarms() -> (plant: Plant, states: [AlarmState]) { shared.withLock { ($0.plant, $0.alarms) } }

    /// CLOCK_MONOTONIC nanoseconds when the thread last went round: the watchdog's evidence.
    public var lastTurn: Int64 { turnedAt.load(ordering: .relaxed) }
    /// Readings seen since the start.
    public var readings: UInt64 { readingCount.load(ordering: .relaxed) }
    /// Requests refused because the mailbox was full.
    public var refusedRequests: Int { mailbox.withLock { $0.refused } }

    private func run() {
        shared.withLock { loop.restart($0.plant.alarms, &$0) }
        loop.flush()
        var nextTurn = clock.monotonic()
        while true {
            doorbell.listen()
            let ending = stopping.load(ordering: .acquiring)
            var seen = 0
            for line in loop.lines { seen += drain(line) }
            if seen > 0 { readingCount.wrappingAdd(UInt64(seen), ordering: .relaxed) }
            answerRequests()
            let now = clock.monotonic()
            turnedAt.store(now, ordering: .relaxed)
            if now >= nextTurn {
                shared.withLock { loop.turn(at: now, &$0) }
                loop.flush()
                nextTurn = now + Watch.turnEvery.nanoseconds
            }
            if ending && seen == 0 { break }
            if seen == 0 { doorbell.wait(nanoseconds: max(1, min(nextTurn - now, Watch.freshness.nanoseconds))) }
        }
        let late = mailbox.withLock { box in
            box.isClosed = true
            defer { box.requests = [] }
            return box.requests
        }
        for (_, answer) in late { answer(.refused) }
    }

    /// Takes what one line has, block by block.
    private func drain(_ line: LineInput) -> Int {
        var seen = 0
        while line.consumer.available() >= ScanHeader.cells {
            let cells = ScanHeader.blockCells(line.consumer.peek())
            line.consumer.take(cells, into: loop.scratch)
            shared.withLock { seen += loop.take(cells, &$0) }
            loop.flush()
            loop.forward(cells)
        }
        return seen
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
