import Acquisition
import ArgumentParser
import CBaseline
import Glibc
import Plant

/// What a line costs when it never waits, beside a bare libmodbus loop, and what several requests at once gain.
struct RateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rate",
        abstract: "Requests a second and CPU time a request of saturated lines, beside a bare libmodbus loop.",
        discussion: """
            A line checks, decodes and publishes every value, and records every frame; the bare loop throws them away. \
            Both read blocks of 125 registers of the same devices, in turn. The CPU time of the thread that takes what \
            lines publish is shown apart: in the daemon it is the watch's. Everything runs on one CPU.
            """)

    enum Part: String, CaseIterable, ExpressibleByArgument {
        case one, many, depth
    }

    @Option(help: "Only this part: one line, many lines, or the depth.") var part: Part?
    @Option(help: "Blocks of 125 registers a scan.") var blocks = 64
    @Option(help: "Lines in the second part.") var lines = 60
    @Option(help: "Milliseconds that a device of the third part takes for each reply.") var turnaround = 10
    @Option(help: "Requests on their way at once in the third part, 1...16.") var depth = 16
    @Option(help: "Seconds of a pass.") var seconds = 3
    @Option(help: "Passes of each, in turn.") var passes = 5
    @Option(help: "The CPU for all of it, devices included.") var cpu = 0

    /// No line can keep this period with so many blocks, so none ever sleeps.
    private static let period: Duration = .milliseconds(1)

    func validate() throws {
        guard (1...200).contains(blocks), lines >= 1, (1...16).contains(depth), seconds >= 1, passes >= 1 else {
            throw ValidationError("1...200 blocks, a depth of 1...16, and at least one of everything else")
        }
    }

    func run() throws {
        try requireReleaseBuild()
        // On two CPUs every request waits for an idle one to wake, and the scheduler moves the two together now and
        // then: from pass to pass one and the same loop did 6 000 to 33 000 requests a second (virtual machine,
        // measured). Every thread and the farm inherit this.
        guard baseline_pin(CInt(cpu)) == 0 else { throw BenchmarkFailure("there is no CPU \(cpu)") }
        let pollers: [Poller] = [.bare, .line(.libmodbus, depth: 1), .line(.own, depth: 1)]
        for part in part.map({ [$0] }) ?? Part.allCases {
            switch part {
            case .one: try compare(pollers, devices: 1, title: "one line")
            case .many: try compare(pollers, devices: lines, title: "\(lines) lines")
            case .depth:
                try compare(
                    [.line(.own, depth: 1), .bare, .line(.own, depth: depth)], devices: 1,
                    turnaround: Int64(turnaround) * 1_000_000, title: "one line, replies after \(turnaround) ms")
            }
        }
    }

    /// Passes of each poller in turn; what they are compared with is the first.
    private func compare(_ pollers: [Poller], devices: Int, turnaround: Int64 = 0, title: String) throws {
        let farm = try Farm.start(devices: devices, tags: blocks * 63, turnaround: turnaround)
        var figures: [[RateFigures]] = pollers.map { _ in [] }
        for pass in 1...passes {
            for (index, poller) in pollers.enumerated() {
                progress("\(title), pass \(pass) of \(passes): \(poller)")
                figures[index].append(try measure(poller, on: farm))
            }
        }
        print(
            heading(
                "\(title), \(blocks) blocks of 125 registers", "requests/s: min", "median", "max", "CPU µs a request",
                "to take it", "of the device", "requests a CPU s", "ratio (rate)", "ratio (CPU)"))
        for (poller, passes) in zip(pollers, figures) {
            let rate = Sample(passes.map(\.requestsASecond))
            print(
                row(
                    "\(poller)", rate.least.text(0), rate.median.text(0), rate.most.text(0),
                    Sample(passes.map(\.cpu)).median.text(1), Sample(passes.map(\.consumerCPU)).median.text(1),
                    Sample(passes.map(\.deviceCPU)).median.text(1),
                    Sample(passes.map(\.requestsACPUSecond)).median.text(0),
                    ratio(passes, to: figures[0], \.requestsASecond), ratio(passes, to: figures[0], \.cpu)))
        }
        print("")
    }

    /// The median of the ratios pass by pass: what else the machine does meets both of a pass alike.
    private func ratio(
        _ passes: [RateFigures], to reference: [RateFigures], _ figure: KeyPath<RateFigures, Double>
    ) -> String {
        Sample(zip(passes, reference).map { $0[keyPath: figure] / $1[keyPath: figure] }).median.text(2)
    }

    private func measure(_ poller: Poller, on farm: borrowing Farm) throws -> RateFigures {
        switch poller {
        case .bare:
            let ports = farm.ports.map(CInt.init)
            guard let loop = baseline_poll(ports, CInt(ports.count), CInt(blocks), 125) else {
                throw BenchmarkFailure("the bare loop cannot reach its devices")
            }
            let figures = Result { try measure(farm) { 0 } }
            let failed = baseline_poll_end(loop)
            guard failed == 0 else { throw BenchmarkFailure("\(failed) requests of the bare loop failed") }
            return try figures.get()
        case .line(let framing, let depth):
            let plant = PolledPlant(
                types: PolledPlant.fullBlocks(blocks), period: Self.period, maxInFlight: depth)
            let lines = try LinesUnderTest(plant.plant(.ports(farm.ports)), framing: framing)
            let figures = Result { try measure(farm) { lines.consumerCPU } }
            let status = lines.status
            lines.stop()
            for line in status where !line.failures.isEmpty || line.ring_refused_blocks > 0 {
                throw BenchmarkFailure(
                    "\(line.endpoint): \(line.failures), \(line.ring_refused_blocks) blocks found no room")
            }
            return try figures.get()
        }
    }

    /// - Parameter consumer: CPU time so far of the thread that is counted apart, in nanoseconds.
    private func measure(_ farm: borrowing Farm, consumer: () -> Int64) throws -> RateFigures {
        try farm.reset()
        try farm.waitUntilPolled(within: 30)
        let (before, cpuBefore, consumerBefore) = (try farm.counts(), baseline_cpu(getpid()), consumer())
        sleep(UInt32(seconds))
        let (after, cpuAfter, consumerAfter) = (try farm.counts(), baseline_cpu(getpid()), consumer())
        let requests = Double(after.requests - before.requests)
        let time = Double(after.now - before.now)
        let consumed = Double(consumerAfter - consumerBefore)
        return RateFigures(
            requestsASecond: requests / time * 1e9, cpu: (Double(cpuAfter - cpuBefore) - consumed) / requests / 1e3,
            consumerCPU: consumed / requests / 1e3, deviceCPU: Double(after.cpu - before.cpu) / requests / 1e3)
    }
}

/// Who asks.
private enum Poller: CustomStringConvertible {
    /// `modbus_read_registers` in C, a thread a device.
    case bare
    case line(LinesUnderTest.Framing, depth: Int)

    var description: String {
        switch self {
        case .bare: "bare libmodbus loop"
        case .line(.libmodbus, let depth): "cupel, libmodbus, depth \(depth)"
        case .line(.own, let depth): "cupel, own framing, depth \(depth)"
        }
    }
}

/// What one pass showed.
private struct RateFigures {
    let requestsASecond: Double
    /// Microseconds a request: of who asks, of the thread that takes what was published, and of the farm.
    let cpu: Double
    let consumerCPU: Double
    let deviceCPU: Double

    /// The rate of a CPU that does nothing else, whatever else this one had to do.
    var requestsACPUSecond: Double { 1e6 / (cpu + consumerCPU + deviceCPU) }
}
