public import ArgumentParser
public import Plant

struct AlarmsFollow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Writes one line for each alarm event as it happens, for a person, a pipe or a program.",
        discussion: """
            Begins with the standing alarms, or after the event that --cursor or --since names, so that nothing is \
            missed. With --json every line is one object, heartbeats (every 10 s) included. A reader that goes ends \
            it quietly. When the daemon is gone it says so and exits with 69, unless --retry waits for it, with \
            pauses of 5 s at most.

            --min-priority takes the end of an alarm whose beginning it took, by the worst priority that it had. Both \
            filters leave out what the daemon says of itself without calling anybody (started, stopped). --match lets \
            pass what calls operators for the plant as a whole: the sum of a flood, and what stands after a restart \
            (restored), whose priority is the worst that stands. Gaps and heartbeats are never left out.

            --cursor keeps what was handed over: to a program that took it, to a file, or into a pipe and out of it \
            again by its reader. What a pipe's reader keeps to itself counts as taken, and head, jq and grep read \
            blocks of many lines: exact are --exec, and readers that take line by line, as the shell's `while read`. \
            Everything else comes again after a restart, so one event may come twice: it is the same if its `boot` \
            and its `seq` are. --cursor goes before --since once it has a place.

            --exec is given each event that calls an operator (with --all every event) and each gap: as JSON on its \
            standard input, as a program of an exec sink is, and as CUPEL_ALARM, CUPEL_PRIORITY, CUPEL_TEXT and so on \
            in its environment; --json changes nothing there. What stands at the beginning, and heartbeats, it is not \
            given. One event after the other: one whose program fails, or has not ended after 60 s, is given again, \
            after 1 s at first and 60 s at most, and nothing after it before. The program runs in a process group of \
            its own, which is ended with it after 60 s, and when this command is ended by SIGINT, SIGTERM or SIGHUP. \
            SIGKILL leaves it running.

            Exit codes: 0 its reader went, 64 a mistake on the command line, 65 FILE is no cursor, 69 the daemon is \
            not there or refuses, 73 the cursor cannot be made or another follower has it, 74 it or standard output \
            cannot be written.
            """)

    /// Which events, whatever the other filters say.
    enum Telling: String, EnumerableFlag {
        case announcements, all

        static func help(for value: Telling) -> ArgumentHelp? {
            switch value {
            case .announcements: "Only events that call an operator, as sinks that ring do: usual with --exec."
            case .all: "Every event, also acknowledgements and ends: usual without --exec."
            }
        }
    }

    @OptionGroup var socket: SocketOptions
    @Option(help: "Resume after this sequence number.") var since: Int64?
    @Option(help: "Keep in this file how far it came, and go on from there.") var cursor: String?
    @Flag(help: "When the daemon is gone, wait for it and go on.") var retry = false
    @Option(help: "Only events of this priority and above: low, medium, high or critical.") var minPriority: Priority?
    @Option(name: .customLong("match"), help: "Only alarms or tags like this; may be repeated. F-*.melt_temp")
    var patterns: [String] = []
    @Flag var telling: Telling?
    @Flag(help: "One JSON object a line.") var json = false
    @Option(
        parsing: .remaining,
        help: ArgumentHelp("Run a program for each event. Everything after it is the program's.", valueName: "program"))
    var exec: [String] = []

    func validate() throws {
        if let since, since < 0 { throw ValidationError("--since: found \(since), expected a sequence number") }
        if cursor?.isEmpty == true { throw ValidationError("--cursor: expected a file") }
        // Without a word after it the parser takes it for absent: a pager that is an empty variable would page nobody.
        if exec.first?.isEmpty == true || exec.isEmpty && CommandLine.arguments.contains("--exec") {
            throw ValidationError("--exec: expected a program")
        }
    }

    func run() async throws {
        do {
            let telling = telling ?? (exec.isEmpty ? .all : .announcements)
            var follower = Follower(
                socket: socket, cursor: try cursor.map { try CursorFile(path: $0) }, since: since, retries: retry,
                filter: LineFilter(
                    minPriority: minPriority, patterns: patterns.map(NamePattern.init),
                    announcementsOnly: telling == .announcements),
                output: exec.isEmpty ? (json ? .json : .text) : .program(HandProgram(arguments: exec)))
            try follower.run()
        } catch let problem as CursorProblem {
            Output.complain("cupel: \(problem)")
            throw problem.code
        }
    }
}

extension Priority: ExpressibleByArgument {}
