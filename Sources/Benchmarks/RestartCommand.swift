import ArgumentParser
import Detection
import Journal
import Plant

/// From the opened journal to the first judgement of every alarm, with all of them standing.
struct RestartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Milliseconds to take over thousands of standing alarms and judge each once, beside reading the file."
    )

    @Option(help: "Alarms, all of them unacknowledged.") var alarms = 10_000
    @Option(help: "Trials.") var trials = 5
    @Option(help: "Where the journal is made.") var scratch = "/tmp"

    func run() throws {
        try requireReleaseBuild()
        let plant = EngineCommand.plant(alarms)
        let directory = try ScratchDirectory(in: scratch)
        let path = "\(directory.path)/journal.db"
        try fill(path, plant)
        var (whole, opened, loaded): ([Double], [Double], [Double]) = ([], [], [])
        for trial in 1...trials {
            progress("trial \(trial) of \(trials)")
            let clock = ContinuousClock()
            let begin = clock.now
            let journal = try Journal(path: path, plantName: plant.name, boot: "trial-\(trial)")
            opened.append((clock.now - begin).inMilliseconds)
            let states = try journal.loadStates()
            loaded.append((clock.now - begin).inMilliseconds - opened[trial - 1])
            var board = AlarmBoard(plant, states: plant.alarms.map { states[$0.name] ?? AlarmState() })
            board.restart(plant.alarms.map(\.id), at: 10_000)
            for group in plant.groups {
                for tag in group.tags {
                    board.take(tag, Detection.Sample(time: 11_000, value: 1490, quality: .good))
                }
                board.complete(group.id, at: 11_000)
            }
            whole.append((clock.now - begin).inMilliseconds)
            let standing = board.states.count { $0.core == .unack && $0.evidence.verdict == true }
            guard standing == alarms else {
                throw BenchmarkFailure("\(standing) of \(alarms) alarms stand after the restart")
            }
            journal.stop()
        }
        print(heading("restart with \(alarms) standing alarms, ms", "least", "median", "most"))
        for (name, times) in [
            ("open the journal", opened), ("load the states", loaded), ("to the first judgement", whole),
        ] {
            let sample = Sample(times)
            print(row(name, sample.least.text(1), sample.median.text(1), sample.most.text(1)))
        }
    }

    /// Every alarm is raised once and journalled.
    private func fill(_ path: String, _ plant: Plant) throws {
        var board = AlarmBoard(plant, states: plant.alarms.map { _ in AlarmState() })
        for time in stride(from: Int64(0), through: 3000, by: 1000) {
            for group in plant.groups {
                for tag in group.tags {
                    board.take(tag, Detection.Sample(time: time, value: 1490, quality: .good))
                }
                board.complete(group.id, at: time)
            }
        }
        let journal = try Journal(path: path, plantName: plant.name, boot: "fill")
        try journal.start()
        let states = zip(plant.alarms, board.states).map { ($0.name, $1) }
        journal.append(JournalEntry(states: Dictionary(states, uniquingKeysWith: { first, _ in first })))
        journal.stop()
    }
}

extension Duration {
    fileprivate var inMilliseconds: Double { Double(nanoseconds) / 1e6 }
}
