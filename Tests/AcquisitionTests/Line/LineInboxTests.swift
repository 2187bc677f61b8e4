import Testing

@testable import Acquisition

@Suite struct LineInboxTests {
    @Test func whatIsPutIsTakenOnceAndTheLastOneCounts() {
        let inbox = LineInbox()
        #expect(inbox.takeLimits() == nil)
        inbox.put(limits: [1: [10]])
        inbox.put(limits: [1: [20]])
        #expect(inbox.takeLimits() == [1: [20]])
        #expect(inbox.takeLimits() == nil)
        inbox.put(limits: [:])
        #expect(inbox.takeLimits() == [:], "no limits at all are news too")
    }

    /// However puts and takes fall together, the last limits reach the taker.
    @Test func theLastLimitsAreNeverLost() async {
        let inbox = LineInbox()
        let last = 2000
        let putting = Task.detached {
            for number in 1...last { inbox.put(limits: [0: [Double(number)]]) }
        }
        var seen = 0.0
        while seen < Double(last) {
            guard let limit = inbox.takeLimits()?[0]?.first else {
                await Task.yield()
                continue
            }
            #expect(limit > seen)
            seen = limit
        }
        await putting.value
        #expect(inbox.takeLimits() == nil)
    }
}
