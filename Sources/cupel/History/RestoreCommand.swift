import ArgumentParser
import Historian
import Plant
import Store

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Puts a backup in the place of the databases, with the daemon stopped.",
        discussion: """
            The backup is checked first. The present files are moved to before-restore-<time> in the state directory, \
            and never deleted. The configuration is not touched: it lies in BACKUP/config.
            """)

    @OptionGroup var files: FileOptions
    @Flag(help: "One JSON object instead of lines for people.") var json = false
    @Flag(help: "Checks the backup and says what would be done.") var dryRun = false
    @Argument(help: "A directory that cupel backup made.") var backup: String

    func run() throws {
        var restore = Restore(backup: backup, history: files.history, journal: files.journal)
        restore.isDry = dryRun
        let bar = ProgressBar.onTerminal
        let result = try files.explaining {
            defer { bar.end() }
            return try restore.run(clock: SystemClock(), progress: bar.reached)
        }
        if json {
            Output.line(try jsonLine(result))
            return
        }
        for step in result.steps { Output.line((dryRun ? "would " : "") + step) }
    }
}
