extension AlarmsCommand {
    /// Every alarm of the plant at once, beside one controller's.
    func burst() throws -> String {
        progress("burst")
        let run = try StormRun.start(plant, with: product)
        let names = run.readers.map(\.tally.name)
        var lines = [
            heading(
                ["all alarms within \(StormPlant.stormPeriod) ms", "alarms"] + names.map { "ms to the last at \($0)" }
                    + names.map { "missing at \($0)" })
        ]
        for count in [1, storms] {
            let before = try run.newest()
            var began: Int64 = .max
            for device in 0..<count { began = min(began, try run.farm.surge(controllers + device, true)) }
            try run.settle()
            let (alarms, last) = try run.raises(after: before)
            let tallies = run.readers.map(\.tally)
            lines.append(
                row(
                    ["\(count) x \(tags)", "\(alarms)"]
                        + tallies.map { tally in
                            let arrived = tally.lastArrival(in: before + 1...max(before + 1, last))
                            return arrived == 0 ? "-" : (Double(arrived - began) / 1e6).text(1)
                        } + tallies.map { "\($0.missing(upTo: last))" }))
            for device in 0..<count { _ = try run.farm.surge(controllers + device, false) }
            try run.settle()
        }
        try run.stop()
        return lines.joined(separator: "\n")
    }
}
