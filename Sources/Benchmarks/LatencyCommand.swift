import ArgumentParser
import Glibc

/// From the moment a changed value leaves a controller to the line an operator reads.
struct LatencyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Milliseconds from a changed register's reply to the operator's line, under a plant's load.",
        discussion: """
            The time until the next scan reads the register is not in the figure: it is half a period on average, \
            whatever the daemon does. The minimal C loop tells by UDP, with nothing journalled.
            """)

    enum Route: String, CaseIterable, ExpressibleByArgument {
        /// `cupel alarms follow --json`, as operators run it.
        case follow
        /// The daemon's socket itself.
        case socket
    }

    @OptionGroup var product: ProductOptions
    @Option(help: "Controllers.") var controllers = 60
    @Option(help: "float32 tags a controller.") var tags = 100
    @Option(help: "Milliseconds between scans.") var period = 1000
    @Option(help: "Steps.") var steps = 200
    @Option(help: "Where the line is read: follow or socket.") var through = Route.follow
    @Option(help: "The seed of the moments between steps.") var seed: UInt64 = 1

    func run() throws {
        try requireReleaseBuild()
        let plant = GeneratedPlant(controllers: controllers, tags: tags, periodMilliseconds: period)
        progress("the minimal loop, seed \(seed)")
        let loop = try measureLoop(plant)
        progress("cupel, seed \(seed)")
        let daemon = try measureDaemon(plant)
        print(
            heading(
                "reply to line, ms, \(steps) steps, \(controllers) x \(tags) x \(period) ms", "min", "p50", "p99",
                "max",
                "lost", "ratio (p50)", "ratio (p99)"))
        for (name, times) in [("minimal C loop, UDP", loop), ("cupel, \(through.rawValue), journalled", daemon)] {
            let (sample, reference) = (Sample(times), Sample(loop))
            print(
                row(
                    name, sample.least.text(3), sample.percentile(50).text(3), sample.percentile(99).text(3),
                    sample.most.text(3), "\(steps - times.count)",
                    (sample.percentile(50) / reference.percentile(50)).text(2),
                    (sample.percentile(99) / reference.percentile(99)).text(2)))
        }
        if daemon.count < steps { throw ExitCode.failure }
    }

    private func measureLoop(_ plant: GeneratedPlant) throws -> [Double] {
        let directory = try ScratchDirectory(in: product.scratch)
        let farm = try Farm.start(devices: plant.controllers, tags: plant.tags, period: plant.period)
        let source = try NoticeSource.datagrams()
        var loop = try MinimalLoop(
            plant: plant, ports: farm.ports, directory: directory.path, alarmPort: source.port)
        try farm.waitUntilPolled(within: 30)
        let times = try measure(farm, source) { ["raise \($0)"] }
        _ = try loop.stop()
        return times
    }

    private func measureDaemon(_ plant: GeneratedPlant) throws -> [Double] {
        let directory = try ScratchDirectory(in: product.scratch)
        let socket = DaemonUnderTest.socket(in: directory.path)
        let farm = try Farm.start(devices: plant.controllers, tags: plant.tags, period: plant.period)
        try plant.write(to: directory.path, socket: socket, ports: farm.ports)
        var daemon = try DaemonUnderTest(cupel: product.cupel, directory: directory.path)
        try farm.waitUntilPolled(within: 30)
        let source: NoticeSource
        switch through {
        case .follow: source = try .program([product.cupel, "alarms", "follow", "--json", "--socket", socket])
        case .socket: source = try .stream(socket: socket, path: "/alarms/stream")
        }
        let times = try measure(farm, source) {
            ["\"id\":\"\(GeneratedPlant.alarm(of: $0))\"", "\"what\":\"raise\""]
        }
        source.end()
        _ = try daemon.stop()
        return times
    }

    /// - Parameter marks: what a notice of a device's step contains.
    /// - Returns: milliseconds from the reply to the notice, of each step that was noticed.
    private func measure(
        _ farm: borrowing Farm, _ source: borrowing NoticeSource, marks: (Int) -> [String]
    ) throws -> [Double] {
        // Two periods to be read, and as much again for a machine that hiccups.
        let patience = Int64(period) * 4_000_000 + 5_000_000_000
        var random = SplitMix(seed: seed)
        var times: [Double] = []
        // The first step only shows that the notices are flowing.
        for step in 0...steps {
            let device = step % controllers
            usleep(UInt32.random(in: 0..<UInt32(period * 200), using: &random))
            try farm.step(device, true)
            let noticed = source.wait(for: marks(device), patience: patience)
            let served = try farm.served(device)
            try farm.step(device, false)
            if step == 0, noticed == nil { throw BenchmarkFailure("no notice of the first step came") }
            if step > 0, let noticed, served > 0 { times.append(Double(noticed - served) / 1e6) }
        }
        guard !times.isEmpty else { throw BenchmarkFailure("no step was noticed") }
        return times
    }
}

/// A small generator whose whole state is its seed (SplitMix64, Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
