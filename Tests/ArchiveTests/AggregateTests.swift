import Chunks
import Plant
import TestSupport
import Testing

@testable import Archive

@Suite("What the readings of an interval come to")
struct AggregateTests {
    @Test(arguments: 201...260 as ClosedRange<UInt64>)
    func asTheReadingsOneByOne(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed)
        var random = SeededRandom(seed: seed ^ 0xCAFE)
        let archive = try history.fixture.archive()
        for tag in try archive.tags() {
            let readings = history.readings(tag.id)
            for _ in 0..<8 {
                let range = history.range(&random)
                let options = AggregateOptions(
                    interpolation: random.chance(50) ? .byKind : .steps, withStates: random.chance(50))
                let buckets = AggregateTests.buckets(&random)
                var found: [Aggregate] = []
                try archive.aggregates(of: tag, from: range.lowerBound, to: range.upperBound, buckets, options) {
                    found.append($0)
                }
                let oracle = AggregateOracle(readings, range.clamped(to: Archive.times), options)
                let expected = oracle.aggregates(buckets)
                let shown = "seed \(seed), \(tag.name) in \(range), \(buckets), \(options)"
                try #require(found.map(\.start) == expected.map(\.start), "\(shown)")
                for (one, other) in zip(found, expected) {
                    #expect(differences(one, other).isEmpty, "\(shown) at \(one.start): \(differences(one, other))")
                }
            }
        }
    }

    /// Parts of a query, put together, are the query.
    @Test(arguments: 261...280 as ClosedRange<UInt64>)
    func partsCanBeMerged(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed)
        var random = SeededRandom(seed: seed)
        let archive = try history.fixture.archive()
        for tag in try archive.tags() {
            let range = history.range(&random).clamped(to: Archive.times)
            guard range.count > 10 else { continue }
            let buckets = AggregateTests.buckets(&random)
            func collect(_ part: Range<Int64>?) throws -> [Aggregate] {
                var found: [Aggregate] = []
                try archive.aggregates(
                    of: tag, from: range.lowerBound, to: range.upperBound, buckets, within: part
                ) { found.append($0) }
                return found
            }
            let middle = Int64.random(in: range, using: &random)
            var joined = try collect(range.lowerBound..<middle)
            for part in try collect(middle..<range.upperBound) {
                if joined.last?.start == part.start {
                    joined[joined.count - 1].merge(part)
                } else {
                    joined.append(part)
                }
            }
            let whole = try collect(nil)
            try #require(joined.map(\.start) == whole.map(\.start), "seed \(seed), \(tag.name) in \(range)")
            for (one, other) in zip(joined, whole) {
                #expect(
                    differences(one, other).isEmpty,
                    "seed \(seed), \(tag.name) in \(range) at \(middle): \(differences(one, other))")
            }
        }
    }

    static func buckets(_ random: inout SeededRandom) -> Buckets {
        switch random.next() % 3 {
        case 0: .whole
        case 1: .equal(Int(random.next() % 40) + 1)
        default:
            .grid(
                BucketGrid(every: .milliseconds(random.pick([100, 1000, 7000, 60_000, 3_600_000]))) { _ in 3_600_000 })
        }
    }

    /// Sums in another order differ in their last digits.
    private func differences(_ one: Aggregate, _ other: Aggregate) -> [String] {
        var found: [String] = []
        func compare<Value: Equatable>(_ name: String, _ one: Value, _ other: Value) {
            if one != other { found.append("\(name) \(one), expected \(other)") }
        }
        func near(_ name: String, _ one: Double?, _ other: Double?, _ size: Double) {
            if let one, let other, abs(one - other) <= 1e-9 * max(1, size) { return }
            compare(name, one, other)
        }
        let size = max(abs(one.max ?? 0), abs(one.min ?? 0), abs(one.area) / Double(max(1, one.goodMilliseconds)))
        compare("end", one.end, other.end)
        compare("count", one.count, other.count)
        compare("bad", one.bad, other.bad)
        compare("min", one.min, other.min)
        compare("minTime", one.minTime, other.minTime)
        compare("max", one.max, other.max)
        compare("maxTime", one.maxTime, other.maxTime)
        compare("first", one.first, other.first)
        compare("firstTime", one.firstTime, other.firstTime)
        compare("last", one.last, other.last)
        compare("lastTime", one.lastTime, other.lastTime)
        compare("good", one.goodMilliseconds, other.goodMilliseconds)
        compare("text", one.lastText, other.lastText)
        compare("states", one.states, other.states)
        near("sum", one.sum, other.sum, size * Double(one.count))
        near("squares", one.squares, other.squares, size * size * Double(one.count))
        near("area", one.area, other.area, size * Double(one.goodMilliseconds))
        near("mean", one.mean, other.mean, size)
        if one.rise != nil || other.rise != nil { near("rise", one.rise, other.rise, size * Double(one.count + 1)) }
        return found
    }
}
