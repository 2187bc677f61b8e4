import TestSupport
import Testing

@testable import Archive

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
