import ArgumentParser
import Daemon
import Historian
import Journal
import Performance
import Plant
import PlantConfiguration

struct AlarmsReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Judges the alarms by the figures of EEMUA 191 and ISA-18.2; also with the daemon stopped.",
        discussion: """
            Every alarm event that asked for an operator counts as one annunciation, however he was told. With --advice \
            the tags' own history tells which deadband or delay would have spared operators most of the fleeting and \
            chattering, and what that costs in late detection; with --alarm of these alarms instead of the worst. \
            Times: as for `cupel query`.
            """)

    @OptionGroup var history: HistoryOptions
    @Option(parsing: .unconditional, help: "From this time on.", transform: TimeText.typed) var from =
        TimeText.standard("-7d")
    @Option(parsing: .unconditional, help: "Until before this time.", transform: TimeText.typed) var to =
        TimeText.standard("now")
    @Flag(help: "One JSON object.") var json = false
    @Flag(help: "Advise deadbands and delays for the worst alarms.") var advice = false
    @Option(help: "Advise on the alarms of this name or pattern.") var alarm: String?

    func run() throws {
        let loaded = configured()
        if advice || alarm != nil, case .failure(let error) = loaded {
            Output.complain("\(error)")
            throw ExitCode.configuration
        }
        let plant = try? loaded.get()
        let chosen = try alarm.map { try named($0, in: plant) }
        let range = try TimeText.range(from, to, on: plant?.clock ?? .utc)
        let past = try past(of: plant, in: range)
        var output = ReportOutput(
            report: past.meter.finish(to: past.to, configured: plant?.configuredPriorities ?? [:]), told: past.told,
            asked: range.lowerBound)
        if let plant, advice || chosen != nil {
            let desk = AdviceDesk(plant: plant, from: past.from, to: past.to)
            let reader = try history.open()
            output.advice = try history.explaining {
                try desk.advise(on: chosen ?? output.report.badActors, from: reader)
            }
        }
        if json { return Output.line(try jsonLine(output)) }
        for line in output.lines { Output.line(line) }
        if case .failure(let error) = loaded {
            let first = error.issues.first.map { "\($0)" } ?? "it cannot be read"
            Output.line("Configured priorities are left out, for the configuration cannot be loaded: \(first)")
        }
    }

    private func configured() -> Result<Plant, ConfigurationError> {
        do {
            return .success(try loadConfiguration(history.place.config).plant)
        } catch {
            return .failure(error)
        }
    }

    private func named(_ pattern: String, in plant: Plant?) throws -> [String] {
        let wanted = NamePattern(pattern)
        let names = plant?.alarms.map(\.name).filter { wanted.matches($0) } ?? []
        guard !names.isEmpty else {
            Output.complain("cupel: the configuration has no alarm \(pattern); `cupel alarms list --all` shows them")
            throw ExitCode(1)
        }
        return names
    }

    private func past(of plant: Plant?, in range: Range<Int64>) throws -> AlarmPast {
        let path = StatePaths(state: history.place.state).path(plant?.journal.path ?? JournalSettings().path)
        let past = try history.explaining {
            let reader = try JournalReader(path: path)
            if reader.isSnapshot {
                Output.complain("cupel: \(path) cannot be shared by this user: the newest events may be missing")
            }
            // Nothing has happened yet in what is to come.
            let now = SystemClock().wall() / 1_000_000
            return try AlarmPast(reader, from: range.lowerBound, to: min(range.upperBound, now))
        }
        guard let past else {
            Output.complain("cupel: \(path): the journal holds nothing between \(from) and \(to)")
            throw ExitCode(1)
        }
        return past
    }
}

extension Plant {
    /// How many alarms there are of each priority: every one counts once, with the worst it can become.
    fileprivate var configuredPriorities: [Priority: Int] {
        Dictionary(alarms.compactMap(\.detector.worstPriority).map { ($0, 1) }, uniquingKeysWith: +)
    }
}

extension Detector {
    /// `nil` of a table of limits in which every row is empty.
    fileprivate var worstPriority: Priority? {
        switch self {
        case .levels(let levels): levels.sets.flatMap(\.limits).map(\.priority).max()
        case .test(_, let priority), .lots(_, let priority), .comms(_, let priority), .health(_, let priority): priority
        }
    }
}

extension PerformanceReport {
    /// The alarms that make most of the load, or most of it for nothing, the worst first and each once.
    var badActors: [String] {
        var seen: Set<String> = []
        let lists = [topTen.list.map(\.alarm), chattering.list.map(\.alarm), fleeting.list.map(\.alarm)]
        let names = lists.flatMap { $0.prefix(PerformanceReport.worst) }
        return names.filter { seen.insert($0).inserted }
    }
}
