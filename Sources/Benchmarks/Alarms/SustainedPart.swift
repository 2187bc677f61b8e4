import CBaseline
import Glibc

extension AlarmsCommand {
    /// A storm for a minute, beside a breeze of a tenth of it.
    func sustained() throws -> String {
        var lines: [String] = []
        var reference: [[Double]] = []
        for rate in [max(1, rate / 10), rate] {
            progress("\(rate) alarms a second for \(seconds) s")
            let run = try StormRun.start(plant, with: product)
            let tallies = run.readers.map(\.tally)
            let before = try run.newest()
            for tally in tallies { tally.forgetLatencies() }
            let (cpu, began) = (run.cpu, baseline_now())
            try run.wave(period: run.period(of: rate))
            var backlog = 0
            while baseline_now() < began + Int64(seconds) * 1_000_000_000 {
                sleep(1)
                let status = try run.status()
                backlog = max(
                    backlog, status.sinks.map { $0.backlog + $0.behind }.max() ?? 0,
                    status.streams.clients.map(\.behind).max() ?? 0)
            }
            let used = Double(run.cpu - cpu) / Double(baseline_now() - began) * 100
            try run.wave(period: 0)
            let newest = try run.settle()
            let sinks = try run.status().sinks
            try run.stop()
            if lines.isEmpty {
                lines.append(
                    heading(
                        ["for \(seconds) s", "events", "largest backlog", "CPU %"]
                            + tallies.flatMap {
                                [
                                    "\($0.name): missing", "told lost", "reply to line ms: p50", "p99", "ratio (p99)",
                                    "commit to written ms: p50", "p99",
                                ]
                            }))
                reference = tallies.map(\.latencies)
            }
            let cells = zip(tallies, reference).flatMap { tally, reference in
                let written = sinks.first { $0.name == tally.name }?.written
                return [
                    "\(tally.missing(upTo: newest))", "\(tally.toldLost)", percentile(tally.latencies, 50),
                    percentile(tally.latencies, 99), ratio(tally.latencies, to: reference, 99),
                    written?.p50.text(3) ?? "-", written?.p99.text(3) ?? "-",
                ]
            }
            lines.append(row(["\(rate) alarms/s", "\(newest - before)", "\(backlog)", used.text(1)] + cells))
        }
        return lines.joined(separator: "\n")
    }
}
