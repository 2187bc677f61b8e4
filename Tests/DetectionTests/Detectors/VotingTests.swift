import Plant
import TestSupport
import Testing

@testable import Detection

@Suite struct VotingTests {
    /// Tags 0, 1, 2 ... with these values; `nil` is bad.
    private static func trial(_ figure: Figure, limit: Double = 10, deadband: Double = 0) -> Trial {
        Trial(
            .levels(
                Levels(
                    [
                        AlarmLimit(level: .high, limit: limit, priority: .high, deadband: deadband),
                        AlarmLimit(level: .highHigh, limit: 2 * limit, priority: .critical, deadband: deadband),
                    ], isAbove: true, figure: figure)))
    }

    @discardableResult
    private static func take(_ trial: inout Trial, _ values: [Double?], at time: Int64 = 0) -> Finding {
        for (tag, value) in values.enumerated() {
            trial.world.set(tag, value ?? .nan, at: time, value == nil ? .timeout : .good)
        }
        return trial.take(trial.world.sample(0))
    }

    @Test(
        arguments: [
            ([1, 5, 30], 5, nil), ([30, 5, 1], 5, nil), ([5, 30, 1, 7], 6, nil), ([5, 30, nil], 17.5, "2 of 3 inputs"),
            ([nil, 30, 4], 17, "2 of 3 inputs"), ([nil, nil, 4], 4, "1 of 3 inputs"), ([nil, nil, nil], nil, nil),
        ] as [([Double?], Double?, String?)])
    func `the median is that of the good inputs`(values: [Double?], median: Double?, detail: String?) {
        var trial = Self.trial(.median(with: Array(1..<values.count)))
        let finding = Self.take(&trial, values)
        #expect(finding.figure == median)
        #expect(finding.detail == detail)
        #expect(finding.verdict == (median.map { $0 >= 10 ? .high : .out } ?? .unknown))
    }

    @Test(
        arguments: [
            ([1, 5, 30], 25), ([5, 1, 2], 3), ([5, 5, 5], 0), ([5, 30, nil], 25), ([nil, 4, 30], 26),
            ([nil, nil, 4], nil),
            ([0, 10, 20, 100], 85),
        ] as [([Double?], Double?)])
    func `the disagreement is the largest distance from the median`(values: [Double?], distance: Double?) {
        var trial = Self.trial(.disagreement(with: Array(1..<values.count)))
        let finding = Self.take(&trial, values)
        #expect(finding.figure == distance)
        #expect((finding.verdict == .unknown) == (distance == nil))
    }

    @Test(arguments: [([5, 30], 25), ([30, 5], 25), ([nil, 5], nil), ([5, nil], nil)] as [([Double?], Double?)])
    func `twins differ by their distance`(values: [Double?], distance: Double?) {
        var trial = Self.trial(.difference(from: 1))
        #expect(Self.take(&trial, values).figure == distance)
    }

    @Test func `an input older than the evidence horizon is bad`() {
        var trial = Self.trial(.median(with: [1, 2]))
        trial.world.set(1, 30, at: 0)
        trial.world.set(2, 40, at: 0)
        #expect(trial.take(10_000, 35).detail == nil)
        #expect(trial.take(10_001, 35).detail == "1 of 3 inputs")
    }

    /// values, verdict when bad inputs are dropped, when they count as in alarm. 2 of 3, high 10, high-high 20.
    @Test(
        arguments: [
            ([10, 9, 9], .out, .out), ([10, 9, 10], .high, .high), ([30, 30, 0], .highHigh, .highHigh),
            ([30, 10, 0], .high, .high), ([30, 30, 30], .highHigh, .highHigh),
            ([10, nil, 9], .out, .high), ([10, nil, 10], .high, .high), ([30, nil, 10], .high, .highHigh),
            ([9, nil, 9], .out, .out), ([9, nil, nil], .unknown, .highHigh), ([30, nil, nil], .unknown, .highHigh),
            ([nil, nil, nil], .unknown, .highHigh),
        ] as [([Double?], Verdict, Verdict)])
    func `two of three vote`(values: [Double?], dropped: Verdict, counted: Verdict) {
        for (bad, verdict) in [(BadVote.drop, dropped), (.alarm, counted)] {
            var trial = Self.trial(.vote(with: [1, 2], need: 2, bad: bad))
            #expect(Self.take(&trial, values).verdict == verdict, "\(bad)")
        }
    }

    @Test func `a low vote takes the smallest`() {
        var trial = Trial(.levels(.low(5, .vote(with: [1, 2], need: 2, bad: .drop))))
        #expect(Self.take(&trial, [4, 6, 7]).verdict == .out)
        #expect(
            Self.take(&trial, [4, 6, 5])
                == Finding(
                    .alarm(.low), figure: 5, limit: 5, priority: .high, detail: "2 of 3 vote: 1, 3"))
    }

    @Test func `the detail tells who has voted`() {
        var trial = Self.trial(.vote(with: [1, 2], need: 2, bad: .alarm))
        #expect(Self.take(&trial, [0, 0, 0]).detail == nil)
        #expect(Self.take(&trial, [0, 0, 12]).detail == "1 of 3 vote: 3")
        #expect(Self.take(&trial, [12, nil, 0]).detail == "2 of 3 vote: 1, 2, 2 of 3 inputs")
    }

    @Test func `a vote that stands holds until its voters have left the deadband`() {
        var trial = Self.trial(.vote(with: [1, 2], need: 2, bad: .drop), deadband: 2)
        #expect(Self.take(&trial, [10, 9, 0]).verdict == .out)
        #expect(Self.take(&trial, [10, 10, 0]).verdict == .high)
        #expect(Self.take(&trial, [10, 8, 0]).verdict == .high)
        #expect(Self.take(&trial, [10, 7.9, 0]).verdict == .out)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `median and vote are what counting says`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for round in 0..<2000 {
            let count = Int(random.next() % 6) + 1
            let values = (0..<count).map { _ -> Double? in random.chance(20) ? nil : Double(random.next() % 30) }
            let good = values.compactMap { $0 }
            let need = Int(random.next() % UInt64(count)) + 1
            let others = Array(1..<count)
            let label: Comment = "seed \(seed), round \(round), \(values), need \(need)"

            var median = Self.trial(.median(with: others))
            if let found = Self.take(&median, values).figure {
                // As many below as above it.
                #expect(good.count { $0 < found } <= good.count / 2, label)
                #expect(good.count { $0 > found } <= good.count / 2, label)
            } else {
                #expect(good.isEmpty, label)
            }
            for bad in BadVote.allCases {
                var vote = Self.trial(.vote(with: others, need: need, bad: bad))
                let extra = bad == .alarm ? count - good.count : 0
                let reached = [10.0, 20].count { limit in good.count { $0 >= limit } + extra >= need }
                let expected: Verdict =
                    good.count + extra < need ? .unknown : [.out, .high, .highHigh][reached]
                #expect(Self.take(&vote, values).verdict == expected, label)
            }
        }
    }
}
