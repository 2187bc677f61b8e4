import ArgumentParser
import Daemon

/// The command line. `run` is the daemon; everything else talks to it, or reads its files when it is stopped.
@main
struct Cupel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cupel",
        abstract: "Polls a plant's controllers, watches limits, tells operators, keeps every reading.",
        discussion: """
            Exit codes follow sysexits(3): 0 ok, 64 usage, 65 data, 69 daemon not reachable, 70 internal, \
            73 cannot create, 74 I/O, 75 try again (a sink did not deliver, a host name does not resolve), \
            77 not an operator, 78 configuration.
            """,
        version: Daemon.version,
        groupedSubcommands: [
            CommandGroup(
                name: "The daemon",
                subcommands: [
                    Run.self, Check.self, SchemaCommand.self, SystemdDropIn.self, Simulate.self, Demo.self,
                ]),
            CommandGroup(name: "Operators", subcommands: [Alarms.self, Sinks.self, HeatCommand.self]),
            CommandGroup(
                name: "Commissioning",
                subcommands: [ReadCommand.self, ProbeCommand.self, ScanCommand.self, VerifyMapCommand.self]),
            CommandGroup(
                name: "Engineers",
                subcommands: [
                    StatusCommand.self, Tags.self, Now.self, Explain.self, Frames.self, ReplayCommand.self, Reload.self,
                ]),
            CommandGroup(
                name: "History",
                subcommands: [
                    Query.self, Plot.self, At.self, Diff.self, Tail.self, Gaps.self, Events.self, Annotate.self,
                    SQLCommand.self, ExportCommand.self, ImportCommand.self,
                ]),
            CommandGroup(
                name: "Keeping it safe",
                subcommands: [
                    BackupCommand.self, RestoreCommand.self, VerifyCommand.self, AuditCommand.self,
                ]),
        ])

    static func main() async { await main(TimeText.anchored(Array(CommandLine.arguments.dropFirst()))) }
}

/// sysexits(3), as far as Cupel uses them.
extension ExitCode {
    static let data = ExitCode(65)
    static let unavailable = ExitCode(69)
    static let software = ExitCode(70)
    static let cannotCreate = ExitCode(73)
    static let io = ExitCode(74)
    static let temporary = ExitCode(75)
    static let notAllowed = ExitCode(77)
    static let configuration = ExitCode(78)
}
