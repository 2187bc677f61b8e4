public import Modbus
public import Plant
public import Ring
import Synchronization

/// One Modbus/TCP endpoint and the thread that owns its connection, with all controllers and scan groups behind it.
///
/// A line waits for its controllers and for nobody else, and nobody waits for a line.
public final class Line: Sendable {
    /// How late in nanoseconds the kernel may end a sleep to save wake-ups: its usual 50 µs would be part of every
    /// reaction to an alarm. What ppoll adds by itself, `Interrupter.sleep` takes care of.
    static let timerSlack: UInt64 = 1_000
    /// What the flight recorder is sized for: a minute of the line's traffic.
    static let recordedSeconds = 60.0
    /// Its bounds in bytes: a few dozen frames of a slow line, and what 500 lines can have without a thought.
    static let recordedBytes = 16_384...524_288

    public let plan: LinePlan
    /// The longest that `lastTurn` stands still while all is well: a reply or a connection that does not come, or a
    /// sleep.
    public let longestTurn: Duration
    /// The line's last frames, as they were on the wire.
    public let frames: FrameLog
    private let interrupter = Interrupter()
    private let inbox = LineInbox()
    private let board: LineBoard
    private let clock: any PlantClock
    private let body: @Sendable () -> Void
    private let worker = Mutex<Worker?>(nil)
    private let sequences: SequenceBook

    /// - Parameters:
    ///   - firstSequence: the number of the first scan of each group; it goes on from what the history holds.
    ///   - producer: the line's ring; a whole block is published at once.
    ///   - doorbell: rung after each block.
    ///   - clock: must go as fast as the system's, because the thread sleeps by the latter.
    ///   - seed: of the jitter.
    ///   - learned: what its controllers were found to answer at most, in an earlier life.
    ///   - learn: called on the line's thread when that is found; must return at once.
    ///   - log: called on the line's thread when a fault begins or ends; must return at once.
    ///   - transport: makes a connection's owner, on the line's thread.
    public init<Transport: RegisterTransport & ~Copyable & SendableMetatype>(
        plan: LinePlan, plant: Plant, firstSequence: [ScanGroup.ID: UInt64], producer: consuming RingProducer<Cell>,
        doorbell: Doorbell, clock: any PlantClock = SystemClock(), seed: UInt64,
        learned: [Controller.ID: LearnedLimits] = [:],
        learn: @escaping @Sendable (Controller.ID, LearnedLimits) -> Void = { _, _ in },
        log: @escaping @Sendable (LineNotice) -> Void,
        transport: @escaping @Sendable (Interrupter, FrameLog) -> Transport
    ) {
        self.plan = plan
        self.clock = clock
        let slowest =
            plan.controllers.map { plant.controllers[$0] }
            .map { max($0.timeout, $0.pacing.connectTimeout ?? .zero, $0.pacing.connectDelay) }.max() ?? .zero
        longestTurn = max(slowest, .nanoseconds(LineSchedule.longestSleep))
        let frames = FrameLog(capacity: Line.recordedBytes(plan), clock: clock)
        self.frames = frames
        let now = clock.monotonic()
        let board = LineBoard(plan: plan, plant: plant, storage: producer.storage, now: now)
        let groups = LineGroup.all(of: plan, plant, firstSequence: firstSequence)
        let diagnoses = Diagnosis.all(of: plan, plant, firstSequence: firstSequence, now: now)
        let publisher = BlockPublisher(
            producer: producer, doorbell: doorbell, capacity: LineGroup.cells(of: groups, diagnostics: diagnoses))
        let interrupter = self.interrupter
        let inbox = self.inbox
        self.board = board
        let sequences = SequenceBook(
            firstSequence.filter { plan.controllers.contains(plant.groups[$0.key].controller) })
        self.sequences = sequences
        body = {
            let loop = LineLoop(
                plan: plan, plant: plant, groups: groups, diagnoses: diagnoses, publisher: publisher, clock: clock,
                pause: { interrupter.sleep(nanoseconds: $0) }, seed: seed, learned: learned, learn: learn, log: log,
                interrupter: interrupter, board: board, inbox: inbox, transport: { transport(interrupter, frames) })
            loop.run()
            sequences.close(loop.nextSequence)
        }
    }

    public var endpoint: Endpoint { plan.endpoint }

    /// Starts the thread.
    public func start() throws(WorkerError) {
        // The end of an address tells lines apart, and fifteen bytes show.
        let started = try Worker(name: "\(endpoint)".suffix(15).description, timerSlack: Line.timerSlack, body)
        worker.withLock { $0 = started }
    }

    /// Ends it, whatever it waits for. Any thread; returns at once.
    public func stop() { interrupter.interrupt() }

    /// Waits until it has ended. Never on the line's own thread.
    public func join() { worker.withLock { $0.take() }?.join() }

    /// The number of the next scan of each of its groups, by the plant the line was made for. Only good after `join`:
    /// whoever reads these groups next goes on from there.
    public var nextSequence: [ScanGroup.ID: UInt64] { sequences.next }

    /// Any thread.
    public var status: LineStatus { board.status(at: clock.monotonic()) }

    /// CLOCK_MONOTONIC nanoseconds when the thread last came round or asked for something: the watchdog's evidence.
    public var lastTurn: Int64 { board.lastTurn }

    /// What a value may cross so that the watch must hear of it at once; the line takes it up at its next turn. Any
    /// thread; returns at once.
    ///
    /// - Parameter limits: by tags as the plant numbers them that the line was made with.
    public func watch(limits: [Tag.ID: [Double]]) { inbox.put(limits: limits) }

    /// Bytes of a minute of frames: a request and a reply, each with what the recorder notes of it.
    static func recordedBytes(_ plan: LinePlan) -> Int {
        let perSecond = plan.groups.reduce(0.0) { sum, group in
            // Two heads of 64 bytes, a request of 12, and a reply's 9 before its values.
            let bytes = group.requests.map { 2 * 64 + 12 + 9 + $0.request.payloadBytes }.reduce(0, +)
            return sum + Double(bytes) / (Double(max(1, group.period.nanoseconds)) / 1e9)
        }
        return min(max(Int(perSecond * recordedSeconds), recordedBytes.lowerBound), recordedBytes.upperBound)
    }
}

/// What a line leaves behind for the one that takes its place.
private final class SequenceBook: Sendable {
    private let numbers: Mutex<[ScanGroup.ID: UInt64]>

    init(_ first: [ScanGroup.ID: UInt64]) { numbers = Mutex(first) }

    var next: [ScanGroup.ID: UInt64] { numbers.withLock { $0 } }
    func close(_ next: [ScanGroup.ID: UInt64]) { numbers.withLock { $0.merge(next) { $1 } } }
}
