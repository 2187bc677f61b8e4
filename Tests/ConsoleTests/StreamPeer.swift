import Foundation
import Glibc
import TestSupport

/// The other end of the stream, as a test plays it.
final class StreamPeer {
    struct Line: Decodable, Equatable {
        var what: String?
        var seq: Int64?
        var dup: Bool?
        var id: String?
        var text: String?
        var from: Int64?
        var to: Int64?
        var lost: Int?
        var last: Int64?
        var cut: Bool?
        var boot: String?
    }

    private var descriptor: CInt
    private var rest: [UInt8] = []

    /// - Parameter buffer: bytes its kernel keeps unread, where that matters.
    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard connected else { throw TestFailure("\(path): \(String(cString: strerror(errno)))") }
        var patience = timeval(tv_sec: Int(Program.patience), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { hangUp() }

    func say(_ text: String) { _ = Glibc.send(descriptor, text, text.utf8.count, CInt(MSG_NOSIGNAL)) }

    /// Says no more, and goes on reading.
    func finishSpeaking() { shutdown(descriptor, CInt(SHUT_WR)) }

    func hangUp() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    /// The next line; `nil` at the end.
    func next() throws -> Line? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest.removeFirst(end + 1) }
                return try JSONDecoder().decode(Line.self, from: Data(rest[..<end]))
            }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count == 0 || count < 0 && errno == ECONNRESET {
                guard rest.isEmpty else { throw TestFailure("a torn line: \(String(decoding: rest, as: UTF8.self))") }
                return nil
            }
            guard count > 0 else { throw TestFailure("no line: \(String(cString: strerror(errno)))") }
            rest += bytes[..<count]
        }
    }

    /// The next line of a kind, skipping others.
    func next(_ what: String) throws -> Line {
        while let line = try next() { if line.what == what { return line } }
        throw TestFailure("the stream ended before a \(what)")
    }

    /// The numbers of the next events.
    func events(_ count: Int) throws -> [Int64] { try (0..<count).map { _ in try next("raise").seq ?? -1 } }

    var rawDescriptor: CInt { descriptor }
}
