import Plant
import Testing

@testable import Annunciation

@Suite struct LineRateTests {
    @Test func thereIsRoomAgainWhenTheOldestIsOldEnough() {
        var rate = LineRate(RateLimit(lines: 2, every: .seconds(60)))
        #expect(rate.room(at: 0) == 2)
        rate.note(1, at: 0)
        rate.note(1, at: 10_000_000_000)
        #expect(rate.room(at: 59_999_999_999) == 0)
        #expect(rate.nextRoom == 60_000_000_000)
        #expect(rate.room(at: 60_000_000_000) == 1)
        #expect(rate.room(at: 70_000_000_000) == 2)
    }

    @Test func criticalLinesBeyondTheLimitDoNotPileUp() {
        var rate = LineRate(RateLimit(lines: 2, every: .seconds(60)))
        for second in 0..<100 { rate.note(1, at: Int64(second) * 1_000_000_000) }
        #expect(rate.nextRoom == 158_000_000_000)
    }
}
