import Acquisition
import Glibc

extension AlarmsCommand {
    private enum Stuck: String, CaseIterable {
        case nobody = "nobody"
        case pipe = "the pipe's reader is stopped"
        case clients = "all clients of the stream but one"
    }

    private struct Case {
        var lateness: Lateness
        var steps = StepLatency()
        var healthy: [(name: String, latencies: [Double], missing: Int)]
        var cut: Int
        var toldLost: Int
    }

    /// The same storm with nobody stuck, with a stopped reader of the pipe, and with a crowd that never reads.
    func isolation() throws -> String {
        var lines: [String] = []
        var reference: Case?
        for stuck in Stuck.allCases {
            progress("isolation, stuck: \(stuck.rawValue), \(stuckSeconds) s")
            let measured = try isolated(stuck)
            let base = reference ?? measured
            reference = base
            if lines.isEmpty {
                lines.append(
                    heading(
                        [
                            "stuck, \(stuckRate) alarms/s for \(stuckSeconds) s", "scan lateness ms: typical mean",
                            "typical p99", "ratio (mean)", "ratio (p99)", "register to line ms: p50", "p99",
                            "ratio (p50)", "ratio (p99)", "steps lost",
                        ]
                            + measured.healthy.flatMap {
                                ["\($0.name), reply to line ms: p50", "p99", "ratio (p99)", "missing"]
                            } + ["pipe: lost", "clients cut"]))
            }
            func share(_ figure: KeyPath<Lateness, Double>) -> String {
                (measured.lateness[keyPath: figure] / max(base.lateness[keyPath: figure], 1e-3)).text(2)
            }
            let (times, before) = (measured.steps.times, base.steps.times)
            lines.append(
                row(
                    [
                        stuck.rawValue, measured.lateness.mean.text(3), measured.lateness.p99.text(3), share(\.mean),
                        share(\.p99), percentile(times, 50), percentile(times, 99), ratio(times, to: before, 50),
                        ratio(times, to: before, 99), "\(measured.steps.lost)",
                    ]
                        + zip(measured.healthy, base.healthy).flatMap { reader, base in
                            [
                                percentile(reader.latencies, 50), percentile(reader.latencies, 99),
                                ratio(reader.latencies, to: base.latencies, 99), "\(reader.missing)",
                            ]
                        } + ["\(measured.toldLost)", "\(measured.cut)"]))
        }
        return lines.joined(separator: "\n")
    }

    private func isolated(_ stuck: Stuck) throws -> Case {
        let run = try StormRun.start(plant, with: product, readsFifo: false)
        // The pipe has a reader in each case; in one it is stopped before the storm begins.
        let pipe = try ChildProcess(["/bin/cat", run.fifo], log: "/dev/null")
        var crowd: [CInt] = []
        defer { for socket in crowd { close(socket) } }
        if stuck == .pipe { kill(pipe.pid, SIGSTOP) }
        if stuck == .clients {
            try makeRoom(for: clients)
            for _ in 1..<clients { crowd.append(try LineReader.stuck(run.stream)) }
        }
        let tallies = run.readers.map(\.tally)
        try run.wave(period: run.period(of: stuckRate))
        for tally in tallies { tally.forgetLatencies() }
        // Steps all the time: every one of them has its turn of the stuck seconds.
        let until = Moment.now + Double(stuckSeconds)
        var latency = StepLatency()
        let source = try NoticeSource.alarms(socket: run.stream)
        while Moment.now < until || latency.taken < steps {
            try latency.take(1, of: controllers, run.farm, source, seed: seed &+ UInt64(latency.taken))
        }
        let status = try run.status()
        try run.wave(period: 0)
        if stuck == .pipe { kill(pipe.pid, SIGCONT) }
        let newest = try run.settle()
        let measured = Case(
            lateness: Lateness(status.lines.flatMap(\.groups)), steps: latency,
            healthy: tallies.map { ($0.name, $0.latencies, $0.missing(upTo: newest)) }, cut: status.streams.cut,
            toldLost: status.sinks.first { $0.name == "fifo" }?.lost ?? 0)
        source.end()
        try run.stop()
        return measured
    }

    /// Descriptors for so many connections.
    private func makeRoom(for connections: Int) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_cur > UInt(connections) + 100 else {
            throw BenchmarkFailure("\(connections) connections need more than \(limit.rlim_cur) descriptors")
        }
    }
}

private enum Moment {
    /// Seconds of CLOCK_MONOTONIC.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
