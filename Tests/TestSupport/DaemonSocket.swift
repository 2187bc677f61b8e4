public import Foundation
import Glibc

/// Asks a daemon over its Unix socket without starting a program for it, as a test does that asks hundreds of times.
public struct DaemonSocket: Sendable {
    private let path: String

    public init(_ path: String) { self.path = path }

    /// The body of the answer to a GET; `nil` when nobody listens, or the answer was cut off.
    public func get(_ target: String) -> Data? {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: Int(Program.patience), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard connect(descriptor) else { return nil }
        let request = "GET /\(target) HTTP/1.1\r\nHost: cupel\r\nConnection: close\r\n\r\n"
        guard send(descriptor, request, request.utf8.count, CInt(MSG_NOSIGNAL)) == request.utf8.count else {
            return nil
        }
        var answer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &part, part.count, 0)
            guard count >= 0 else { return nil }
            if count == 0 { break }
            answer += part[..<count]
        }
        return DaemonSocket.body(of: answer)
    }

    private func connect(_ descriptor: CInt) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            guard path.utf8.count < bytes.count else { return false }
            bytes.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { return false }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// - Returns: `nil` when it is shorter than its head says.
    private static func body(of answer: [UInt8]) -> Data? {
        guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let body = Data(answer[end.upperBound...])
        for line in String(decoding: answer[..<end.lowerBound], as: UTF8.self).lowercased().split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0] == "content-length" else { continue }
            return Int(parts[1].trimmingCharacters(in: .whitespaces)) == body.count ? body : nil
        }
        return nil
    }
}
