import Plant
import Testing

@testable import Detection
@testable import Journal

/// What each event and each detector says to an operator.
@Suite struct SentenceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let expected: String
        var what = AlarmEvent.What.raise
        var detector = Detector.levels(Levels([.hot], isAbove: true))
        var tag: Int? = 0
        var overlay: AlarmOverlay?
        var level = AlarmLevel.highHigh
        var value: Double? = 1502.3
        var figure: Double?
        var limit: Double? = 1500
        var quality = Quality.good
        var duringOutage = false
        var firstOut: Bool?
        var note: Note?
        var detail: String?
        var until: Int64?

        var testDescription: String { expected }
    }

    private func sentence(_ sample: Case) throws -> String {
        let event = AlarmEvent(
            what: sample.what, effective: 0, time: 0, core: .unack, overlay: sample.overlay, level: sample.level,
            priority: .critical, topPriority: .critical, raisedAt: 0, value: sample.value, figure: sample.figure,
            limit: sample.limit,
            quality: sample.quality, occurrence: 1, revision: 0, annunciated: true, duringOutage: sample.duringOutage,
            firstOut: sample.firstOut.map(AlarmState.FirstOut.init(simultaneous:)), note: sample.note,
            detail: sample.detail, until: sample.until)
        let alarm = makeAlarm(sample.detector, tag: sample.tag)
        return AlarmNotice(event, of: alarm, in: try smallPlant(), sourceTime: 0, receivedTime: 0, effectiveTime: 0)
            .text
    }

    private static let kim = Note(who: "kim", why: "thermocouple being replaced")
    private static let noon: Int64 = 12 * 3_600_000
    private static let comms = Detector.comms(0, priority: .high)

    @Test(arguments: [
        Case(expected: "F-01.melt_temp 1502.3 degC >= 1500"),
        Case(expected: "F-01.melt_temp 1502.3 degC >= 1500, first out of group water", firstOut: false),
        Case(
            expected: "F-01.melt_temp 1502.3 degC >= 1500, first out of group water with another at the same time",
            firstOut: true),
        Case(expected: "F-01.melt_temp 1502.3 degC >= 1500", what: .levelUp),
        Case(expected: "F-01.melt_temp 1502.3 degC >= 1500", what: .levelDown),
        Case(expected: "F-01.melt_temp 1502.3 degC >= 1500, still standing", what: .reAlarm),
        Case(
            expected: "F-01.melt_temp 1502.3 degC >= 1500, while shelved", what: .raiseSuppressed, overlay: .shelved),
        Case(expected: "F-01.melt_temp 1502.3 degC >= 1500, hidden no longer", what: .raiseExit),
        Case(
            expected: "F-01.melt_temp back to normal at 1480 degC", what: .clear, value: 1480, firstOut: false),
        Case(
            expected: "F-01.melt_temp back to normal at 1480 degC, found at the first look after a restart or reload",
            what: .clear,
            value: 1480, duringOutage: true),
        Case(
            expected: "F-01.melt_temp back to normal at 1480 degC, while suppressed", what: .clearSuppressed,
            overlay: .suppressed, value: 1480),
        Case(
            expected: "F-01.melt_temp acknowledged by kim: thermocouple being replaced", what: .acknowledge, note: kim),
        Case(expected: "F-01.melt_temp acknowledged by lee", what: .acknowledge, note: Note(who: "lee", why: "")),
        Case(
            expected: "F-01.melt_temp acknowledgement taken back by kim: thermocouple being replaced",
            what: .unacknowledge, note: kim),
        Case(expected: "F-01.melt_temp reset by kim: thermocouple being replaced", what: .reset, note: kim),
        Case(expected: "F-01.melt_temp came again before anybody acknowledged it", what: .superseded),
        Case(expected: "F-01.melt_temp was SHLV when the daemon stopped", what: .restored, overlay: .shelved),
        Case(
            expected: "F-01.melt_temp shelved until 12:00Z by kim: thermocouple being replaced", what: .shelve,
            overlay: .shelved, note: kim, until: noon),
        Case(
            expected: "F-01.melt_temp shelved until 1970-01-02 12:00Z by kim: thermocouple being replaced",
            what: .shelve, overlay: .shelved, note: kim, until: 3 * noon),
        Case(
            expected:
                "F-01.melt_temp shelved until it clears, at most until 12:00Z by kim: thermocouple being replaced",
            what: .shelve, overlay: .shelved, note: kim, detail: "one-shot", until: noon),
        Case(expected: "F-01.melt_temp unshelved by kim: thermocouple being replaced", what: .unshelve, note: kim),
        Case(
            expected: "F-01.melt_temp unshelved, its time is over, still out of service", what: .shelfExpired,
            overlay: .outOfService),
        Case(expected: "F-01.melt_temp unshelved, it has cleared", what: .oneShotEnded),
        Case(
            expected: "F-01.melt_temp suppressed by design (phase, comms)", what: .suppress, overlay: .suppressed,
            detail: "phase, comms"),
        Case(
            expected: "F-01.melt_temp suppressed by kim: thermocouple being replaced", what: .suppress,
            overlay: .suppressed, note: kim, detail: "operator"),
        Case(expected: "F-01.melt_temp no longer suppressed (phase)", what: .unsuppress, detail: "phase"),
        Case(
            expected: "F-01.melt_temp no longer suppressed by kim: thermocouple being replaced, still shelved",
            what: .unsuppress, overlay: .shelved, note: kim, detail: "operator"),
        Case(
            expected: "F-01.melt_temp out of service, permit PTW-7, review on 1970-01-01 by kim: thermocouple being "
                + "replaced", what: .outOfService, overlay: .outOfService, note: kim, detail: "PTW-7", until: noon),
        Case(
            expected: "F-01.melt_temp returned to service by kim: thermocouple being replaced", what: .returnToService,
            note: kim),
        Case(
            expected: "F-01.melt_temp is only tested by kim: thermocouple being replaced", what: .test,
            note: kim),
        Case(expected: "F-01.melt_temp was corrected: lot 7", what: .amended, detail: "lot 7"),
    ])
    func `an event`(sample: Case) throws {
        #expect(try sentence(sample) == sample.expected)
    }

    @Test func `every kind of event has its sentence`() throws {
        for what in AlarmEvent.What.allCases {
            let text = try sentence(Case(expected: "", what: what, note: SentenceTests.kim))
            #expect(text.hasPrefix("F-01.melt_temp ") && text.count > 20, "\(what)")
        }
    }

    @Test(arguments: [
        Case(
            expected: "F-01.melt_temp 1502.3 degC > 1500",
            detector: .levels(Levels([.hot], isAbove: true, isInclusive: false))),
        Case(expected: "F-01.melt_temp 1502.3 degC <= 1500", detector: .levels(Levels([.hot], isAbove: false))),
        Case(
            expected: "F-01.melt_temp 1502.3 degC < 1500",
            detector: .levels(Levels([.hot], isAbove: false, isInclusive: false))),
        Case(expected: "F-01.melt_temp 1502.3 degC >= 1500 (limits soak)", detail: "limits soak"),
        Case(expected: "F-01.melt_temp unknown: bad:timeout", level: .unknown, quality: .timeout),
        Case(
            expected: "F-01.melt_temp 1502.3 degC, rate 12 degC/min >= 10",
            detector: figure(.rate(RateOfChange(over: .seconds(60), per: .seconds(60)))), figure: 12, limit: 10),
        Case(
            expected: "F-01.melt_temp 1502.3 degC, rate 12 degC/90 s >= 10",
            detector: figure(.rate(RateOfChange(over: .seconds(60), per: .seconds(90)))), figure: 12, limit: 10),
        Case(
            expected: "F-01.melt_temp 1502.3 degC, deviation from F-01.purity 12 degC >= 10",
            detector: figure(.deviation(Deviation(setpoint: 1, maxSkew: .seconds(1)))), figure: 12, limit: 10),
        Case(
            expected: "F-01.melt_temp 1502.3 degC, deviation from F-01.purity 12 % >= 10",
            detector: figure(.deviation(Deviation(setpoint: 1, form: .percent, maxSkew: .seconds(1)))), figure: 12,
            limit: 10),
        Case(
            expected: "F-01.melt_temp 1502.3 degC, difference from F-01.purity 3.2 degC >= 2",
            detector: figure(.difference(from: 1)), figure: 3.2, limit: 2),
        Case(
            expected: "F-01.melt_temp 1502.3 degC, disagreement of 3 5 degC >= 3",
            detector: figure(.disagreement(with: [1, 3])), figure: 5, limit: 3),
        Case(
            expected: "F-01.melt_temp 1502.3 degC, median of 3 1501 degC >= 1500 (2 of 3 inputs)",
            detector: figure(.median(with: [1, 3])), figure: 1501, detail: "2 of 3 inputs"),
        Case(
            expected: "F-01.melt_temp 1502.3 degC, 2 of 3 >= 1500 (2 of 3 vote: 1, 3)",
            detector: figure(.vote(with: [1, 3], need: 2, bad: .drop)), detail: "2 of 3 vote: 1, 3"),
        Case(expected: "F-01.phase is soak", detector: .test(.state([70]), priority: .low), tag: 3, value: 70),
        Case(expected: "F-01.trip_water is true", detector: .test(.state([1]), priority: .low), tag: 2, value: 1),
        Case(
            expected: "F-01.phase bit 3, 5 is set", detector: .test(.bits(mask: 40, set: true), priority: .low), tag: 3,
            detail: "bit 3, 5"),
        Case(
            expected: "F-01.phase a bit is clear", detector: .test(.bits(mask: 40, set: false), priority: .low), tag: 3),
        Case(
            expected: "F-01.phase has changed: 1 to 2", detector: .test(.change, priority: .low), tag: 3,
            detail: "1 to 2"),
        Case(
            expected: "F-01.phase has changed 6 times in 1 min",
            detector: .test(.edges(count: 5, within: .seconds(60)), priority: .low), tag: 3, figure: 6),
        Case(
            expected: "F-01.trip_water is true, F-01.phase does not follow within 5 s (command 1, feedback 0)",
            detector: .test(.mismatch(feedback: 3, transit: .seconds(5)), priority: .low), tag: 2, value: 1,
            detail: "command 1, feedback 0"),
        Case(
            expected: "F-01.melt_temp jumps by 12.5 degC > 10",
            detector: .test(.spike(Spike(threshold: 10)), priority: .low), figure: 12.5),
        Case(
            expected: "F-01.melt_temp 1502.3 degC has not moved for 10 min",
            detector: .test(.stuck(Stuck(tolerance: 0.1, over: .seconds(600), samples: 601)), priority: .low)),
        Case(
            expected: "F-01.melt_temp no good sample for 1.5 s",
            detector: .test(.stale(after: .milliseconds(1500)), priority: .low)),
        Case(
            expected: "F-01.melt_temp is bad:fail-high", detector: .test(.quality([]), priority: .low),
            quality: .failHigh),
        Case(
            expected: "F-01.melt_temp has lost redundancy (2 of 3 inputs)",
            detector: .test(.degraded(with: [1, 3]), priority: .low), detail: "2 of 3 inputs"),
        Case(
            expected: "F-01.melt_temp 22 degC looks like the cold junction, not the furnace",
            detector: .test(
                .phantom(Phantom(coldJunction: nil, after: .seconds(60), output: nil, outputAbove: 5)), priority: .low),
            value: 22),
        Case(
            expected: "F-01.melt_temp 1502.3 degC reaches 1510 in 14 min (9-31)",
            detector: .test(
                .timeToLimit(TimeToLimit(limit: 1510, isAbove: true, over: .seconds(600), horizon: .seconds(900))),
                priority: .low), detail: "reaches 1510 in 14 min (9-31)"),
        Case(
            expected: "alarm is the case: F-01.phase == 70",
            detector: .test(
                .logic(Logic(text: "F-01.phase == 70", root: .compare(.tag(3), .equal, .number(70)))), priority: .low),
            tag: nil, value: nil),
        Case(
            expected: "F-01.purity 99.2 % does not conform: below 99.5",
            detector: .lots(
                LotChart(lot: 3, rule: .conformity(Conformity(lower: 99.5, upper: nil))), priority: .high), tag: 1,
            value: 99.2, detail: "below 99.5"),
        Case(
            expected: "F-01.purity 99.2 % breaks a run rule: rule 2",
            detector: .lots(
                LotChart(lot: 3, rule: .runs(RunRules.usual, Centre(mean: 0, sigma: 1))), priority: .high), tag: 1,
            value: 99.2, detail: "rule 2"),
        Case(
            expected: "F-01.purity 99.2 % moves the average out of control",
            detector: .lots(
                LotChart(lot: 3, rule: .ewma(lambda: 0.2, width: 2.7, Centre(mean: 0, sigma: 1))), priority: .high),
            tag: 1, value: 99.2),
        Case(
            expected: "F-01.purity 99.2 % moves the sum out of control",
            detector: .lots(
                LotChart(lot: 3, rule: .cusum(k: 0.5, h: 5, restarts: false, Centre(mean: 0, sigma: 1))),
                priority: .high), tag: 1, value: 99.2),
        Case(
            expected: "F-01.purity 99.2 % lowers the capability",
            detector: .lots(LotChart(lot: 3, rule: .capability(Capability(lower: 99, upper: nil))), priority: .high),
            tag: 1, value: 99.2),
        Case(
            expected: "controller F-01 lost: bad:timeout", detector: comms, tag: nil, level: .comms, value: nil,
            quality: .timeout),
        Case(
            expected: "controller F-01 answers again", what: .clear, detector: comms, tag: nil, level: .comms,
            value: nil),
        .fault("sink pager fails: /usr/bin/page: exit 75", .sink("pager"), "/usr/bin/page: exit 75"),
        .fault("sink pager fails", .sink("pager"), nil),
        .fault("sink pager fails: a, still standing", .sink("pager"), "a", what: .reAlarm),
        .fault("sink pager delivers again", .sink("pager"), nil, what: .clear),
        .fault(
            "sink pager delivers again, found at the first look after a restart or reload", .sink("pager"), nil,
            what: .clear,
            duringOutage: true),
        .fault("sink pager delivers again, while shelved", .sink("pager"), nil, what: .clearSuppressed, .shelved),
        .fault("the history cannot be written: disk full", .history, "disk full"),
        .fault("the history is written again", .history, nil, what: .clear),
        .fault("the history's log is too long: 300 MB", .historyLog, "300 MB"),
        .fault("the history's log is short again", .historyLog, nil, what: .clear),
        .fault("the journal cannot be written: disk full", .journal, "disk full"),
        .fault("the journal is written again", .journal, nil, what: .clear),
        .fault("sink pager was SHLV when the daemon stopped", .sink("pager"), nil, what: .restored, .shelved),
    ])
    func `a detector`(sample: Case) throws {
        #expect(try sentence(sample) == sample.expected)
    }

    private static func figure(_ figure: Figure) -> Detector {
        .levels(Levels([.hot], isAbove: true, figure: figure))
    }
}

extension SentenceTests.Case {
    /// An alarm on Cupel itself.
    fileprivate static func fault(
        _ expected: String, _ subsystem: Subsystem, _ detail: String?, what: AlarmEvent.What = .raise,
        _ overlay: AlarmOverlay? = nil, duringOutage: Bool = false
    ) -> SentenceTests.Case {
        SentenceTests.Case(
            expected: expected, what: what, detector: .health(subsystem, priority: .high), tag: nil, overlay: overlay,
            level: .fault, value: nil, limit: nil, duringOutage: duringOutage, detail: detail)
    }
}

extension AlarmLimit {
    static let hot = AlarmLimit(level: .highHigh, limit: 1500, priority: .critical)
}
