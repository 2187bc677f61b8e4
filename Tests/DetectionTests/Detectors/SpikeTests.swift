import Plant
import Testing

@testable import Detection

@Suite struct SpikeTests {
    /// The flags of ioos_qc: 1 good, 2 unknown, 3 suspect, 4 fail, 9 missing.
    private static func flags(_ values: [Double?], _ suspect: Double, _ fail: Double, _ form: Spike.Form) -> [Int] {
        let found = [suspect, fail].map { threshold in
            var trial = Trial(.spike(Spike(threshold: threshold, form: form)))
            // The verdict at a sample is about the one before it.
            return Array(trial.take(values, period: 1000).dropFirst()) + [.unknown]
        }
        return values.indices.map { values[$0] == nil ? 9 : flag(found[0][$0], found[1][$0]) }
    }

    private static func flag(_ suspect: Verdict, _ fail: Verdict) -> Int {
        if fail == .fault { return 4 }
        return suspect == .fault ? 3 : suspect == .out ? 1 : 2
    }

    private static let low: [Double?] = [
        3, 4.99, 5, 6, 8, 6, 6, 6.75, 6, 6, 5.3, 6, 6, 9, 5, nil, 4, 4,
    ]

    // ioos/ioos_qc tests/test_qartod.py @ 9c1853a40c8b.

    @Test(
        arguments: [
            ([10, 12, 999.99, 13, 15, 40, 9, 9], 25, 50, [2, 4, 4, 4, 1, 3, 1, 2]),
            ([-10, -12, -999.99, -13, -15, -40, -9, -9], 25, 50, [2, 4, 4, 4, 1, 3, 1, 2]),
            ([-100, -99, -99, -98], 25, 50, [2, 1, 1, 2]),
            (
                [10, 12, 999.99, 13, 15, 40, 9, 9, nil, 10, 10, 999.99, 10, nil], 25, 50,
                [2, 4, 4, 4, 1, 3, 1, 2, 9, 2, 4, 4, 2, 9]
            ),
            (low, 0.5, 1, [2, 3, 1, 1, 4, 3, 1, 3, 1, 1, 3, 1, 4, 4, 2, 9, 2, 2]),
        ] as [([Double?], Double, Double, [Int])])
    func `the published spikes by the average are found`(
        values: [Double?], suspect: Double, fail: Double, flags: [Int]
    ) {
        #expect(Self.flags(values, suspect, fail, .average) == flags)
    }

    @Test(
        arguments: [
            (low, [2, 1, 1, 1, 4, 1, 1, 3, 1, 1, 3, 1, 1, 4, 2, 9, 2, 2]),
            (
                [3, 4.99, 5, 6, 8, 6, 6, 6.75, 6, 6, 5.3, 6, 6, 9, 5, 5, 4, 4],
                [2, 1, 1, 1, 4, 1, 1, 3, 1, 1, 3, 1, 1, 4, 1, 1, 1, 2]
            ),
        ] as [([Double?], [Int])])
    func `the published spikes by the steps are found`(values: [Double?], flags: [Int]) {
        #expect(Self.flags(values, 0.5, 1, .differential) == flags)
    }

    @Test func `a spike is known one sample later, with its height`() {
        var trial = Trial(.spike(Spike(threshold: 25)))
        #expect(brief(trial.take([10, 10, 50, 10, 10], period: 1000)) == "??.!.")
        #expect(trial.take(5000, 90).figure == 40)
    }

    @Test func `exactly the threshold is no spike, and a gap leaves no neighbour`() {
        var trial = Trial(.spike(Spike(threshold: 25)), maxGap: 3000)
        trial.take(0, 10)
        trial.take(1000, 35)
        #expect(trial.take(2000, 10) == Finding(.out, figure: 25, limit: 25, priority: .high))
        #expect(trial.take(5001, 99).verdict == .unknown)
        #expect(trial.take(6000, 10).verdict == .unknown)
        #expect(trial.take(7000, 99).verdict == .fault)
    }
}

@Suite struct SpikeScreenTests {
    /// What is let through at each sample; `nil` is a bad sample, shown as `x`.
    private static func screen(_ values: [Double?], maxGap: Int64 = 3000, period: Int64 = 1000) -> [String] {
        var screen = SpikeScreen(Spike(threshold: 25, form: .differential), maxGap: maxGap)
        return values.enumerated().map { index, value in
            let time = Int64(index) * period
            let sample = Sample(time: time, value: value ?? .nan, quality: value == nil ? .timeout : .good)
            let released = screen.take(sample)
            return [released.first, released.second].compactMap { $0 }
                .map { "\($0.quality.isGood ? "\(Int($0.value))" : "x")@\($0.time / period)" }.joined(separator: " ")
        }
    }

    @Test func `a spike is kept back, all else comes one sample later`() {
        #expect(Self.screen([1, 2, 90, 3, 4]) == ["", "1@0", "2@1", "", "3@3"])
        #expect(Self.screen([1, 26, 1, 1]) == ["", "1@0", "26@1", "1@2"])
    }

    @Test func `a bad sample comes at once, behind the one that waited`() {
        #expect(Self.screen([1, 2, nil, nil, 90, 4, 5]) == ["", "1@0", "2@1 x@2", "x@3", "", "90@4", "4@5"])
    }

    @Test func `behind a gap nothing is a neighbour`() {
        #expect(Self.screen([1, 90, 3], maxGap: 900) == ["", "1@0", "90@1"])
    }

    @Test func `the first sample may wait, and a reset drops it`() {
        var screen = SpikeScreen(Spike(threshold: 25), maxGap: 3000)
        _ = screen.take(Sample(time: 0, value: 1, quality: .good))
        screen.reset()
        #expect(screen.take(Sample(time: 1, value: 1, quality: .good)).first == nil)
    }
}
