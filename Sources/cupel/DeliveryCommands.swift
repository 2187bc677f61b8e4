import ArgumentParser
import Console
import Daemon
import Journal
import Plant
import PlantConfiguration
import Store

struct SinksLetters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "letters",
        abstract: "Shows the dead letters: events that sinks gave up; also with the daemon stopped.",
        discussion: "Those of a sink that is no longer configured stay. Exits with 65 when no sink has this name.")

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object a line.") var json = false
    @Argument(help: "Of this sink alone.") var name: String?

    func run() async throws {
        let letters: [DeliveryReport] = try await storedOrAsked(socket, SinksLetters.path(of: name)) { reader, plant in
            let letters = try DeliveryReport.list(reader.letters(of: name), reader.notices(numbered:))
            if letters.isEmpty, let name { try SinkNames(plant, reader).expect(name) }
            return letters
        }
        if letters.isEmpty, !json { Output.complain("no dead letters") }
        if letters.count >= JournalReader.answerLimit {
            Output.complain("cupel: these are the newest \(letters.count); there may be more")
        }
        try show(letters, json: json)
    }

    static func path(of sink: String?) -> String {
        "sinks/letters" + (sink.map { "?sink=\(DaemonClient.escape($0))" } ?? "")
    }
}

struct SinksResend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend",
        abstract: "Sends events again to a sink: its dead letters, or those with the given numbers.",
        discussion: """
            They are marked as repeats. One that arrives is no dead letter any more. Exits with 75 when the sink's queue had \
            no room for all.
            """)

    @OptionGroup var socket: SocketOptions
    @Argument(help: "The sink's name.") var name: String
    @Argument(help: "Sequence numbers; without any, all that the sink gave up.") var sequences: [Int64] = []

    func run() async throws {
        let report: ResendReport? = try await reachingDaemon {
            if sequences.isEmpty {
                let letters: [DeliveryReport] = try await socket.client.get(SinksLetters.path(of: name))
                if letters.isEmpty { return nil }
            }
            return try await socket.client.post("sinks/resend", SinkRequest(sink: name, sequences: wanted))
        }
        guard let report else { return Output.complain("\(name) has no dead letters: nothing to send again") }
        for sequence in report.unknown { Output.complain("cupel: the journal has no event \(sequence)") }
        if !report.full.isEmpty {
            Output.complain("cupel: no room for \(report.full.count) more, they stay letters: resend them later")
        }
        Output.line(
            "\(report.queued.count) events queued for \(report.sink): see `cupel sinks` and `cupel sinks letters`")
        if !report.unknown.isEmpty { throw ExitCode.data }
        if !report.full.isEmpty { throw ExitCode.temporary }
    }

    /// Each once, in their order; `nil` for all that the sink gave up.
    private var wanted: [Int64]? { sequences.isEmpty ? nil : Set(sequences).sorted() }
}

struct SinksDeliveries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "Shows when events were committed, written and acknowledged; also with the daemon stopped.",
        discussion: """
            With --json also when its value was read (t_source) and arrived (t_received). Exits with 65 when the journal has \
            no event with the number of --seq.
            """)

    @OptionGroup var socket: SocketOptions
    @Option(help: "Of this event alone, by its sequence number.") var seq: Int64?
    @OptionGroup var count: EventCount
    @Flag(help: "One JSON object a line.") var json = false

    func validate() throws {
        if let seq, seq < 1 { throw ValidationError("--seq: found \(seq), expected a sequence number") }
    }

    func run() async throws {
        let limit = count.limit
        let deliveries: [DeliveryReport] = try await storedOrAsked(
            socket, "sinks/deliveries?limit=\(limit)" + (seq.map { "&seq=\($0)" } ?? "")
        ) { reader, _ in
            if let seq, try reader.notices(numbered: [seq]).isEmpty {
                Output.complain("cupel: the journal has no event \(seq)")
                throw ExitCode.data
            }
            return try DeliveryReport.list(reader.deliveries(of: seq, limit: limit), reader.notices(numbered:))
        }
        if deliveries.isEmpty, !json { Output.complain("no deliveries") }
        try show(deliveries, json: json)
    }
}

/// The sinks there are, or were, as far as that can be told without the daemon.
struct SinkNames {
    let names: [String]

    /// - Parameter plant: without one the deliveries of the journal say which sinks there were.
    init(_ plant: Plant?, _ reader: JournalReader) throws {
        let names =
            try plant?.sinks.map(\.name)
            ?? reader.deliveries(limit: JournalReader.answerLimit).map(\.sink) + reader.letters().map(\.sink)
        self.names = Set(names).sorted()
    }

    /// Says so and ends the command when there is no such sink.
    func expect(_ name: String) throws {
        if names.contains(name) { return }
        let known = names.isEmpty ? "this plant has no sinks" : "expected one of \(names.joined(separator: ", "))"
        Output.complain("cupel: no sink is called \(name)\n\(known)")
        throw ExitCode.data
    }
}

/// From the daemon, or out of the file itself.
private func storedOrAsked(
    _ socket: SocketOptions, _ path: String, _ stored: (JournalReader, Plant?) throws -> [DeliveryReport]
) async throws -> [DeliveryReport] {
    do {
        return try await socket.client.get(path)
    } catch is Unreachable {
        let plant = (try? loadConfiguration(socket.place.config))?.plant
        let path = StatePaths(state: socket.place.state).path(plant?.journal.path ?? JournalSettings().path)
        do {
            return try stored(JournalReader(path: path), plant)
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
