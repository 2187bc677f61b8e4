import CPosix
import Glibc
import Plant
import Synchronization

/// Ends whatever a line's thread waits for: a sleep, a connection being made, a reply. For good: once interrupted,
/// every later wait returns at once.
///
/// The thread waits on an eventfd wherever it waits itself. libmodbus waits on the socket alone, so the socket of the
/// moment is shut down, which its `select` sees as the end of the stream.
public final class Interrupter: Sendable {
    private struct State {
        /// One, and a second while a line tests another endpoint.
        var sockets: Set<CInt> = []
        var interrupted = false
    }

    private let state = Mutex(State())
    private let flag = Atomic<Bool>(false)
    let descriptor: CInt

    /// - Precondition: the process can open a descriptor; without one nothing of the daemon could work.
    public init() {
        descriptor = cupel_eventfd()
        precondition(descriptor >= 0, "eventfd: \(String(cString: strerror(errno)))")
    }

    deinit { Glibc.close(descriptor) }

    public var isInterrupted: Bool { flag.load(ordering: .acquiring) }

    /// Ends the waits. Any thread, never blocks.
    public func interrupt() {
        flag.store(true, ordering: .releasing)
        var one: UInt64 = 1
        // The count stays in the descriptor: every later wait ends at once.
        _ = write(descriptor, &one, 8)
        state.withLock { state in
            state.interrupted = true
            for socket in state.sockets { _ = shutdown(socket, CInt(SHUT_RDWR)) }
        }
    }

    /// ppoll gives itself a thousandth of its timeout to save wake-ups, whatever the thread's timer slack says, and so
    /// every scan of a second would begin a millisecond late (measured: 0.93 ms, and 0.08 ms with the end of a sleep
    /// slept apart). The end is this part of the sleep.
    private static let endShare: Int64 = 256
    /// Shorter sleeps are late by less than what a second wake-up costs.
    private static let wholeSleep: Int64 = 20_000_000

    /// Sleeps until interrupted, but no longer than `nanoseconds`. A signal may end it early.
    public func sleep(nanoseconds: Int64) {
        guard nanoseconds > Interrupter.wholeSleep else { return wait(nanoseconds) }
        let clock = SystemClock()
        let end = clock.monotonic() + nanoseconds
        wait(nanoseconds - nanoseconds / Interrupter.endShare)
        wait(end - clock.monotonic())
    }

    private func wait(_ nanoseconds: Int64) {
        guard nanoseconds > 0, !isInterrupted else { return }
        var ready: Int16 = 0
        _ = cupel_wait(descriptor, Int16(POLLIN), nanoseconds, &ready)
    }

    /// A socket to shut down when interrupted, until `release`.
    ///
    /// - Returns: false when interrupted already.
    func hold(_ socket: CInt) -> Bool {
        state.withLock { state in
            guard !state.interrupted else { return false }
            state.sockets.insert(socket)
            return true
        }
    }

    /// Forgets the socket. Must come before it is closed: its number may be somebody else's the moment after.
    func release(_ socket: CInt) { state.withLock { _ = $0.sockets.remove(socket) } }
}
