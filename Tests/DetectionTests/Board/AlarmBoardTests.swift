import Plant
import Testing

@testable import Detection

@Suite struct AlarmBoardTests {
    // MARK: Phases

    private static let inSoak = Activity(when: .is(2, 70))

    @Test func outsideItsPhaseAnAlarmIsSilentAndNotCleared() {
        var rig = BoardRig([.on(0, activity: Self.inSoak)])
        #expect(rig.scan(1, at: 0, 70, 0) == [])
        #expect(rig.scan(0, at: 1000, 101, 0) == ["raise!0@1000"])
        #expect(rig.scan(1, at: 2000, 30, 0) == ["suppress0@2000"])
        #expect(rig.board.states[0].shown == "DSUP")
        #expect(rig.board.states[0].condition)
        #expect(rig.scan(0, at: 3000, 50, 0) == ["clear-suppressed0@3000"])
        #expect(rig.scan(0, at: 4000, 150, 0) == ["raise-suppressed0@4000"])
        #expect(rig.scan(1, at: 4500, 70, 0) == ["unsuppress0@4500", "superseded0@4500", "raise-exit!0@4500"])
    }

    @Test func theSampleThatEndsTheConditionEndsItBeforeTheAlarmGetsItsVoiceBack() {
        // Phase and value in one scan: the value of the old phase must not sound in the new one.
        var rig = BoardRig([.on(3, activity: Self.inSoak)])
        #expect(rig.scan(1, at: 0, 30, 150) == ["suppress0@0", "raise-suppressed0@0"])
        #expect(rig.scan(1, at: 2000, 70, 50) == ["clear-suppressed0@2000", "unsuppress0@2000"])
    }

    @Test func anUnknownPhaseIsTheLastOneForThreePeriodsThenTheAlarmWatches() {
        var rig = BoardRig([.on(0, activity: Self.inSoak)])
        rig.scan(1, at: 0, 30, 0)
        #expect(rig.scan(1, at: 2000, 0, 0, quality: .notANumber) == [])
        #expect(rig.scan(0, at: 5000, 150, 0) == ["raise-suppressed0@5000"])
        #expect(rig.scan(1, at: 6000, 0, 0, quality: .notANumber) == [], "three periods of two seconds")
        #expect(rig.scan(1, at: 6001, 0, 0, quality: .notANumber) == ["unsuppress0@6001", "raise-exit!0@6001"])
    }

    @Test func whileTheControllerIsLostThePhaseIsTheLastOne() {
        var rig = BoardRig([.on(4, activity: Self.inSoak)])
        rig.scan(1, at: 0, 30, 0)
        rig.lose(1, at: 2000)
        #expect(rig.scan(2, at: 60_000, 150, 0) == ["raise-suppressed0@60000"])
        #expect(rig.board.states[0].overlay == .suppressed)
    }

    @Test func anAlarmIsArmedSomeTimeAfterItsPhaseBegins() {
        var rig = BoardRig([.on(0, activity: Activity(when: .is(2, 70), arming: .after(.seconds(10))))])
        rig.scan(1, at: 0, 70, 0)
        #expect(rig.board.states[0].suppression == .arming)
        #expect(rig.scan(0, at: 9000, 150, 0) == ["raise-suppressed0@9000"])
        // The delay is over at 10 s, and is run once no older sample can come: a timeout, a second and the phase's period.
        #expect(rig.scan(2, at: 13_499, 0, 0) == [])
        #expect(rig.scan(2, at: 13_500, 0, 0) == ["unsuppress0@10000", "raise-exit!0@10000"])
    }

    @Test func anAlarmIsArmedOnceItsValueHasBeenNormal() {
        var rig = BoardRig([.on(0, activity: Activity(when: .is(2, 70), arming: .onceNormal))])
        rig.scan(0, at: 0, 150, 0)
        rig.scan(1, at: 500, 70, 0)
        #expect(rig.board.states[0].suppression == .arming)
        #expect(rig.scan(0, at: 1000, 150, 0) == [])
        #expect(rig.scan(0, at: 2000, 50, 0) == ["clear-suppressed0@2000", "unsuppress0@2000"])
        #expect(rig.scan(0, at: 3000, 150, 0) == ["raise!0@3000"])
    }

    @Test func whoIsKnownToHoldSuppressesAndTheUnknownDoesNot() {
        var rig = BoardRig([.on(0, activity: Activity(suppressedBy: .is(2, 1)))])
        rig.scan(1, at: 0, 1, 0)
        #expect(rig.board.states[0].suppression == .expression)
        rig.scan(1, at: 2000, 1, 0, quality: .notANumber)
        #expect(rig.board.states[0].overlay == nil)
    }

    @Test func anAlarmSuppressesAnother() {
        var rig = BoardRig([.on(0), .on(1, 1, activity: Activity(suppressedBy: .alarm(0)))])
        #expect(rig.scan(0, at: 0, 150, 0) == ["raise!0@0", "suppress1@0"])
        #expect(rig.scan(0, at: 1000, 150, 150) == ["raise-suppressed1@1000"])
        // The cause goes first, then the consequence is looked at, then it may speak.
        #expect(rig.scan(0, at: 2000, 50, 50) == ["clear0@2000", "clear-suppressed1@2000", "unsuppress1@2000"])
    }

    // MARK: A lost controller

    @Test func aLostControllerIsOneAlarm() {
        var rig = BoardRig([
            .comms(0, 0), .on(0, 1, .test(.quality([]), priority: .low)),
            .on(1, 2, .test(.stale(after: .seconds(3)), priority: .low)), .on(0, 3),
        ])
        rig.scan(0, at: 0, 150, 0)
        #expect(rig.lose(0, at: 1000) == ["raise!0@1500", "suppress1@1500", "suppress2@1500"])
        rig.lose(0, at: 2000)
        let silent = rig.rest(at: 60_000)
        #expect(silent.allSatisfy { !$0.contains("!") }, "\(silent)")
        #expect(rig.board.states[3].core == .unack, "what it said last stays")
        let back = rig.scan(0, at: 61_000, 150, 0)
        #expect(back.first == "clear0@61000")
        #expect(back.allSatisfy { !$0.contains("!") }, "nothing comes out of suppression that is over: \(back)")
        #expect(rig.board.states.dropFirst().prefix(2).allSatisfy { $0.shown == "NORM" })
    }

    @Test func onlyAChangeOfTheLinkIsNews() {
        var rig = BoardRig([.comms(0, 0)])
        rig.scan(0, at: 0, 1, 1)
        rig.lose(0, at: 1000)
        #expect(rig.lose(1, at: 1200) == [])
        #expect(rig.scan(1, at: 9000, 0, 0) == ["clear0@9000"])
    }

    // MARK: Complete scans

    @Test func anAlarmThatNeedsOneTagDoesNotWaitForTheScan() {
        var rig = BoardRig([.on(0)])
        rig.board.take(0, Sample(time: 5, value: 150, quality: .good))
        #expect(rig.gather() == ["raise!0@5"])
    }

    @Test func anAlarmThatNeedsMoreSeesCompleteScansOnly() {
        var rig = BoardRig([.on(3, activity: Self.inSoak)])
        rig.scan(1, at: 0, 30, 0)
        rig.board.take(2, Sample(time: 2000, value: 70, quality: .good))
        rig.board.take(3, Sample(time: 2000, value: 150, quality: .good))
        #expect(rig.gather() == [])
        rig.board.complete(1, at: 2000)
        #expect(rig.gather() == ["raise-suppressed0@2000", "unsuppress0@2000", "raise-exit!0@2000"])
    }

    @Test func halfAScanOfAnotherGroupIsNotSeen() {
        var rig = BoardRig([.on(nil, 0, .test(.logic(.is(2, 70)), priority: .low)), .on(0, 1, activity: Self.inSoak)])
        rig.scan(1, at: 0, 30, 0)
        rig.board.take(2, Sample(time: 2000, value: 70, quality: .good))
        #expect(rig.scan(0, at: 2100, 50, 0) == [])
        #expect(rig.board.states[1].overlay == .suppressed)
    }

    // MARK: Logic

    @Test func logicFollowsTheConditionsOfOthersAtOnce() {
        let both = Logic(text: "", root: .all([.alarm(0), .alarm(1)]))
        let three = Logic(text: "", root: .not(.alarm(2)))
        var rig = BoardRig([
            .on(0), .on(4, 1), .on(nil, 2, .test(.logic(both), priority: .critical)),
            .on(nil, 3, .test(.logic(three), priority: .low)),
        ])
        // An alarm on alarms alone looks when the tags behind them do.
        #expect(rig.scan(0, at: 0, 150, 0) == ["raise!0@0", "raise!3@0"])
        #expect(rig.scan(2, at: 100, 150, 0) == ["raise!1@100", "raise!2@100", "clear3@100"])
        #expect(rig.scan(0, at: 1000, 50, 0) == ["clear0@1000", "clear2@1000", "superseded3@1000", "raise!3@1000"])
    }

    @Test func aDelayOfAnAlarmThatOthersUseRunsOutAtItsTime() {
        var rig = BoardRig([
            .on(0, onDelay: 2000), .on(nil, 1, .test(.logic(.alarm(0)), priority: .critical)),
        ])
        rig.scan(0, at: 0, 150, 0)
        rig.scan(0, at: 1000, 150, 0)
        // A timeout, a second and a period later no older sample can come.
        #expect(rig.scan(2, at: 4499, 0, 0) == [])
        #expect(rig.scan(2, at: 4500, 0, 0) == ["raise!0@2000", "raise!1@2000"])
    }

    @Test func whenThereAreNoScansAtAllThePresentRunsTheTimers() {
        var rig = BoardRig([.on(0, onDelay: 2000)])
        rig.scan(0, at: 0, 150, 0)
        #expect(rig.rest(at: 7999) == [])
        #expect(rig.rest(at: 8000) == ["raise!0@2000"], "delay, grace, and the longest timeout, period and a second")
    }

    // MARK: Groups

    @Test func theFirstOfAGroupIsMarkedUntilAllAreNormal() {
        var rig = BoardRig([.on(0, group: "water"), .on(1, 1, group: "water"), .on(4, 2, group: "gas")])
        rig.scan(0, at: 0, 150, 0)
        rig.scan(0, at: 5000, 150, 150)
        rig.scan(2, at: 5100, 150, 0)
        #expect(rig.happened.map { $0.event.firstOut?.simultaneous } == [false, nil, false])
        #expect(rig.board.states.map { $0.firstOut != nil } == [true, false, true])
        _ = rig.order(.acknowledge(occurrence: 1, revision: 0), 0, at: 6000)
        rig.scan(0, at: 7000, 50, 150)
        #expect(rig.board.states[0].firstOut != nil, "the other one still stands")
        _ = rig.order(.acknowledge(occurrence: 1, revision: 0), 1, at: 8000)
        rig.scan(0, at: 9000, 50, 50)
        #expect(rig.board.states[0].firstOut == nil)
        rig.scan(0, at: 20_000, 50, 150)
        #expect(rig.happened.last?.event.firstOut == AlarmState.FirstOut(simultaneous: false))
    }

    @Test func withinOnePeriodNobodyCanTellWhichWasFirst() {
        var rig = BoardRig([.on(0, group: "water"), .on(4, 1, group: "water"), .on(1, 2, group: "water")])
        rig.scan(0, at: 0, 150, 0)
        rig.scan(2, at: 1000, 150, 0)
        rig.scan(0, at: 2000, 150, 150)
        #expect(rig.happened.map { $0.event.firstOut?.simultaneous } == [false, true, nil])
        #expect(rig.board.states[0].firstOut?.simultaneous == true)
    }

    // MARK: Going on

    @Test func aRestartFallsSilentBeforeItLooks() {
        var rig = BoardRig([.on(0, activity: Self.inSoak)])
        rig.scan(1, at: 0, 30, 0)
        rig.scan(0, at: 1000, 150, 0)
        var next = BoardRig([.on(0, activity: Self.inSoak)], states: rig.board.states)
        next.board.restart([0], at: 9000)
        #expect(next.gather() == ["restored0@9000"])
        #expect(next.scan(0, at: 10_000, 150, 0) == [], "the phase is not known yet, and the last one counts")
        #expect(next.scan(1, at: 10_100, 70, 0) == ["unsuppress0@10100", "raise-exit!0@10100"])
    }

    @Test func anotherPlantTakesOverWhatIsTheSame() {
        var rig = BoardRig([.on(0, onDelay: 5000), .on(nil, 1, .test(.logic(.is(2, 70)), priority: .low))])
        rig.scan(0, at: 0, 150, 0)
        rig.scan(1, at: 500, 70, 0)
        let plant = BoardRig.plant([
            .on(nil, 0, .test(.logic(.is(2, 70)), priority: .low)), .on(0, 1, onDelay: 5000),
        ])
        rig.board = AlarmBoard(
            plant, succeeding: rig.board, tags: Array(0..<8), controllers: [0, 1], alarms: [1, 0],
            undisturbed: [true, true])
        #expect(rig.board.states[0].core == .unack)
        rig.scan(0, at: 4000, 150, 0)
        #expect(rig.scan(0, at: 5000, 150, 0) == ["raise!1@5000"], "its delay has gone on")
    }
}
