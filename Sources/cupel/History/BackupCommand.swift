import ArgumentParser
import Historian
import Plant
import Store

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies both databases and the configuration while the daemon goes on.",
        discussion: """
            Makes DIR/<time>, with history.db, journal.db, config/ and manifest.json. Both databases are of the same \
            moment. The files need no log beside them: any SQLite reads them, also from a read-only medium. `cupel \
            restore` puts them back.
            """)

    @OptionGroup var files: FileOptions
    @Flag(help: "One JSON object instead of lines for people.") var json = false
    @Option(help: "Keeps so many of the newest backups in DIR, and removes older ones.") var keep: Int?
    @Flag(help: "Does not read the copies back.") var noCheck = false
    @Argument(help: "Where the backup's directory is made.") var directory: String

    func validate() throws {
        if let keep, keep < 1 { throw ValidationError("--keep \(keep): at least 1, the one that is made") }
    }

    func run() throws {
        var backup = Backup(
            history: files.history, journal: files.journal, configuration: files.place.config, folder: directory,
            program: Cupel.configuration.version)
        backup.keep = keep
        backup.isChecked = !noCheck
        let bar = ProgressBar.onTerminal
        let result = try files.explaining {
            defer { bar.end() }
            return try backup.run(clock: SystemClock(), progress: bar.reached)
        }
        for warning in result.warnings { Output.complain("cupel: \(warning)") }
        if json {
            Output.line(try jsonLine(result.manifest))
            return
        }
        let bytes = result.manifest.files.reduce(0) { $0 + $1.bytes }
        let seconds = Double(result.manifest.ended - result.manifest.began) / 1000
        Output.line("\(result.path): \(Output.bytes(bytes)) in \(seconds) s\(noCheck ? ", not checked" : ", checked")")
        for old in result.removed { Output.line("removed \(old)") }
    }
}
