import Plant
import Testing

@testable import Detection

/// Starts, edits of the configuration, and what else alarms must not go silent, or sound, over.
@Suite struct StartAndChangeTests {
    private static let inSoak = Activity(when: .is(2, 7))

    // MARK: Starts

    @Test func anAlarmOfAPhaseDoesNotSoundBeforeThePhaseHasBeenRead() {
        var rig = BoardRig([.on(0, activity: Self.inSoak)])
        rig.board.restart([0], at: 0)
        rig.scan(0, at: 1000, 150, 1)
        rig.scan(1, at: 1001, 1, 0)
        #expect(rig.happened.allSatisfy { !$0.event.annunciated })
    }

    @Test func aPhaseThatNobodyCanTellKeepsNoAlarmSilent() {
        // The phase's controller is lost from the start; the alarm is on another one.
        var rig = BoardRig([.on(4, activity: Self.inSoak)])
        rig.lose(1, at: 0)
        rig.scan(2, at: 1000, 150, 0)
        #expect(rig.board.states[0].overlay == .suppressed)
        rig.scan(2, at: 6500, 150, 0)
        #expect(rig.board.states[0].shown == "UNACK")
    }

    @Test(arguments: [Activity.Arming.onceNormal, .after(.seconds(600))])
    func aRestartDisarmsNothing(arming: Activity.Arming) {
        let alarm = AlarmDefinition.on(0, activity: Activity(when: .is(2, 7), arming: arming))
        var rig = BoardRig([alarm])
        rig.scan(1, at: 0, 7, 0)
        rig.scan(0, at: 1000, 50, 1)
        rig.scan(1, at: 700_000, 7, 0)
        #expect(rig.scan(0, at: 700_001, 150, 1).last == "raise!0@700001")
        var next = BoardRig([alarm], states: rig.board.states)
        next.board.restart([0], at: 800_000)
        #expect(next.gather() == ["restored0@800000"])
        next.scan(1, at: 801_000, 7, 0)
        next.scan(0, at: 801_001, 150, 1)
        #expect(next.board.states[0].shown == "UNACK")
    }

    @Test func logicOnAlarmsAloneLooksAtTheStart() {
        let not = AlarmDefinition.on(nil, 1, .test(.logic(Logic(text: "", root: .not(.alarm(0)))), priority: .low))
        var rig = BoardRig([.on(0), not])
        #expect(rig.scan(0, at: 0, 50, 0) == ["raise!1@0"])
        let follows = AlarmDefinition.on(nil, 1, .test(.logic(.alarm(0)), priority: .low))
        var standing = BoardRig([.on(0)])
        standing.scan(0, at: 0, 150, 0)
        var next = BoardRig([.on(0), follows], states: standing.board.states + [AlarmState()])
        next.board.restart([0, 1], at: 1000)
        _ = next.gather()
        #expect(next.scan(0, at: 2000, 150, 0) == ["raise!1@2000"])
    }

    @Test func whoIsUsedLooksFirstWhateverTheOrderOfTheConfiguration() {
        let both = Logic(text: "", root: .all([.alarm(0), .alarm(2)]))
        let either = Logic(text: "", root: .all([.alarm(0), .not(.alarm(2))]))
        var rig = BoardRig([
            .on(0), .on(nil, 1, .test(.logic(both), priority: .low)),
            .on(nil, 2, .test(.logic(.alarm(0)), priority: .low)),
            .on(nil, 3, .test(.logic(either), priority: .low)),
        ])
        // The third alarm never sees the moment in which one of the two is new and the other old.
        #expect(rig.scan(0, at: 0, 150, 0) == ["raise!0@0", "raise!2@0", "raise!1@0"])
        #expect(rig.scan(0, at: 1000, 50, 0) == ["clear0@1000", "clear2@1000", "clear1@1000"])
    }

    // MARK: Edits

    @Test func suppressionEndsWithItsReason() {
        var rig = BoardRig([.on(0, activity: Self.inSoak)])
        rig.scan(1, at: 0, 1, 0)
        #expect(rig.board.states[0].overlay == .suppressed)
        var next = BoardRig([.on(0)], states: rig.board.states)
        next.board.restart([0], at: 5000)
        #expect(next.gather() == ["restored0@5000", "unsuppress0@5000"])
    }

    @Test func armingEndsWithItsRule() {
        var rig = BoardRig([.on(0, activity: Activity(when: .is(2, 7), arming: .after(.seconds(600))))])
        rig.scan(1, at: 0, 7, 0)
        #expect(rig.board.states[0].suppression == .arming)
        var next = BoardRig([.on(0, activity: Self.inSoak)], states: rig.board.states)
        next.board.restart([0], at: 5000)
        next.scan(1, at: 6000, 7, 0)
        next.scan(0, at: 6001, 150, 0)
        #expect(next.board.states[0].shown == "UNACK")
    }

    // MARK: Limits by phase

    @Test func aPhaseWithoutLimitsSuppressesAndDoesNotClear() {
        let soak = LimitSet(
            name: "soak", phases: [7], limits: [AlarmLimit(level: .high, limit: 100, priority: .high, deadband: 5)])
        var rig = BoardRig([.on(0, 0, .levels(Levels(isAbove: true, sets: [soak], phase: 2)))])
        rig.scan(1, at: 0, 7, 0)
        #expect(rig.scan(0, at: 1000, 150, 0) == ["raise!0@1000"])
        rig.scan(1, at: 2000, 8, 0)
        #expect(rig.scan(0, at: 3000, 150, 0) == ["suppress0@3000"])
        #expect(rig.board.states[0].condition)
        rig.scan(1, at: 4000, 7, 0)
        #expect(rig.scan(0, at: 5000, 50, 0) == ["clear-suppressed0@5000", "unsuppress0@5000"])
    }

    // MARK: Beside a spike alarm

    private static let spike = AlarmDefinition.on(0, 0, .test(.spike(Spike(threshold: 20)), priority: .low))

    @Test func othersOfItsTagAreJudgedWithoutASampleThatNeverCame() {
        for detector: Detector in [
            .test(.stale(after: .seconds(3)), priority: .low), .test(.quality([]), priority: .low),
            .test(.degraded(with: [1]), priority: .low),
            .levels(
                Levels(
                    [AlarmLimit(level: .high, limit: 500, priority: .low)], isAbove: true, figure: .difference(from: 1))
            ),
        ] {
            var rig = BoardRig([Self.spike, .on(0, 1, detector)])
            rig.board.restart([0, 1], at: 0)
            for second in 1..<10 { rig.scan(0, at: Int64(second) * 1000, 50, 50) }
            #expect(rig.happened.isEmpty, "\(detector)")
        }
    }

    @Test func aValueThatGoesToAndFroIsNoRowOfSpikes() {
        var rig = BoardRig([Self.spike, .on(0, 1), .on(0, 2, .test(.stale(after: .seconds(5)), priority: .low))])
        for second in 1..<40 { rig.scan(0, at: Int64(second) * 1000, second % 2 == 0 ? 1600 : 50, 1) }
        #expect(rig.board.states[1].occurrence > 0)
        #expect(rig.board.states[2].occurrence == 0)
    }

    // MARK: Groups

    @Test func oneThatStoodAlreadyIsNotTheFirst() {
        var rig = BoardRig([.on(0, group: "g"), .on(4, 1, group: "g", latching: true)])
        rig.scan(0, at: 1000, 120, 1)
        rig.scan(2, at: 5000, 120, 1)
        rig.scan(2, at: 6000, 50, 1)
        rig.scan(0, at: 6500, 50, 1)
        _ = rig.order(.acknowledge(occurrence: 1, revision: 0), 0, at: 7000)
        rig.scan(2, at: 20_000, 120, 1)
        #expect(rig.happened.last?.event.what == .raise)
        #expect(rig.happened.last?.event.firstOut == nil)
    }

    @Test func thatAGroupIsNormalIsKept() {
        var rig = BoardRig([.on(0, group: "g"), .on(4, 1, group: "g")])
        rig.scan(0, at: 1000, 120, 1)
        rig.scan(2, at: 5000, 120, 1)
        rig.scan(0, at: 6000, 50, 1)
        _ = rig.order(.acknowledge(occurrence: 1, revision: 0), 0, at: 7000)
        _ = rig.board.takeCharted()
        rig.scan(2, at: 8000, 50, 1)
        _ = rig.order(.acknowledge(occurrence: 1, revision: 0), 1, at: 9000)
        #expect(rig.board.takeCharted() == [0], "it is no longer the first, and its state must be saved")
    }

    // MARK: Many at once

    @Test func aThousandTimersOfOneMomentRunInTheOrderOfTheirNumbers() {
        var rig = BoardRig((0..<1000).map { .on(0, $0, onDelay: 3000) })
        for second in 1...3 { rig.scan(0, at: Int64(second) * 1000, 120, 1) }
        #expect(rig.rest(at: 60_000) == (0..<1000).map { "raise!\($0)@4000" })
    }
}
