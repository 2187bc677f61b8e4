import ArgumentParser

/// Whether alarms reach people in time, whole, and whoever else does not listen.
struct AlarmsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarms",
        abstract: "Alarms on their way to sinks and readers: latency, a burst, a minute of storm, stuck readers.",
        discussion: """
            Every part takes its baseline in the same run. "Reply to line" begins when a controller's reply with the new \
            value was here (t_received of the line, whole milliseconds) and ends when a reader has the line; "register \
            to line" begins when the reply left the controller. The readers run on the same machine.
            """)

    enum Part: String, CaseIterable, ExpressibleByArgument {
        case latency, burst, sustained, isolation
    }

    @OptionGroup var product: ProductOptions
    @Option(parsing: .upToNextOption, help: "Which parts: latency, burst, sustained, isolation.")
    var parts = Part.allCases
    @Option(help: "Controllers of the plant's usual load, scanned each second.") var controllers = 60
    @Option(help: "float32 tags a controller.") var tags = 100
    @Option(help: "Controllers whose tags all have an alarm.") var storms = 10
    @Option(help: "Steps of the part latency, and of each case of the part isolation.") var steps = 100
    @Option(help: "Alarms a second of the part sustained; each clears as well, which makes as many events again.")
    var rate = 500
    @Option(help: "Seconds of the part sustained.") var seconds = 60
    @Option(help: "Alarms a second of the part isolation.") var stuckRate = 100
    @Option(help: "Seconds that a reader is stuck, and of the other cases of the part isolation.")
    var stuckSeconds = 600
    @Option(help: "Readers of the stream in the last case; all but one never read.") var clients = 1000
    @Option(help: "The seed of the moments between steps.") var seed: UInt64 = 1

    func validate() throws {
        guard controllers >= 1, storms >= 1, steps >= 1, rate >= 1, stuckRate >= 1, seconds >= 1, stuckSeconds >= 1,
            clients >= 2
        else { throw ValidationError("everything is at least 1, and there are at least 2 clients") }
    }

    var plant: StormPlant { StormPlant(quiet: controllers, storms: storms, tags: tags) }

    func run() throws {
        try requireReleaseBuild()
        for part in parts {
            let table =
                switch part {
                case .latency: try latency()
                case .burst: try burst()
                case .sustained: try sustained()
                case .isolation: try isolation()
                }
            print(table + "\n")
        }
    }
}

/// `text` of a percentile, or a dash where there is nothing.
func percentile(_ values: [Double], _ percent: Double, _ decimals: Int = 2) -> String {
    values.isEmpty ? "-" : Sample(values).percentile(percent).text(decimals)
}

/// `text` of the ratio of two percentiles.
func ratio(_ values: [Double], to reference: [Double], _ percent: Double) -> String {
    guard !values.isEmpty, !reference.isEmpty else { return "-" }
    return (Sample(values).percentile(percent) / max(Sample(reference).percentile(percent), 1e-3)).text(2)
}
