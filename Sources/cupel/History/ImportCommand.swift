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
            column a tag. Times are ISO 8601, UTC without a zone, or UTC milliseconds; qualities are names as `cupel \
            query` prints them, and nothing is good. The value of a bad reading is not kept.

            Everything is checked first: with one mistake in the files nothing is imported, and all are told with line \
            and column. What comes of a reading at a tag and millisecond that has one: ignore leaves it out, replace \
            lets it hide the other, fail imports nothing at all. Importing the same file again changes nothing. Each \
            import is an event (cupel events --kind import).

            With the daemon running, it takes the readings over between its commits; else the command does it. A daemon \
            that dies meanwhile finishes the import at its next start.
            """)

    @OptionGroup var socket: SocketOptions
    @Option(help: "ignore, replace or fail.", transform: { try choice($0, "--mode") })
    var mode: ImportMode = .ignore
    @Option(help: "The tag of files without a column for it.") var tag: String?
    @Option(help: "How often such readings came; measured otherwise. One stands for three periods at most.")
    var period: SpanText?
    @Flag(help: "Makes tags that the history does not know.") var createTags = false
    @Flag(help: "Checks and compares, and changes nothing.") var dryRun = false
    @Option(help: "Why, for the event.") var note: String?
    @Flag(help: "The outcome as JSON.") var json = false
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
            try await reachingDaemon { try await work(progress) }
        } catch let refusal as ImportRefusal {
            Output.complain("\(refusal)\ncupel: nothing was imported")
            throw ExitCode.data
        } catch let error as HistoryError {
            Output.complain("cupel: \(error)")
            throw ExitCode(error.exitCode)
        } catch is Interrupted {
            throw ExitCode.interrupted
        }
    }

    private func work(_ progress: ProgressBar) async throws {
        let path = path
        let request = ImportRequest(
            files: files, mode: mode, tag: tag, createsTags: createTags,
            period: period.map { .milliseconds($0.milliseconds) }, note: note)
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
        for problem in report.problems { Output.complain(problem) }
        Output.line(json ? try jsonLine(report) : ImportCommand.summary(report, staged, isDry: dryRun))
        if report.state != ImportStatus.State.done.rawValue { throw ExitCode.data }
    }

    static func summary(_ report: ImportReport, _ staged: StagedImport, isDry: Bool) -> String {
        if report.state == ImportStatus.State.refused.rawValue {
            return "nothing was imported: there are readings already"
        }
        var parts = ["\(report.imported) of \(report.rows) readings"]
        parts[0] += " of \(staged.tags.count) \(staged.tags.count == 1 ? "tag" : "tags"), "
        parts[0] += "\(UTCTime.text(staged.range.lowerBound)) to \(UTCTime.text(staged.range.upperBound))"
        if report.ignored > 0 { parts.append("\(report.ignored) left out, for there were others") }
        if report.replaced > 0 { parts.append("\(report.replaced) hide others") }
        if staged.repeated > 0 { parts.append("\(staged.repeated) came twice in the files") }
        if report.created > 0 { parts.append("\(report.created) new \(report.created == 1 ? "tag" : "tags")") }
        let verb = isDry ? "would import" : report.state == "failed" ? "ended early; imported" : "imported"
        return "\(verb) \(parts.joined(separator: "; "))"
    }
}

/// Whose the history's directory is.
struct Owner {
    private let user: uid_t
    private let group: gid_t

    /// - Parameter path: a file in the directory.
    init?(of path: String) {
        var info = stat()
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard stat(directory.isEmpty ? "/" : directory, &info) == 0 else { return nil }
        (user, group) = (info.st_uid, info.st_gid)
    }

    /// Root hands these files to the owner and goes on as that user; anybody else stays who he is.
    func takeOver(_ paths: [String]) {
        guard geteuid() == 0, user != 0 else { return }
        for path in paths { lchown(path, user, group) }
        setegid(group)
        seteuid(user)
    }

    static func name(of user: uid_t) -> String {
        getpwuid(user).flatMap { $0.pointee.pw_name }.map { String(cString: $0) } ?? "uid:\(user)"
    }
}
