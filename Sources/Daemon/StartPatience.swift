import Plant
import Ring
import Synchronization

/// Tells systemd while the databases are opened that this goes on: after a power cut a log of gigabytes may have to be read
/// back, and a service that is killed for that begins from the front, for ever.
final class StartPatience: Sendable {
    static let every: Duration = .seconds(5)
    /// What is asked for each time; longer than a machine that is out of breath may oversleep.
    static let each: Duration = .seconds(30)
    /// A start that takes longer hangs, and is ended by systemd after all.
    static let limit: Duration = .seconds(3600)

    private let doorbell = Doorbell()
    private let isOver = Atomic<Bool>(false)
    private let worker = Mutex<Worker?>(nil)

    init(_ notifier: ServiceNotifier) {
        notifier.extendStart(by: StartPatience.each, status: "opening the databases")
        // Without a thread to be had there is systemd's own patience, and the start will say so itself.
        let started = try? Worker(name: "start-patience") { [self] in
            let began = SystemClock().monotonic()
            while true {
                doorbell.listen()
                if isOver.load(ordering: .acquiring) { return }
                doorbell.wait(nanoseconds: StartPatience.every.nanoseconds)
                let waited = SystemClock().monotonic() - began
                if isOver.load(ordering: .acquiring) || waited > StartPatience.limit.nanoseconds { return }
                notifier.extendStart(
                    by: StartPatience.each, status: "opening the databases for \(waited / 1_000_000_000) s")
            }
        }
        worker.withLock { $0 = started }
    }

    /// The service is ready, or never will be. After it nothing is sent any more.
    func end() {
        isOver.store(true, ordering: .releasing)
        doorbell.ring()
        worker.withLock { $0 }?.join()
    }
}
