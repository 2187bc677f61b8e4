import Annunciation
import Testing

@testable import Console

@Suite struct StandingLinesTests {
    private static let second: Int64 = 1_000_000_000

    @Test func whoComesTogetherSharesThem() {
        let standing = StandingLines()
        var made = 0
        func lines(upTo sequence: Int64, at now: Int64, newest: Int64) -> String {
            let lines = standing.lines(
                upTo: sequence, at: now, newest: { newest },
                make: {
                    made += 1
                    return [FakeLines.standing("\(made)")]
                })
            return lines.map(\.json).joined()
        }
        let first = lines(upTo: 7, at: 0, newest: 9)
        #expect(first.contains("\"1\""))
        // It joined before they were made, or just after.
        #expect(lines(upTo: 8, at: 1, newest: 20) == first)
        #expect(lines(upTo: 9, at: 1, newest: 20) == first)
        #expect(made == 1)
        // An event took effect that they may not show.
        #expect(lines(upTo: 10, at: 2, newest: 20).contains("\"2\""))
        // A value in them may have changed without an event.
        #expect(lines(upTo: 10, at: 2 + Self.second - 1, newest: 20).contains("\"2\""))
        #expect(lines(upTo: 10, at: 2 + Self.second, newest: 20).contains("\"3\""))
    }

    /// An event that is published while they are made is not said to be in them.
    @Test func whatTheyShowIsKnownBeforeTheyAreMade() {
        let standing = StandingLines()
        var newest: Int64 = 5
        func made(upTo sequence: Int64) -> Int64 {
            _ = standing.lines(
                upTo: sequence, at: 0, newest: { newest },
                make: {
                    newest += 1
                    return [FakeLines.standing("at \(newest)")]
                })
            return newest
        }
        #expect(made(upTo: 5) == 6)
        #expect(made(upTo: 5) == 6)
        #expect(made(upTo: 6) == 7)
    }
}
