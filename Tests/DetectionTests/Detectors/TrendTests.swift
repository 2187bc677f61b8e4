import Plant
import Testing

@testable import Detection

@Suite struct TrendTests {
    /// Reaches 1500 from below; the line over 30 min, the horizon 15 min; a sample a minute.
    private static func trial(limit: Double = 1500, above: Bool = true) -> Trial {
        Trial(
            .timeToLimit(
                TimeToLimit(limit: limit, isAbove: above, over: .seconds(1800), horizon: .seconds(900))),
            maxGap: 180_000)
    }

    @Test func `a trend needs ten samples, and the horizon three evaluations`() {
        var trial = Self.trial()
        // 10 K a minute from 1340: 14, 13, 12 ... minutes are left from the third sample on.
        let values = (0..<13).map { 1340 + 10 * Double($0) as Double? }
        #expect(brief(trial.take(values, period: 60_000)) == "?????????..!!")
    }

    @Test func `the time that is left is told with its band`() {
        var trial = Self.trial()
        let noise: [Double] = [15, -15, 9, -12, 15, -18, 12, 3, -15, 12, -6, 4]
        let findings = noise.enumerated().map { trial.take(Int64($0) * 60_000, 1240 + 11 * Double($0) + $1) }
        #expect(brief(findings.map(\.verdict)) == "?????????..!")
        // By a line of the twelve: slope 10.860 K a minute, 9.70 times its error.
        let finding = findings[11]
        #expect(finding.figure.map { abs($0 - 12.839235887529515 * 60) < 1e-6 } == true)
        #expect(finding.detail == "reaches 1500 in 13 min (11-16)")
        #expect(finding.limit == 900)
    }

    @Test func `noise is no trend, nor is a trend away from the limit`() {
        var noisy = Self.trial()
        // At the last three the line is 7 to 14 minutes from the limit, but its slope is 1 to 2 times its error.
        let noise = (0..<16).map { Double($0 % 2) * 80 + 1380 + 3 * Double($0) as Double? }
        #expect(!noisy.take(noise, period: 60_000).contains(.fault))
        var away = Self.trial()
        let falling = (0..<30).map { 1499 - Double($0) as Double? }
        #expect(!away.take(falling, period: 60_000).contains(.fault))
        var level = Self.trial()
        #expect(brief(level.take(Array(repeating: 1499, count: 12), period: 60_000)) == "?????????...")
    }

    @Test func `it is left beyond one and a quarter horizons`() {
        // A long line that bends: the slope falls, so that the time left grows through 15 and 18.75 minutes.
        var trial = Self.trial()
        var value = 1300.0
        var last: (inside: Double, outside: Double) = (0, .infinity)
        for minute in Int64(0)..<120 {
            value += minute < 14 ? 10 : 0.1
            let finding = trial.take(minute * 60_000, value)
            guard let left = finding.figure else { continue }
            if finding.verdict == .fault { last.inside = max(last.inside, left) }
            if finding.verdict == .out, minute > 14 { last.outside = min(last.outside, left) }
        }
        #expect(last.inside > 900 && last.inside <= 1125, "\(last)")
        #expect(last.outside > 1125, "\(last)")
    }

    @Test func `a limit that is reached is no time away`() {
        var trial = Self.trial()
        let finding = (0..<20).map { trial.take(Int64($0) * 60_000, 1490 + Double($0)) }.last
        #expect(finding?.verdict == .fault)
        #expect(finding?.figure == 0)
    }

    @Test func `the line begins again behind a bad sample or a gap, and what stands stays`() {
        var trial = Self.trial()
        let values = (0..<13).map { 1340 + 10 * Double($0) as Double? }
        _ = trial.take(values, period: 60_000)
        #expect(trial.previous == .fault)
        #expect(trial.take(13 * 60_000, .nan, .timeout).verdict == .unknown)
        #expect(trial.take(14 * 60_000, 1480).verdict == .unknown)
        var gap = Self.trial()
        #expect(brief(gap.take(Array(values.prefix(9)), period: 60_000)) == "?????????")
        #expect(gap.take(8 * 60_000 + 180_001, 1430).verdict == .unknown)
    }

    /// numenta/NAB machine_temperature_system_failure.csv (MIT), 2013-12-16 14:30 to 17:00, a sample in 5 minutes. The
    /// failure is labelled at 17:25. Falls below 10 first at 17:00 and, for good, at 17:10.
    @Test func `a machine that fails is foretold`() {
        let temperatures = [
            47.48451206, 47.34018048, 46.41420425, 47.49389536, 46.9063076, 45.33579904, 45.20852682, 46.34479413,
            46.21011068, 45.54831103, 45.7257248, 43.17745454, 41.30898865, 40.46142699, 37.79127513, 36.24965328,
            35.07245553, 32.45494267, 30.69964858, 30.50446055, 27.21222794, 25.68067158, 23.82904352, 22.9838387,
            21.73703176, 19.27717911, 18.5919706, 16.45710857, 14.6710595, 12.41409266, 9.633951608,
        ]
        var trial = Trial(
            .timeToLimit(TimeToLimit(limit: 10, isAbove: false, over: .seconds(3600), horizon: .seconds(3600))),
            maxGap: 900_000)
        let verdicts = trial.take(temperatures, period: 300_000)
        // The line of an hour is within the horizon from 16:10 on (55 min); the third such is at 16:20, 40 minutes
        // before.
        #expect(brief(verdicts) == "?????????.............!!!!!!!!!")
    }
}

@Suite struct WordingTests {
    @Test(arguments: [(1500, "1500"), (0.25, "0.25"), (-3, "-3"), (1e20, "1e+20")] as [(Double, String)])
    func `numbers have no decimals that say nothing`(number: Double, text: String) {
        #expect(Wording.number(number) == text)
    }

    @Test(
        arguments: [
            (0, "0 s"), (119_499, "119 s"), (120_000, "2 min"), (7_199_000, "120 min"), (7_200_000, "2 h"),
        ] as [(Int64, String)])
    func `times are in the unit that people would take`(time: Int64, text: String) {
        #expect(Wording.time(milliseconds: time) == text)
    }

    @Test func `a time that never ends is long`() {
        #expect(Wording.time(milliseconds: 60_000, from: 30_000, to: .infinity) == "60 s (30-31536000)")
    }
}
