import ArgumentParser
import Console
import Daemon
import FoundationEssentials
import Journal
import Plant
import PlantConfiguration
import Store

struct Alarms: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The operator's side: what stands, what happens, and what is done about it.",
        subcommands: [
            AlarmsList.self, AlarmsFollow.self, AlarmsAcknowledge.self, AlarmsUnacknowledge.self, AlarmsShelve.self,
            AlarmsUnshelve.self, AlarmsSuppress.self, AlarmsUnsuppress.self, AlarmsOutOfService.self,
            AlarmsReturn.self, AlarmsReset.self, AlarmsTest.self, AlarmsHistory.self, AlarmsReport.self,
        ], defaultSubcommand: AlarmsList.self)
}

struct AlarmsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows every alarm that is not normal, the most urgent first.")

    @OptionGroup var socket: SocketOptions
    @Flag(help: "Also the normal ones.") var all = false
    @Flag(help: "One JSON object a line.") var json = false

    func run() async throws {
        try await reachingDaemon {
            let alarms: [AlarmReport] = try await socket.client.get(all ? "alarms?all=1" : "alarms")
            if json { return try alarms.forEach { Output.line(try jsonLine($0)) } }
            if alarms.isEmpty { return Output.complain("no alarm stands") }
            var table = Table(headers: [
                "STATE", "PRIORITY", "LEVEL", "ALARM", "VALUE", "SINCE", "RESPOND", "NOTE", "GUIDANCE",
            ])
            for alarm in alarms {
                table.rows.append([
                    alarm.state, alarm.priority ?? "", alarm.level ?? "",
                    "\(alarm.alarm)@\(alarm.occurrence).\(alarm.revision)",
                    alarm.value.map { "\(Tag.shown($0)) \(alarm.unit ?? "")" } ?? alarm.quality ?? "",
                    alarm.since ?? "", alarm.respond_within_s.map { "\(Int($0)) s" } ?? "", alarm.note,
                    alarm.guidance ?? "",
                ])
            }
            Output.write(table.text())
        }
    }
}

extension AlarmReport {
    /// What else an operator must know at a glance: first of its group, chattering, hidden by whom and until when.
    fileprivate var note: String {
        var notes: [String] = []
        if let first_out { notes.append(first_out == "first" ? "FIRST OUT" : "first out, \(first_out)") }
        if let chattering { notes.append("chattering x\(chattering)") }
        if state != core { notes.append(core) }
        if let hidden_by {
            let end = hidden_until.map { " until \($0)" } ?? ""
            notes.append("by \(hidden_by)\(hidden_why.map { ": \($0)" } ?? "")\(end)")
        }
        if let detail { notes.append(detail) }
        return notes.joined(separator: "; ")
    }
}

/// A line of the stream for people, with its newline; lines that are no alarm events are shown as they are.
func text(ofAlarmLine line: String) -> String {
    if let text = try? AlarmNotice(jsonLine: line).textLine() { return text }
    guard let head = LineHead(line), let what = head.what, let text = head.text else { return line.plainLine + "\n" }
    return "\(what.uppercased()) \(text)".plainLine + "\n"
}

/// How many events an answer may have.
struct EventCount: ParsableArguments {
    @Option(help: "So many at most.") var limit = 100

    func validate() throws {
        if limit < 1 || limit > JournalReader.answerLimit {
            throw ValidationError("--limit: found \(limit), expected 1 to \(JournalReader.answerLimit)")
        }
    }
}

struct AlarmsHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Shows journalled alarm events, oldest first; also with the daemon stopped.",
        discussion: """
            The newest --limit of them, or with --since the first --limit after that number. When more follow, standard \
            error says with which number to go on.
            """)

    @OptionGroup var socket: SocketOptions
    @OptionGroup var count: EventCount
    @Option(help: "Only events after this sequence number, the oldest first.") var since: Int64?
    @Flag(help: "One JSON object a line.") var json = false

    func validate() throws {
        if let since, since < 0 { throw ValidationError("--since: found \(since), expected a sequence number") }
    }

    func run() async throws {
        let lines = try await events(after: since, limit: count.limit)
        for line in lines { Output.write(json ? line + "\n" : text(ofAlarmLine: line)) }
        guard since != nil, lines.count == count.limit, let last = lines.last.flatMap({ LineHead($0)?.seq }) else {
            return
        }
        if try await !events(after: last, limit: 1).isEmpty { Output.complain("cupel: more follow: --since \(last)") }
    }

    private func events(after sequence: Int64?, limit: Int) async throws -> [String] {
        do {
            let query = "alarms/history?limit=\(limit)" + (sequence.map { "&since=\($0)" } ?? "")
            return try await socket.client.getText(query).split(separator: "\n").map(String.init)
        } catch is Unreachable {
            return try stored(after: sequence, limit: limit)
        }
    }

    /// Out of the file itself: no daemon is needed to look back.
    private func stored(after sequence: Int64?, limit: Int) throws -> [String] {
        let path = StatePaths(state: socket.place.state).path(
            (try? loadConfiguration(socket.place.config))?.plant.journal.path ?? JournalSettings().path)
        do {
            let reader = try JournalReader(path: path)
            let notices =
                try sequence.map { try reader.notices(after: $0, limit: limit) } ?? reader.newest(limit: limit)
            return notices.map { String($0.jsonLine().dropLast()) }
        } catch let error as JournalError {
            Output.complain("cupel: \(error)")
            throw ExitCode(error.exitCode)
        }
    }
}
