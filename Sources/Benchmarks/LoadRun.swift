import Acquisition
import Glibc

/// The daemon under the load of a generated plant for a while, and what came of it.
struct LoadRun {
    /// Scans asked for, and those that a gap shows to be missing.
    let polls: Int
    let missed: Int
    /// Nanoseconds between two scans of a controller, at most.
    let longestGap: Int64
    /// Readings that the devices served, and those in the file when the daemon had ended.
    let served: Int
    let stored: Int
    /// Cells that a full ring refused.
    let refused: Int
    let residentBytes: Int
    /// The share of one CPU, in percent.
    let cpu: Double
    /// As the lines see it, over their whole life.
    let lateness: Lateness

    var lost: Int { max(0, served - stored) }
    var isClean: Bool { missed == 0 && lost == 0 }

    static func measure(_ plant: GeneratedPlant, seconds: Int, with product: ProductOptions) throws -> LoadRun {
        let directory = try ScratchDirectory(in: product.scratch)
        let farm = try Farm.start(devices: plant.controllers, tags: plant.tags, period: plant.period)
        try plant.write(
            to: directory.path, socket: DaemonUnderTest.socket(in: directory.path), ports: farm.ports)
        var daemon = try DaemonUnderTest(cupel: product.cupel, directory: directory.path)
        do {
            try farm.waitUntilPolled(within: 30)
        } catch {
            throw BenchmarkFailure("\(error)\n\(daemon.log)")
        }
        progress("running for \(seconds) s")
        let before = try farm.counts()
        let cpuBefore = daemon.cpu
        sleep(UInt32(seconds))
        let after = try farm.counts()
        let cpu = Double(daemon.cpu - cpuBefore) / Double(after.now - before.now) * 100
        let status = try daemon.status()
        // What was served until here must be in the file when the daemon has ended.
        let served = try farm.counts().wholePolls * plant.tags
        let end = try daemon.stop()
        // Groups of the daemon's own figures are no readings of the devices.
        let stored = try number(
            DaemonUnderTest.history(in: directory.path),
            """
            SELECT sum(json_array_length(v)) FROM hot JOIN scan_group ON scan_group.id = hot.scan_group
                WHERE scan_group.name NOT LIKE '@%'
            """)
        return LoadRun(
            polls: after.polls - before.polls, missed: after.missed - before.missed, longestGap: after.longestGap,
            served: served, stored: stored, refused: status.recorder.refusedCells, residentBytes: end.residentBytes,
            cpu: cpu, lateness: Lateness(status.lines.flatMap(\.groups)))
    }
}
