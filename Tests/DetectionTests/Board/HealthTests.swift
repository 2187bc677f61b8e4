import Plant
import TestSupport
import Testing

@testable import Detection

/// Alarms on Cupel itself: told by reports, never by scans.
@Suite struct HealthTests {
    private static let pager = Subsystem.sink("pager")

    /// - Parameter delays: of the sink, in milliseconds.
    private static func alarms(on: Int64 = 10_000, off: Int64 = 60_000) -> [AlarmDefinition] {
        [
            .on(0), .on(nil, 1, .health(pager, priority: .high), onDelay: on, offDelay: off, gap: 0),
            .on(nil, 2, .health(.history, priority: .medium), gap: 0),
        ]
    }

    private static func rig(on: Int64 = 10_000, off: Int64 = 60_000, states: [AlarmState]? = nil) -> BoardRig {
        BoardRig(alarms(on: on, off: off), states: states)
    }

    // MARK: Raise and clear

    @Test func aFaultIsRaisedAfterItsDelayAndSaysWhatIsWrong() throws {
        var rig = Self.rig()
        #expect(rig.report(Self.pager, "exit 75", at: 1000) == [])
        #expect(rig.report(Self.pager, "exit 75", at: 10_999) == [])
        #expect(rig.report(Self.pager, "exit 75", at: 12_000) == ["raise!1@11000"])
        let event = try #require(rig.happened.last?.event)
        #expect(event.level == .fault && event.priority == .high && event.detail == "exit 75")
        #expect(event.quality == .good && event.value == nil && event.limit == nil)
        #expect(rig.board.states[1].core == .unack)
    }

    @Test func itClearsAfterItsOffDelayAndAFlappingOneStands() {
        var rig = Self.rig(on: 0)
        #expect(rig.report(Self.pager, "exit 75", at: 0) == ["raise!1@0"])
        for second in Int64(1)...20 {
            #expect(rig.report(Self.pager, second % 2 == 1 ? nil : "exit 75", at: second * 1000) == [])
        }
        #expect(rig.report(Self.pager, nil, at: 21_000) == [])
        #expect(rig.report(Self.pager, nil, at: 80_999) == [])
        #expect(rig.report(Self.pager, nil, at: 81_000) == ["clear1@81000"])
        #expect(rig.happened.last?.event.detail == nil, "what was wrong is not wrong any more")
    }

    @Test func aPassingFaultIsNone() {
        var rig = Self.rig()
        rig.report(Self.pager, "exit 75", at: 0)
        rig.report(Self.pager, nil, at: 9999)
        rig.report(Self.pager, "exit 75", at: 11_000)
        #expect(rig.report(Self.pager, "exit 75", at: 20_999) == [], "it began anew")
        #expect(rig.report(Self.pager, "exit 75", at: 21_000) == ["raise!1@21000"])
    }

    @Test func partsAreToldApartAndOneWithoutAnAlarmIsIgnored() {
        var rig = Self.rig(on: 0)
        #expect(rig.board.subsystems == [Self.pager, .history])
        #expect(rig.report(.sink("floor"), "gone", at: 0) == [])
        #expect(rig.report(.journal, "disk full", at: 0) == [])
        #expect(rig.report(.history, "disk full", at: 0) == ["raise!2@0"])
        #expect(rig.report(Self.pager, "exit 75", at: 0) == ["raise!1@0"])
    }

    // MARK: The words

    @Test func anotherReasonWhileItStandsIsNoEventAndIsInTheNextOne() {
        let again = AlarmDefinition(
            id: 0, name: "sink:pager", rule: "sink", tag: nil, detector: .health(Self.pager, priority: .high),
            qualification: Qualification(maxGap: .zero), handling: Handling(reAlarm: .seconds(600)))
        var rig = BoardRig([again])
        #expect(rig.report(Self.pager, "exit 75", at: 0) == ["raise!0@0"])
        #expect(rig.report(Self.pager, "timeout", at: 1000) == [])
        #expect(rig.board.states[0].evidence.detail == "timeout", "who looks sees the newest")
        #expect(rig.report(Self.pager, "timeout", at: 600_000) == ["re-alarm!0@600000"])
        #expect(rig.happened.map(\.event.detail) == ["exit 75", "timeout"])
    }

    @Test func anotherReasonDuringTheDelayDoesNotBeginItAgain() {
        var rig = Self.rig()
        rig.report(Self.pager, "refused", at: 0)
        rig.report(Self.pager, "timeout", at: 9000)
        #expect(rig.report(Self.pager, "timeout", at: 10_000) == ["raise!1@10000"])
        #expect(rig.happened.last?.event.detail == "timeout")
    }

    // MARK: Time

    @Test func aDelayEndsAtTheNextLookWithoutAnyScan() {
        var rig = Self.rig()
        rig.report(.history, nil, at: 0)
        rig.report(Self.pager, "exit 75", at: 0)
        #expect(rig.report(Self.pager, "exit 75", at: 10_250) == ["raise!1@10000"])
    }

    @Test func orWithAScanOrAtRestWhenNobodyLooks() {
        var scanned = Self.rig()
        scanned.report(Self.pager, "exit 75", at: 0)
        #expect(scanned.scan(0, at: 9999, 0, 0) == [])
        #expect(scanned.scan(0, at: 10_000, 0, 0) == ["raise!1@10000"], "nothing older can come, so no grace")
        var resting = Self.rig()
        resting.report(Self.pager, "exit 75", at: 0)
        #expect(resting.rest(at: 60_000) == ["raise!1@10000"])
    }

    @Test func scansAndLostControllersSayNothingAboutIt() {
        var rig = Self.rig(on: 0)
        rig.scan(0, at: 0, 150, 0)
        rig.lose(0, at: 1000)
        rig.rest(at: 500_000)
        #expect(rig.board.states[1] == AlarmState() && rig.board.states[2] == AlarmState())
    }

    // MARK: Starts

    @Test func whatWasNeverReportedIsNormal() {
        var rig = Self.rig()
        rig.board.restart(rig.plant.alarms.map(\.id), at: 0)
        rig.rest(at: 1_000_000)
        #expect(rig.happened.isEmpty)
        #expect(rig.board.states[1].shown == "NORM")
        #expect(rig.board.states[1].evidence.quality == .good, "nobody read it badly")
        #expect(rig.board.states[0].evidence.quality == .neverRead)
        #expect(rig.order(.test, 1, at: 1_000_001) == .ok)
        #expect(rig.happened.last?.event.quality == .good)
    }

    @Test func aFaultThatStillStandsAfterARestartIsNoNews() {
        var old = Self.rig(on: 0)
        old.report(Self.pager, "exit 75", at: 0)
        var new = Self.rig(on: 0, states: old.board.states)
        new.board.restart([1], at: 100_000)
        #expect(new.gather() == ["restored1@100000"])
        #expect(new.report(Self.pager, "exit 75", at: 101_000) == [])
        #expect(new.report(Self.pager, "exit 75", at: 900_000) == [])
        #expect(new.board.states[1].core == .unack && new.board.states[1].occurrence == 1)
        new.report(Self.pager, nil, at: 901_000)
        new.report(Self.pager, nil, at: 961_000)
        #expect(new.happened.last?.event.what == .clear && new.happened.last?.event.duringOutage == false)
    }

    @Test func aFaultThatIsGoneAfterARestartClears() throws {
        var old = Self.rig(on: 0)
        old.report(Self.pager, "exit 75", at: 0)
        var new = Self.rig(on: 0, states: old.board.states)
        new.board.restart([1], at: 100_000)
        _ = new.gather()
        #expect(new.report(Self.pager, nil, at: 101_000) == [])
        #expect(new.report(Self.pager, nil, at: 161_000) == ["clear1@161000"])
        #expect(try #require(new.happened.last?.event).duringOutage)
    }

    @Test func aRestartHearsTheSameFaultAgain() {
        var rig = Self.rig()
        rig.report(Self.pager, "exit 75", at: 0)
        rig.board.restart([1], at: 5000)
        #expect(rig.report(Self.pager, "exit 75", at: 6000) == [])
        #expect(rig.report(Self.pager, "exit 75", at: 15_999) == [])
        #expect(rig.report(Self.pager, "exit 75", at: 16_000) == ["raise!1@16000"])
    }

    // MARK: Operators

    @Test func operatorsDealWithItAsWithAnyOther() {
        var rig = Self.rig(on: 0, off: 0)
        rig.report(Self.pager, "exit 75", at: 0)
        #expect(rig.order(.acknowledge(occurrence: 1, revision: 0), 1, at: 1000) == .ok)
        #expect(rig.board.states[1].core == .acked)
        #expect(rig.order(.shelve(for: .seconds(60), oneShot: false), 1, at: 2000) == .ok)
        #expect(rig.report(Self.pager, nil, at: 3000) == ["clear-suppressed1@3000"])
        #expect(rig.report(Self.pager, "exit 1", at: 4000) == ["raise-suppressed1@4000"])
        #expect(rig.report(Self.pager, "exit 1", at: 62_000) == ["shelf-expired1@62000", "raise-exit!1@62000"])
        #expect(rig.happened.last?.event.detail == "exit 1")
    }

    // MARK: Other alarms

    @Test func aStatementMayUseIt() {
        let deaf = Logic(text: "", root: .all([.alarm(0), .alarm(1)]))
        var rig = BoardRig([
            .on(nil, 0, .health(Self.pager, priority: .high), gap: 0),
            .on(nil, 1, .health(.journal, priority: .high), gap: 0),
            .on(nil, 2, .test(.logic(deaf), priority: .critical)),
            .on(nil, 3, .test(.logic(Logic(text: "", root: .not(.alarm(0)))), priority: .low)),
        ])
        // What is said first is looked at, though it changes no condition.
        #expect(rig.report(Self.pager, nil, at: 0) == ["raise!3@0"])
        #expect(rig.report(Self.pager, "exit 75", at: 1000) == ["raise!0@1000", "clear3@1000"])
        #expect(rig.report(.journal, "disk full", at: 2000) == ["raise!1@2000", "raise!2@2000"])
        #expect(rig.report(.journal, nil, at: 3000) == ["clear1@3000", "clear2@3000"])
    }

    @Test func aDelayThatEndsIsHeardByWhoUsesIt() {
        var rig = BoardRig([
            .on(nil, 0, .health(Self.pager, priority: .high), onDelay: 10_000, gap: 0),
            .on(nil, 1, .test(.logic(.alarm(0)), priority: .critical)),
        ])
        rig.report(Self.pager, "exit 75", at: 0)
        #expect(rig.report(Self.pager, "exit 75", at: 10_400) == ["raise!0@10000", "raise!1@10000"])
    }

    // MARK: A naive model

    /// Against a plain reading of what a delay is, with looks at random times: the same edges, whoever looks when.
    @Test(arguments: UInt64(1)...40)
    func itFollowsAPlainModel(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let (on, off) = (Int64(random.next() % 5) * 700, Int64(random.next() % 5) * 900)
        var rig = Self.rig(on: on, off: off)
        var expected: [String] = []
        var (isIn, fault, since): (Bool, String?, Int64) = (false, nil, 0)
        var time: Int64 = 0
        func ripen(until now: Int64) {
            guard (fault != nil) != isIn, since + (isIn ? off : on) <= now else { return }
            expected.append(isIn ? "clear1@\(since + off)" : "raise!1@\(since + on)")
            if !isIn, expected.count > 1 { expected.insert("superseded1@\(since + on)", at: expected.count - 1) }
            isIn.toggle()
        }
        for _ in 0..<200 {
            time += Int64(random.next() % 800)
            let next: String? = random.next() % 2 == 0 ? nil : "exit \(random.next() % 3)"
            ripen(until: time)
            if (next != nil) != (fault != nil) { since = time }
            fault = next
            ripen(until: time)
            switch random.next() % 4 {
            case 0: rig.scan(2, at: time, 0, 0)
            case 1: rig.rest(at: time)
            default: break
            }
            rig.report(Self.pager, next, at: time)
        }
        let found = rig.happened.filter { $0.alarm == 1 }.map {
            "\($0.event.what.rawValue)\($0.event.annunciated ? "!" : "")1@\($0.event.effective)"
        }
        #expect(found == expected, "seed \(seed)")
    }
}

extension BoardRig {
    @discardableResult
    fileprivate mutating func report(_ subsystem: Subsystem, _ fault: String?, at time: Int64) -> [String] {
        board.health(subsystem, fault: fault, at: time)
        return gather()
    }
}
