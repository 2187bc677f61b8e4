import CPosix
import Glibc
import Synchronization

/// Says to an outlet that the daemon is stopping: a flag to look at, and a descriptor to wait on beside others.
final class OutletStop: Sendable {
    /// What an outlet answers from then on.
    static let answer = "the daemon is stopping"

    private let flag = Atomic<Bool>(false)
    let descriptor: CInt

    /// - Precondition: the process can open a descriptor; without one nothing of the daemon could work.
    init() {
        descriptor = cupel_eventfd()
        precondition(descriptor >= 0, "eventfd: \(reason(errno))")
    }

    deinit { close(descriptor) }

    var isSet: Bool { flag.load(ordering: .acquiring) }

    /// For good. Any thread, never blocks.
    func set() {
        flag.store(true, ordering: .releasing)
        var one: UInt64 = 1
        // The count stays in the descriptor: every later wait ends at once.
        _ = write(descriptor, &one, 8)
    }

    /// Whether a descriptor became ready for `events` within the time, before the stop.
    func waits(for descriptor: CInt, events: Int16, nanoseconds: Int64) -> Bool {
        cupel_wait_either(descriptor, events, self.descriptor, nanoseconds) & 1 == 1 && !isSet
    }
}

/// What the system calls an error.
func reason(_ code: CInt) -> String { String(cString: strerror(code)) }
