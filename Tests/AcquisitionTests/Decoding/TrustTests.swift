import Plant
import Testing

@testable import Acquisition

@Suite struct TrustTests {
    private static let second: Int64 = 1_000_000_000

    @Test func aControllerThatPromisesNothingIsBelieved() {
        #expect(Trust(expectations: 0, heartbeatTimeout: .seconds(5)).doubt == nil)
    }

    @Test func aLayoutIsDoubtedUntilEveryExpectationIsMet() {
        var trust = Trust(expectations: 2, heartbeatTimeout: .seconds(5))
        #expect(trust.doubt == .layoutMismatch && trust.layoutMatches)
        trust.sawExpectation(0, met: true)
        #expect(trust.doubt == .layoutMismatch)
        trust.sawExpectation(1, met: true)
        #expect(trust.doubt == nil)
        trust.sawExpectation(0, met: false)
        #expect(trust.doubt == .layoutMismatch && !trust.layoutMatches)
        trust.sawExpectation(1, met: true)
        #expect(trust.doubt == .layoutMismatch, "one that is met does not heal another")
        trust.sawExpectation(0, met: true)
        #expect(trust.doubt == nil)
    }

    @Test func aLostConnectionMakesTheLayoutAQuestionAgain() {
        var trust = Trust(expectations: 1, heartbeatTimeout: .seconds(5))
        trust.sawExpectation(0, met: true)
        trust.forgetLayout()
        #expect(trust.doubt == .layoutMismatch)
    }

    @Test func aHeartbeatThatStandsStillFreezesAndOneThatMovesThaws() {
        var trust = Trust(expectations: 0, heartbeatTimeout: .seconds(5))
        for (time, beat, frozen) in [
            (0, 1, false), (5, 1, false), (6, 1, true), (7, 1, true), (8, 2, false), (9, 2, false),
        ] {
            trust.sawHeartbeat(UInt64(beat), at: Int64(time) * Self.second)
            #expect(trust.isFrozen == frozen, "at \(time) s")
            #expect(trust.doubt == (frozen ? .frozen : nil))
        }
    }

    @Test func aHeartbeatReadMoreRarelyThanItsTimeoutIsNotFrozenWhenItMoves() {
        var trust = Trust(expectations: 0, heartbeatTimeout: .seconds(5))
        for time in 0..<5 {
            trust.sawHeartbeat(UInt64(time), at: Int64(time) * 60 * Self.second)
            #expect(!trust.isFrozen)
        }
    }

    @Test func aHeartbeatThatHasNotMovedAcrossAnOutageIsFrozen() {
        var trust = Trust(expectations: 0, heartbeatTimeout: .seconds(5))
        trust.sawHeartbeat(7, at: 0)
        trust.forgetLayout()
        trust.sawHeartbeat(7, at: 100 * Self.second)
        #expect(trust.isFrozen)
    }

    @Test func anotherLayoutWeighsMoreThanAHeartbeat() {
        var trust = Trust(expectations: 1, heartbeatTimeout: .seconds(5))
        trust.sawHeartbeat(7, at: 0)
        trust.sawHeartbeat(7, at: 100 * Self.second)
        #expect(trust.doubt == .layoutMismatch)
    }
}
