import Foundation
import Glibc
import Plant
import TestSupport
import Testing

@testable import Annunciation

/// Debian's mosquitto on a port of its own.
final class Broker {
    let scratch: PlaceScratch
    let port: Int
    private let configuration: String
    private(set) var program: Program

    /// - Parameter more: lines of its configuration; `DIR` stands for its directory.
    init(_ more: String = "allow_anonymous true", prepare: (PlaceScratch) throws -> Void = { _ in }) throws {
        scratch = try PlaceScratch()
        try prepare(scratch)
        port = try freePort()
        configuration = """
            listener \(port) 127.0.0.1
            user root
            log_type all
            persistence true
            persistence_location DIR/
            \(more)

            """.replacingOccurrences(of: "DIR", with: scratch.path)
        try scratch.write(configuration, to: "mosquitto.conf")
        program = try Broker.start(scratch)
    }

    deinit {
        program.signal(SIGCONT)
        program.signal(SIGKILL)
    }

    private static func start(_ scratch: PlaceScratch) throws -> Program {
        let program = try Program("/usr/sbin/mosquitto", ["-c", scratch.path + "/mosquitto.conf"])
        _ = try program.errorLine { $0.hasSuffix(" running") }
        return program
    }

    /// As a power cut does it: what it has not saved is lost.
    func kill() throws {
        program.signal(SIGKILL)
        try program.exit()
    }

    func restart() throws { program = try Broker.start(scratch) }

    func settings(user: String? = nil, tls: Bool = false, caFile: String? = nil) -> MQTTSettings {
        MQTTSettings(
            server: ServerAddress(host: "127.0.0.1", port: port), topic: "plant", user: user, tls: tls, caFile: caFile)
    }

    func outlet(
        patience: Duration = .seconds(60), password: String? = nil, settings: MQTTSettings? = nil,
        snapshot: @escaping @Sendable () -> [AlarmLine] = { [] }
    ) -> MQTTOutlet {
        MQTTOutlet(
            settings ?? self.settings(), password: password, plant: "Kiln", patience: patience, snapshot: snapshot)
    }

    /// Somebody else's client: a line for each message, as retained flag, quality, topic and payload.
    func subscribe(_ topic: String = "#", format: String = "%r %q %t %p", options: [String] = []) throws -> Program {
        let reader = try Program(
            "/usr/bin/mosquitto_sub",
            ["-V", "5", "-h", "127.0.0.1", "-p", "\(port)", "-q", "1", "-t", topic, "-F", format] + options)
        _ = try program.errorLine { $0.contains("Sending SUBACK to") }
        return reader
    }
}

/// A port that was free a moment ago.
func freePort() throws -> Int {
    let (socket, port) = try listener()
    close(socket)
    return port
}

/// A socket that listens and never answers.
func listener() throws -> (socket: CInt, port: Int) {
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(listener, $0, size) == 0 && listen(listener, 10) == 0 && getsockname(listener, $0, &size) == 0
                ? UInt16(bigEndian: address.pointee.sin_port) : 0
        }
    }
    try #require(port > 0)
    return (listener, Int(port))
}
