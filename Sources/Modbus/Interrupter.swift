import CPosix
import Glibc
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

    /// Sleeps until interrupted, but no longer than `nanoseconds`. A signal may end it early.
    public func sleep(nanoseconds: Int64) {
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
