public import Plant
public import Ring
import Synchronization

/// A place outside the daemon that lines go to. Its calls run on the sink's own thread and may block it, briefly.
public protocol Outlet: AnyObject, Sendable {
    /// Sends one line.
    func send(_ line: AlarmLine) -> Delivery
    /// Ends a `send` that takes its time. Any thread; the daemon is stopping.
    func interrupt()
}

extension Outlet {
    /// Most outlets never take long.
    public func interrupt() {}
}

public enum Delivery: Sendable, Equatable {
    case delivered
    /// Nobody there, or not taking: the same line is tried again later.
    case unavailable(String)
}

/// One sink with its worker, its bounded queue and its counters. A sink that is blocked, slow or dead delays nobody.
public final class Sink: Sendable {
    /// Lines that wait for a sink that does not take them: half a day of the busiest plant that is still run by people
    /// (EEMUA 191: under 1 alarm a minute). Beyond it the oldest go, and a gap line says how many.
    public static let backlogLimit = 1000
    /// A sink that cannot be reached is tried again this often; doubling for outlets that cost something to try.
    public static let retryFirst: Duration = .seconds(1)
    public static let retryLast: Duration = .seconds(60)

    public struct Status: Codable, Sendable {
        public var name: String
        public var backlog: Int
        public var sent: Int
        public var lost: Int
        public var lastSequence: Int64
        public var fault: String?
    }

    public let name: String
    /// Whether it knows what was delivered, and can therefore go on where it was.
    public var acknowledges: Bool { delivered != nil }
    private let outlet: any Outlet
    private let minRank: Int
    private let eventsToo: Bool
    private let growing: Bool
    private let delivered: (@Sendable (Int64) -> Void)?
    private let doorbell = Doorbell()
    private let stopping = Atomic<Bool>(false)
    private let state: Mutex<State>
    private let worker = Mutex<Worker?>(nil)
    private let log: @Sendable (String) -> Void

    private struct State {
        /// Each line with a number of its own: sequences repeat, events that could not be journalled have none.
        var queue: [(number: Int, line: AlarmLine)] = []
        var numbered = 0
        var gapFrom: Int64 = 0
        var gapTo: Int64 = 0
        var gapLost = 0
        var status: Status
    }

    /// - Parameters:
    ///   - eventsToo: also lines that do not announce (acknowledged, cleared, heartbeat): a stream wants them, a pager not.
    ///   - growing: the pause between tries doubles up to `retryLast`.
    ///   - delivered: called with the number up to which everything was delivered or was not for this sink; only for
    ///     outlets that can tell. Kept, it is where the sink goes on after a restart.
    ///   - log: called once when the sink fails and once when it works again.
    public init(
        name: String, outlet: any Outlet, minPriority: Priority, eventsToo: Bool, growing: Bool,
        delivered: (@Sendable (Int64) -> Void)? = nil,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.name = name
        self.outlet = outlet
        minRank = Priority.allCases.firstIndex(of: minPriority) ?? 0
        self.eventsToo = eventsToo
        self.growing = growing
        self.delivered = delivered
        self.log = log
        state = Mutex(
            State(status: Status(name: name, backlog: 0, sent: 0, lost: 0, lastSequence: 0, fault: nil)))
    }

    public func start() throws(WorkerError) {
        let started = try Worker(name: "sink-\(name)") { [self] in run() }
        worker.withLock { $0 = started }
    }

    /// Begins to end: what waits gets one more try, except for a sink that goes on where it was. Returns at once.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        doorbell.ring()
        if acknowledges { outlet.interrupt() }
    }

    /// Waits until it has ended.
    public func join() { worker.withLock { $0.take() }?.join() }

    /// Queues lines. Any thread; never blocks.
    public func offer(_ lines: [AlarmLine]) {
        let wanted = lines.filter { $0.rank >= minRank && (eventsToo || $0.announces) }
        guard !wanted.isEmpty else {
            let newest = lines.map(\.sequence).max() ?? 0
            if newest > 0, state.withLock({ $0.queue.isEmpty }) { delivered?(newest) }
            return
        }
        state.withLock { state in
            // A heartbeat is only news to a reader that has everything else.
            for line in wanted where !line.isHeartbeat || state.queue.isEmpty {
                state.numbered += 1
                state.queue.append((state.numbered, line))
            }
            let excess = state.queue.count - Sink.backlogLimit
            if excess > 0 {
                if state.gapLost == 0 { state.gapFrom = state.queue[0].line.sequence }
                state.gapTo = state.queue[excess - 1].line.sequence
                state.gapLost += excess
                state.status.lost += excess
                state.queue.removeFirst(excess)
            }
        }
        doorbell.ring()
    }

    public var status: Status {
        state.withLock { state in
            var status = state.status
            status.backlog = state.queue.count
            return status
        }
    }

    private func run() {
        var pause = Sink.retryFirst
        while true {
            doorbell.listen()
            let ending = stopping.load(ordering: .acquiring)
            if ending, acknowledges { return }
            guard let (number, line) = next() else {
                if ending { return }
                doorbell.wait(nanoseconds: 3_600_000_000_000)
                continue
            }
            switch outlet.send(line) {
            case .delivered:
                pause = Sink.retryFirst
                done(number, line)
            case .unavailable(let reason):
                note(fault: reason)
                if ending { return }
                wait(pause)
                if growing { pause = min(pause * 2, Sink.retryLast) }
            }
        }
    }

    /// Waits out a pause, however often new lines ring.
    private func wait(_ pause: Duration) {
        let clock = SystemClock()
        let until = clock.monotonic() + pause.nanoseconds
        while !stopping.load(ordering: .acquiring) {
            let left = until - clock.monotonic()
            guard left > 0 else { return }
            doorbell.listen()
            if stopping.load(ordering: .acquiring) { return }
            doorbell.wait(nanoseconds: left)
        }
    }

    /// What goes out next: the gap line, numbered by what it tells as lost (negative), or the first of the queue.
    private func next() -> (number: Int, line: AlarmLine)? {
        state.withLock { state in
            if state.gapLost > 0 {
                return (-state.gapLost, .gap(from: state.gapFrom, to: state.gapTo, lost: state.gapLost))
            }
            return state.queue.first
        }
    }

    private func done(_ number: Int, _ line: AlarmLine) {
        let recovered = state.withLock { state in
            if number < 0 {
                // More may have been lost while this was told.
                state.gapLost += number
                state.gapFrom = state.gapTo
            } else if state.queue.first?.number == number {
                state.queue.removeFirst()
            }
            state.status.sent += 1
            state.status.lastSequence = max(state.status.lastSequence, line.sequence)
            defer { state.status.fault = nil }
            return state.status.fault != nil
        }
        if line.sequence > 0 { delivered?(line.sequence) }
        if recovered { log("sink \(name): delivering again") }
    }

    private func note(fault: String) {
        let new = state.withLock { state in
            defer { state.status.fault = fault }
            return state.status.fault == nil
        }
        if new { log("sink \(name): \(fault); lines wait, \(Sink.backlogLimit) at most") }
    }
}

extension AlarmLine {
    /// Tells a reader how many lines it will never see.
    static func gap(from: Int64, to: Int64, lost: Int) -> AlarmLine {
        AlarmLine(
            sequence: 0, json: "{\"what\":\"gap\",\"from\":\(from),\"to\":\(to),\"lost\":\(lost)}\n",
            text: "GAP \(lost) events lost, sequence \(from) to \(to): see `cupel alarms history`\n", severity: 4,
            rank: 3, announces: true)
    }
}
