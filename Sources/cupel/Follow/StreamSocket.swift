import Glibc
import Plant

/// The follower's end of the alarm stream. One thread waits for its lines and for the end of its own reader alike.
struct StreamSocket: ~Copyable {
    /// Bytes of a line, as the daemon promises; more without a newline is no stream of lines.
    static let lineLimit = 4096

    enum Arrival {
        /// Whole lines, without their newlines; perhaps none.
        case lines([String])
        /// Nobody at the other end, and why. What was there of a torn line is dropped.
        case end(String)
        /// Nothing for so long.
        case silence
        /// Nobody reads standard output any more.
        case unwanted
    }

    private let descriptor: CInt
    private var rest: [UInt8] = []
    /// CLOCK_MONOTONIC nanoseconds when something came last.
    private var heard: Int64

    init(_ path: String) throws {
        descriptor = try Self.dial(path)
        heard = SystemClock().monotonic()
    }

    deinit { close(descriptor) }

    /// Sends a line. A daemon that is gone is noticed when reading.
    func send(_ line: String) {
        let text = line + "\n"
        _ = Glibc.send(descriptor, text, text.utf8.count, CInt(MSG_NOSIGNAL))
    }

    /// Waits for lines.
    ///
    /// - Parameters:
    ///   - patience: for the daemon's next sign of life since its last.
    ///   - pause: answers with no lines after so long.
    ///   - watchingOutput: end when standard output's reader does.
    mutating func next(patience: Duration, pause: Duration, watchingOutput: Bool) -> Arrival {
        let clock = SystemClock()
        let until = clock.monotonic() + pause.nanoseconds
        while true {
            let left = (min(until, heard + patience.nanoseconds) - clock.monotonic() + 999_999) / 1_000_000
            var waiting = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                // Asked for nothing, it still says when the other end has closed.
                pollfd(fd: watchingOutput ? STDOUT_FILENO : -1, events: 0, revents: 0),
            ]
            let ready = poll(&waiting, 2, CInt(min(max(left, 0), 60_000)))
            if ready < 0, errno != EINTR { return .end(String(cString: strerror(errno))) }
            if ready > 0, waiting[1].revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { return .unwanted }
            if ready > 0, waiting[0].revents != 0 {
                heard = clock.monotonic()
                return read()
            }
            // Only after a look: a follower that was stopped, or busy, is not to blame the daemon.
            if clock.monotonic() >= heard + patience.nanoseconds { return .silence }
            if clock.monotonic() >= until { return .lines([]) }
        }
    }

    private mutating func read() -> Arrival {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        if count < 0, errno == EINTR { return .lines([]) }
        // A daemon that ends with acknowledgements unread resets the connection: the same to us as its end.
        if count < 0, errno != ECONNRESET { return .end(String(cString: strerror(errno))) }
        guard count > 0 else { return .end("it closed the connection") }
        rest += bytes[..<count]
        var parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = Array(parts.removeLast())
        guard rest.count < StreamSocket.lineLimit else { return .end("it sends no lines") }
        return .lines(parts.map { String(decoding: $0, as: UTF8.self) })
    }

    private static func dial(_ path: String) throws -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            guard path.utf8.count < bytes.count else { return false }
            bytes.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw Unreachable(socket: path, .system(ENAMETOOLONG)) }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Unreachable(socket: path, .system(errno)) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard connected else {
            let code = errno
            close(descriptor)
            throw Unreachable(socket: path, .system(code))
        }
        return descriptor
    }
}
