import ArgumentParser
import Console
import FoundationEssentials
import Plant

struct AlarmsAcknowledge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Acknowledges alarms: ALARM@OCCURRENCE.REVISION as the list shows it, or a name or pattern.",
        discussion: """
            A name or pattern is first turned into the occurrences that stand now, and these are printed: nothing that \
            came later is acknowledged unseen. --shown acknowledges exactly what a list showed: \
            cupel alarms list --json >shown; cupel alarms ack --shown shown
            """)

    @OptionGroup var target: CommandTarget
    @Option(help: "A file with the lines of `cupel alarms list --json`, or - for standard input.") var shown: String?

    func validate() throws {
        if shown == nil, target.alarms.isEmpty { throw ValidationError("which alarms? Name them, or --shown FILE") }
    }

    func run() async throws {
        let seen = try shown.map(AlarmReport.shown) ?? []
        try await target.send(.ack, also: seen)
    }
}

struct AlarmsUnacknowledge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unack", abstract: "Takes an acknowledgement back; nobody is told again.")

    @OptionGroup var target: CommandTarget

    func run() async throws { try await target.send(.unack) }
}

struct AlarmsReset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Resets latched alarms whose condition is gone and which are acknowledged.")

    @OptionGroup var target: CommandTarget

    func run() async throws { try await target.send(.reset) }
}

struct AlarmsShelve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shelve",
        abstract: "Puts alarms away for a while; they come back by themselves.",
        discussion: """
            What is wrong when the time is over sounds again and must be acknowledged (ISA-18.2). The longest time is \
            the alarm's max_shelve, 8h where nothing else is configured.
            """)

    @OptionGroup var target: CommandTarget
    @Option(name: .customLong("for"), help: "How long, 30m.") var duration: SpanText
    @Flag(help: "Also ends when the condition does.") var oneShot = false

    func run() async throws {
        try await target.send(.shelve, needsReason: true) { request in
            request.duration_s = Double(duration.milliseconds) / 1000
            request.one_shot = oneShot
        }
    }
}

struct AlarmsUnshelve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unshelve",
        abstract: "Takes alarms off their shelf. What still is wrong counts as acknowledged: you are looking at it.")

    @OptionGroup var target: CommandTarget

    func run() async throws { try await target.send(.unshelve, includesNormal: true) }
}

struct AlarmsSuppress: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppress", abstract: "Keeps alarms silent until somebody takes it back.")

    @OptionGroup var target: CommandTarget

    func run() async throws { try await target.send(.suppress, needsReason: true, includesNormal: true) }
}

struct AlarmsUnsuppress: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unsuppress", abstract: "Ends an operator's suppression; the plant's own reasons stay.")

    @OptionGroup var target: CommandTarget

    func run() async throws { try await target.send(.unsuppress, includesNormal: true) }
}

struct AlarmsOutOfService: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "out-of-service", abstract: "Takes alarms out of service, for work on their instruments.")

    @OptionGroup var target: CommandTarget
    @Option(help: "The permit to work.") var permit: String?
    @Option(
        parsing: .unconditional, help: "When somebody must look again, 2026-01-03T14:00.", transform: TimeText.typed)
    var review: TimeText?

    func run() async throws {
        try await target.send(.outOfService, needsReason: true, includesNormal: true) { request in
            request.permit = permit
            request.review_ms = review?.milliseconds(on: target.socket.place.clock)
        }
    }
}

struct AlarmsReturn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "return", abstract: "Takes alarms back into service.")

    @OptionGroup var target: CommandTarget

    func run() async throws { try await target.send(.return, includesNormal: true) }
}

struct AlarmsTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Tells an alarm that is none, marked as a test, through the whole chain.")

    @OptionGroup var target: CommandTarget

    func run() async throws { try await target.send(.test, includesNormal: true) }
}

/// Which alarms a command is for, and what every command may say.
struct CommandTarget: ParsableArguments {
    /// Commands in one request: far below the daemon's limit for a request, far above what stands on a normal day.
    private static let atOnce = 100

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object a line.") var json = false
    @Option(help: "Why; the audit trail keeps it.") var why: String?
    @Argument(help: "Alarms.") var alarms: [String] = []

    /// Turns what the operator typed into alarms, sends it, and prints one answer a line. Exit 1 when anything was not
    /// taken.
    ///
    /// - Parameters:
    ///   - seen: alarms that the operator was shown elsewhere.
    ///   - includesNormal: a pattern also means alarms that nobody hears of now.
    func send(
        _ kind: OperatorCommand, also seen: [AlarmReport] = [], needsReason: Bool = false, includesNormal: Bool = false,
        _ fill: (inout CommandRequest) -> Void = { _ in }
    ) async throws {
        if needsReason, why?.isEmpty ?? true { throw ValidationError("a reason is needed: --why TEXT") }
        if alarms.isEmpty, seen.isEmpty { throw ValidationError("which alarms? Name them, or give a pattern") }
        try await reachingDaemon {
            var asked = seen.map { request($0.alarm, $0.occurrence, $0.revision) }
            if !alarms.isEmpty {
                let present: [AlarmReport] = try await socket.client.get("alarms?all=1")
                for text in alarms {
                    asked += requests(
                        text, among: present, includesNormal: includesNormal, onlySeen: kind == .ack || kind == .unack)
                }
            }
            for index in asked.indices { fill(&asked[index]) }
            guard !asked.isEmpty else {
                Output.complain("no standing alarm matches")
                throw ExitCode(1)
            }
            try await send(kind, asked)
        }
    }

    private func send(_ kind: OperatorCommand, _ asked: [CommandRequest]) async throws {
        var isTaken = true
        for from in stride(from: 0, to: asked.count, by: Self.atOnce) {
            let part = Array(asked[from..<min(from + Self.atOnce, asked.count)])
            let answers = try await socket.client.post("alarms/\(kind.rawValue)", part, as: [CommandReport].self)
            for (request, answer) in zip(part, answers) { try show(answer, to: request) }
            isTaken = isTaken && answers.allSatisfy { $0.answer == "ok" || $0.answer == "already" }
        }
        if !isTaken { throw ExitCode(1) }
    }

    private func show(_ answer: CommandReport, to request: CommandRequest) throws {
        if json { return Output.line(try jsonLine(answer)) }
        let pair = request.occurrence.map { "@\($0).\(request.revision ?? 0)" } ?? ""
        let reason = answer.reason.map { ": \($0)" } ?? ""
        Output.line("\(answer.answer) \(answer.alarm)\(pair)\(reason)".plainLine)
    }

    private func request(_ alarm: String, _ occurrence: Int? = nil, _ revision: Int? = nil) -> CommandRequest {
        CommandRequest(alarm: alarm, occurrence: occurrence, revision: revision, why: why)
    }

    /// `NAME@OCC.REV`, a name, or a pattern: then every alarm that stands.
    private func requests(
        _ text: String, among present: [AlarmReport], includesNormal: Bool, onlySeen: Bool
    ) -> [CommandRequest] {
        let (name, pair) = occurrence(in: text)
        let pattern = NamePattern(name)
        let matching = present.filter {
            guard pattern.matches($0.alarm) else { return false }
            // What is hidden was not shown among those that wait for somebody.
            return !pattern.isWild || includesNormal || $0.state != "NORM" && (!onlySeen || $0.state == $0.core)
        }
        if matching.isEmpty, !pattern.isWild { return [request(name)] }
        return matching.map { request($0.alarm, pair?.0 ?? $0.occurrence, pair?.1 ?? $0.revision) }
    }
}

/// `NAME@OCC.REV` taken apart.
private func occurrence(in text: String) -> (String, (Int, Int)?) {
    guard let at = text.lastIndex(of: "@") else { return (text, nil) }
    let parts = text[text.index(after: at)...].split(separator: ".").map { Int($0) }
    guard parts.count == 2, let occurrence = parts[0], let revision = parts[1] else { return (text, nil) }
    return (String(text[..<at]), (occurrence, revision))
}

extension AlarmReport {
    /// The alarms of a saved list that were not acknowledged in it.
    fileprivate static func shown(in path: String) throws -> [AlarmReport] {
        let text: String
        if path == "-" {
            var lines: [String] = []
            while let line = readLine() { lines.append(line) }
            text = lines.joined(separator: "\n")
        } else {
            guard let data = try? Data(contentsOf: URL(filePath: path)) else {
                throw ValidationError("\(path) cannot be read")
            }
            text = String(decoding: data, as: UTF8.self)
        }
        return try text.split(separator: "\n").enumerated().map { number, line in
            guard let alarm = try? JSONDecoder().decode(AlarmReport.self, from: Data(line.utf8)) else {
                throw ValidationError(
                    "\(path):\(number + 1): not a line of `cupel alarms list --json`")
            }
            return alarm
        }.filter { $0.state == "UNACK" || $0.state == "RTNUN" || $0.state == "LATUN" }
    }
}
