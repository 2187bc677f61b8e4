import CPosix
import Glibc
import Ring
import Synchronization

/// The stream's listening socket and the thread that accepts.
///
/// The thread is there because of the numbers: the kernel gives a new connection the lowest free one, and those below
/// FD_SETSIZE are for controllers, whose library puts them into an `fd_set`. Each connection is moved above it at once.
final class StreamListener: Sendable {
    /// Connections that wait to be accepted, and that wait to be served. A thousand clients that come back at once after
    /// a restart find a place; more try again.
    static let backlog = 1024
    /// Connections that could not be moved, because this process may have no numbers from FD_SETSIZE on, and may stay.
    static let lowLimit = 100
    /// Without a descriptor to be had, accepting pauses for so long.
    static let pause: UInt32 = 100_000

    let connections: AsyncStream<StreamConnection>
    private let path: String
    private let descriptor: CInt
    private let interrupter: CInt
    private let thread = Mutex<Worker?>(nil)

    /// Binds, with the access rights of the console's socket, and begins to accept.
    ///
    /// - Parameter path: at most 107 bytes (`sun_path`). A socket left behind by a dead daemon is replaced.
    init(path: String) throws {
        self.path = path
        descriptor = try Self.listen(at: path)
        interrupter = cupel_eventfd()
        let (connections, arriving) = AsyncStream.makeStream(
            of: StreamConnection.self, bufferingPolicy: .bufferingOldest(StreamListener.backlog))
        self.connections = connections
        let (descriptor, interrupter) = (descriptor, interrupter)
        let worker = try Worker(name: "stream-accept") {
            Self.accept(descriptor, interrupter, into: arriving)
            arriving.finish()
        }
        thread.withLock { $0 = worker }
    }

    /// Accepts no more, and takes the socket's name away. `connections` ends.
    func stop() {
        let worker = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let worker else { return }
        var one: UInt64 = 1
        write(interrupter, &one, 8)
        worker.join()
        unlink(path)
        close(descriptor)
        close(interrupter)
    }

    private static func listen(at path: String) throws -> CInt {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: name.sun_path)
        guard path.utf8.count < room else {
            throw StreamSocketError("\(path): expected at most \(room - 1) bytes, found \(path.utf8.count)")
        }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw StreamSocketError(path, errno) }
        var found = stat()
        if lstat(path, &found) == 0, found.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
        let bound = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // Nobody can connect before it listens, and by then only the owner and the group may.
        guard bound == 0, chmod(path, 0o660) == 0, Glibc.listen(descriptor, CInt(backlog)) == 0 else {
            let code = errno
            close(descriptor)
            throw StreamSocketError(path, code)
        }
        return descriptor
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

/// The stream's socket cannot be made.
public struct StreamSocketError: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
    init(_ path: String, _ code: CInt) { self.init("\(path): \(String(cString: strerror(code)))") }
}
