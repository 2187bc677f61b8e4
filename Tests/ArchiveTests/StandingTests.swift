import Plant
import TestSupport
import Testing

@testable import Archive

@Suite("What stood at an instant")
struct StandingTests {
    @Test(arguments: 101...140 as ClosedRange<UInt64>)
    func isTheNewestReadingOfEachTag(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed)
        var random = SeededRandom(seed: seed ^ 0xBEEF)
        let archive = try history.fixture.archive()
        let tags = try archive.tags()
        for _ in 0..<12 {
            let time = history.range(&random).upperBound
            let expected = tags.compactMap { tag in
                history.readings(tag.id).last { $0.time <= time }.map { Standing(tag: tag, reading: $0.stored) }
            }
            #expect(try archive.standing(at: time) == expected, "seed \(seed) at \(time)")
            let one = random.pick(tags)
            #expect(
                try archive.standing(at: time, [one]) == expected.filter { $0.tag == one },
                "seed \(seed) at \(time), \(one.name)")
        }
    }
}
