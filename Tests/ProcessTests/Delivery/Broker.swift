import Foundation
import TestSupport
import Testing

/// Debian's mosquitto on a port of its own. It keeps nothing on disk: what it has not handed out dies with it.
final class Broker {
    let port: Int
    private let yard: Plantyard
    private var program: Program

    init() throws {
        yard = try Plantyard()
        let (port, socket) = try ServiceTests.deadPort()
        close(socket)
        self.port = port
        try """
        listener \(port) 127.0.0.1
        allow_anonymous true
        user root
        log_type all
        persistence false

        """.write(toFile: yard.path + "/mosquitto.conf", atomically: true, encoding: .utf8)
        program = try Broker.start(yard)
    }

    private static func start(_ yard: Plantyard) throws -> Program {
        let program = try Program("/usr/sbin/mosquitto", ["-c", yard.path + "/mosquitto.conf"])
        _ = try program.errorLine { $0.hasSuffix(" running") }
        return program
    }

    func kill() throws {
        program.signal(SIGKILL)
        try program.exit()
    }

    /// Stops it in the middle of whatever it does, or lets it go on.
    func signal(_ number: Int32) { program.signal(number) }

    func restart() throws { program = try Broker.start(yard) }

    /// Somebody else's client: each message is a line with retained flag, topic and payload.
    func subscribe(_ topic: String) throws -> MQTTReader { try MQTTReader(topic, at: port, program) }
}

/// `mosquitto_sub`, and what it has got so far.
final class MQTTReader {
    struct Message {
        var isRetained: Bool
        var topic: String
        var payload: String
    }

    private let program: Program
    private let log: Plantyard
    private var path: String { log.path + "/got" }

    fileprivate init(_ topic: String, at port: Int, _ broker: Program) throws {
        log = try Plantyard()
        program = try Program(
            "/bin/sh",
            [
                "-c",
                "exec mosquitto_sub -V 5 -h 127.0.0.1 -p \(port) -q 1 -t '\(topic)' -F '%r %t %p' > '\(log.path)/got'",
            ])
        _ = try broker.errorLine { $0.contains("Sending SUBACK to") }
    }

    func stop() throws {
        program.signal(SIGTERM)
        try program.exit()
    }

    func messages() throws -> [Message] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        // The last may not be whole yet.
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3 else { return nil }
            return Message(isRetained: words[0] == "1", topic: String(words[1]), payload: String(words[2]))
        }
    }

    @discardableResult
    func message(where wanted: (Message) -> Bool) throws -> Message {
        try eventually("a message from the broker") { try messages().first(where: wanted) }
    }
}
