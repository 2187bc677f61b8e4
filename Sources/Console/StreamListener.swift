import CPosix
import Glibc
import Ring
import Synchronization

/// The thread that accepts at the stream's socket.
///
/// It is there because of the numbers: the kernel gives a new connection the lowest free one, and those below FD_SETSIZE
/// are for controllers, whose library puts them into an `fd_set`. Each connection is moved above it at once.
final class StreamListener: Sendable {
    /// Connections that wait to be served; who comes beyond it is turned away.
    static let backlog = Int(LocalSocket.backlog)
    /// Connections that could not be moved, because this process may have no numbers from FD_SETSIZE on, and may stay.
    static let lowLimit = 100
    /// Without a descriptor to be had, accepting pauses for so long.
    static let pause: UInt32 = 100_000

    let connections: AsyncStream<StreamConnection>
    private let accepting: Mutex<Accepting?>

    /// Begins to accept.
    init(_ socket: consuming LocalSocket) throws {
        let (connections, arriving) = AsyncStream.makeStream(
            of: StreamConnection.self, bufferingPolicy: .bufferingOldest(StreamListener.backlog))
        self.connections = connections
        let (descriptor, interrupter) = (socket.descriptor, cupel_eventfd())
        let worker = try Worker(name: "stream-accept") {
            Self.accept(descriptor, interrupter, into: arriving)
            arriving.finish()
        }
        accepting = Mutex(Accepting(socket: socket, interrupter: interrupter, worker: worker))
    }

    /// Accepts no more, and lets go of the socket. `connections` ends.
    func stop() { accepting.withLock { $0 = nil } }

    /// What the thread uses, for as long as it does.
    private struct Accepting: ~Copyable, Sendable {
        let socket: LocalSocket
        let interrupter: CInt
        let worker: Worker

        deinit {
            var one: UInt64 = 1
            write(interrupter, &one, 8)
            worker.join()
            close(interrupter)
        }
    }

    private static func accept(
        _ listener: CInt, _ interrupter: CInt, into connections: AsyncStream<StreamConnection>.Continuation
    ) {
        while true {
            let ready = cupel_wait_either(listener, Int16(POLLIN), interrupter, -1)
            if ready > 0, ready & 2 != 0 { return }
            let descriptor = cupel_accept(listener)
            guard descriptor >= 0 else {
                // What is over with this one connection is not waited for: everything else may last.
                if ![EAGAIN, EINTR, ECONNABORTED].contains(errno) { usleep(pause) }
                continue
            }
            guard case .enqueued = connections.yield(StreamConnection(descriptor)) else {
                close(descriptor)
                continue
            }
        }
    }
}

/// A connection that was accepted, and who made it.
struct StreamConnection: Sendable {
    let descriptor: CInt
    let user: uid_t?

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
        var peer = PeerCredentials()
        var size = socklen_t(MemoryLayout<PeerCredentials>.size)
        user = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.user : nil
    }

    /// Its number is one of those that controllers need.
    var isLow: Bool { descriptor < CInt(FD_SETSIZE) }

    /// Bytes the kernel may keep for a reader that does not take them.
    func limitSendBuffer(to bytes: CInt) {
        var bytes = bytes
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<CInt>.size))
    }
}
