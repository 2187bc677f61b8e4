import Acquisition
import ArgumentParser
import FoundationEssentials
import Plant

struct Frames: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Saves the last frames of a controller's line for Wireshark.",
        discussion: """
            The flight recorder is always on and holds about the last minute. Wireshark and tshark take a port other \
            than 502 for Modbus when told so: -o mbtcp.tcp.port:PORT
            """)

    @OptionGroup var socket: SocketOptions
    @Option(help: "The file to write; - is standard output.") var out: String
    @Option(parsing: .unconditional, help: "Only frames since then: ISO 8601, now, -30s.", transform: TimeText.typed)
    var since: TimeText?
    @Argument(help: "The controller.") var controller: String

    func run() async throws {
        try await reachingDaemon {
            var path = "frames?controller=\(DaemonClient.escape(controller))"
            if let since { path += "&since=\(since.milliseconds(on: socket.place.clock))" }
            let capture = try await socket.client.getBytes(path)
            if out == "-" { return Output.write(capture) }
            do {
                try Data(capture).write(to: URL(filePath: out))
            } catch {
                Output.complain("cupel: cannot write \(out): \(error)")
                throw ExitCode.cannotCreate
            }
        }
    }
}

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows where a reading came from: request, reply, bytes, and every step to the value.",
        discussion: "For readings that the flight recorder still holds, about the last minute.")

    @OptionGroup var socket: SocketOptions
    @Flag(help: "As JSON.") var json = false
    @Argument(help: "A tag, and the time of its reading: F-01.melt_temp@2026-01-03T10:00:00.123Z, F-01.melt_temp@-5s.")
    var reading: String

    func run() async throws {
        // A tag's name may begin with @.
        guard let at = reading.lastIndex(of: "@"), at > reading.startIndex else {
            throw ValidationError("\(reading): expected TAG@TIME, such as F-01.melt_temp@-5s")
        }
        let tag = String(reading[..<at])
        let time = try TimeText.typed(String(reading[reading.index(after: at)...]))
        let instant = time.milliseconds(on: socket.place.clock)
        try await reachingDaemon {
            let path = "explain?tag=\(DaemonClient.escape(tag))&time=\(instant)"
            if json { return Output.line(try await socket.client.getText(path)) }
            let explanation: ReadingExplanation = try await socket.client.get(path)
            Output.write(explanation.text().plainLines)
        }
    }
}

extension ReadingExplanation {
    /// For a person: what was asked, what came, and how it was read.
    fileprivate func text(indent: String = "") -> String {
        var lines = ["\(tag)  \(quality)", "  \(controller) unit \(unit), \(place)"]
        if let sent, let transaction {
            lines.append(
                "  sent     \(sent)  transaction \(transaction), connection \(connection ?? 0) to \(peer ?? "")")
        }
        if let request { lines.append("           \(request)") }
        if let replied, let round_trip_ms {
            lines.append("  replied  \(replied)  after \(Tag.shown(round_trip_ms, digits: 4)) ms")
        }
        if let reply { lines.append("           \(reply)") }
        lines += steps.map { "  - \($0)" }
        return lines.map { indent + $0 + "\n" }.joined() + inputs.map { $0.text(indent: indent + "    ") }.joined()
    }
}
