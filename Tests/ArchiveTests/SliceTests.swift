import Plant
import TestSupport
import Testing

@testable import Archive

@Suite("All tags over a range")
struct SliceTests {
    @Test(arguments: 301...330 as ClosedRange<UInt64>)
    func comeInTheOrderOfTimeAndTag(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed)
        var random = SeededRandom(seed: seed ^ 0x51)
        let archive = try history.fixture.archive()
        let all = try archive.tags()
        for _ in 0..<8 {
            let range = history.range(&random)
            let tags = random.chance(50) ? all : [random.pick(all), all[2]]
            var expected: [SliceReading] = []
            for (place, tag) in tags.enumerated() where tags.firstIndex(of: tag) == place {
                expected += history.readings(tag.id).filter { range.contains($0.time) }
                    .map { SliceReading(tag: place, reading: $0.stored) }
            }
            let order = expected.enumerated().sorted {
                ($0.element.reading.time, $0.element.tag, $0.offset) < (
                    $1.element.reading.time, $1.element.tag, $1.offset
                )
            }
            let cursor = try archive.slice(from: range.lowerBound, to: range.upperBound, tags)
            var found: [SliceReading] = []
            while let next = try cursor.next() { found.append(next) }
            #expect(found == order.map(\.element), "seed \(seed) in \(range)")
        }
    }

    /// Exact where the ends of the range are no spans' inside, and never less than a tenth off otherwise.
    @Test(arguments: 331...360 as ClosedRange<UInt64>)
    func areCountedBeforehand(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed, imports: false)
        let archive = try history.fixture.archive()
        let tags = try archive.tags()
        let exact = tags.reduce(0) { $0 + history.readings($1.id).count }
        #expect(try archive.count(of: tags, from: .min, to: .max, atMost: .max) >= exact, "seed \(seed)")
        if history.horizon == .min {
            #expect(try archive.count(of: tags, from: .min, to: .max, atMost: .max) == exact, "seed \(seed)")
        }
        #expect(try archive.count(of: tags, from: .min, to: .max, atMost: 10) == min(10, exact), "seed \(seed)")
        #expect(try archive.count(of: tags, from: 5, to: 5, atMost: 10) == 0)
    }
}
