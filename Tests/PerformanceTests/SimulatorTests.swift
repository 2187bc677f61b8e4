import Plant
import TestSupport
import Testing

@testable import Performance

@Suite struct SimulatorTests {
    static func setting(
        above: Bool = true, inclusive: Bool = true, tuning: Tuning = Tuning(), respond: Duration? = nil
    ) -> AlarmSetting {
        AlarmSetting(
            alarm: "A", unit: "degC", limit: 100, isAbove: above, isInclusive: inclusive, tuning: tuning,
            maxGap: .seconds(3), respondWithin: respond)
    }

    /// Edges as `+time` for a raise and `-time` for a clear, in seconds; one sample a second.
    static func edges(_ values: [Double], _ tuning: Tuning, _ setting: AlarmSetting = setting()) -> [String] {
        var simulator = AlarmSimulator(setting, tuning)
        return values.enumerated().flatMap { index, value in
            let (ripened, now) = simulator.take(time: Int64(index) * 1000, value: value)
            return [ripened, now].compactMap(\.self).map { ($0.isRaise ? "+" : "-") + "\($0.time / 1000)" }
        }
    }

    @Test(
        arguments: [
            ([99, 100, 99.9], Tuning(), ["+1", "-2"]),
            ([99, 100, 99, 98.9], Tuning(deadband: 1), ["+1", "-3"]),
            ([99.5, 99.5, 100], Tuning(deadband: 1), ["+2"]),
            ([99, 100, 100, 100, 100], Tuning(onDelay: 2000), ["+3"]),
            ([99, 100, 99, 100, 100, 100], Tuning(onDelay: 2000), ["+5"]),
            ([99, 100, 99.5, 99.5, 98], Tuning(deadband: 1, onDelay: 2000), ["+3", "-4"]),
            ([100, 99, 99, 99, 99], Tuning(offDelay: 3000), ["+0", "-4"]),
            ([100, 99, 100, 99, 99], Tuning(offDelay: 2000), ["+0"]),
        ] as [([Double], Tuning, [String])])
    func `by hand`(values: [Double], tuning: Tuning, edges: [String]) {
        #expect(Self.edges(values, tuning) == edges)
        let mirrored = values.map { 200 - $0 }
        #expect(Self.edges(mirrored, tuning, Self.setting(above: false)) == edges)
    }

    @Test func `an exclusive limit is passed, not reached`() {
        #expect(Self.edges([100, 100.1], Tuning(), Self.setting(inclusive: false)) == ["+1"])
    }

    @Test func `no delay ends beyond the evidence`() {
        var simulator = AlarmSimulator(Self.setting(), Tuning(onDelay: 4000))
        _ = simulator.take(time: 0, value: 101)
        // Due at 4000, but nothing was seen after 0 until 5000: it starts again.
        #expect(simulator.take(time: 5000, value: 101).ripened == nil)
        _ = simulator.take(time: 8000, value: 101)
        #expect(simulator.take(time: 9000, value: 101).ripened == AlarmSimulator.Edge(isRaise: true, time: 9000))
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `a naive look back gives the same edges`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let tuning = Tuning(
            deadband: random.pick([0, 1, 2]), onDelay: random.pick([0, 1000, 3000]),
            offDelay: random.pick([0, 2000, 5000]))
        let values = (0..<300).map { _ in random.pick([97, 98, 98.5, 99, 99.5, 100, 101] as [Double]) }
        #expect(Self.edges(values, tuning) == Self.naive(values, tuning), "seed \(seed)")
    }

    /// Without gaps: active when the last `onDelay` held nothing but in, normal when the last `offDelay` held only out.
    static func naive(_ values: [Double], _ tuning: Tuning) -> [String] {
        var verdicts: [Bool] = []
        for value in values {
            verdicts.append(
                value >= 100 || tuning.deadband > 0 && verdicts.last == true && value >= 100 - tuning.deadband)
        }
        var active = false
        var edges: [String] = []
        for index in values.indices {
            // A delay ends before the sample of its own time is judged.
            for end in [index - 1, index] where end >= 0 {
                let delay = Int((active ? tuning.offDelay : tuning.onDelay) / 1000)
                let run = verdicts[...end].reversed().prefix { $0 != active }.count
                let start = end - run + 1
                if run > 0, start + delay <= index, (end == index || delay > 0) {
                    active.toggle()
                    edges.append((active ? "+" : "-") + "\(start + delay)")
                }
            }
        }
        return edges
    }
}
