import Plant
import Testing

@Suite struct DefinitionTextTests {
    private static func text(
        _ detector: Detector, tag: Int? = 0, qualification: Qualification = Qualification(maxGap: .seconds(3)),
        handling: Handling = Handling(), activity: Activity = Activity(), rationale: Rationale = Rationale(),
        in plant: Plant = textPlant()
    ) -> String {
        AlarmDefinition(
            id: 0, name: "a", rule: "r", tag: tag, detector: detector, qualification: qualification,
            handling: handling, activity: activity, rationale: rationale
        ).text(in: plant)
    }

    private static let hot = AlarmLimit(level: .high, limit: 1500, priority: .critical, deadband: 0.25)
    private static let simple = Detector.levels(Levels([hot], isAbove: true))
    private static let busy = Logic(
        text: "phase == 70", root: .all([.compare(.tag(2), .equal, .number(70)), .not(.alarm(1))]))

    @Test func `one line says all, in one order`() {
        #expect(
            DefinitionTextTests.text(DefinitionTextTests.simple)
                == #"{"activity":{},"detector":{"levels":{"above":true,"figure":"value","inclusive":true,"sets":["#
                + #"{"limits":[{"deadband":0.25,"level":"high","limit":1500,"priority":"critical"}]}]}},"#
                + #""handling":{"acknowledgement":"required","latching":false,"max_shelve":28800},"#
                + #""qualification":{"max_gap":3,"off_delay":0,"on_bad":"freeze","on_delay":0},"tag":"F-01.pv"}"#)
        #expect(
            DefinitionTextTests.text(
                .comms(0, priority: .high), tag: nil,
                qualification: Qualification(
                    onDelay: .milliseconds(1500), maxGap: .seconds(3), count: .init(runs: 3, within: .seconds(60)),
                    onBad: .activate(after: .seconds(4))),
                handling: Handling(latching: true, acknowledgement: .auto, reAlarm: .seconds(600), group: "water"),
                activity: Activity(when: DefinitionTextTests.busy, arming: .after(.seconds(90))))
                == #"{"activity":{"arming":{"after":90},"when":{"all":[{"==":["F-01.phase",70]},{"not":{"alarm":"b"}}]}},"#
                + #""detector":{"comms":"F-01","priority":"high"},"handling":{"acknowledgement":"auto","#
                + #""group":"water","latching":true,"max_shelve":28800,"re_alarm":600},"qualification":{"#
                + #""count":{"runs":3,"within":60},"max_gap":3,"off_delay":0,"on_bad":{"activate":4},"on_delay":1.5}}"#)
    }

    @Test func `an alarm on Cupel itself names its part`() {
        func detector(_ subsystem: Subsystem) -> String {
            let text = DefinitionTextTests.text(.health(subsystem, priority: .high), tag: nil)
            return String(text.dropFirst(#"{"activity":{},"detector":"#.count).prefix { $0 != "," })
        }
        #expect(detector(.sink("pager")) == #"{"health":{"sink":"pager"}"#)
        #expect(detector(.history) == #"{"health":"history""#)
        #expect(detector(.historyLog) == #"{"health":"history_log""#)
        #expect(detector(.journal) == #"{"health":"journal""#)
    }

    @Test func `numbers of tags, alarms and controllers do not matter, names do`() {
        let mismatch = { (feedback: Int) in
            Detector.test(.mismatch(feedback: feedback, transit: .seconds(5)), priority: .low)
        }
        #expect(
            DefinitionTextTests.text(mismatch(1))
                == DefinitionTextTests.text(mismatch(2), in: textPlant(isSwapped: true)))
        #expect(DefinitionTextTests.text(mismatch(1)) != DefinitionTextTests.text(mismatch(2)))
    }

    @Test func `what is for people only does not matter`() {
        let before = DefinitionTextTests.text(DefinitionTextTests.simple)
        #expect(
            DefinitionTextTests.text(
                DefinitionTextTests.simple,
                rationale: Rationale(guidance: "Cut power", respondWithin: .seconds(60), alarmClass: "safety"))
                == before)
        let named = Levels(isAbove: true, sets: [LimitSet(name: "row 7", limits: [DefinitionTextTests.hot])])
        #expect(DefinitionTextTests.text(.levels(named)) == before)
        func chart(_ centre: Centre) -> String {
            DefinitionTextTests.text(.lots(LotChart(lot: 1, rule: .runs(RunRules.usual, centre)), priority: .low))
        }
        #expect(
            chart(Centre(mean: 1, sigma: 2)) == chart(Centre(mean: 1, sigma: 2, points: 25, date: "2026-01", by: "kim"))
        )
        #expect(chart(Centre(mean: 1, sigma: 2)) != chart(Centre(mean: 1, sigma: 3)))
    }

    @Test func `what has no order has one text`() {
        func state(_ values: [Double]) -> String { DefinitionTextTests.text(.test(.state(values), priority: .low)) }
        #expect(state([2, 1, 70]) == state([70, 1, 2]))
        func causes(_ causes: [Quality]) -> String { DefinitionTextTests.text(.test(.quality(causes), priority: .low)) }
        #expect(causes([.timeout, .failHigh]) == causes([.failHigh, .timeout]))
        func median(_ tags: [Int]) -> String {
            DefinitionTextTests.text(
                .levels(Levels([DefinitionTextTests.hot], isAbove: true, figure: .median(with: tags))))
        }
        #expect(median([1, 2]) == median([2, 1]))
        #expect(state([0]) == state([-0.0]))
    }

    /// Every definition here differs from each other in one thing that decides.
    @Test func `whatever decides is another text`() {
        let texts =
            differentDetectors().map { DefinitionTextTests.text($0) }
            + differentRules().map { rules in
                DefinitionTextTests.text(
                    DefinitionTextTests.simple, qualification: rules.0, handling: rules.1, activity: rules.2)
            }
        let groups = Dictionary(grouping: texts) { $0 }
        #expect(groups.values.allSatisfy { $0.count == 1 }, "\(groups.values.filter { $0.count > 1 })")
    }

    @Test func `names with quotes and line breaks stay one line of JSON`() {
        let text = DefinitionTextTests.text(
            DefinitionTextTests.simple, handling: Handling(group: "a\"b\\c\nd\u{1}한"))
        #expect(text.contains(#""group":"a\"b\\c\u000ad\u0001한""#))
        #expect(!text.contains { $0.isNewline })
    }
}
