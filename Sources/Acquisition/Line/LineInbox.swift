import Plant
import Synchronization

/// What others tell a line while it runs; it looks at the start of each turn.
final class LineInbox: Sendable {
    private let isFilled = Atomic<Bool>(false)
    private let limits = Mutex<[Tag.ID: [Double]]?>(nil)

    /// New limits of the alarms: what the watch must hear of at once.
    func put(limits: [Tag.ID: [Double]]) {
        self.limits.withLock { $0 = limits }
        isFilled.store(true, ordering: .releasing)
    }

    func takeLimits() -> [Tag.ID: [Double]]? {
        guard isFilled.load(ordering: .acquiring) else { return nil }
        isFilled.store(false, ordering: .relaxed)
        return limits.withLock { $0.take() }
    }
}
