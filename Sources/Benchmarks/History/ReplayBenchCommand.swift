import ArgumentParser
import CBaseline
import Detection
import Historian
import Plant
import Replay

/// How long the alarms of a month take over recorded scans.
struct ReplayBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Seconds to run the alarms of 100 tags over 30 days of recorded scans, from a history of hours.",
        discussion: "Half of the alarms watch noisy temperatures near their limit, so that they do come and go.")

    @Option(help: "Hours of the plant that are recorded and replayed.") var hours = 3
    @Option(help: "Tags, each with an alarm and a scan a second.") var tags = 100
    @Option(help: "Passes over the recorded scans.") var trials = 5
    @Option(help: "Where the history is made: on a disk, not in memory.") var scratch = "/tmp"

    /// What a month must not take longer than, in seconds.
    private static let target = 60.0

    func validate() throws {
        guard hours >= 1, tags >= 1, trials >= 5 else {
            throw ValidationError("at least one hour, one tag and five trials")
        }
    }

    func run() throws {
        try requireReleaseBuild()
        let directory = try ScratchDirectory(in: scratch)
        progress("recording \(hours) h of \(tags) tags")
        let history = try WrittenHistory(path: "\(directory.path)/history.db", data: PlantData(tagCount: tags))
        try history.write(seconds: hours * 3600)
        history.close()
        let plant = watched(history.plant)
        let range = PlantData.start..<history.end
        let reader = try HistoryReader(path: history.path)
        var (reading, whole): ([Double], [Double]) = ([], [])
        var events = 0
        for trial in 1...trials {
            progress("trial \(trial) of \(trials)")
            let source = HistorySource(reader, tags: plant.tags, range: range)
            var scans = 0
            reading.append(try seconds { try source.scans { _ in scans += 1 } })
            guard scans == hours * 3600 * plant.groups.count else {
                throw BenchmarkFailure("\(scans) scans come back of \(hours * 3600 * plant.groups.count)")
            }
            var replay = Replay(plant, showing: range)
            events = 0
            whole.append(
                try seconds {
                    try source.scans { scan in
                        replay.take(scan)
                        events += replay.takeEvents().count
                    }
                    replay.finish(at: range.upperBound)
                })
        }
        guard events > 0 else { throw BenchmarkFailure("no alarm came: nothing was judged") }
        let month = 30 * 24 / Double(hours)
        let rate = Double(history.readings) / 1e6
        print(
            heading(
                "replay, \(hours) h of \(tags) tags, \(events) events", "CPU s: median", "least", "most",
                "M readings/s", "30 days: s", "target", ""))
        for (name, times) in [("scans alone", reading), ("scans and alarms", whole)] {
            let sample = Sample(times)
            let all = sample.median * month
            print(
                row(
                    name, sample.median.text(3), sample.least.text(3), sample.most.text(3),
                    (rate / sample.median).text(2), all.text(1), "< \(ReplayBenchCommand.target.text(0))",
                    all < ReplayBenchCommand.target ? "met" : "MISSED"))
        }
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        let begin = baseline_thread_cpu()
        try body()
        return Double(baseline_thread_cpu() - begin) / 1e9
    }

    /// The recorded plant with an alarm on every tag.
    private func watched(_ plant: Plant) -> Plant {
        Plant(
            name: plant.name, site: plant.site, timeZone: plant.timeZone, controllers: plant.controllers,
            groups: plant.groups, tags: plant.tags,
            alarms: plant.tags.map { tag in
                // 145 degC and 50 m3/h are in the middle of what the made-up plant does.
                let limit = tag.unit == "degC" ? 145.0 : 50
                let levels = Levels(
                    [
                        AlarmLimit(level: .high, limit: limit, priority: .high, deadband: 1),
                        AlarmLimit(level: .highHigh, limit: limit * 1.1, priority: .critical, deadband: 1),
                    ], isAbove: true)
                return AlarmDefinition(
                    id: tag.id, name: "high:\(tag.name)", rule: "high", tag: tag.id, detector: .levels(levels),
                    qualification: Qualification(onDelay: .seconds(2), offDelay: .seconds(10), maxGap: .seconds(3)),
                    rationale: Rationale(guidance: "look at the valve"))
            })
    }
}
