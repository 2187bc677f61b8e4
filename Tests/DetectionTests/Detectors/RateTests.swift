import Plant
import TestSupport
import Testing

@testable import Detection

@Suite struct RateTests {
    private static func rate(_ over: Int64, per: Int64, _ method: RateOfChange.Method = .endpoint) -> Figure {
        .rate(RateOfChange(over: .milliseconds(over), per: .milliseconds(per), method: method))
    }

    /// The worse of the verdicts on the rate upwards and downwards, beyond the limit (strict).
    private static func flags(_ values: [Double?], limit: Double, per: Int64) -> String {
        var up = Trial(.levels(.high(limit, inclusive: false, rate(900_000, per: per))), maxGap: 1_000_000)
        var down = Trial(.levels(.low(-limit, inclusive: false, rate(900_000, per: per))), maxGap: 1_000_000)
        let pairs = zip(up.take(values, period: 900_000), down.take(values, period: 900_000))
        return brief(pairs.map { $0.level == nil ? $1 : $0 })
    }

    private static let course: [Double] = [
        2, 10, 2.1, 3, 4, 5, 7, 10, 0, 2, 2.2, 2, 1, 2, 3, 90, 91, 92, 93, 1, 2, 3, 4, 5,
    ]

    // ioos/ioos_qc tests/test_qartod.py @ 9c1853a40c8b, a sample in 15 minutes. Their first sample is flagged good,
    // to us its rate is unknown; so is that behind a missing one.

    @Test func `the published rates beyond 5 in 15 minutes are in`() {
        #expect(Self.flags(Self.course, limit: 5, per: 900_000) == "?!!.....!......!...!....")
        #expect(Self.flags([-2, -10, -2, -3], limit: 5, per: 900_000) == "?!!.")
        #expect(Self.flags([2, 10, 2, 3, nil, nil, 7, 10], limit: 5, per: 900_000) == "?!!.???.")
    }

    @Test func `a change of exactly 10 in 15 minutes is not beyond it`() {
        #expect(Self.flags(Self.course, limit: 10, per: 900_000) == "?..............!...!....")
        // Nor is it when the limit is written as a quotient of seconds that rounds to 10/900...
        #expect(Self.flags(Self.course, limit: 10.0 / 900, per: 1000) == "?..............!...!....")
        // ...but it is for the upstream test, whose 10/15/60 is one ulp less.
        #expect((10.0 / 15 / 60).nextUp == 10.0 / 900)
        #expect(Self.flags(Self.course, limit: 10.0 / 15 / 60, per: 1000) == "?.......!......!...!....")
    }

    @Test func `a rate exactly at an inclusive limit is in, whatever the quotient rounds to`() {
        for change in 1...200 {
            var trial = Trial(.levels(.high(Double(change), Self.rate(900_000, per: 900_000))), maxGap: 1_000_000)
            trial.take(0, 0)
            let finding = trial.take(900_000, Double(change))
            #expect(finding.verdict == .high, "change \(change)")
            #expect(finding.figure == Double(change))
        }
    }

    /// Milliseconds between two samples, known; the window is 10 s.
    @Test(arguments: [(4999, false), (5000, true), (10_000, true), (15_000, true), (15_001, false)])
    func `the time between must be half to one and a half windows`(time: Int64, isKnown: Bool) {
        var trial = Trial(.levels(.high(1, Self.rate(10_000, per: 1000))), maxGap: 60_000)
        trial.take(0, 0)
        #expect(trial.take(time, 1000).verdict == (isKnown ? .high : .unknown))
    }

    @Test func `no rate reaches across a bad sample or a gap`() {
        var trial = Trial(.levels(.high(1, Self.rate(2000, per: 1000))), maxGap: 3000)
        #expect(brief(trial.take([0, 0, 5, 5, nil, 50, 50, 50], period: 1000)) == "?.!!??..")
        // 3001 ms later.
        #expect(trial.take(10_001, 500).verdict == .unknown)
        #expect(trial.take(11_001, 500).verdict == .out)
        #expect(trial.take(12_001, 500, .clamped).verdict == .unknown)
        #expect(trial.take(13_001, 500).verdict == .unknown)
    }

    @Test func `the deadband of a rate is in its unit`() {
        var trial = Trial(.levels(.high(10, deadband: 2, Self.rate(1000, per: 60_000))))
        // 0, 10, 9, 7 a minute.
        #expect(brief(trial.take([0, 0, 10 / 60.0, 19 / 60.0, 26 / 60.0], period: 1000)) == "?.!!.")
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `the rate is that of the sample nearest to the window before`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let over: Int64 = 7000
        var window = EndpointRate(RateOfChange(over: .milliseconds(over), per: .seconds(60)), maxGap: 5000)
        var kept: [Window.Point] = []
        var time: Int64 = 0
        for _ in 0..<2000 {
            time += Int64(random.next() % 2500) + (random.chance(2) ? 5000 : 1)
            let value = Double(random.next() % 1000)
            if let last = kept.last, time - last.time > 5000 { kept = [] }
            let found = window.take(Sample(time: time, value: value, quality: .good))
            // Of two as near, the older.
            let nearest = kept.min { abs(time - $0.time - over) < abs(time - $1.time - over) }
            let expected = nearest.flatMap { point -> Measure? in
                let dt = time - point.time
                guard dt >= over / 2, dt <= over * 3 / 2 else { return nil }
                return Measure(number: (value - point.value) * 60_000, weight: Double(dt))
            }
            #expect(found == expected, "seed \(seed), time \(time)")
            kept.append(Window.Point(time: time, value: value))
        }
    }

    @Test func `least squares is a slope from 5 samples that span half the window`() {
        var trial = Trial(.levels(.high(3, Self.rate(8000, per: 1000, .leastSquares))))
        #expect(brief(trial.take([0, 3, 6, 9, 12, 15], period: 1000)) == "????!!")
        var short = Trial(.levels(.high(3, Self.rate(20_000, per: 1000, .leastSquares))))
        #expect(brief(short.take((0..<12).map { 3 * Double($0) }, period: 1000)) == "??????????!!")
        #expect(short.take(20_000, 0, .timeout).verdict == .unknown)
        #expect(short.take(21_000, 63).verdict == .unknown)
    }

    @Test func `least squares is not decided by one sample of noise`() {
        let noise: [Double] = [0, 1, 0, 1, 0, 1, 0, 1, 0]
        var endpoint = Trial(.levels(.high(0.1, Self.rate(7000, per: 1000))))
        var slope = Trial(.levels(.high(0.1, Self.rate(7000, per: 1000, .leastSquares))))
        #expect(endpoint.take(noise, period: 1000).contains(.high))
        #expect(!slope.take(noise, period: 1000).dropFirst(5).contains(.high))
    }

    /// Tennessee Eastman as in `ValueTests`: the step itself is the fastest thing in the record.
    @Test func `the rate finds the step of the cooling water at its sample and nowhere else`() {
        let flow = [
            41.748, 40.7, 42.296, 42.06, 41.412, 41.991, 40.444, 41.804, 40.819, 40.694, 47.248, 43.966, 45.329, 45.103,
            44.911, 45.099, 44.725, 45.43, 45.272, 45.383, 45.399, 44.991,
        ]
        var trial = Trial(.levels(.high(4, Self.rate(180_000, per: 180_000))), maxGap: 540_000)
        #expect(brief(trial.take(flow, period: 180_000)) == "?.........!...........")
    }
}
