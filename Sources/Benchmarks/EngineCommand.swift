import ArgumentParser
import Detection
import Plant

/// Samples a second through the alarms, beside a loop that only compares.
struct EngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Samples a second through all alarms of a plant, on one core, beside a loop of bare comparisons.",
        discussion: """
            Each tag has a high and a high-high level with deadband and delays. "calm" stays below its limits, "lively" \
            has one value in a hundred beyond, "wild" one in five: the share that takes every step of the state machine.
            """)

    @Option(help: "Alarms, one a tag.") var alarms = 5000
    @Option(help: "Scans of every group.") var rounds = 400
    @Option(help: "Trials of each, taken in turn.") var trials = 5

    private static let groupSize = 100

    func validate() throws {
        guard alarms >= Self.groupSize, rounds > 0, trials > 0 else {
            throw ValidationError("at least \(Self.groupSize) alarms, one round and one trial")
        }
    }

    func run() throws {
        try requireReleaseBuild()
        let plant = Self.plant(alarms)
        let shares: [(name: String, percent: Double)] = [("calm", 0), ("lively", 1), ("wild", 20)]
        var bare: [Double] = []
        var ours: [[Double]] = Array(repeating: [], count: shares.count)
        for trial in 1...trials {
            progress("trial \(trial) of \(trials)")
            bare.append(compare())
            for (index, share) in shares.enumerated() { ours[index].append(watch(plant, share.percent)) }
        }
        print(heading("alarms, million samples a second", "least", "median", "most", "ratio (median)"))
        let reference = Sample(bare)
        print(row("bare comparison", reference.least.text(1), reference.median.text(1), reference.most.text(1), "1.00"))
        for (share, rates) in zip(shares, ours) {
            let sample = Sample(rates)
            print(
                row(
                    "\(share.name), \(alarms) alarms", sample.least.text(1), sample.median.text(1), sample.most.text(1),
                    (sample.median / reference.median).text(3)))
        }
    }

    // MARK: What is measured

    private func watch(_ plant: Plant, _ percent: Double) -> Double {
        var board = AlarmBoard(plant, states: plant.alarms.map { _ in AlarmState() })
        var values = Values(percent: percent)
        var events = 0
        let time = ContinuousClock().measure {
            for round in 0..<rounds {
                let time = Int64(round) * 1000
                for group in plant.groups {
                    for tag in group.tags {
                        board.take(tag, Detection.Sample(time: time, value: values.next(), quality: .good))
                    }
                    board.complete(group.id, at: time)
                }
                events += board.takeHappened().count
            }
        }
        return rate(time, check: events)
    }

    private func compare() -> Double {
        var values = Values(percent: 0)
        var beyond = 0
        let time = ContinuousClock().measure {
            for _ in 0..<rounds * alarms where values.next() >= Self.limit { beyond += 1 }
        }
        return rate(time, check: beyond)
    }

    private func rate(_ time: Duration, check: Int) -> Double {
        // Whatever was counted is used, so that nothing is optimised away.
        let seconds = Double(max(time.nanoseconds, 1)) / 1e9 + Double(check) * .leastNonzeroMagnitude
        return Double(rounds * alarms) / seconds / 1e6
    }

    // MARK: The plant

    private static let limit = 1480.0

    /// The same values in every trial: a generator whose state is its seed, cheap beside what is measured.
    private struct Values {
        private var state: UInt64 = 1
        private let beyond: Double

        init(percent: Double) { beyond = 1 - percent / 100 }

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let share = Double(state >> 11) / Double(1 << 53)
            return share < beyond ? 1400 + share * 70 : EngineCommand.limit + share
        }
    }

    static func plant(_ alarms: Int) -> Plant {
        let groups = (alarms + groupSize - 1) / groupSize
        let levels = [
            AlarmLimit(level: .high, limit: limit, priority: .high, deadband: 5),
            AlarmLimit(level: .highHigh, limit: 1500, priority: .critical, deadband: 5),
        ]
        return Plant(
            name: "bench", site: "", timeZone: "UTC",
            controllers: (0..<groups).map {
                Controller(
                    id: $0, name: "F-\($0)", endpoint: Endpoint(host: "127.0.0.1", port: 502), unit: 1,
                    timeout: .seconds(1))
            },
            groups: (0..<groups).map {
                ScanGroup(
                    id: $0, controller: $0, scan: "normal", name: "F-\($0)/normal", period: .seconds(1),
                    tags: Array($0 * groupSize..<min(($0 + 1) * groupSize, alarms)))
            },
            tags: (0..<alarms).map { id in
                let (group, slot) = id.quotientAndRemainder(dividingBy: groupSize)
                return Tag(
                    id: id, name: "F-\(group).t\(slot)", localName: "t\(slot)", controller: group,
                    registers: RegisterRange(table: .holding, start: slot * 2, count: 2)!, type: .float32, group: group,
                    slot: slot)
            },
            alarms: (0..<alarms).map { id in
                AlarmDefinition(
                    id: id, name: "high:\(id)", rule: "high", tag: id, detector: .levels(Levels(levels, isAbove: true)),
                    qualification: Qualification(onDelay: .seconds(2), offDelay: .seconds(10), maxGap: .seconds(3)),
                    rationale: Rationale(guidance: "cut the power to hold"))
            })
    }
}
