import Plant
import TestSupport
import Testing

@testable import Archive

@Suite("What buckets hold")
struct BucketTests {
    /// Ten days behind the beginning of time: rows have no negative times.
    private static let base: Int64 = 864_000_000

    /// Of a tag whose value stands until the next one; times from `base` on.
    private func buckets(
        _ readings: [(Int64, Double?)], range: Range<Int64>, every interval: Int64, period: Int64 = 1000
    ) throws -> [Aggregate] {
        let fixture = try HistoryFixture()
        try fixture.tag(1, "a", type: .float64, stepped: true)
        try fixture.group(1, "C1/fast", period: period)
        try fixture.layout(1, of: 1, period: period, [FixtureSlot(tag: 1, type: .float64, isStepped: true)])
        for (index, (time, number)) in readings.enumerated() {
            let sample = number.map { FixtureSample(bits: $0.bitPattern) } ?? FixtureSample(quality: .timeout)
            try fixture.hot(
                FixtureRow(
                    group: 1, layout: 1, time: Self.base + time, sequence: UInt64(index + 1),
                    ordinal: Int64(index + 1), samples: [sample]))
        }
        let archive = try fixture.archive()
        let tag = try #require(try archive.tag(named: "a"))
        var found: [Aggregate] = []
        try archive.aggregates(
            of: tag, from: Self.base + range.lowerBound, to: Self.base + range.upperBound,
            .grid(BucketGrid(every: .milliseconds(interval)))
        ) { found.append($0) }
        return found
    }

    @Test func theMeanIsWeightedByTime() throws {
        let found = try buckets([(0, 0), (2500, 100), (3000, 50)], range: 0..<4000, every: 4000)
        #expect(found.count == 1)
        // 2.5 s at 0, 0.5 s at 100, 1 s at 50.
        #expect(found[0].mean == 25)
        #expect(found[0].min == 0)
        #expect(found[0].max == 100)
        #expect(found[0].first == 0)
        #expect(found[0].last == 50)
        #expect(found[0].count == 3)
        #expect(found[0].goodMilliseconds == 4000)
    }

    @Test func aValueStandsOverTheBorderAndFromBeforeTheQuery() throws {
        let found = try buckets([(-500, 10), (500, 20), (1500, 30)], range: 0..<2000, every: 1000)
        #expect(found.map(\.mean) == [15, 25])
        #expect(found.map(\.count) == [1, 1])
        #expect(found.map(\.goodMilliseconds) == [1000, 1000])
    }

    @Test func aGapHasNoBucketsAndNoWeight() throws {
        let found = try buckets([(0, 10), (1000, 10), (60_000, 30)], range: 0..<62_000, every: 2000)
        #expect(found.map { $0.start - Self.base } == [0, 60_000])
        #expect(found.map(\.mean) == [10, 30])
        #expect(found.map(\.goodMilliseconds) == [2000, 1000])
    }

    @Test func badReadingsEndAValueAndCount() throws {
        let found = try buckets([(0, 10), (1000, nil), (2000, nil), (3000, 40)], range: 0..<4000, every: 4000)
        #expect(found.count == 1)
        #expect(found[0].mean == 25)
        #expect(found[0].count == 2)
        #expect(found[0].bad == 2)
        #expect(found[0].goodMilliseconds == 2000)
        let alone = try buckets([(0, nil)], range: 0..<1000, every: 1000)
        #expect(alone.map(\.bad) == [1])
        #expect(alone.map(\.mean) == [nil])
        #expect(alone.map(\.max) == [nil])
    }

    @Test func readingsOfTheSameInstantHaveAMeanToo() throws {
        let found = try buckets([(0, 10), (0, 20)], range: 0..<1, every: 1)
        #expect(found.map(\.mean) == [20])
        #expect(found.map(\.count) == [2])
    }

    /// Against a slow oracle that looks at every millisecond.
    @Test(arguments: [UInt64(41), 42, 43])
    func randomReadingsAgainstEveryMillisecond(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            var readings: [(Int64, Double?)] = []
            var time = Int64.random(in: -50...50, using: &random)
            for _ in 0..<30 {
                let isBad = Int.random(in: 0..<5, using: &random) == 0
                readings.append((time, isBad ? nil : Double(Int.random(in: 0..<100, using: &random))))
                time += .random(in: 1...40, using: &random)
            }
            let range = Int64.random(in: 0..<100, using: &random)..<Int64.random(in: 200..<600, using: &random)
            let interval = Int64.random(in: 1...90, using: &random)
            let found = try buckets(readings, range: range, every: interval, period: 10)
            var expected: [Int64: (sum: Double, weight: Int64)] = [:]
            for instant in range {
                guard let index = readings.lastIndex(where: { $0.0 <= instant }), let value = readings[index].1
                else { continue }
                let next = index + 1 < readings.count ? readings[index + 1].0 : nil
                let isLate = next.map { $0 - readings[index].0 > 30 } ?? true
                if isLate, instant >= readings[index].0 + 10 { continue }
                let start = instant / interval * interval
                expected[start, default: (0, 0)].sum += value
                expected[start, default: (0, 0)].weight += 1
            }
            for bucket in found {
                let oracle = expected[bucket.start - Self.base] ?? (0, 0)
                #expect(bucket.goodMilliseconds == oracle.weight, "seed \(seed)")
                if oracle.weight > 0 { #expect(bucket.mean == oracle.sum / Double(oracle.weight), "seed \(seed)") }
            }
            #expect(Set(expected.keys).isSubset(of: found.map { $0.start - Self.base }), "seed \(seed)")
            #expect(found.map(\.start) == found.map(\.start).sorted(), "seed \(seed)")
        }
    }
}
