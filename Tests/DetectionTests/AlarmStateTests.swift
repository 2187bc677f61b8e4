import Foundation
import Plant
import Testing

@testable import Detection

@Suite struct AlarmStateTests {
    @Test(
        arguments: [
            (true, false, false, .unack), (true, false, true, .acked), (true, true, false, .unack),
            (true, true, true, .acked), (false, true, false, .latun), (false, true, true, .latak),
            (false, false, false, .rtnun), (false, false, true, .norm),
        ] as [(Bool, Bool, Bool, AlarmCore)])
    func `the core follows from condition, latch and acknowledgement`(
        condition: Bool, latched: Bool, acknowledged: Bool, core: AlarmCore
    ) {
        var state = AlarmState()
        (state.condition, state.latched, state.acknowledged) = (condition, latched, acknowledged)
        #expect(state.core == core)
        #expect(state.shown == core.rawValue)
    }

    @Test func `the strongest overlay is shown`() {
        var alarm = Alarm(.high())
        alarm.order(1, .shelve(for: .seconds(1), oneShot: false))
        #expect(alarm.state.shown == "SHLV")
        alarm.suppress(2, .comms)
        #expect(alarm.state.shown == "DSUP")
        alarm.order(3, .takeOutOfService(permit: nil, review: nil))
        #expect(alarm.state.shown == "OOS")
    }

    @Test func `reasons of a suppression have words`() {
        #expect(Suppression.all.text == "phase, arming, suppressed_by, comms, operator")
        #expect(Suppression([.comms, .phase]).text == "phase, comms")
        #expect(Suppression().text.isEmpty)
    }

    // MARK: Saved

    @Test func `a state with everything set comes back as it was`() throws {
        var alarm = Alarm(
            .high(on: 1, off: 2, count: .init(runs: 3, within: .seconds(1)), onBad: .activate(after: .seconds(9))))
        alarm.sample(1, 11)
        alarm.sample(2, 14)
        alarm.state.mark(.init(simultaneous: true), in: &alarm.events)
        alarm.order(3, .shelve(for: .seconds(1), oneShot: true))
        alarm.order(3, .suppress)
        alarm.suppress(3, [.phase, .comms])
        alarm.order(4, .takeOutOfService(permit: "W-17", review: 99))
        alarm.sample(5, 5)
        alarm.sample(6, .nan, .timeout)
        let again = try reloaded(alarm.state)
        var expected = alarm.state
        expected.now = .min
        #expect(again == expected)
        #expect(again.evidence.quality == .timeout && again.evidence.badSince == 6 && again.evidence.since == 5)
        #expect(try saved(again) == saved(alarm.state))
    }

    /// What was written before there were overlays, for an alarm at high-high, acknowledged, its off-delay running.
    static let old = """
        {"acknowledged":true,"clearedAt":900,"condition":true,"evidence":{"lastGood":1500,"qualityCode":0,"since":1500,\
        "unconfirmed":false,"value":9.5,"verdict":false},"latched":false,"level":"high_high","occurrence":7,\
        "raisedAt":1000,"raisedValue":13.5,"revision":2,"topLevel":"high_high"}
        """

    @Test func `a state of the previous version loads`() throws {
        let state = try JSONDecoder().decode(AlarmState.self, from: Data(Self.old.utf8))
        #expect(state.core == .acked && state.level == .highHigh && state.topLevel == .highHigh)
        #expect((state.occurrence, state.revision) == (7, 2))
        #expect(state.raisedAt == 1000 && state.clearedAt == 900 && state.raisedValue == 13.5)
        #expect(state.evidence.since == 1500 && state.evidence.verdict == false && state.evidence.value == 9.5)
        #expect(state.overlay == nil && state.suppression == [] && state.evidence.runs.isEmpty)
        #expect(state.priority == nil && state.limit == nil && state.firstOut == nil)
        var alarm = Alarm(.high())
        alarm.state = state
        alarm.take(.restart(time: 2000))
        alarm.sample(2001, 14)
        alarm.sample(2002, 5)
        #expect(brief(alarm.events) == ["restored@2000:7.2", "clear@2002:7.2"])
        #expect(alarm.events.last?.limit == 13 && alarm.events.last?.priority == .critical)
    }

    @Test(
        arguments: [
            #""level":"high_high""#: #""level":"hotter""#, #""topLevel":"high_high""#: #""topLevel":"""#,
            #""occurrence":7"#: #""priority":"urgent","occurrence":7"#,
            #""latched":false"#: #""latched":false,"suppression":64"#,
            #""condition":true,"#: "", #""acknowledged":true,"#: "", #""latched":false,"#: "",
            #""occurrence":7,"#: "", #""revision":2,"#: "", #""evidence":{"#: #""proof":{"#,
        ])
    func `a state that cannot be understood is an error`(sound: String, damaged: String) {
        let text = Self.old.replacingOccurrences(of: sound, with: damaged)
        #expect(text != Self.old)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(AlarmState.self, from: Data(text.utf8)) }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `what is no number is not kept, so that the state can be saved`(value: Double) throws {
        let quality = AlarmDefinition(
            id: 2, name: "quality:T", rule: "quality", tag: 0, detector: .test(.quality([]), priority: .low),
            qualification: Qualification(maxGap: .milliseconds(5)))
        var alarm = Alarm(quality)
        let finding = Finding(.alarm(.fault), figure: value, limit: value)
        alarm.take(.sample(time: 1, finding, value: value, quality: .notANumber))
        #expect(alarm.state.core == .unack && alarm.state.evidence.value == nil)
        let event = try #require(alarm.events.first)
        #expect(event.value == nil && event.figure == nil && event.limit == nil)
        #expect(try reloaded(alarm.state).condition)
    }
}
