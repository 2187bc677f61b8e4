import Testing

@testable import Acquisition

@Suite struct TimeHistogramTests {
    @Test func anEmptyOneKnowsNothing() {
        let histogram = TimeHistogram()
        #expect(histogram.count == 0 && histogram.mean == nil && histogram.quantile(0.5) == nil)
        #expect(histogram.bars.isEmpty)
    }

    /// Whatever the times: a quantile is never below the true one, and an eighth or a microsecond above it at most.
    @Test(arguments: 0..<100)
    func aQuantileIsTheTrueOneOrAnEighthMore(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        // Each run has its own scale, from nanoseconds to a minute.
        let scale = Int64(1) << Int64.random(in: 8...35, using: &random)
        let times = (0..<Int.random(in: 1...400, using: &random)).map { _ in Int64.random(in: 0...scale, using: &random)
        }
        var histogram = TimeHistogram()
        for time in times { histogram.add(time) }
        let sorted = times.sorted()
        for share in [0.01, 0.25, 0.5, 0.9, 0.99, 1] {
            let truth = sorted[Int((Double(times.count) * share).rounded(.up)) - 1]
            let told = try #require(histogram.quantile(share))
            #expect(told >= truth && told <= truth + max(truth / 8, 1000), "seed \(seed), share \(share)")
        }
        #expect(histogram.min == sorted.first && histogram.max == sorted.last && histogram.count == times.count)
        #expect(histogram.mean == times.reduce(0, +) / Int64(times.count), "seed \(seed)")
        #expect(histogram.bars.map(\.count).reduce(0, +) == times.count)
    }

    /// Each bar counts what lies above the bar before it and not above its own end.
    @Test(arguments: 0..<20)
    func theBarsCountWhatLiesInThem(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let times = (0..<300).map { _ in
            Int64.random(in: 0...(Int64(1) << Int64.random(in: 1...35, using: &random)), using: &random)
        }
        var histogram = TimeHistogram()
        for time in times { histogram.add(time) }
        var from: Int64 = -1
        for bar in histogram.bars {
            #expect(bar.end > from, "seed \(seed)")
            #expect(times.filter { $0 < bar.end && $0 >= from }.count == bar.count, "seed \(seed)")
            from = bar.end
        }
    }

    /// A clock that went backwards gives no time below zero, and nothing is too long to be counted.
    @Test func whatLiesOutsideIsCountedAtTheEnds() {
        var histogram = TimeHistogram()
        histogram.add(-5)
        histogram.add(Int64.max / 4)
        #expect(histogram.min == 0 && histogram.max == Int64.max / 4 && histogram.count == 2)
        #expect(histogram.quantile(0.5) == 1000)
        #expect(histogram.bars.map(\.count) == [1, 1])
    }

    @Test func clearedItBeginsAnew() {
        var histogram = TimeHistogram()
        for time in 1...50 { histogram.add(Int64(time) * 1_000_000) }
        histogram.clear()
        #expect(histogram.count == 0 && histogram.mean == nil && histogram.bars.isEmpty && histogram.max == 0)
        histogram.add(3_000_000)
        #expect(histogram.min == 3_000_000 && histogram.max == 3_000_000 && histogram.quantile(0.99) == 3_000_000)
    }
}
