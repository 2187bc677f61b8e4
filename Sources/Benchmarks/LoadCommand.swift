import ArgumentParser

/// Nothing missed, nothing late, nothing lost, little memory, at the load of a whole plant, or of many controllers with a
/// thread and a connection each.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "A plant's load for a minute: scans missed and late, readings lost, CPU, memory."
    )

    @OptionGroup var product: ProductOptions
    @Option(help: "Controllers.") var controllers = 60
    @Option(help: "float32 tags a controller.") var tags = 100
    @Option(help: "Milliseconds between scans.") var period = 1000
    @Option(help: "Seconds that are measured.") var seconds = 60

    func run() throws {
        try requireReleaseBuild()
        let plant = GeneratedPlant(controllers: controllers, tags: tags, periodMilliseconds: period)
        let run = try LoadRun.measure(plant, seconds: seconds, with: product)
        print(
            heading(
                "\(controllers) controllers x \(tags) tags x \(period) ms for \(seconds) s", "scans asked", "missed",
                "skipped", "late", "lateness ms: typical mean", "typical p99", "max", "longest gap ms",
                "readings served", "stored", "lost", "cells refused", "RSS MB", "CPU %"))
        print(
            row(
                "cupel", "\(run.polls + run.missed)", "\(run.missed)", "\(run.lateness.skipped)",
                "\(run.lateness.late)", run.lateness.mean.text(3), run.lateness.p99.text(3), run.lateness.max.text(3),
                (Double(run.longestGap) / 1e6).text(1), "\(run.served)", "\(run.stored)", "\(run.lost)",
                "\(run.refused)", (Double(run.residentBytes) / 1e6).text(1), run.cpu.text(1)))
        if !run.isClean { throw ExitCode.failure }
    }
}
