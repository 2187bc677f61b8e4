import Glibc

/// Single alarms, from a register that changes to the line at a reader of the stream.
struct StepLatency {
    /// Milliseconds from the moment the reply with the changed value left the controller.
    private(set) var times: [Double] = []
    private(set) var lost = 0
    var taken: Int { times.count + lost }

    /// - Parameters:
    ///   - controllers: which step, one after the other; so many that each is read again before its next turn.
    ///   - source: a stream of lines that nobody else reads.
    mutating func take(
        _ steps: Int, of controllers: Int, _ farm: borrowing Farm, _ source: borrowing NoticeSource, seed: UInt64
    ) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<steps {
            let device = taken % controllers
            usleep(UInt32.random(in: 0..<200_000, using: &random))
            try farm.step(device, true)
            let noticed = source.wait(
                for: ["\"id\":\"\(GeneratedPlant.alarm(of: device))\"", "\"what\":\"raise\""], patience: 9_000_000_000)
            let served = try farm.served(device)
            try farm.step(device, false)
            if let noticed, served > 0 { times.append(Double(noticed - served) / 1e6) } else { lost += 1 }
        }
    }
}

extension AlarmsCommand {
    /// A few controllers, and then the plant's load.
    func latency() throws -> String {
        var lines = [
            heading(
                "register to line on the stream's socket, ms, \(steps) steps", "p50", "p99", "max", "lost",
                "commit to written: p50", "p99", "ratio (p50)", "ratio (p99)")
        ]
        var reference: [Double] = []
        for load in [min(10, controllers), controllers] {
            progress("latency under \(load) controllers")
            let run = try StormRun.start(StormPlant(quiet: load, storms: 1, tags: tags), with: product)
            var latency = StepLatency()
            try latency.take(steps, of: load, run.farm, .alarms(socket: run.stream), seed: seed)
            let written = try run.status().streams.clients.first { $0.name == "bench" }?.written
            try run.stop()
            if reference.isEmpty { reference = latency.times }
            lines.append(
                row(
                    "\(load) x \(tags) x 1000 ms", percentile(latency.times, 50), percentile(latency.times, 99),
                    percentile(latency.times, 100), "\(latency.lost)", written?.p50.text(3) ?? "-",
                    written?.p99.text(3) ?? "-", ratio(latency.times, to: reference, 50),
                    ratio(latency.times, to: reference, 99)))
        }
        return lines.joined(separator: "\n")
    }
}
