import FoundationEssentials
import Glibc
import Ring
import Synchronization

/// A thread that reads lines somewhere until it is stopped.
final class LineReader: Sendable {
    /// How often a thread looks whether it should stop.
    private static let look: CInt = 100

    let tally: LineTally
    private let worker = Mutex<Worker?>(nil)
    private let stopping = Atomic<Bool>(false)

    private init(_ name: String) { tally = LineTally(name) }

    private func start(_ body: @escaping @Sendable (LineReader) -> Void) throws -> LineReader {
        let worker = try Worker(name: "reader") { body(self) }
        self.worker.withLock { $0 = worker }
        return self
    }

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    func stop() {
        stopping.store(true, ordering: .releasing)
        worker.withLock { $0.take() }?.join()
    }

    /// What is appended to a file, looked at every millisecond.
    static func file(_ path: String) throws -> LineReader {
        try LineReader("file").start { reader in
            var descriptor: CInt = -1
            defer { close(descriptor) }
            while !reader.isStopping {
                if descriptor < 0 { descriptor = open(path, O_RDONLY | O_CLOEXEC) }
                if descriptor < 0 || !reader.read(descriptor) { usleep(1000) }
            }
        }
    }

    /// A named pipe, which must be there.
    static func fifo(_ path: String) throws -> LineReader {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchmarkFailure("\(path): \(String(cString: strerror(errno)))") }
        return try LineReader("fifo").start { reader in
            defer { close(descriptor) }
            while !reader.isStopping {
                // Without a writer it is at its end, and stays ready.
                if reader.isReady(descriptor), !reader.read(descriptor) { usleep(1000) }
            }
        }
    }

    /// The alarm stream, from its beginning; acknowledged.
    static func stream(_ path: String) throws -> LineReader {
        let descriptor = try connected(path)
        try say("{\"hello\":\"bench\",\"since\":0,\"acks\":true}\n", to: descriptor)
        return try LineReader("socket").start { reader in
            defer { close(descriptor) }
            var acknowledged: Int64 = 0
            while !reader.isStopping {
                guard reader.isReady(descriptor) else { continue }
                guard reader.read(descriptor) else { return }
                let newest = reader.tally.newest
                guard newest > acknowledged else { continue }
                acknowledged = newest
                try? say("{\"ack\":\(newest)}\n", to: descriptor)
            }
        }
    }

    /// A reader of the alarm stream that never reads.
    static func stuck(_ path: String) throws -> CInt {
        let descriptor = try connected(path)
        try say("{\"hello\":\"stuck\"}\n", to: descriptor)
        return descriptor
    }

    /// An HTTP server that takes everything.
    static func webhook() throws -> (reader: LineReader, port: UInt16) {
        let server = try WebhookServer()
        let reader = try LineReader("webhook").start { reader in
            while !reader.isStopping {
                guard reader.isReady(server.waitsOn) else { continue }
                server.serve(reader.tally)
            }
            server.close()
        }
        return (reader, server.port)
    }

    private func isReady(_ descriptor: CInt) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&ready, 1, LineReader.look) > 0
    }

    /// - Returns: whether there was something.
    private func read(_ descriptor: CInt) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { room in
            let count = Glibc.read(descriptor, room.baseAddress, room.count)
            if count > 0 { tally.take(room[..<count]) }
            return count > 0
        }
    }

    private static func say(_ line: String, to descriptor: CInt) throws {
        guard send(descriptor, line, line.utf8.count, CInt(MSG_NOSIGNAL)) == line.utf8.count else {
            throw BenchmarkFailure("the stream takes nothing: \(String(cString: strerror(errno)))")
        }
    }

    private static func connected(_ path: String) throws -> CInt {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw BenchmarkFailure("socket: \(String(cString: strerror(errno)))") }
        guard withUnixAddress(path, { connect(descriptor, $0, $1) }) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw BenchmarkFailure("\(path): \(reason)")
        }
        return descriptor
    }
}

/// Calls `body` with the address of a Unix socket.
///
/// - Precondition: the path has at most 107 bytes.
func withUnixAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    precondition(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path), "\(path) is too long for a socket")
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
}
