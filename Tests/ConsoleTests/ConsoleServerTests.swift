import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Console

@Suite(.serialized) struct ConsoleServerTests {
    private let path = "\(NSTemporaryDirectory())/cupel-console-\(UUID().uuidString.prefix(8)).sock"
    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func answersSayWhoAndWhen() async throws {
        let answer = try await servingConsole(FakeBackend()) { path in
            try Program("/usr/bin/curl", ["-si", "--unix-socket", path, "http://cupel/sinks"]).exit().output
        }
        #expect(answer.contains("HTTP/1.1 200 OK"))
        let lines = answer.split(whereSeparator: \.isNewline)
        #expect(lines.contains { $0.lowercased() == "server: cupel" })
        let date = try #require(lines.first { $0.lowercased().hasPrefix("date: ") })
        let form = DateFormatter()
        form.locale = Locale(identifier: "en_US_POSIX")
        form.timeZone = TimeZone(identifier: "GMT")
        form.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let told = try #require(form.date(from: String(date.dropFirst(6))), "\(date)")
        #expect(abs(told.timeIntervalSinceNow) < 3600)
    }

    @Test func whoConnectedBeforeItServesIsAnswered() async throws {
        let systemd = try LocalSocket(path: path)
        let early = try Program("/usr/bin/curl", ["-si", "--unix-socket", path, "http://cupel/sinks"])
        let server = ConsoleServer(
            socket: try LocalSocket(path: path, opened: try systemd.duplicate()), backend: FakeBackend(), logger: silent
        )
        let running = Task { try await server.run() }
        #expect(try await onThreadOfItsOwn { try early.exit().output }.contains("200 OK"))
        let waiting = try Program("/usr/bin/ss", ["-Hxl", "src", path]).exit().output.split(separator: " ")
        #expect(waiting.count > 3 && waiting[3] == "\(LocalSocket.backlog)", "\(waiting)")
        running.cancel()
        _ = await running.result
        #expect(access(path, F_OK) == 0)
    }

    /// In order: nobody new comes in, who has asked is answered, who keeps a connection for later is let go.
    @Test func aConnectionThatIsKeptOpenDoesNotKeepItFromEnding() async throws {
        let (listening, began) = AsyncStream.makeStream(of: Void.self)
        let server = ConsoleServer(socket: try LocalSocket(path: path), backend: FakeBackend(), logger: silent)
        let group = ServiceGroup(services: [Serving(server: server) { began.yield() }], logger: silent)
        let running = Task { try await group.run() }
        for await _ in listening { break }
        let kept = try StreamPeer(path)
        kept.say("GET /sinks HTTP/1.1\r\nHost: cupel\r\n\r\n")
        let descriptor = kept.rawDescriptor
        #expect(try await onThreadOfItsOwn { try reply(descriptor) }.hasPrefix("HTTP/1.1 200 OK"))
        await group.triggerGracefulShutdown()
        try await running.value
    }

    /// What comes next.
    private func reply(_ descriptor: CInt) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { throw TestFailure("no reply: \(String(cString: strerror(errno)))") }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private struct Serving: Service {
        let server: ConsoleServer
        let onListening: @Sendable () -> Void
        func run() async throws { try await server.run { onListening() } }
    }
}
