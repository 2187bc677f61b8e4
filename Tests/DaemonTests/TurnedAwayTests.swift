import Testing

@testable import Daemon

/// What of it is noted when somebody is turned away again and again.
@Suite struct TurnedAwayTests {
    @Test func theFirstTimeAndThenOnceAMinuteWithACount() {
        let turned = TurnedAway()
        #expect(turned.note("kim", at: 0) == 1)
        for time in 1...9 { #expect(turned.note("kim", at: Int64(time) * 1000) == nil) }
        #expect(turned.note("lee", at: 9000) == 1, "somebody else is somebody else")
        #expect(turned.note("kim", at: TurnedAway.every - 1) == nil)
        #expect(turned.note("kim", at: TurnedAway.every) == 11)
        #expect(turned.note("kim", at: TurnedAway.every + 1) == nil)
        #expect(turned.note("kim", at: 3 * TurnedAway.every) == 2)
    }

    @Test func moreUsersThanAreRememberedAreNotedStill() {
        let turned = TurnedAway()
        for user in 0...TurnedAway.userLimit { #expect(turned.note("\(user)", at: 0) == 1) }
        #expect(turned.note("0", at: 1) == 1, "all begin anew, so that none is kept for ever")
    }
}
