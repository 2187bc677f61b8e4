import Foundation
import Glibc
import Journal
import TestSupport

/// An alarm stream that says what a test wants, in a state directory of its own.
final class ScriptedStream {
    let folder: String
    private let listener: CInt

    init() throws {
        folder = "\(NSTemporaryDirectory())/cupel-script-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/alarms.sock"
        listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 8) == 0 else { throw TestFailure("\(path): \(errno)") }
    }

    deinit {
        close(listener)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A follower of it.
    func follow(_ arguments: String...) throws -> Program {
        try Program(Cupel.binary, ["alarms", "follow", "--state", folder] + arguments)
    }

    /// The same, started by a shell that does something before.
    func follow(after before: String, _ arguments: String, then rest: String = "") throws -> Program {
        try Program(
            "/bin/sh", ["-c", "\(before) '\(Cupel.binary)' alarms follow --state '\(folder)' \(arguments) \(rest)"])
    }

    /// The next reader, and what it says of itself.
    func greet(last: Int64) throws -> (Peer, [String: Any]) {
        let peer = try accept()
        let said = try peer.heard()
        peer.say("{\"what\":\"hello\",\"v\":1,\"boot\":\"b\",\"last\":\(last),\"heartbeat_s\":10}")
        return (peer, said)
    }

    func accept() throws -> Peer {
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, CInt(Program.patience * 1000)) == 1 else { throw TestFailure("nobody came") }
        let descriptor = Glibc.accept(listener, nil, nil)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return Peer(descriptor)
    }

    final class Peer {
        private let descriptor: CInt
        private var rest: [UInt8] = []

        fileprivate init(_ descriptor: CInt) {
            self.descriptor = descriptor
            var patience = timeval(tv_sec: Int(Program.patience), tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(descriptor) }

        func say(_ lines: String...) { say(lines) }

        func say(_ lines: [String]) {
            let text = lines.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined()
            _ = send(descriptor, text, text.utf8.count, CInt(MSG_NOSIGNAL))
        }

        /// The next line that it says.
        func heard() throws -> [String: Any] {
            while true {
                if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { rest.removeFirst(end + 1) }
                    return try AlarmJourneyTests.json(String(decoding: rest[..<end], as: UTF8.self))
                }
                var bytes = [UInt8](repeating: 0, count: 4096)
                let count = recv(descriptor, &bytes, bytes.count, 0)
                guard count > 0 else { throw TestFailure("it says nothing: \(count) \(errno)") }
                rest += bytes[..<count]
            }
        }

        /// Waits until it has acknowledged a number; answers all that it acknowledged on the way.
        func acknowledgements(upTo number: Int) throws -> [Int] {
            var all: [Int] = []
            while all.last ?? -1 < number { all.append(try heard()["ack"] as? Int ?? -1) }
            return all
        }
    }

    // MARK: Lines

    static func event(
        _ number: Int64, _ what: String = "raise", boot: String = "b", told: String? = nil, to sinks: [String]? = nil
    ) -> String {
        var notice = AlarmNotice(
            plant: "Test", boot: boot, seq: number, id: "hot:T-1", what: what, state: "UNACK", priority: "high",
            tag: "T-1", sourceTime: 0, receivedTime: 0, effectiveTime: 0, text: "T-1 is hot",
            annunciated: what == "raise", told: told, onlyTo: sinks)
        notice.occ = 7
        return notice.jsonLine()
    }

    static let standing = "{\"what\":\"snapshot\",\"seq\":0,\"id\":\"hot:T-1\",\"text\":\"stands\"}"
    static func place(_ last: Int, boot: String = "b") -> String {
        "{\"what\":\"place\",\"last\":\(last),\"boot\":\"\(boot)\"}"
    }
}
