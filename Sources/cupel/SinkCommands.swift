import Annunciation
import ArgumentParser
import Console
import Daemon
import Journal
import Plant
import PlantConfiguration
import Store

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
        guard let fault else { return "" }
        let since = failing_since.map { " since \($0)" } ?? ""
        let next = next_try_ms.map { ", next try in \(($0 + 999) / 1000) s" } ?? ""
        return "\(fault)\(since)\(next)"
    }
}

extension SinkStatus.Latency {
    fileprivate var text: String { "\(Tag.shown(p50, digits: 3))/\(Tag.shown(p99, digits: 3))" }
}

struct SinksTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Sends a marked test line through one sink and reports what came back.",
        discussion: "It goes out at once, past what waits. Exits with 69 when it was not delivered.")

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object.") var json = false
    @Argument(help: "The sink's name.") var name: String

    func run() async throws {
        let trial: SinkTrial = try await reaching {
            try await socket.client.post("sinks/test", SinkRequest(sink: name), patience: DaemonClient.trialTimeout)
        }
        if json {
            Output.line(try jsonLine(trial))
        } else {
            let outcome =
                trial.delivered
                ? trial.acknowledged
                    ? "delivered and acknowledged" : "taken; this kind of sink cannot say that it arrived"
                : "NOT DELIVERED"
            Output.line("\(trial.sink): \(outcome) in \(Tag.shown(trial.milliseconds, digits: 3)) ms: \(trial.answer)")
        }
        if !trial.delivered { throw ExitCode.unavailable }
    }
}

struct SinksLetters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "letters",
        abstract: "Shows the dead letters: events that sinks gave up; also with the daemon stopped.")

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object a line.") var json = false
    @Argument(help: "Of this sink alone.") var name: String?

    func run() async throws {
        let letters: [DeliveryReport] = try await storedOrAsked(
            socket, "sinks/letters" + (name.map { "?sink=\(DaemonClient.escape($0))" } ?? "")
        ) { reader in
            try DeliveryReport.list(reader.letters(of: name), reader.notices(numbered:))
        }
        if letters.isEmpty, !json { Output.complain("no dead letters") }
        try show(letters, json: json)
    }
}

struct SinksResend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend",
        abstract: "Sends events again to a sink: its dead letters, or those with the given numbers.",
        discussion: "They are marked as repeats. One that arrives is no dead letter any more.")

    @OptionGroup var socket: SocketOptions
    @Argument(help: "The sink's name.") var name: String
    @Argument(help: "Sequence numbers; without any, all that the sink gave up.") var sequences: [Int64] = []

    func run() async throws {
        let report: ResendReport = try await reaching {
            try await socket.client.post(
                "sinks/resend", SinkRequest(sink: name, sequences: sequences.isEmpty ? nil : sequences))
        }
        for sequence in report.unknown { Output.complain("cupel: the journal has no event \(sequence)") }
        Output.line(
            "\(report.queued.count) events queued for \(report.sink): see `cupel sinks` and `cupel sinks letters`")
        if !report.unknown.isEmpty { throw ExitCode.data }
    }
}

struct SinksDeliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "Shows when events were read, committed, written and acknowledged; also with the daemon stopped.")

    @OptionGroup var socket: SocketOptions
    @Option(help: "Of this event alone, by its sequence number.") var seq: Int64?
    @Option(help: "The newest so many.") var limit = 100
    @Flag(help: "One JSON object a line.") var json = false

    func run() async throws {
        let deliveries: [DeliveryReport] = try await storedOrAsked(
            socket, "sinks/deliveries?limit=\(limit)" + (seq.map { "&seq=\($0)" } ?? "")
        ) { reader in
            try DeliveryReport.list(reader.deliveries(of: seq, limit: limit), reader.notices(numbered:))
        }
        try show(deliveries, json: json)
    }
}

/// From the daemon, or out of the file itself.
private func storedOrAsked(
    _ socket: SocketOptions, _ path: String, _ stored: (JournalReader) throws -> [DeliveryReport]
) async throws -> [DeliveryReport] {
    do {
        return try await socket.client.get(path)
    } catch is Unreachable {
        let path = StatePaths(state: socket.place.state).path(
            (try? loadConfiguration(socket.place.config))?.plant.journal.path ?? JournalSettings().path)
        do {
            return try stored(JournalReader(path: path))
        } catch let error as JournalError {
            Output.complain("cupel: \(error)")
            throw ExitCode(error.exitCode)
        }
    }
}

private func show(_ deliveries: [DeliveryReport], json: Bool) throws {
    if json { return try deliveries.forEach { Output.line(try jsonLine($0)) } }
    if deliveries.isEmpty { return }
    var table = Table(headers: ["SEQ", "SINK", "OUTCOME", "TRIES", "COMMITTED", "WRITTEN", "ACKED", "EVENT"])
    table.rightAligned = [0, 3]
    for delivery in deliveries {
        table.rows.append([
            "\(delivery.seq)", delivery.sink, delivery.outcome + (delivery.reason.map { ": \($0)" } ?? ""),
            "\(delivery.tries)", delivery.t_committed ?? "", delivery.t_written ?? "", delivery.t_acked ?? "",
            delivery.text,
        ])
    }
    Output.write(table.text())
}

/// Runs a request and turns an unreachable daemon into its message and exit code.
private func reaching<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    do {
        return try await body()
    } catch let error as Unreachable {
        throw error.explain()
    }
}
