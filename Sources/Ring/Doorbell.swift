import CPosix
import Glibc
import Synchronization

/// Wakes one sleeping consumer of any number of rings.
///
/// Ringing an awake consumer is one atomic exchange; only a sleeping one costs a system call. No wake-up is lost: the
/// consumer goes to sleep by a compare-exchange from `quiet`, which fails when anybody rang since it last listened.
public final class Doorbell: Sendable {
    private static let quiet = 0
    private static let rung = 1
    private static let asleep = 2

    private let state = Atomic<Int>(Doorbell.quiet)
    // Not private: a test plays a ringer whose write comes late.
    let descriptor: CInt

    /// - Precondition: the process can open a descriptor; without one nothing of the daemon could work.
    public init() {
        descriptor = cupel_eventfd()
        precondition(descriptor >= 0, "eventfd: \(String(cString: strerror(errno)))")
    }

    deinit { close(descriptor) }

    /// Rings. Any thread, never blocks.
    public func ring() {
        if state.exchange(Doorbell.rung, ordering: .acquiringAndReleasing) == Doorbell.asleep {
            var one: UInt64 = 1
            _ = write(descriptor, &one, 8)
        }
    }

    /// Forgets an earlier ring. Call it before looking into the rings, so that a ring after the look is not lost.
    public func listen() {
        _ = state.exchange(Doorbell.quiet, ordering: .acquiringAndReleasing)
    }

    /// Sleeps until somebody rings, but no longer than `nanoseconds`; returns at once when somebody rang since `listen`.
    ///
    /// Only the one consumer may call it.
    public func wait(nanoseconds: Int64) {
        guard nanoseconds > 0 else { return }
        let (slept, _) = state.compareExchange(
            expected: Doorbell.quiet, desired: Doorbell.asleep, ordering: .acquiringAndReleasing)
        guard slept else { return }
        var ready: Int16 = 0
        let woken = cupel_wait(descriptor, Int16(POLLIN), nanoseconds, &ready) > 0
        // An exchange, not a store: a ring since the wake-up is then acquired with what was published before it.
        _ = state.exchange(Doorbell.quiet, ordering: .acquiringAndReleasing)
        guard woken else { return }
        // Drained whoever wrote it. A ringer may be late with its write and find us in the next sleep, which it cuts
        // short; left in the descriptor, its count would cut every sleep short until somebody rang again.
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
