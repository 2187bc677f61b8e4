public import Plant
public import Ring
import Synchronization

/// One place that alarms are told at, with its worker, its bounded queue, its breaker and its counters. One that is
/// blocked, slow or dead delays nobody.
public final class Sink: Sendable {
    /// Events that one look into the journal brings while it catches up.
    static let page = 500
    /// Lines of one digest at most; more make another.
    static let digestLimit = 100
    /// Tests that may wait at a time: people send them by hand.
    public static let trialLimit = 10
    /// After it began to stop, what waits may go out for so long; then a `send` is interrupted. It goes on after the
    /// next start.
    public static let stopPatience: Duration = .seconds(1)
    /// How often a line may be turned down before another is tried in its place, which shows whether it is meant itself: a
    /// script exits with 1 for a network that is down, too.
    static let refusalTries = 5
    /// Between two notices that lines were given up: a dead server must not make an alarm of each.
    static let givingUpEvery: Duration = .seconds(60)

    public let definition: SinkDefinition
    public var name: String { definition.name }
    let outlet: any Outlet
    let ledger: any SinkLedger
    let clock: any PlantClock
    let filter: SinkFilter
    let state: Mutex<State>
    let doorbell = Doorbell()
    let stopping = Atomic<Bool>(false)
    /// Lines up to this one may have been sent by an earlier run.
    let repeatsUpTo: Int64
    let log: @Sendable (String) -> Void
    private let worker = Mutex<Worker?>(nil)
    private let ended = Atomic<Bool>(false)

    struct State {
        var queue: SinkQueue
        var trials: [(line: AlarmLine, answer: @Sendable (SinkTrial) -> Void)] = []
        var retry = Retry()
        var fault: String?
        /// The fault is that lines are refused; the other end is there.
        var isRefusing = false
        /// Since when the outlet has been busy with a `send`.
        var trying: Moment?
        var sent = 0
        var dead = 0
        var written = LatencyWindow()
        var acknowledged = LatencyWindow()
        var isClosed = false
        /// The present fault is the journal's, not the outlet's.
        var readFault = false
    }

    /// - Parameters:
    ///   - position: the event up to which it needs nothing more; it goes on behind it.
    ///   - newest: the journal's newest event. What lies between may have been sent before, and is marked so.
    ///   - offset: local time minus UTC at an instant, both in milliseconds: for schedules.
    ///   - log: called once when the sink fails and once when it works again.
    public init(
        _ definition: SinkDefinition, outlet: any Outlet, ledger: any SinkLedger, position: Int64, newest: Int64,
        clock: any PlantClock = SystemClock(), offset: @escaping @Sendable (Int64) -> Int64 = { _ in 0 },
        log: @escaping @Sendable (String) -> Void
    ) {
        self.definition = definition
        self.outlet = outlet
        self.ledger = ledger
        self.clock = clock
        self.log = log
        filter = SinkFilter(definition, takesHeartbeats: outlet.takesHeartbeats, offset: offset)
        repeatsUpTo = newest
        state = Mutex(
            State(queue: SinkQueue(keepsAll: outlet.acknowledges, position: position, newest: newest)))
    }

    public func start() throws(WorkerError) {
        let started = try Worker(name: "sink-\(name)") { [self] in
            var loop = SinkLoop(self)
            loop.run()
            outlet.close()
            ended.store(true, ordering: .releasing)
        }
        worker.withLock { $0 = started }
    }

    /// Begins to end: what waits goes out as long as it is taken, for `stopPatience` at most. Returns at once.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        doorbell.ring()
    }

    public var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// Cuts short what takes its time.
    public func interrupt() { outlet.interrupt() }

    /// Waits until it has ended.
    public func join() {
        worker.withLock { $0.take() }?.join()
    }

    /// Queues lines. Any thread; never blocks.
    public func offer(_ lines: [AlarmLine]) {
        let now = clock.monotonic()
        let settled = state.withLock { state -> Int64? in
            let before = state.queue.settled
            state.queue.offer(lines, at: now, isFailing: state.isFailing, as: filter.take)
            let after = state.queue.settled
            return state.queue.items.isEmpty && !state.queue.isBehind && after > before ? after : nil
        }
        // Not for this sink: nothing is left to do but to remember that.
        if let settled { ledger.settled(settled) } else { doorbell.ring() }
    }

    /// Sends a marked line at once, past all that waits. Any thread.
    ///
    /// - Returns: false when too many wait for their answer, or the sink has ended.
    public func test(_ line: AlarmLine, answer: @escaping @Sendable (SinkTrial) -> Void) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.trials.count < Sink.trialLimit else { return false }
            state.trials.append((line, answer))
            return true
        }
        if isTaken { doorbell.ring() }
        return isTaken
    }

    /// Queues events again that were given up. Any thread.
    ///
    /// - Returns: the numbers of those that wait now; for the others there is no room.
    public func resend(_ lines: [AlarmLine]) -> [Int64] {
        defer { doorbell.ring() }
        return state.withLock { $0.queue.resend(lines, at: clock.monotonic()) }
    }

    /// Why it does not deliver, or did not lately; `nil` while all is well.
    public var fault: String? { state.withLock { $0.fault } }

    public var status: SinkStatus {
        let now = clock.monotonic()
        let state = self.state.withLock { $0 }
        var status = SinkStatus(name: name, kind: definition.kind.word, acknowledges: outlet.acknowledges)
        status.backlog = state.queue.items.count
        status.behind = state.queue.unseen
        status.oldest = state.queue.items.first.map { UTCTime.text($0.line.time) }
        status.sent = state.sent
        status.lost = state.queue.lost
        status.dead = state.dead
        status.sequence = state.queue.settled
        status.breaker = state.isFailing ? "open" : "closed"
        status.fault = state.fault
        status.failing_since = state.retry.failingSince.map { UTCTime.text($0.utc) }
        status.trying_since = state.trying.map { UTCTime.text($0.utc) }
        let waits = outlet.takesHeartbeats || state.queue.isBehind || !state.queue.items.isEmpty
        status.next_try_ms = waits ? state.retry.next.map { max(0, ($0 - now) / 1_000_000) } : nil
        status.written = state.written.report
        status.acknowledged = state.acknowledged.report
        return status
    }
}
