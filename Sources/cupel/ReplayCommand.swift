import Archive
import ArgumentParser
import Daemon
import Detection
import FoundationEssentials
import Historian
import Journal
import Plant
import PlantConfiguration
import Replay
import Store

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs the alarms of a configuration over recorded readings: what would have been.",
        discussion: """
            Reads the history of --state, with the operators' commands of its journal, or the files --readings \
            (time,tag,value,quality) and --commands (time,alarm,command,who,args). Standard output gets one JSON object \
            for each event, and with --json a last one, {"summary":…}. Standard error gets the summary as a table, \
            beside what really happened. With the daemon's own configuration the events are those of its journal.
            """)

    @OptionGroup var place: PlaceOptions
    @Option(parsing: .unconditional, help: "From this time on.", transform: TimeText.typed) var from =
        TimeText.standard("-1d")
    @Option(parsing: .unconditional, help: "Until before this time.", transform: TimeText.typed) var to =
        TimeText.standard("now")
    @Option(help: "Readings in a CSV file instead of the history; --from and --to do not apply.") var readings: String?
    @Option(help: "Operators' commands in a CSV file; needs --readings.") var commands: String?
    @Option(name: .customLong("alarm"), help: "Only alarms that match; several by repeating.") var patterns: [String] =
        []
    @Flag(help: "The summary as JSON, too.") var json = false
    @Flag(help: "Pass over tags and alarms in the files that the configuration does not have.") var ignoreUnknown =
        false

    func validate() throws {
        guard commands == nil || readings != nil else { throw ValidationError("--commands needs --readings") }
    }

    func run() throws {
        let plant = try place.load().plant
        do {
            if let readings { try replay(file: readings, plant) } else { try replayHistory(plant) }
        } catch let error as FileProblem {
            Output.complain("cupel: \(error)")
            throw ExitCode.data
        } catch let error as StoreError {
            // Of the history or of the journal.
            Output.complain("cupel: \(error)")
            throw ExitCode(error.exitCode)
        }
    }

    private func replay(file: String, _ plant: Plant) throws {
        let moments = try commands.map {
            try CommandsFile.moments(path: $0, plant: plant, ignoresUnknown: ignoreUnknown)
        }
        var replay = Replay(plant, moments: moments ?? [])
        let source = ReadingsFile(path: file, plant: plant, tags: replay.tags, ignoresUnknown: ignoreUnknown)
        let (events, end) = try play(&replay, source, until: nil)
        try sum(events, recorded: nil, plant, range: 0..<max(1, end))
    }

    private func replayHistory(_ plant: Plant) throws {
        let paths = StatePaths(state: place.state)
        let reader = try HistoryReader(path: paths.path(plant.history.path))
        if let warning = reader.warning { Output.complain("cupel: \(warning)") }
        let range = try TimeText.range(from, to, on: plant.clock)
        let past = try RecordedPast(journal: paths.path(plant.journal.path), plant, showing: range)
        var replay = Replay(plant, states: past.states, moments: past.moments, showing: range)
        let source = HistorySource(
            reader, tags: replay.tags, range: past.start..<range.upperBound + HistorySource.afterwards)
        let present = SystemClock().wall() / 1_000_000
        let (events, _) = try play(
            &replay, source, until: min(present, range.upperBound + HistorySource.afterwards))
        try sum(events, recorded: past.events, plant, range: range)
    }

    /// Writes the events as they are found.
    ///
    /// - Parameter end: up to which timers run; `nil` for the last scan.
    private func play(
        _ replay: inout Replay, _ source: some ReplaySource, until end: Int64?
    ) throws -> (events: [ReplayEvent], end: Int64) {
        let wanted = patterns.map { NamePattern($0) }
        var all: [ReplayEvent] = []
        var last: Int64 = 0
        func tell(_ found: [ReplayEvent]) throws {
            for event in found where wanted.isEmpty || wanted.contains(where: { $0.matches(event.alarm) }) {
                all.append(event)
                Output.line(try jsonLine(event))
            }
        }
        try source.scans { scan in
            replay.take(scan)
            last = max(last, scan.time + scan.took)
            try tell(replay.takeEvents())
        }
        replay.finish(at: end ?? last)
        try tell(replay.takeEvents())
        return (all, (end ?? last) + 1)
    }

    private func sum(_ events: [ReplayEvent], recorded: [ReplayEvent]?, _ plant: Plant, range: Range<Int64>) throws {
        let wanted = patterns.map { NamePattern($0) }
        let past = (recorded ?? []).filter { event in
            wanted.isEmpty || wanted.contains { $0.matches(event.alarm) }
        }
        let comparison = Comparison(recorded: past, replayed: events, in: plant, range: range)
        Output.complain(comparison.text(comparing: recorded != nil))
        if json { Output.line(try jsonLine(["summary": comparison])) }
    }
}
