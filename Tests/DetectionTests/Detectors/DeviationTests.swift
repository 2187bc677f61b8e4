import Plant
import Testing

@testable import Detection

@Suite struct DeviationTests {
    private static let setpoint = 5

    private static func deviation(_ form: Deviation.Form, soak: Double? = nil) -> Figure {
        .deviation(Deviation(setpoint: setpoint, form: form, maxSkew: .seconds(2), soakBand: soak))
    }

    /// form, value, setpoint, figure
    @Test(
        arguments: [
            (.distance, 1010, 1000, 10), (.distance, 990, 1000, 10), (.signed, 990, 1000, -10),
            (.signed, 1010, 1000, 10), (.percent, 1010, 1000, 1), (.percent, 90, -100, 190),
            (.percent, -110, -100, -10),
        ] as [(Deviation.Form, Double, Double, Double)])
    func `the figure is the distance in its form`(
        form: Deviation.Form, value: Double, setpoint: Double, figure: Double
    ) {
        var trial = Trial(.levels(.high(5, Self.deviation(form))))
        trial.world.set(Self.setpoint, setpoint, at: 0)
        let finding = trial.take(0, value)
        #expect(finding.figure == figure)
        #expect(finding.verdict == (figure >= 5 ? .high : .out))
    }

    @Test func `a percentage exactly at its limit is decided without a division`() {
        // 0.3 is 10 % of 3 below 3.3 only before the rounding of a quotient: (3.3 - 3) x 100 / 3 > 9.999...
        for setpoint in [3.0, 7, 9, 11, 13, 49] {
            var trial = Trial(.levels(.high(10, inclusive: true, Self.deviation(.percent))))
            trial.world.set(Self.setpoint, setpoint * 10, at: 0)
            #expect(trial.take(0, setpoint * 11).verdict == .high, "setpoint \(setpoint)")
        }
    }

    /// quality of the setpoint, its time, known
    @Test(
        arguments: [
            (.good, 8000, true), (.good, 7999, false), (.good, 12_000, true), (.good, 12_001, false),
            (.timeout, 10_000, false), (.clamped, 10_000, false),
        ] as [(Quality, Int64, Bool)])
    func `the setpoint must be good and of the same time`(quality: Quality, time: Int64, isKnown: Bool) {
        var trial = Trial(.levels(.high(5, Self.deviation(.distance))))
        trial.world.set(Self.setpoint, 1000, at: time, quality)
        #expect(trial.take(10_000, 1010).verdict == (isKnown ? .high : .unknown))
    }

    @Test func `no setpoint, or a percentage of nothing, is not known`() {
        var trial = Trial(.levels(.high(5, Self.deviation(.percent))))
        #expect(trial.take(0, 1010).verdict == .unknown)
        trial.world.set(Self.setpoint, 0, at: 0)
        #expect(trial.take(0, 1010).verdict == .unknown)
        trial.world.set(Self.setpoint, 1, at: 0)
        #expect(trial.take(0, 1010, .clamped).verdict == .unknown)
    }

    /// minute, distance (nil: a bad sample), minutes soaked after it. Band 5.
    @Test func `the soak clock counts only the time inside the band`() {
        let course: [(Int64, Double?, Int64)] = [
            (0, 20, 0), (1, 4.9, 0), (2, -4, 1), (3, 0, 2),
            // At the band is outside: the minute before it does not count, nor the one after.
            (4, 5, 2), (5, 1, 2), (6, 1, 3),
            (7, nil, 3), (8, 1, 3), (9, 1, 4),
            // A gap longer than 3 minutes.
            (13, 1, 4), (14, 1, 5),
        ]
        var trial = Trial(.levels(.high(10, Self.deviation(.distance, soak: 5))), maxGap: 180_000)
        for (minute, distance, soaked) in course {
            trial.world.set(Self.setpoint, 1000, at: minute * 60_000)
            trial.take(minute * 60_000, 1000 + (distance ?? 0), distance == nil ? .timeout : .good)
            guard case .soak(let clock) = trial.memory else {
                Issue.record("no clock")
                return
            }
            #expect(clock.soaked == soaked * 60_000, "minute \(minute)")
        }
        trial.world.set(Self.setpoint, 1000, at: 15 * 60_000)
        #expect(trial.take(15 * 60_000, 1010).detail == "soaked 5 min")
        trial.memory.reset(trial.definition)
        trial.world.set(Self.setpoint, 1000, at: 16 * 60_000)
        #expect(trial.take(16 * 60_000, 1000).detail == "soaked 0 s")
    }

    @Test func `the soak clock stands while the setpoint is not known`() {
        var trial = Trial(.levels(.high(10, Self.deviation(.percent, soak: 5))), maxGap: 180_000)
        for minute in Int64(0)...4 {
            trial.world.set(Self.setpoint, 1000, at: minute * 60_000, minute == 2 ? .timeout : .good)
            trial.take(minute * 60_000, 1001)
        }
        guard case .soak(let clock) = trial.memory else {
            Issue.record("no clock")
            return
        }
        #expect(clock.soaked == 2 * 60_000)
    }
}
