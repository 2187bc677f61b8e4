import Annunciation
import ArgumentParser
import Console
import Plant

struct Sinks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sinks", abstract: "The places alarms are told at: how they do, and what never got there.",
        subcommands: [
            SinksList.self, SinksReaders.self, SinksTest.self, SinksLetters.self, SinksResend.self,
            SinksDeliveries.self,
        ],
        defaultSubcommand: SinksList.self)
}

struct SinksList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows each sink's backlog, its latencies and its breaker.",
        discussion: """
            WRITTEN and ACKED are milliseconds from an event's commit, median/99th percentile of the newest 1 000 events \
            of this run. BREAKER is open while a sink fails and its lines wait for the next try.
            """)

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object a line.") var json = false

    func run() async throws {
        try await reachingDaemon {
            let sinks: [SinkStatus] = try await socket.client.get("sinks")
            if json { return try sinks.forEach { Output.line(try jsonLine($0)) } }
            if sinks.isEmpty {
                return Output.complain("this plant has no sinks; `cupel sinks readers` shows who reads the stream")
            }
            var table = Table(headers: [
                "SINK", "KIND", "BREAKER", "WAITING", "OLDEST", "SENT", "LOST", "DEAD", "WRITTEN", "ACKED", "FAULT",
            ])
            table.rightAligned = [3, 5, 6, 7]
            for sink in sinks {
                table.rows.append([
                    sink.name, sink.kind, sink.breaker, sink.waiting, sink.oldest ?? "", "\(sink.sent)", "\(sink.lost)",
                    "\(sink.dead)", sink.written?.text ?? "", sink.acknowledged?.text ?? "", sink.trouble,
                ])
            }
            Output.write(table.text())
        }
    }
}

struct SinksReaders: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readers", abstract: "Shows who reads the stream of alarms, and how far each has come.",
        discussion: "A reader that acknowledges and has not for 30 s, with lines waiting, is shown as DEAD.")

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object a line.") var json = false

    func run() async throws {
        try await reachingDaemon {
            let readers: [StreamReport] = try await socket.client.get("sinks/readers")
            if json { return try readers.forEach { Output.line(try jsonLine($0)) } }
            if readers.isEmpty { return Output.complain("nobody reads the stream") }
            var table = Table(headers: [
                "READER", "WHO", "VIA", "SINCE", "SENT", "SEQ", "ACKED", "BEHIND", "WRITTEN", "ACKED", "STATE",
            ])
            table.rightAligned = [4, 5, 6, 7]
            for reader in readers {
                table.rows.append([
                    reader.name ?? "", reader.who, reader.via.rawValue, reader.connected, "\(reader.sent)",
                    "\(reader.sequence)", reader.acked.map(String.init) ?? "", "\(reader.behind)",
                    reader.written?.text ?? "", reader.acknowledged?.text ?? "",
                    reader.dead ? "DEAD: \(reader.trouble ?? "")" : "",
                ])
            }
            Output.write(table.text())
        }
    }
}

extension SinkStatus {
    /// Lines in the sink, and those it will read from the journal.
    fileprivate var waiting: String { behind > 0 ? "\(backlog)+\(behind)" : "\(backlog)" }

    fileprivate var trouble: String {
        let trying = trying_since.map { "trying since \($0)" }
        guard let fault else { return trying ?? "" }
        let since = failing_since.map { " since \($0)" } ?? ""
        if let trying { return "\(fault)\(since), \(trying)" }
        if breaker == "open", next_try_ms == nil {
            return "\(fault)\(since); nothing waits: `cupel sinks test \(name)` shows whether it works"
        }
        let next = next_try_ms.map { ", next try in \(($0 + 999) / 1000) s" } ?? ""
        return "\(fault)\(since)\(next)"
    }
}

extension SinkStatus.Latency {
    var text: String { "\(Self.milliseconds(p50))/\(Self.milliseconds(p99))" }

    /// With three digits, or as many as are before the point: `0.512`, `31.2`, `1097`.
    static func milliseconds(_ value: Double) -> String {
        abs(value) < 100 ? Tag.shown(value, digits: 3) : Tag.shown(value.rounded())
    }
}

struct SinksTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Sends a marked test line through one sink and reports what came back.",
        discussion: """
            It goes out at once, past what waits. Exits with 75 when it was not delivered, and with 69 when no daemon is \
            there to send it.
            """)

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object.") var json = false
    @Argument(help: "The sink's name.") var name: String

    func run() async throws {
        let trial: SinkTrial = try await reachingDaemon {
            // A daemon that hangs shows here, and not only after the minutes that a sink may take.
            let _: [SinkStatus] = try await socket.client.get("sinks")
            return try await socket.client.post(
                "sinks/test", SinkRequest(sink: name), patience: DaemonClient.trialTimeout)
        }
        if json {
            Output.line(try jsonLine(trial))
        } else {
            let outcome =
                trial.delivered
                ? trial.acknowledged
                    ? "delivered and acknowledged" : "taken; this kind of sink cannot say that it arrived"
                : "NOT DELIVERED"
            let time = SinkStatus.Latency.milliseconds(trial.milliseconds)
            Output.line("\(trial.sink): \(outcome) in \(time) ms: \(trial.answer)".plainLine)
        }
        if !trial.delivered { throw ExitCode.temporary }
    }
}
