import Plant
import TestSupport
import Testing

@testable import Archive

@Suite("The readings of a tag, merged from everywhere")
struct ReadingCursorTests {
    /// Random histories, ranges that snap to the borders of spans, both ways through time.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func asIfAllWereRows(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed)
        var random = SeededRandom(seed: seed ^ 0xABCD)
        let archive = try history.fixture.archive()
        for tag in try archive.tags() {
            let all = history.readings(tag.id)
            for _ in 0..<12 {
                let range = history.range(&random)
                let expected = all.filter { range.contains($0.time) }.map(\.stored)
                let up = try collect(archive.readings(of: tag, from: range.lowerBound, to: range.upperBound))
                #expect(up == expected, "seed \(seed), \(tag.name) in \(range)")
                let down = try collect(
                    archive.readings(of: tag, from: range.lowerBound, to: range.upperBound, .descending))
                #expect(down == expected.reversed(), "seed \(seed), \(tag.name) in \(range), descending")
            }
        }
    }

    /// Going on after each reading with a new cursor gives the same as going on with the old one.
    @Test(arguments: 41...52 as ClosedRange<UInt64>, [ReadingOrder.ascending, .descending])
    func resumedAnywhere(seed: UInt64, order: ReadingOrder) throws {
        let history = try RandomHistory(seed: seed, scans: 60)
        var random = SeededRandom(seed: seed)
        let archive = try history.fixture.archive()
        for tag in try archive.tags() {
            let range = history.range(&random)
            var expected = history.readings(tag.id).filter { range.contains($0.time) }.map(\.stored)
            if order == .descending { expected.reverse() }
            var found: [StoredReading] = []
            var position: ReadingPosition?
            while true {
                let cursor = try archive.readings(
                    of: tag, from: range.lowerBound, to: range.upperBound, order, after: position)
                var taken = random.next() % 3 + 1
                while taken > 0, let reading = try cursor.next() {
                    found.append(reading)
                    taken -= 1
                }
                if taken > 0 { break }
                position = cursor.position
            }
            #expect(found == expected, "seed \(seed), \(tag.name) in \(range)")
        }
    }

    private func collect(_ cursor: ReadingCursor) throws -> [StoredReading] {
        var found: [StoredReading] = []
        while let reading = try cursor.next() { found.append(reading) }
        return found
    }
}
