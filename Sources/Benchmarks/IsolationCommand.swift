import Acquisition
import ArgumentParser
import Glibc
import Plant

/// Whether the scans of healthy controllers are late because others are sick.
struct IsolationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "isolation",
        abstract: "Lateness of the healthy controllers while others are dead, silent, dripping or refuse everything.",
        discussion: """
            The same controllers are looked at in every run. The typical mean and p99 are those of a scan group, the \
            median over all groups; with fewer than a hundred scans a group its p99 is its worst.
            """)

    @Option(help: "Controllers, each at an endpoint of its own.") var controllers = 60
    @Option(help: "So many of them are sick.") var sick = 10
    @Option(help: "float32 tags a controller.") var tags = 100
    @Option(help: "Milliseconds between scans.") var period = 1000
    @Option(help: "Units behind the gateway of the second part; the last one is sick.") var units = 5
    @Option(help: "Seconds of a run.") var seconds = 15
    @Option(help: "Passes of each, in turn.") var passes = 3

    private static let faults: [FarmFault] = [
        .dead, .silent, .dripping, .exception(2), .exception(4), .exception(11),
    ]
    /// A gateway's own port is well; what it says of the unit behind it is not.
    private static let unitFaults: [FarmFault] = [.silent, .exception(11)]

    func validate() throws {
        guard (1..<controllers).contains(sick), (2...247).contains(units), seconds >= 1, passes >= 1 else {
            throw ValidationError("some are sick and some are not; 2...247 units; at least one second and one pass")
        }
    }

    func run() throws {
        try requireReleaseBuild()
        try compare(
            "\(controllers) controllers x \(tags) tags x \(period) ms", sickName: "\(sick) of them", Self.faults
        ) {
            try measure(
                devices: controllers, sick: $0.map { FarmSickness(fault: $0, devices: sick) }, well: controllers - sick
            ) { .ports($0) }
        }
        try compare(
            "gateway, \(units) units x \(tags) tags x \(period) ms", sickName: "one of them", Self.unitFaults
        ) {
            try measure(
                devices: 1, sick: $0.map { FarmSickness(fault: $0, unit: UInt8(units)) }, well: units - 1
            ) { .gateway(port: $0[0], units: units) }
        }
    }

    /// One run: the punctuality of the healthy, and what failed of them and of the others.
    private struct Run {
        let healthy: Lateness
        let ownFaults: Int
        let faults: Int
    }

    private func compare(
        _ title: String, sickName: String, _ faults: [FarmFault], _ measure: (FarmFault?) throws -> Run
    ) throws {
        let cases: [FarmFault?] = [nil] + faults
        var runs: [[Run]] = cases.map { _ in [] }
        for pass in 1...passes {
            for (index, fault) in cases.enumerated() {
                progress("\(title), pass \(pass) of \(passes): \(fault?.description ?? "all healthy")")
                runs[index].append(try measure(fault))
            }
        }
        print(
            heading(
                "\(title), the healthy ones", "scans", "faults", "skipped", "late", "lateness ms: typical mean",
                "typical p99",
                "max",
                "ratio (mean)", "ratio (p99)", "faults of the others"))
        for (fault, passes) in zip(cases, runs) {
            let healthy = passes.map(\.healthy)
            let sum = { (count: KeyPath<Lateness, Int>) in "\(healthy.map { $0[keyPath: count] }.reduce(0, +))" }
            let median = { (figure: KeyPath<Lateness, Double>) in Sample(healthy.map { $0[keyPath: figure] }).median }
            let reference = runs[0].map(\.healthy)
            let ratio = { (figure: KeyPath<Lateness, Double>) in
                Sample(zip(healthy, reference).map { $0[keyPath: figure] / max($1[keyPath: figure], 1e-3) }).median
            }
            print(
                row(
                    fault.map { "\(sickName) \($0)" } ?? "all well", sum(\.scans),
                    "\(passes.map(\.ownFaults).reduce(0, +))",
                    sum(\.skipped),
                    sum(\.late), median(\.mean).text(3), median(\.p99).text(3), median(\.max).text(3),
                    ratio(\.mean).text(2), ratio(\.p99).text(2), "\(passes.map(\.faults).reduce(0, +))"))
        }
        print("")
    }

    private func measure(
        devices: Int, sick: FarmSickness?, well: Int, _ place: ([Int]) -> PolledPlant.Place
    ) throws -> Run {
        let farm = try Farm.start(devices: devices, tags: tags, sick: sick)
        let polled = PolledPlant(
            types: [ValueType](repeating: .float32, count: tags), period: .milliseconds(period), maxRegisters: 124)
        let lines = try LinesUnderTest(polled.plant(place(farm.ports)), framing: .libmodbus)
        sleep(UInt32(seconds))
        let status = lines.status
        lines.stop()
        let groups = status.flatMap(\.groups)
        // A refused connection is counted by its line alone: there is no request that a controller could fail.
        let faults = (status.count == 1 ? status[0].controllers.map(\.failures) : status.map(\.failures))
            .map { $0.values.reduce(0, +) }
        let (own, others) = (faults[..<well].reduce(0, +), faults[well...].reduce(0, +))
        guard sick == nil || others > 0 else { throw BenchmarkFailure("the fault was not noticed by any line") }
        return Run(healthy: Lateness(Array(groups[..<well])), ownFaults: own, faults: others)
    }
}
