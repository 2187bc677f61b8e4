import Glibc
import Synchronization

/// Takes whatever is posted to it over one connection at a time, and answers 204.
final class WebhookServer: Sendable {
    let port: UInt16
    private let listener: CInt
    private let connection = Mutex(Connection())

    private struct Connection {
        var socket: CInt = -1
        var rest: [UInt8] = []
    }

    init() throws {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0, withLoopbackAddress(port: 0, { bind(socket, $0, $1) }) == 0, listen(socket, 4) == 0
        else { throw BenchmarkFailure("a server: \(String(cString: strerror(errno)))") }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &length) }
        }
        listener = socket
        port = UInt16(bigEndian: address.sin_port)
    }

    /// What to wait for before `serve`.
    var waitsOn: CInt { connection.withLock { $0.socket >= 0 ? $0.socket : listener } }

    /// Accepts, or takes what has come. Each object of a body is a line to the tally. For one thread alone.
    func serve(_ tally: LineTally) {
        connection.withLock { connection in
            guard connection.socket >= 0 else { return connection.socket = accept(listener, nil, nil) }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(connection.socket, &chunk, chunk.count, 0)
            guard count > 0 else {
                Glibc.close(connection.socket)
                return connection = Connection()
            }
            connection.rest += chunk[..<count]
            while let (body, length) = WebhookServer.request(in: connection.rest) {
                tally.take(WebhookServer.lines(of: connection.rest[body]))
                connection.rest.removeFirst(length)
                let answer = "HTTP/1.1 204 No Content\r\n\r\n"
                _ = send(connection.socket, answer, answer.utf8.count, CInt(MSG_NOSIGNAL))
            }
        }
    }

    func close() {
        let socket = connection.withLock { $0.socket }
        if socket >= 0 { Glibc.close(socket) }
        Glibc.close(listener)
    }

    /// The body of the first whole request and the length of both; `nil` while it is not there.
    static func request(in bytes: [UInt8]) -> (body: Range<Int>, length: Int)? {
        let mark = Array("\r\n\r\n".utf8)
        guard let end = (0..<max(0, bytes.count - 3)).first(where: { bytes[$0..<($0 + 4)].elementsEqual(mark) })
        else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
        let field = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        guard let length = field.flatMap({ Int($0.dropFirst(15).filter { $0 != " " }) }),
            bytes.count >= end + 4 + length
        else { return nil }
        return (end + 4..<end + 4 + length, end + 4 + length)
    }

    /// An array of flat objects as lines. Nothing that the benchmark's plant has in its texts looks like their borders.
    static func lines(of body: ArraySlice<UInt8>) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(body.count + 1)
        var before: UInt8 = 0
        for byte in body.dropFirst().dropLast() {
            let isBorder = byte == UInt8(ascii: ",") && before == UInt8(ascii: "}")
            lines.append(isBorder ? UInt8(ascii: "\n") : byte)
            before = byte
        }
        return lines + [UInt8(ascii: "\n")]
    }
}
