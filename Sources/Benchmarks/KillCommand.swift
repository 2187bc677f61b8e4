import ArgumentParser
import CBaseline
import Glibc

/// What was acknowledged as committed survives kill -9, and nothing is there by half.
struct KillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "Kills the daemon again and again under load, and looks at what it had promised."
    )

    @OptionGroup var product: ProductOptions
    @Option(help: "How often.") var times = 10
    @Option(help: "Controllers.") var controllers = 60
    @Option(help: "float32 tags a controller.") var tags = 100
    @Option(help: "Milliseconds between scans.") var period = 200
    @Option(help: "The seed of the moments of death.") var seed: UInt64 = 1

    /// What is wrong in the file after all; everything should stay 0.
    private struct Damage {
        var corrupt = 0
        var missing = 0
        var partial = 0
        var gaps = 0
        var none: Bool { corrupt + missing + partial + gaps == 0 }
    }

    func run() throws {
        try requireReleaseBuild()
        let plant = GeneratedPlant(controllers: controllers, tags: tags, periodMilliseconds: period)
        let directory = try ScratchDirectory(in: product.scratch)
        let history = DaemonUnderTest.history(in: directory.path)
        let farm = try Farm.start(devices: plant.controllers, tags: plant.tags, period: plant.period)
        try plant.write(
            to: directory.path, socket: DaemonUnderTest.socket(in: directory.path), ports: farm.ports)
        var random = SplitMix(seed: seed)
        var damage = Damage()
        var acknowledged: UInt64 = 0
        for time in 1...times {
            progress("kill \(time) of \(times), seed \(seed)")
            try farm.reset()
            var daemon = try DaemonUnderTest(cupel: product.cupel, directory: directory.path)
            try farm.waitUntilPolled(within: 30)
            // At least one commit, then any moment between two.
            usleep(2_000_000)
            usleep(UInt32.random(in: 0..<2_000_000, using: &random))
            let promised = try daemon.status().recorder
            usleep(UInt32.random(in: 0..<300_000, using: &random))
            daemon.kill()
            acknowledged += promised.scans
            try inspect(history, promised.newestSequences, &damage)
        }
        let scans = try number(history, "SELECT count(*) FROM hot")
        print(
            heading(
                "kill -9 x \(times), \(controllers) x \(tags) x \(period) ms", "scans acknowledged",
                "scans in the file",
                "missing", "gaps", "partial", "integrity"))
        print(
            row(
                "cupel", "\(acknowledged)", "\(scans)", "\(damage.missing)", "\(damage.gaps)", "\(damage.partial)",
                damage.corrupt == 0 ? "ok" : "\(damage.corrupt) x damaged"))
        if !damage.none || scans < acknowledged { throw ExitCode.failure }
    }

    private func inspect(_ history: String, _ promised: [String: UInt64], _ damage: inout Damage) throws {
        guard !promised.isEmpty else { throw BenchmarkFailure("the daemon acknowledged nothing before it was killed") }
        let integrity = try query(history, "PRAGMA integrity_check")[0]
        if integrity != "ok" {
            progress("integrity_check: \(integrity)")
            damage.corrupt += 1
        }
        let newest = try query(
            history,
            """
            SELECT group_concat(name || '=' || newest) FROM (
                SELECT scan_group.name AS name, max(hot.sequence) AS newest
                FROM hot JOIN scan_group ON scan_group.id = hot.scan_group GROUP BY scan_group.id)
            """)[0]
        var stored: [Substring: UInt64] = [:]
        for pair in newest.split(separator: ",") {
            let parts = pair.split(separator: "=")
            if parts.count == 2 { stored[parts[0]] = UInt64(parts[1]) }
        }
        damage.missing += promised.count { name, sequence in stored[Substring(name)].map { $0 < sequence } ?? true }
        // Numbers run on across restarts, so that every scan that is not there leaves a hole.
        damage.gaps = try number(
            history,
            "SELECT sum(n) FROM (SELECT max(sequence) - min(sequence) + 1 - count(*) AS n FROM hot GROUP BY scan_group)"
        )
        // A scan has all its values, or it is the one row that stands for a lost controller. The daemon's own figures
        // come in scans of other lengths.
        damage.partial = try number(
            history,
            """
            SELECT count(*) FROM hot JOIN scan_group ON scan_group.id = hot.scan_group
                WHERE scan_group.name NOT LIKE '@%' AND json_array_length(v) <> \(tags)
                AND NOT (v = '[]' AND bad IS NOT NULL AND json_extract(bad, '$.all') IS NOT NULL)
            """)
    }
}
