import ArgumentParser
import CBaseline

/// Nanoseconds a reading through the ring, beside a plain C ring of 32-byte items.
struct RingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ring", abstract: "Whole scans through the ring, beside a C11 ring of 32-byte items, 25 at a time."
    )

    /// The same 128 KiB for both: 4 096 items of 32 bytes, 8 192 cells of 16.
    private static let baselineItems = 4096
    private static let ringCells = 8192
    private static let baselineBatch = 25

    @Option(help: "Readings a trial.") var readings = 20_000_000
    @Option(help: "Trials of each, taken in turn.") var trials = 9
    @Option(help: "The producer's CPU.") var producerCPU = 0
    @Option(help: "The consumer's CPU.") var consumerCPU = 1

    func validate() throws {
        guard readings >= 1000, trials >= 1 else { throw ValidationError("at least 1000 readings and one trial") }
    }

    func run() throws {
        try requireReleaseBuild()
        var baseline: [Double] = []
        var ours: [Int: [Double]] = [:]
        for trial in 1...trials {
            progress("trial \(trial) of \(trials)")
            let time = baseline_ring(
                UInt64(readings), CInt(Self.baselineBatch), Self.baselineItems, CInt(producerCPU), CInt(consumerCPU))
            guard time > 0 else { throw BenchmarkFailure("the C ring lost the order of its items") }
            baseline.append(time)
            for size in [25, 125] {
                let race = RingRace(cells: Self.ringCells, scans: readings / size, readings: size)
                ours[size, default: []].append(try race.run(producerCPU: producerCPU, consumerCPU: consumerCPU))
            }
        }
        let reference = Sample(baseline)
        print(heading("ring, ns a reading", "min", "median", "max", "ratio (median)", "ratio (min)"))
        print(
            row(
                "C11, 32-byte items, \(Self.baselineBatch) at a time", reference.least.text(2),
                reference.median.text(2), reference.most.text(2), "1.00", "1.00"))
        for (size, times) in ours.sorted(by: { $0.key < $1.key }) {
            let sample = Sample(times)
            print(
                row(
                    "scans of \(size) readings", sample.least.text(2), sample.median.text(2), sample.most.text(2),
                    (sample.median / reference.median).text(2), (sample.least / reference.least).text(2)))
        }
    }
}
