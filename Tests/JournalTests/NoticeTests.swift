import Foundation
import Plant
import TestSupport
import Testing

@testable import Detection
@testable import Journal

@Suite struct NoticeTests {
    /// The text line of the last event that `inputs` give.
    private func line(_ alarm: Int, _ inputs: AlarmInput...) throws -> String {
        let plant = try smallPlant()
        var state = AlarmState()
        var events: [AlarmEvent] = []
        for input in inputs { events += step(plant.alarms[alarm], &state, input).events }
        let event = try #require(events.last)
        return AlarmNotice(
            event, of: plant.alarms[alarm], in: plant, sourceTime: 1_767_434_400_120, receivedTime: 1_767_434_400_122,
            effectiveTime: 1_767_434_400_123
        ).textLine()
    }

    @Test func `a notice says how bad it was where that is news`() throws {
        let plant = try smallPlant()
        let raise = AlarmEvent(
            what: .raise, effective: 900, time: 900, core: .unack, overlay: nil, level: .high, priority: .high,
            topPriority: .high, raisedAt: 900, value: 1, figure: nil, limit: nil, quality: .good, occurrence: 1,
            revision: 0, annunciated: true, duringOutage: false, note: nil, detail: nil, until: nil)
        let clear = AlarmEvent(
            what: .clear, effective: 1000, time: 1000, core: .rtnun, overlay: nil, level: .high, priority: .medium,
            topPriority: .high, raisedAt: 900, value: 1, figure: nil, limit: nil, quality: .good, occurrence: 1,
            revision: 0, annunciated: false, duringOutage: false, note: nil, detail: nil, until: nil)
        func notice(_ event: AlarmEvent) -> AlarmNotice {
            AlarmNotice(
                event, of: plant.alarms[0], in: plant, sourceTime: 0, receivedTime: 0,
                effectiveTime: event.effective + 1_767_434_400_000)
        }
        #expect(notice(raise).topPriority == nil)
        #expect(notice(clear).topPriority == "high")
        #expect(notice(clear).raisedTime == 1_767_434_400_900)
        #expect(notice(clear).jsonLine().contains(#""t_raised":"2026-01-03T10:00:00.900Z""#))
        #expect(notice(clear).jsonLine().contains(#""top_priority":"high""#))
    }

    private func state(_ value: Double, _ priority: Priority) -> AlarmInput {
        .sample(time: 1, Finding(.alarm(.state), priority: priority), value: value, quality: .good)
    }

    @Test func `a line says when, how bad, what, and how to answer`() throws {
        #expect(
            try line(0, .hot(1, 15023 * 0.1))
                == "2026-01-03T10:00:00.123Z HIGH_HIGH critical UNACK F-01.melt_temp 1502.3 degC >= 1500 "
                + "hot:F-01.melt_temp@1.0\n")
        let low = Finding(.alarm(.low), limit: 99.5, priority: .high)
        #expect(
            try line(1, .sample(time: 1, low, value: 99.25, quality: .good))
                == "2026-01-03T10:00:00.123Z LOW high UNACK F-01.purity 99.25 % <= 99.5 impure:F-01.purity@1.0\n")
        #expect(
            try line(2, state(1, .critical))
                == "2026-01-03T10:00:00.123Z STATE critical UNACK F-01.trip_water is true trip:F-01.trip_water@1.0\n")
        #expect(
            try line(3, state(70, .low))
                == "2026-01-03T10:00:00.123Z STATE low UNACK F-01.phase is soak phase:F-01.phase@1.0\n")
        #expect(
            try line(4, .comms(1, .refused))
                == "2026-01-03T10:00:00.123Z COMMS high UNACK controller F-01 lost: bad:refused comms:F-01@1.0\n")
        #expect(
            try line(4, .comms(1, .refused), .comms(2, .good))
                == "2026-01-03T10:00:00.123Z CLEAR high RTNUN controller F-01 answers again comms:F-01@1.0\n")
        #expect(
            try line(5, .health(1, "nobody reads /run/cupel/alarms"))
                == "2026-01-03T10:00:00.123Z FAULT high UNACK sink pager fails: nobody reads /run/cupel/alarms "
                + "sink:pager@1.0\n")
        #expect(
            try line(5, .health(1, "exit 75"), .health(2, nil))
                == "2026-01-03T10:00:00.123Z CLEAR high RTNUN sink pager delivers again sink:pager@1.0\n")
        #expect(
            try line(0, .hot(1), .cool(2))
                == "2026-01-03T10:00:00.123Z CLEAR critical RTNUN F-01.melt_temp back to normal at 1480 degC "
                + "hot:F-01.melt_temp@1.0\n")
        #expect(
            try line(0, .hot(1), .acknowledge(2))
                == "2026-01-03T10:00:00.123Z ACK critical ACKED F-01.melt_temp acknowledged by kim: seen "
                + "hot:F-01.melt_temp@1.0\n")
    }

    @Test func `a line shows what hides the alarm, and the level when it comes back`() throws {
        #expect(
            try line(0, .hot(1), .shelve(2, for: .seconds(14_400)))
                == "2026-01-03T10:00:00.123Z SHELVE critical SHLV F-01.melt_temp shelved until 14:00Z by kim: seen "
                + "hot:F-01.melt_temp@1.0\n")
        #expect(
            try line(0, .hot(1), .shelve(2, for: .seconds(1)), .tick(time: 2000))
                == "2026-01-03T10:00:00.123Z HIGH_HIGH critical UNACK F-01.melt_temp 1502 degC >= 1500, hidden no "
                + "longer hot:F-01.melt_temp@2.0\n")
    }

    @Test func `a notice tells all that the event and the definition know`() throws {
        let plant = try smallPlant()
        var state = AlarmState()
        let finding = Finding(.alarm(.highHigh), figure: 0.1 + 0.2, limit: 1500, priority: .critical, detail: "why not")
        _ = step(plant.alarms[0], &state, .sample(time: 500, finding, value: 1502, quality: .good))
        let event = try #require(
            step(plant.alarms[0], &state, .shelve(1000, for: .seconds(60))).events.first)
        let notice = AlarmNotice(
            event, of: plant.alarms[0], in: plant, sourceTime: 71_000, receivedTime: 71_001, effectiveTime: 71_000)
        #expect(notice.state == "SHLV" && notice.figure == 0.3 && notice.limit == 1500)
        // The board's time is 70 s behind UTC here.
        #expect(notice.until == 131_000)
        #expect(notice.who == "kim" && notice.why == "seen" && notice.told == nil && !notice.annunciated)
        #expect(notice.cause == "Controller stuck" && notice.consequence == "Crucible lost")
        #expect(notice.guidance == "Cut power to hold" && notice.responseSeconds == 120)
        #expect(notice.alarmClass == "safety" && notice.definition == nil && notice.firstOut == nil)
    }

    @Test func `a review is on a date, whatever the scale of the events`() throws {
        let plant = try smallPlant()
        var state = AlarmState()
        let command = AlarmCommand.takeOutOfService(permit: "PTW-7", review: 1_767_744_000_000)
        let event = try #require(
            step(plant.alarms[0], &state, .command(time: 1000, command, by: .kim)).events.first)
        let notice = AlarmNotice(
            event, of: plant.alarms[0], in: plant, sourceTime: 71_000, receivedTime: 71_001, effectiveTime: 71_000)
        #expect(notice.until == 1_767_744_000_000 && notice.detail == "PTW-7" && notice.state == "OOS")
    }

    @Test func `a line about the daemon has no alarm in it`() {
        let notice = AlarmNotice.daemon(.reloaded, text: "12 tags more", at: 1_767_434_400_123, who: "kim")
        #expect(notice.textLine() == "2026-01-03T10:00:00.123Z RELOADED 12 tags more by kim\n")
    }

    @Test func `a line break in a text does not make two lines`() {
        let text = AlarmNotice.sample(text: "a\nb\r\nc").textLine()
        #expect(text.split(whereSeparator: \.isNewline).count == 1)
        #expect(text.hasSuffix("\n"))
    }

    @Test func `what is not on disk says so`() {
        var notice = AlarmNotice.sample()
        notice.unjournalled = true
        #expect(notice.textLine().hasSuffix("[not journalled]\n"))
    }

    @Test func `the JSON names are the contract`() throws {
        var notice = AlarmNotice.sample()
        (notice.plant, notice.boot, notice.seq) = ("KMP", "b1", 7)
        #expect(
            notice.jsonLine()
                == #"{"annunciated":true,"boot":"b1","dup":false,"during_outage":false,"guidance":"Cut power to hold","#
                + #""id":"melt-temperature-high:F-01.melt_temp","level":"high_high","limit":1500,"occ":1,"plant":"KMP","#
                + #""priority":"critical","quality":"good","response_s":120,"rev":0,"seq":7,"state":"UNACK","#
                + #""t_effective":"2026-01-03T10:00:00.123Z","t_received":"2026-01-03T10:00:00.125Z","#
                + #""t_source":"2026-01-03T10:00:00.123Z","tag":"F-01.melt_temp","text":"hot","unit":"degC","#
                + #""unjournalled":false,"v":1,"value":1502.3,"what":"raise"}"# + "\n")
        #expect(try AlarmNotice(jsonLine: notice.jsonLine()) == notice)
        (notice.figure, notice.definition, notice.firstOut, notice.until) = (12.5, 3, "first", 1_767_448_800_000)
        (notice.why, notice.detail, notice.told) = ("probe", "2 of 3", "digest")
        (notice.cause, notice.consequence, notice.alarmClass) = ("stuck", "crucible lost", "safety")
        let line = notice.jsonLine()
        for member in [
            #""figure":12.5"#, #""definition":3"#, #""first_out":"first""#, #""until":"2026-01-03T14:00:00.000Z""#,
            #""why":"probe""#, #""detail":"2 of 3""#, #""told":"digest""#, #""cause":"stuck""#,
            #""consequence":"crucible lost""#, #""class":"safety""#,
        ] {
            #expect(line.contains(member), "\(member)")
        }
        #expect(try AlarmNotice(jsonLine: line) == notice)
        #expect(throws: DecodingError.self) {
            try AlarmNotice(jsonLine: line.replacing("2026-01-03T14:00:00.000Z", with: "two o'clock"))
        }
    }

    @Test func `a text is clipped at whole characters`() {
        #expect("abcdef".clipped(to: 6) == "abcdef")
        #expect("abcdefg".clipped(to: 6) == "abc\u{2026}")
        #expect("한국어".clipped(to: 7) == "한\u{2026}")
        #expect("abc".clipped(to: 2) == "")
    }

    @Test func `a number that JSON cannot hold is left out`() throws {
        var notice = AlarmNotice(
            id: "a", what: "raise", value: .infinity, figure: -.infinity, limit: .nan, sourceTime: 0, receivedTime: 0,
            effectiveTime: 0)
        #expect(notice.value == nil && notice.figure == nil && notice.limit == nil)
        notice.value = 0.1 + 0.2
        #expect(try AlarmNotice(jsonLine: notice.jsonLine()).value == 0.1 + 0.2)
    }

    @Test(
        arguments: [
            (0.1 * 15023, 1502.3), (0.1 + 0.2, 0.3), (-0.1 * 3, -0.3), (0, 0), (123_456_789.125, 123_456_789.125),
            (1e300, 1e300), (1e-300, 1e-300), (99.99, 99.99),
        ] as [(Double, Double)])
    func `a value loses the noise of its scale and nothing else`(value: Double, shown: Double) {
        #expect(value.toFifteenDigits == shown)
    }

    @Test func `times survive their text`() throws {
        var random = SeededRandom(seed: 4)
        for _ in 0..<2000 {
            let time = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
            #expect(UTCMilliseconds.parse(UTCTime.text(time)) == time, "\(time)")
        }
    }

    @Test(
        arguments: [
            "", "2026-01-03", "2026-01-03T10:00:00Z", "2026-02-31T10:00:00.000Z", "2026-01-03T24:00:00.000Z",
            "2026-01-03T10:00:00.123+", "2026-01-03 10:00:00.123Z", "2026-13-03T10:00:00.123Z",
        ])
    func `anything else is not a time`(text: String) {
        #expect(UTCMilliseconds.parse(text) == nil)
    }
}
