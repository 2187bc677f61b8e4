import Testing

@testable import cupel

struct ProgressBarTests {
    /// Nanoseconds, moved by hand.
    final class Hand {
        var time: Int64 = 0
        var lines: [String] = []
    }

    @Test func shortWorkShowsNothing() {
        let hand = Hand()
        let bar = ProgressBar(isShown: true, now: { hand.time }, write: { hand.lines.append($0) })
        bar.reached(0.1)
        hand.time = ProgressBar.delay - 1
        bar.reached(0.9)
        bar.end()
        #expect(hand.lines.isEmpty)
    }

    @Test func longWorkShowsALineNowAndThenAndTakesItAway() {
        let hand = Hand()
        let bar = ProgressBar(isShown: true, now: { hand.time }, write: { hand.lines.append($0) })
        hand.time = ProgressBar.delay
        for _ in 0..<1000 {
            bar.reached(0.5)
            hand.time += 1_000_000
        }
        bar.end()
        bar.end()
        #expect(hand.lines.count == 6)
        #expect(hand.lines.first == "\r\u{1B}[K[###############...............] 50 %")
        #expect(hand.lines.last == "\r\u{1B}[K")
    }

    @Test func aFileIsNeverWrittenInto() {
        let hand = Hand()
        let bar = ProgressBar(isShown: false, now: { hand.time }, write: { hand.lines.append($0) })
        hand.time = 10 * ProgressBar.delay
        bar.reached(0.5)
        bar.end()
        #expect(hand.lines.isEmpty)
    }

    @Test(arguments: [(-1.0, "0 %"), (0.999, "99 %"), (1, "100 %"), (7, "100 %")])
    func staysWithinItsBounds(part: Double, end: String) {
        #expect(ProgressBar.text(part).hasSuffix("] \(end)"))
        #expect(ProgressBar.text(part).count == ProgressBar.width + 3 + end.count)
    }
}
