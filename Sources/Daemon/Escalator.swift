import Annunciation
import Journal
import Plant
import Ring
import Synchronization

/// Calls somebody about alarms that nobody acts upon.
///
/// A thread of its own hears what was committed, keeps the time, and writes each call into the journal, together with
/// how far it has come. So a call goes the way of every alarm: it is on disk before a sink tells it, and a restart
/// neither forgets nor repeats it.
final class Escalator: Sendable {
    /// Notices that may wait for the thread, which needs microseconds for one. Beyond it they are given up, and the
    /// alarms are looked at instead: nothing is lost but the order of what happened.
    static let queueLimit = 10_000
    /// While somebody is to be called the clocks are compared at least so often: what is saved must be on UTC as it is.
    static let clockEvery: Duration = .seconds(10)
    private static let idle: Duration = .seconds(3600)

    private let first: [EscalationPolicy]
    private let saved: [EscalationRecord]
    private let clock: any PlantClock
    private let standing: @Sendable () -> [AlarmNotice]
    private let seen: @Sendable () -> Set<String>
    private let append: @Sendable (JournalEntry) -> Void
    private let doorbell = Doorbell()
    private let inbox: Mutex<Inbox>
    private let worker = Mutex<Worker?>(nil)
    private let present = Mutex(Present())

    private struct Inbox {
        var notices: [AlarmNotice] = []
        /// Some were given up.
        var overflowed = false
        /// The policies from now on, where they changed.
        var policies: [EscalationPolicy]?
        var isStopping = false
    }

    /// What the thread has, for whoever asks how it does.
    private struct Present {
        /// `nil` before the start.
        var desk: CallDesk?
        var overflows = 0
    }

    /// For `cupel status`.
    struct Status: Codable, Hashable, Sendable {
        struct Running: Codable, Hashable, Sendable {
            var alarm: String
            var occurrence: Int
            var policy: String
            /// From 1; absent when everybody was called and nobody has acted yet.
            var step: Int?
            var steps: Int
            /// Calls of this step so far.
            var called: Int
            /// When somebody is called next, ISO 8601 UTC.
            var next: String?
        }

        var running: [Running] = []
        /// Calls since the start.
        var calls = 0
        /// How often events came faster than they could be heard, and the alarms were looked at instead.
        var overflows = 0
    }

    /// - Parameters:
    ///   - policies: as configured; see ``change(to:)``.
    ///   - saved: ``Journal/loadEscalations()``.
    ///   - standing: a notice of each alarm that waits for an acknowledgement and is not hidden: name, occurrence,
    ///     revision, state, priority, tag, value, its sentence, and its raise as the effective time. Asked on the
    ///     escalator's thread, and once by `start`.
    ///   - seen: the alarms that were looked at since the start. Where nothing can tell, none: what stood before then
    ///     waits for ``CallDesk/grace``.
    ///   - append: ``Journal/append(_:)``.
    init(
        _ policies: [EscalationPolicy], saved: [EscalationRecord], clock: any PlantClock = SystemClock(),
        standing: @escaping @Sendable () -> [AlarmNotice], seen: @escaping @Sendable () -> Set<String> = { [] },
        append: @escaping @Sendable (JournalEntry) -> Void
    ) {
        (first, self.saved) = (policies, saved)
        (self.clock, self.standing, self.seen, self.append) = (clock, standing, seen, append)
        inbox = Mutex(Inbox())
    }

    /// Goes on with what was saved. Notices that came before wait until now.
    func start() throws(WorkerError) {
        let desk = CallDesk(
            first, saved: saved, standing: standing(), monotonic: clock.monotonic(), wall: clock.wall())
        present.withLock { $0.desk = desk }
        let started = try Worker(name: "escalator") { [self] in run() }
        worker.withLock { $0 = started }
    }

    /// Hears what was committed. Any thread; never waits for the escalator.
    func take(_ notices: [AlarmNotice]) {
        // Its own calls come back, and most of what a journal holds is about no alarm's acknowledgement.
        let heard = notices.filter { !$0.dup && EscalationEvent($0) != nil }
        guard !heard.isEmpty else { return }
        inbox.withLock { inbox in
            if inbox.notices.count + heard.count > Escalator.queueLimit {
                inbox.notices = []
                inbox.overflowed = true
            } else {
                inbox.notices += heard
            }
        }
        doorbell.ring()
    }

    /// Goes over to another plant's policies. After the watch has: alarms that are no longer configured end here.
    func change(to plant: Plant) {
        inbox.withLock { $0.policies = plant.escalations }
        doorbell.ring()
    }

    /// Ends the thread after what it has heard so far is appended. Before the journal stops.
    func stop() {
        inbox.withLock { $0.isStopping = true }
        doorbell.ring()
        let running = worker.withLock { worker in
            defer { worker = nil }
            return worker
        }
        running?.join()
    }

    /// Any thread.
    var status: Status {
        present.withLock { present in
            guard let desk = present.desk else { return Status() }
            let steps = Dictionary(
                desk.policies.map { ($0.name, $0.steps.count) }, uniquingKeysWith: { first, _ in first })
            let running = desk.states.map { state in
                Status.Running(
                    alarm: state.alarm, occurrence: state.occurrence, policy: state.policy,
                    step: state.isRunning ? state.step : nil, steps: steps[state.policy] ?? 0, called: state.called,
                    next: state.isRunning ? UTCTime.text(state.due) : nil)
            }
            return Status(running: running, calls: desk.calls, overflows: present.overflows)
        }
    }

    private func run() {
        while true {
            doorbell.listen()
            let heard = inbox.withLock { inbox in
                defer { inbox = Inbox(isStopping: inbox.isStopping) }
                return inbox
            }
            // Asked without the lock: whoever answers has locks of its own.
            let unconfirmed = present.withLock { $0.desk?.unconfirmed ?? [] }
            let seen = unconfirmed.isEmpty ? [] : unconfirmed.intersection(self.seen())
            let isAnew = heard.overflowed || heard.policies != nil
            let standing = isAnew || !seen.isEmpty ? self.standing() : []
            let (entry, due, isHolding) = present.withLock { present -> (JournalEntry?, Int64?, Bool) in
                present.overflows += heard.overflowed ? 1 : 0
                if isAnew {
                    let policies = heard.policies ?? present.desk?.policies ?? first
                    present.desk?.change(to: policies, standing: standing, monotonic: clock.monotonic())
                }
                present.desk?.take(heard.notices, monotonic: clock.monotonic())
                if !seen.isEmpty { present.desk?.confirm(seen, standing: standing, monotonic: clock.monotonic()) }
                let entry = present.desk?.turn(monotonic: clock.monotonic(), wall: clock.wall())
                return (entry ?? nil, present.desk?.nextDue, present.desk?.unconfirmed.isEmpty == false)
            }
            if let entry { append(entry) }
            if heard.isStopping { return }
            // A nanosecond at least: the time may have come meanwhile.
            let most = isHolding ? CallDesk.lookEvery : Escalator.clockEvery
            let pause = due.map { max(1, min($0 - clock.monotonic(), most.nanoseconds)) }
            doorbell.wait(nanoseconds: pause ?? Escalator.idle.nanoseconds)
        }
    }
}
