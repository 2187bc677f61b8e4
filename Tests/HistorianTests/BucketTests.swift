import Foundation
import Plant
import TestSupport
import Testing

@testable import Historian

private let hour: Int64 = 3_600_000
private let day: Int64 = 86_400_000

/// Berlin in 2026: summer time from 29 March 01:00 UTC to 25 October 01:00 UTC.
@Sendable private func berlin(_ time: Int64) -> Int64 {
    (1_774_746_000_000..<1_792_890_000_000).contains(time) ? 2 * hour : hour
}

@Suite("Where buckets begin")
struct BucketGridTests {
    private func ranges(_ interval: Duration, from start: Int64, to end: Int64) -> [Range<Int64>] {
        let grid = BucketGrid(every: interval, utcOffset: berlin)
        var found: [Range<Int64>] = []
        var at = start
        while at < end {
            found.append(grid.bucket(containing: at))
            at = found[found.count - 1].upperBound
        }
        return found
    }

    @Test func bucketsOfUTCAreMultiplesFromMidnight() {
        let grid = BucketGrid(every: .seconds(60))
        #expect(grid.bucket(containing: 0) == 0..<60_000)
        #expect(grid.bucket(containing: 59_999) == 0..<60_000)
        #expect(grid.bucket(containing: 60_000) == 60_000..<120_000)
        #expect(grid.bucket(containing: -1) == -60_000..<0)
        #expect(
            BucketGrid(every: .seconds(7 * 86400)).bucket(containing: 1_767_434_400_000).lowerBound
                == 1_766_966_400_000)  // Monday 29 December 2025
    }

    @Test func anIntervalThatDoesNotDivideTheDayStartsAgainAtMidnight() {
        let grid = BucketGrid(every: .seconds(7 * 3600))
        #expect(grid.bucket(containing: 22 * hour) == 21 * hour..<24 * hour)
        #expect(grid.bucket(containing: day) == day..<(day + 7 * hour))
    }

    @Test(arguments: [(3600, 25), (6 * 3600, 4), (86400, 1), (600, 150), (2 * 3600, 13)])
    func theDayOf25Hours(seconds: Int, buckets: Int) {
        // 25 October 2026 begins at 22:00 UTC of the 24th.
        let start: Int64 = 1_792_879_200_000
        let found = ranges(.seconds(seconds), from: start, to: start + 25 * hour)
        #expect(found.count == buckets)
        #expect(found.first?.lowerBound == start)
        #expect(found.last?.upperBound == start + 25 * hour)
    }

    @Test(arguments: [(3600, 23), (6 * 3600, 4), (86400, 1), (600, 138)])
    func theDayOf23Hours(seconds: Int, buckets: Int) {
        // 29 March 2026 begins at 23:00 UTC of the 28th.
        let start: Int64 = 1_774_738_800_000
        let found = ranges(.seconds(seconds), from: start, to: start + 23 * hour)
        #expect(found.count == buckets)
        #expect(found.last?.upperBound == start + 23 * hour)
    }

    @Test(arguments: [UInt64(31), 32])
    func bucketsNeverOverlapAndLeaveNothingOut(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<3000 {
            let seconds = [1, 7, 60, 600, 3600, 5400, 7200, 21600, 28800, 86400].randomElement(using: &random) ?? 1
            let grid = BucketGrid(every: .seconds(seconds), utcOffset: berlin)
            let around: Int64 = Bool.random(using: &random) ? 1_774_746_000_000 : 1_792_890_000_000
            let time = around + .random(in: -2 * day...2 * day, using: &random)
            let bucket = grid.bucket(containing: time)
            #expect(bucket.contains(time), "seed \(seed), \(seconds) s at \(time)")
            for other in [bucket.lowerBound, bucket.upperBound - 1, Int64.random(in: bucket, using: &random)] {
                #expect(grid.bucket(containing: other) == bucket, "seed \(seed), \(seconds) s at \(time), \(other)")
            }
        }
    }
}

@Suite("What buckets hold")
struct BucketTests {
    private func buckets(
        _ readings: [(Int64, Double?)], range: Range<Int64>, every interval: Int64, period: Int64 = 1000
    ) -> [Bucket] {
        var builder = BucketBuilder(
            grid: BucketGrid(every: .milliseconds(interval)), range: range, period: period)
        var found: [Bucket] = []
        for (time, number) in readings {
            builder.add(
                StoredReading(time: time, number: number, text: nil, quality: number == nil ? .timeout : .good)
            ) { found.append($0) }
        }
        builder.finish { found.append($0) }
        return found
    }

    @Test func theMeanIsWeightedByTime() {
        let found = buckets([(0, 0), (2500, 100), (3000, 50)], range: 0..<4000, every: 4000)
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

    @Test func aValueStandsOverTheBorderAndFromBeforeTheQuery() {
        let found = buckets([(-500, 10), (500, 20), (1500, 30)], range: 0..<2000, every: 1000)
        #expect(found.map(\.mean) == [15, 25])
        #expect(found.map(\.count) == [1, 1])
        #expect(found.map(\.goodMilliseconds) == [1000, 1000])
    }

    @Test func aGapHasNoBucketsAndNoWeight() {
        let found = buckets([(0, 10), (1000, 10), (60_000, 30)], range: 0..<62_000, every: 2000)
        #expect(found.map(\.start) == [0, 60_000])
        #expect(found.map(\.mean) == [10, 30])
        #expect(found.map(\.goodMilliseconds) == [2000, 1000])
    }

    @Test func badReadingsEndAValueAndCount() {
        let found = buckets([(0, 10), (1000, nil), (2000, nil), (3000, 40)], range: 0..<4000, every: 4000)
        #expect(found.count == 1)
        #expect(found[0].mean == 25)
        #expect(found[0].count == 2)
        #expect(found[0].bad == 2)
        #expect(found[0].goodMilliseconds == 2000)
        let alone = buckets([(0, nil)], range: 0..<1000, every: 1000)
        #expect(alone.map(\.bad) == [1])
        #expect(alone.map(\.mean) == [nil])
        #expect(alone.map(\.max) == [nil])
    }

    @Test func readingsOfTheSameInstantHaveAMeanToo() {
        let found = buckets([(0, 10), (0, 20)], range: 0..<1, every: 1)
        #expect(found.map(\.mean) == [20])
        #expect(found.map(\.count) == [2])
    }

    @Test func throughTheDatabase() throws {
        let rig = try Rig(.small())
        let start = rig.clock.now
        for value in 0..<120 {
            rig.scan(1, [.int(Int64(value))])
            rig.clock.advance(milliseconds: 1000)
        }
        rig.loop.pass()
        var found: [Bucket] = []
        try rig.reader().buckets(tag: "C2.level", from: start + 30_000, to: start + 120_000, every: .seconds(60)) {
            found.append($0)
        }
        #expect(found.map(\.start) == [start, start + 60_000])
        #expect(found.map(\.count) == [30, 60])
        #expect(found.map(\.first) == [30, 60])
        #expect(found.map(\.mean) == [44.5, 89.5])
        // The simple mean of the same rows, by SQL.
        let rows = try shell(
            rig.path, "SELECT avg(value) FROM reading WHERE tag = 'C2.level' AND time >= \(start + 60_000)")
        #expect(rows == [["89.5"]])
    }

    /// Against a slow oracle that looks at every millisecond.
    @Test(arguments: [UInt64(41), 42, 43])
    func randomReadingsAgainstEveryMillisecond(seed: UInt64) {
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
            let found = buckets(readings, range: range, every: interval, period: 10)
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
                let oracle = expected[bucket.start] ?? (0, 0)
                #expect(bucket.goodMilliseconds == oracle.weight, "seed \(seed)")
                if oracle.weight > 0 { #expect(bucket.mean == oracle.sum / Double(oracle.weight), "seed \(seed)") }
            }
            #expect(Set(expected.keys).isSubset(of: found.map(\.start)), "seed \(seed)")
            #expect(found.map(\.start) == found.map(\.start).sorted(), "seed \(seed)")
        }
    }
}
