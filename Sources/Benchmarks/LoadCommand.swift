import ArgumentParser
import Glibc

/// Nothing missed, nothing lost, little memory, at the load of a whole plant.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "A plant's load for a minute: scans missed, readings lost, memory.")

    @OptionGroup var product: ProductOptions
    @Option(help: "Controllers.") var controllers = 60
    @Option(help: "float32 tags a controller.") var tags = 100
    @Option(help: "Milliseconds between scans.") var period = 1000
    @Option(help: "Seconds that are measured.") var seconds = 60

    func run() throws {
        try requireReleaseBuild()
        let plant = GeneratedPlant(controllers: controllers, tags: tags, periodMilliseconds: period)
        let directory = try ScratchDirectory(in: product.scratch)
        let farm = try Farm.start(devices: plant.controllers, tags: plant.tags, period: plant.period)
        try plant.write(
            to: directory.path, socket: DaemonUnderTest.socket(in: directory.path), ports: farm.ports)
        var daemon = try DaemonUnderTest(cupel: product.cupel, directory: directory.path)
        try farm.waitUntilPolled(within: 30)
        progress("running for \(seconds) s")
        let before = try farm.counts()
        let cpuBefore = daemon.cpu
        sleep(UInt32(seconds))
        let after = try farm.counts()
        let cpu = Double(daemon.cpu - cpuBefore) / 1e9
        let refused = try daemon.status().recorder.refusedCells
        // What was served until here must be in the file when the daemon has ended.
        let served = try farm.counts().wholePolls * tags
        let end = try daemon.stop()
        let history = DaemonUnderTest.history(in: directory.path)
        let stored = try number(history, "SELECT sum(json_array_length(v)) FROM hot")
        let missed = after.missed - before.missed
        let polls = after.polls - before.polls
        let lost = max(0, served - stored)
        print(
            heading(
                "\(controllers) controllers x \(tags) tags x \(period) ms for \(seconds) s", "scans asked", "missed",
                "longest gap ms", "readings served", "stored", "lost", "cells refused", "RSS MB", "CPU %"))
        print(
            row(
                "cupel", "\(polls + missed)", "\(missed)", (Double(after.longestGap) / 1e6).text(1), "\(served)",
                "\(stored)", "\(lost)", "\(refused)", (Double(end.residentBytes) / 1e6).text(1),
                (cpu / (Double(after.now - before.now) / 1e9) * 100).text(1)))
        if missed > 0 || lost > 0 { throw ExitCode.failure }
    }
}
