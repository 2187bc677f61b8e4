import ArgumentParser
import Console
import Daemon
import Glibc
import Historian
import Plant
import PlantConfiguration
import Store

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Takes readings out of CSV files into the history, also between those that are there.",
        discussion: """
            A file has a header: time,tag,value and unit and quality if there are; time,value with --tag; or time and a \
            column a tag. Times are ISO 8601 or UTC milliseconds; those without an offset are of the plant's clock, or of \
            --zone, and of an hour that it showed twice the first. Qualities are names as `cupel query` prints them, and \
            nothing is good. The value of a bad reading is not kept.

            Everything is checked first: with one mistake in the files nothing is imported, and all are told with line \
            and column. A value must be one that the tag can have: within the range of its registers, as they are \
            configured now, and whole where they hold whole numbers. Numbers finer than a scaled register are kept as \
            they are. A tag that only files know takes any number.

            When a tag has a reading at the very millisecond of one in the files, --mode says which of the two counts:
              ignore   the one that is there; the files' is left out and counted. This is the default.
              replace  the files' one, from now on.
              fail     neither: nothing at all is imported, and the first such readings are named.
            Of two in the files themselves, ignore takes the first, replace the last, and fail refuses both. With ignore \
            and replace, importing the same file again changes nothing.

            A reading stands until the tag's next one. Where that is more than three periods away, or there is none, it \
            stands for one period: the distance of the readings in the files, but of a tag that a controller is asked for \
            its own period when they are more than an hour apart; --period says otherwise. --dry-run shows the period of \
            each tag.

            Each import is an event (cupel events --kind import). With the daemon running, it takes the readings over \
            between its commits; else the command does it. A daemon that dies meanwhile finishes the import at its next \
            start. Exit codes: 65 for mistakes in the files or conflicts, 66 for files that cannot be read, 73 when \
            nothing can be written beside the history.
            """)

    @OptionGroup var socket: SocketOptions
    @Option(help: "ignore (the default), replace or fail.", transform: { try choice($0, "--mode") })
    var mode: ImportMode = .ignore
    @Option(help: "The tag of files without a column for it.") var tag: String?
    @Option(help: "How often such readings came, such as 1s or 8h: one stands for so long when the next one is late.")
    var period: SpanText?
    @Option(help: ArgumentHelp("The clock of times without an offset; the plant's otherwise.", valueName: "name"))
    var zone: ZoneText?
    @Flag(help: "Makes tags that the history does not know.") var createTags = false
    @Flag(help: "Checks, compares, shows what would come of it, and changes nothing.") var dryRun = false
    @Option(help: "Why, for the event.") var note: String?
    @Flag(help: "The outcome as JSON on standard output, also that of a refusal.") var json = false
    @Argument(help: ArgumentHelp("CSV files, or - for standard input.", valueName: "file")) var files: [String]

    /// Nanoseconds between two looks at how the daemon does.
    static let pause: UInt64 = 200_000_000

    private var path: String {
        let configured = (try? loadConfiguration(socket.place.config))?.plant.history.path ?? HistorySettings().path
        return StatePaths(state: socket.place.state).path(configured)
    }

    func run() async throws {
        Interruption.begin()
        let progress = ProgressBar(isShown: isatty(STDERR_FILENO) == 1)
        do {
            defer { progress.end() }
            try await reachingDaemon {
                do {
                    try await work(progress)
                } catch let error as Unreachable {
                    try tellJSON(ImportOutcome(error.reason))
                    throw error
                }
            }
        } catch let refusal as ImportRefusal {
            try tellJSON(ImportOutcome(refusal))
            Output.complain(json ? "cupel: nothing was imported" : "\(refusal)\ncupel: nothing was imported")
            throw ExitCode(refusal.exitCode)
        } catch let error as HistoryError {
            try tellJSON(ImportOutcome("\(error)"))
            Output.complain("cupel: \(error)")
            throw ExitCode(error.exitCode)
        } catch is Interrupted {
            throw ExitCode.interrupted
        }
    }

    private func tellJSON(_ outcome: @autoclosure () -> ImportOutcome) throws {
        if json { Output.line(try jsonLine(outcome())) }
    }

    private func work(_ progress: ProgressBar) async throws {
        let path = path
        let request = ImportRequest(
            files: files, mode: mode, tag: tag, createsTags: createTags,
            period: period.map { .milliseconds($0.milliseconds) }, note: note,
            clock: zone?.clock ?? socket.place.clock)
        let reader = try reader(path)
        let folder = dryRun ? "/tmp/cupel-import-\(getpid())" : StagedImport.folder(of: path)
        defer { if dryRun { rmdir(folder) } }
        let now = SystemClock().wall() / 1_000_000
        let staged = try request.stage(in: folder, knowing: reader, now: now) { _ in try Interruption.check() }
        if dryRun {
            defer { staged.discard() }
            return try tell(ImportReport(staged.preview(reader) { status in try note(status, progress) }), staged)
        }
        let report: ImportReport
        do {
            report = try importHere(staged, path, progress)
        } catch HistoryError.held {
            report = try await importByDaemon(staged, progress)
        }
        progress.end()
        try tell(report, staged)
    }

    /// `nil` when there is no history yet.
    private func reader(_ path: String) throws -> HistoryReader? {
        do throws(HistoryError) {
            return try HistoryReader(path: path)
        } catch {
            if case .missing = error { return nil }
            throw error
        }
    }

    private func note(_ status: ImportStatus, _ progress: ProgressBar) throws {
        try Interruption.check()
        progress.reached(Double(status.taken) / Double(max(status.rows, 1)))
    }

    // MARK: Without a daemon

    private func importHere(_ staged: StagedImport, _ path: String, _ progress: ProgressBar) throws -> ImportReport {
        // A root's files would lock the daemon out.
        Owner(of: path)?.takeOver([StagedImport.folder(of: path), staged.path])
        let author = Owner.name(of: getuid())
        let status = try LocalImport.run(staged, into: path, plant: try socket.place.load().plant, author: author) {
            try note($0, progress)
        }
        return ImportReport(status)
    }

    // MARK: By the daemon

    private func importByDaemon(_ staged: StagedImport, _ progress: ProgressBar) async throws -> ImportReport {
        let client = socket.client
        let name = String(staged.path.split(separator: "/").last ?? "")
        var report: ImportReport
        do {
            report = try await client.post("imports", ImportOrder(file: name))
        } catch {
            staged.discard()
            throw error
        }
        while !report.isOver {
            if Interruption.isRequested {
                Output.complain("cupel: the daemon goes on with it; `cupel events --kind import` tells the outcome")
                throw Interrupted()
            }
            try await Task.sleep(nanoseconds: ImportCommand.pause)
            report = try await client.get("imports/\(staged.id)")
            progress.reached(Double(report.taken) / Double(max(report.rows, 1)))
        }
        return report
    }

    // MARK: The outcome

    private func tell(_ report: ImportReport, _ staged: StagedImport) throws {
        let outcome = ImportOutcome(report, staged, isDry: dryRun)
        if json {
            Output.line(try jsonLine(outcome))
        } else {
            for problem in report.problems { Output.complain(problem) }
            Output.line(outcome.summary)
            if dryRun { outcome.periods.forEach(Output.line) }
        }
        if report.state != ImportStatus.State.done.rawValue { throw ExitCode.data }
    }
}
