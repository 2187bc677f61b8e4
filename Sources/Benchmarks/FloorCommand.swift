import ArgumentParser
import Glibc

/// CPU seconds per million readings, beside the minimal C loop on the same farm.
struct FloorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor", abstract: "CPU time of the daemon beside a minimal C loop, in turn, on the same devices.")

    @OptionGroup var product: ProductOptions
    @Option(help: "Controllers.") var controllers = 20
    @Option(help: "float32 tags a controller.") var tags = 100
    @Option(help: "Scans a second.") var rate = 10
    @Option(help: "Seconds that are measured, after all controllers were read twice.") var seconds = 30
    @Option(help: "Passes of each, in turn.") var passes = 3

    /// What a pass cost.
    private struct Pass {
        var cpuPerMillion: Double
        var readingsASecond: Double
        var missed: Int
        var residentBytes = 0
    }

    func run() throws {
        try requireReleaseBuild()
        let plant = GeneratedPlant(controllers: controllers, tags: tags, periodMilliseconds: 1000 / rate)
        var loop: [Pass] = []
        var daemon: [Pass] = []
        for pass in 1...passes {
            progress("pass \(pass) of \(passes): the minimal loop")
            loop.append(try measureLoop(plant))
            progress("pass \(pass) of \(passes): cupel")
            daemon.append(try measureDaemon(plant))
        }
        let title = "\(controllers) controllers x \(tags) float32 x \(rate) Hz"
        print(
            heading(
                "CPU s per million readings, \(title)", "min", "median", "max", "readings/s", "missed", "RSS MB",
                "ratio"))
        let reference = Sample(loop.map(\.cpuPerMillion)).median
        for (name, passes) in [("minimal C loop", loop), ("cupel", daemon)] {
            let cost = Sample(passes.map(\.cpuPerMillion))
            print(
                row(
                    name, cost.least.text(3), cost.median.text(3), cost.most.text(3),
                    Sample(passes.map(\.readingsASecond)).median.text(0), "\(passes.map(\.missed).reduce(0, +))",
                    (Double(passes.map(\.residentBytes).max() ?? 0) / 1e6).text(1),
                    (cost.median / reference).text(2)))
        }
    }

    private func measureLoop(_ plant: GeneratedPlant) throws -> Pass {
        let directory = try ScratchDirectory(in: product.scratch)
        let farm = try Farm.start(devices: plant.controllers, tags: plant.tags, period: plant.period)
        var loop = try MinimalLoop(plant: plant, ports: farm.ports, directory: directory.path)
        try farm.waitUntilPolled(within: 30)
        let (before, cpuBefore) = (try farm.counts(), loop.cpu)
        sleep(UInt32(seconds))
        let (after, cpuAfter) = (try farm.counts(), loop.cpu)
        var pass = pass(before, after, cpu: cpuAfter - cpuBefore)
        pass.residentBytes = try loop.stop().residentBytes
        return pass
    }

    private func measureDaemon(_ plant: GeneratedPlant) throws -> Pass {
        let directory = try ScratchDirectory(in: product.scratch)
        let farm = try Farm.start(devices: plant.controllers, tags: plant.tags, period: plant.period)
        try plant.write(
            to: directory.path, socket: DaemonUnderTest.socket(in: directory.path), ports: farm.ports)
        var daemon = try DaemonUnderTest(cupel: product.cupel, directory: directory.path)
        try farm.waitUntilPolled(within: 30)
        let (before, cpuBefore) = (try farm.counts(), daemon.cpu)
        sleep(UInt32(seconds))
        let (after, cpuAfter) = (try farm.counts(), daemon.cpu)
        var pass = pass(before, after, cpu: cpuAfter - cpuBefore)
        pass.residentBytes = try daemon.stop().residentBytes
        return pass
    }

    private func pass(_ before: Farm.Counts, _ after: Farm.Counts, cpu: Int64) -> Pass {
        let readings = Double((after.wholePolls - before.wholePolls) * tags)
        return Pass(
            cpuPerMillion: Double(cpu) / 1e9 / (readings / 1e6),
            readingsASecond: readings / (Double(after.now - before.now) / 1e9), missed: after.missed - before.missed)
    }
}

/// Which daemon is measured, and where its files go.
struct ProductOptions: ParsableArguments {
    @Option(help: "The daemon's program, a release build.") var cupel = ".build/release/cupel"
    @Option(help: "Where to put the databases: a directory on a disk, not in memory.") var scratch = "/var/tmp"

    func validate() throws {
        guard access(cupel, X_OK) == 0 else { throw ValidationError("no program at \(cupel): give it with --cupel") }
    }
}
