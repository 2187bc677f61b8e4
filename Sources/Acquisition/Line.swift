public import Modbus
public import Plant
public import Ring
import Synchronization

/// One Modbus/TCP endpoint and the thread that owns its connection, with all controllers and scan groups behind it.
///
/// A line waits for its controllers and for nobody else, and nobody waits for a line.
public final class Line: Sendable {
    /// Sleeps end this many nanoseconds late at most: the kernel's usual 50 µs would be part of every reaction to an
    /// alarm.
    static let timerSlack: UInt64 = 1_000

    public let endpoint: Endpoint
    /// The longest that `lastTurn` stands still while all is well: a reply or a connection that does not come, or a
    /// sleep.
    public let longestTurn: Duration
    private let interrupter = Interrupter()
    private let board: LineBoard
    private let body: @Sendable () -> Void
    private let worker = Mutex<Worker?>(nil)
    private let sequences: SequenceBook

    /// - Parameters:
    ///   - firstSequence: the number of the first scan of each group; it goes on from what the history holds.
    ///   - producer: the line's ring; a whole block is published at once.
    ///   - doorbell: rung after each block.
    ///   - clock: must go as fast as the system's, because the thread sleeps by the latter.
    ///   - seed: of the jitter.
    ///   - log: called on the line's thread when a fault begins or ends; must return at once.
    ///   - transport: makes the connection's owner, on the line's thread.
    public init<Transport: RegisterTransport & ~Copyable & SendableMetatype>(
        plan: LinePlan, plant: Plant, firstSequence: [ScanGroup.ID: UInt64], producer: consuming RingProducer<Cell>,
        doorbell: Doorbell, clock: any PlantClock = SystemClock(), seed: UInt64,
        log: @escaping @Sendable (LineNotice) -> Void, transport: @escaping @Sendable (Interrupter) -> Transport
    ) {
        endpoint = plan.endpoint
        let slowest = plan.controllers.map { plant.controllers[$0].timeout }.max() ?? .zero
        longestTurn = max(slowest, .nanoseconds(LineSchedule.longestSleep))
        let board = LineBoard(plan: plan, plant: plant, storage: producer.storage, now: clock.monotonic())
        let groups = LineGroup.all(of: plan, plant, firstSequence: firstSequence)
        let publisher = BlockPublisher(
            producer: producer, doorbell: doorbell, capacity: groups.flatMap(\.decoders).map(\.cells).max() ?? 0)
        let interrupter = self.interrupter
        self.board = board
        let sequences = SequenceBook(
            firstSequence.filter { plan.controllers.contains(plant.groups[$0.key].controller) })
        self.sequences = sequences
        body = {
            let loop = LineLoop(
                plan: plan, plant: plant, groups: groups, publisher: publisher, clock: clock,
                pause: { interrupter.sleep(nanoseconds: $0) }, seed: seed, log: log, interrupter: interrupter,
                board: board, transport: transport(interrupter)
            )
            loop.run()
            sequences.close(loop.nextSequence)
        }
    }

    /// A line on libmodbus.
    public convenience init(
        plan: LinePlan, plant: Plant, firstSequence: [ScanGroup.ID: UInt64], producer: consuming RingProducer<Cell>,
        doorbell: Doorbell, clock: any PlantClock = SystemClock(), seed: UInt64,
        log: @escaping @Sendable (LineNotice) -> Void
    ) {
        self.init(
            plan: plan, plant: plant, firstSequence: firstSequence, producer: producer, doorbell: doorbell,
            clock: clock, seed: seed, log: log, transport: { LibmodbusTransport(interrupter: $0) })
    }

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
    public var status: LineStatus { board.status }

    /// CLOCK_MONOTONIC nanoseconds when the thread last came round or asked for something: the watchdog's evidence.
    public var lastTurn: Int64 { board.lastTurn }
}

/// What a line leaves behind for the one that takes its place.
private final class SequenceBook: Sendable {
    private let numbers: Mutex<[ScanGroup.ID: UInt64]>

    init(_ first: [ScanGroup.ID: UInt64]) { numbers = Mutex(first) }

    var next: [ScanGroup.ID: UInt64] { numbers.withLock { $0 } }
    func close(_ next: [ScanGroup.ID: UInt64]) { numbers.withLock { $0.merge(next) { $1 } } }
}
