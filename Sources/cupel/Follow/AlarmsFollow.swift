public import ArgumentParser
public import Plant

struct AlarmsFollow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Writes one line for each alarm event as it happens, for a person, a pipe or a program.",
        discussion: """
            Begins with the standing alarms, or after the event that --since or --cursor names, so that nothing is \
            missed. With --json every line is one object, heartbeats (every 10 s) included. A reader that goes ends \
            it quietly. Exits with 69 and says so when the daemon is gone, unless --retry waits for it.

            --exec is given each event and each gap as JSON on its standard input, one after the other; what stands \
            at the beginning, and heartbeats, it is not. An event whose program fails is given again, after 1 s at \
            first and 60 s at most, and nothing after it before. With --cursor everything that was not handed over \
            comes again after a restart; a program may get one event twice and drops it by its `seq`.
            """)

    @OptionGroup var socket: SocketOptions
    @Option(help: "Resume after this sequence number.") var since: Int64?
    @Option(help: "Keep in this file how far it came, and go on from there.") var cursor: String?
    @Flag(help: "When the daemon is gone, wait for it and go on.") var retry = false
    @Option(help: "Only events of this priority and above: low, medium, high or critical.") var minPriority: Priority?
    @Option(name: .customLong("match"), help: "Only alarms or tags like this; may be repeated. F-*.melt_temp")
    var patterns: [String] = []
    @Flag(help: "One JSON object a line.") var json = false
    @Option(
        parsing: .remaining,
        help: ArgumentHelp("Run a program for each event. Everything after it is the program's.", valueName: "program"))
    var exec: [String] = []

    func validate() throws {
        if let since, since < 0 { throw ValidationError("--since: found \(since), expected a sequence number") }
        if exec.first?.isEmpty == true { throw ValidationError("--exec: expected a program") }
    }

    func run() async throws {
        do {
            var follower = Follower(
                socket: socket, cursor: try cursor.map { try CursorFile(path: $0) }, since: since, retries: retry,
                filter: LineFilter(minPriority: minPriority, patterns: patterns.map(NamePattern.init)),
                output: exec.isEmpty ? (json ? .json : .text) : .program(HandProgram(arguments: exec)))
            try follower.run()
        } catch let problem as CursorProblem {
            Output.complain("cupel: \(problem)")
            throw problem.code
        }
    }
}

extension Priority: ExpressibleByArgument {}
