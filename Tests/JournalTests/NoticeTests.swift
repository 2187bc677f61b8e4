import Detection
import Foundation
import Plant
import Testing

@testable import Journal

@Suite struct NoticeTests {
    /// The text line of the first event that `inputs` give.
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

    private func sample(_ time: Int64, _ value: Double) -> AlarmInput {
        .sample(time: time, value: value, quality: .good, enabled: true)
    }

    @Test func `a line says when, how bad, what, and how to answer`() throws {
        #expect(
            try line(0, sample(1, 15023 * 0.1))
                == "2026-01-03T10:00:00.123Z HIGH_HIGH critical UNACK F-01.melt_temp 1502.3 degC >= 1500 "
                + "hot:F-01.melt_temp@1.0\n")
        #expect(
            try line(1, sample(1, 99.25))
                == "2026-01-03T10:00:00.123Z LOW high UNACK F-01.purity 99.25 % <= 99.5 impure:F-01.purity@1.0\n")
        #expect(
            try line(2, sample(1, 1))
                == "2026-01-03T10:00:00.123Z STATE critical UNACK F-01.trip_water is true trip:F-01.trip_water@1.0\n")
        #expect(
            try line(3, sample(1, 70))
                == "2026-01-03T10:00:00.123Z STATE low UNACK F-01.phase is soak phase:F-01.phase@1.0\n")
        #expect(
            try line(4, .comms(time: 1, down: true, cause: .refused))
                == "2026-01-03T10:00:00.123Z COMMS high UNACK controller F-01 lost: bad:refused comms:F-01@1.0\n")
        #expect(
            try line(4, .comms(time: 1, down: true, cause: .refused), .comms(time: 2, down: false, cause: .good))
                == "2026-01-03T10:00:00.123Z CLEAR high RTNUN controller F-01 answers again comms:F-01@1.0\n")
        #expect(
            try line(0, sample(1, 1502), sample(2, 1480))
                == "2026-01-03T10:00:00.123Z CLEAR critical RTNUN F-01.melt_temp back to normal at 1480 degC "
                + "hot:F-01.melt_temp@1.0\n")
        #expect(
            try line(0, sample(1, 1502), .acknowledge(time: 2, occurrence: 1, revision: 0, by: "kim"))
                == "2026-01-03T10:00:00.123Z ACK critical ACKED F-01.melt_temp acknowledged by kim "
                + "hot:F-01.melt_temp@1.0\n")
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
    }

    /// Texts that are long, and longer still once escaped.
    @Test(arguments: ["x", "\"", "\u{1}", "한", "👩‍🏭"])
    func `a line always fits into a pipe, and keeps its number`(unit: String) throws {
        for count in [10, 500, 1000, 4000, 20_000] {
            var notice = AlarmNotice.sample(text: String(repeating: unit, count: count))
            notice.seq = .max
            notice.guidance = notice.text
            try expectFits(notice)
            notice.id = notice.text
            notice.tag = notice.text
            notice.plant = notice.text
            notice.boot = notice.text
            notice.unit = notice.text
            notice.who = notice.text
            try expectFits(notice)
        }
    }

    private func expectFits(_ notice: AlarmNotice) throws {
        let line = notice.jsonLine()
        #expect(line.utf8.count <= 4096)
        #expect(line.hasSuffix("}\n") && !line.dropLast().contains("\n"))
        let read = try AlarmNotice(jsonLine: line)
        #expect(read.seq == .max && read.occ == notice.occ && read.value == notice.value)
        #expect(notice.id.hasPrefix(read.id.prefix(3)))
    }

    @Test func `a text is clipped at whole characters`() {
        #expect("abcdef".clipped(to: 6) == "abcdef")
        #expect("abcdefg".clipped(to: 6) == "abc\u{2026}")
        #expect("한국어".clipped(to: 7) == "한\u{2026}")
        #expect("abc".clipped(to: 2) == "")
    }

    @Test func `a number that JSON cannot hold is left out`() throws {
        var notice = AlarmNotice(
            id: "a", what: "raise", value: .infinity, limit: .nan, sourceTime: 0, receivedTime: 0, effectiveTime: 0)
        #expect(notice.value == nil && notice.limit == nil)
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
        var random = SystemRandomNumberGenerator()
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
