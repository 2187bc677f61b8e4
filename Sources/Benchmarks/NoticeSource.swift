import CBaseline
import Glibc

/// Where notices of alarms arrive: datagrams, the output of a program, or a stream over the daemon's socket.
struct NoticeSource: ~Copyable {
    private let descriptor: CInt
    private let process: ChildProcess?
    private let acknowledges: Bool

    private init(descriptor: CInt, process: consuming ChildProcess? = nil, acknowledges: Bool = false) {
        self.descriptor = descriptor
        self.acknowledges = acknowledges
        self.process = process
    }

    deinit {
        // A program's pipe belongs to the program.
        if process == nil { close(descriptor) }
    }

    /// A socket on a port of the kernel's choice.
    static func datagrams() throws -> NoticeSource {
        let socket = try loopbackDatagramSocket()
        guard withLoopbackAddress(port: 0, { bind(socket, $0, $1) }) == 0 else {
            throw BenchmarkFailure("bind: \(String(cString: strerror(errno)))")
        }
        return NoticeSource(descriptor: socket)
    }

    /// The port of a datagram socket.
    var port: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    static func program(_ arguments: [String]) throws -> NoticeSource {
        let process = try ChildProcess(arguments)
        return NoticeSource(descriptor: process.output, process: process)
    }

    /// An HTTP request whose answer never ends. Its chunk sizes pass as lines that match nothing.
    static func stream(socket path: String, path resource: String) throws -> NoticeSource {
        try stream(socket: path, saying: "GET \(resource) HTTP/1.1\r\nHost: localhost\r\n\r\n")
    }

    /// The alarm stream's own socket; acknowledged, or it would get its lines late among many readers.
    static func alarms(socket path: String) throws -> NoticeSource {
        try stream(socket: path, saying: "{\"hello\":\"steps\",\"acks\":true}\n", acknowledges: true)
    }

    private static func stream(
        socket path: String, saying greeting: String, acknowledges: Bool = false
    ) throws -> NoticeSource {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0, withUnixAddress(path, { connect(descriptor, $0, $1) }) == 0,
            write(descriptor, greeting, greeting.utf8.count) == greeting.utf8.count
        else { throw BenchmarkFailure("\(path): \(String(cString: strerror(errno)))") }
        return NoticeSource(descriptor: descriptor, acknowledges: acknowledges)
    }

    /// Stops listening, before the daemon goes and everybody complains.
    consuming func end() {}

    /// Waits for a notice with all these marks.
    ///
    /// - Returns: CLOCK_MONOTONIC nanoseconds when it was here, or `nil` after `patience` nanoseconds.
    func wait(for marks: [String], patience: Int64) -> Int64? {
        let until = baseline_now() + patience
        var rest: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let left = until - baseline_now()
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&ready, 1, CInt(left / 1_000_000) + 1) > 0 else { return nil }
            let count = read(descriptor, &chunk, chunk.count)
            let now = baseline_now()
            guard count > 0 else { return nil }
            rest += chunk[..<count]
            // Earlier notices may share the chunk; a datagram is one without a newline.
            let text = String(decoding: rest, as: UTF8.self)
            if acknowledges { acknowledge(text) }
            for line in text.split(separator: "\n") where marks.allSatisfy({ line.contains($0) }) { return now }
            rest.removeFirst(rest.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
        }
    }

    /// Everything up to the last event among whole lines.
    private func acknowledge(_ text: String) {
        guard let end = text.lastIndex(of: "\n"),
            let mark = text[..<end].ranges(of: "\"seq\":").last
        else { return }
        let number = text[mark.upperBound...].prefix { $0.isNumber }
        let line = "{\"ack\":\(number)}\n"
        _ = send(descriptor, line, line.utf8.count, Int32(MSG_NOSIGNAL))
    }
}
