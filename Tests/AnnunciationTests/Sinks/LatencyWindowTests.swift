import Testing

@testable import Annunciation

@Suite struct LatencyWindowTests {
    @Test func percentilesAreOfTheNearestRank() {
        var window = LatencyWindow()
        #expect(window.percentile(50) == nil)
        for milliseconds in (1...100).reversed() { window.note(Int64(milliseconds) * 1_000_000) }
        #expect(window.percentile(50) == 50)
        #expect(window.percentile(99) == 99)
        #expect(window.percentile(100) == 100)
    }

    @Test func onlyTheNewestCount() {
        var window = LatencyWindow()
        for _ in 0..<LatencyWindow.limit { window.note(9_000_000) }
        for _ in 0..<LatencyWindow.limit { window.note(1_000_000) }
        #expect(window.count == LatencyWindow.limit)
        #expect(window.percentile(100) == 1)
    }
}
