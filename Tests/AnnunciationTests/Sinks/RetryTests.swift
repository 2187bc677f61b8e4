import Plant
import Testing

@testable import Annunciation

@Suite struct RetryTests {
    private func moment(_ seconds: Int64) -> Moment { Moment(utc: seconds * 1000, monotonic: seconds * 1_000_000_000) }

    @Test func thePauseDoublesUpToAMinute() {
        var retry = Retry()
        var waits: [Int64] = []
        for _ in 0..<8 {
            retry.failed(at: moment(10), isCheap: false, wish: nil, random: 1...1)
            waits.append(((retry.next ?? 0) - 10_000_000_000) / 1_000_000_000)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60])
        #expect(retry.failingSince == moment(10))
    }

    @Test func aCheapTryComesEverySecond() {
        var retry = Retry()
        for _ in 0..<3 { retry.failed(at: moment(10), isCheap: true, wish: nil, random: 1...1) }
        #expect(retry.next == 11_000_000_000)
    }

    @Test func theOtherEndMayAskForMore() {
        var retry = Retry()
        retry.failed(at: moment(10), isCheap: false, wish: .seconds(90), random: 1...1)
        #expect(retry.next == 100_000_000_000)
    }

    @Test func successForgetsEverything() {
        var retry = Retry()
        retry.failed(at: moment(10), isCheap: false, wish: nil)
        retry.succeeded()
        #expect(retry.next == nil)
        #expect(retry.failingSince == nil)
    }

    @Test func triesOfManyAreSpread() {
        let waits = (0..<200).map { _ in
            var retry = Retry()
            retry.failed(at: moment(0), isCheap: false, wish: nil)
            return retry.next ?? 0
        }
        #expect(waits.allSatisfy { (750_000_000...1_250_000_000).contains($0) })
        #expect(Set(waits).count > 100)
    }
}
