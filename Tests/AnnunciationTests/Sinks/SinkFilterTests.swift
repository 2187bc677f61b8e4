import Plant
import Testing

@testable import Annunciation

@Suite struct SinkFilterTests {
    private func filter(
        _ selection: SinkSelection, kind: SinkDefinition.Kind = .journald, heartbeats: Bool = false,
        offset: Int64 = 0
    ) -> SinkFilter {
        SinkFilter(
            SinkDefinition(name: "pager", kind: kind, selection: selection), takesHeartbeats: heartbeats,
            offset: { _ in offset })
    }

    @Test(arguments: [(Priority.low, [0, 1, 2, 3]), (.high, [2, 3]), (.critical, [3])])
    func aSinkHearsOfWhatIsUrgentEnough(_ least: Priority, _ ranks: [Int]) {
        let filter = filter(SinkSelection(minPriority: least))
        #expect((0...3).filter { filter.wants(.event(1, rank: $0)) } == ranks)
    }

    @Test func pagersHearOfWhatCallsAndStreamsOfEverything() {
        let quiet = AlarmLine.event(1, announces: false)
        #expect(filter(SinkSelection()).wants(quiet))
        #expect(!filter(SinkSelection(), kind: .exec(argv: ["/x"], timeout: .seconds(1))).wants(quiet))
        #expect(filter(SinkSelection(events: .all), kind: .exec(argv: ["/x"], timeout: .seconds(1))).wants(quiet))
        #expect(!filter(SinkSelection(events: .announcements)).wants(quiet))
    }

    @Test func whoeverNamesASinkHasChosen() {
        let picky = filter(SinkSelection(minPriority: .critical, match: [NamePattern("X-*")]))
        #expect(picky.wants(.event(1, rank: 0, only: ["pager"])))
        #expect(!filter(SinkSelection()).wants(.event(1, only: ["mail"])))
        let onCall = filter(SinkSelection(events: .escalations))
        #expect(!onCall.wants(.event(1)))
        #expect(onCall.wants(.event(1, only: ["pager", "mail"])))
    }

    @Test func namesAreThoseOfAlarmsOrTags() {
        var line = AlarmLine.event(1, alarm: "high:F-1.t")
        #expect(filter(SinkSelection(match: [NamePattern("high:*")])).wants(line))
        #expect(!filter(SinkSelection(match: [NamePattern("F-1.*")])).wants(line))
        line = AlarmLine(
            sequence: 1, json: "", text: "", severity: 1, rank: 1, announces: true,
            fields: [.alarm: "high:F-1.t", .tag: "F-1.t"])
        #expect(filter(SinkSelection(match: [NamePattern("F-1.*")])).wants(line))
        #expect(!filter(SinkSelection(except: [NamePattern("F-*")])).wants(line))
        #expect(!filter(SinkSelection(match: [NamePattern("*")], except: [NamePattern("high:*")])).wants(line))
    }

    @Test func heartbeatsAreForThoseWhoListen() {
        let heartbeat = AlarmLine(
            kind: .heartbeat, sequence: 0, json: "", text: "", severity: 7, rank: 3, announces: false)
        #expect(!filter(SinkSelection()).wants(heartbeat))
        #expect(filter(SinkSelection(), heartbeats: true).wants(heartbeat))
    }

    /// 2026-11-20 was a Friday. Times in UTC; the plant is nine hours ahead.
    @Test(arguments: [
        // Friday 06:00 to 22:00 in Seoul is Thursday 21:00 to Friday 13:00 UTC.
        (
            WeekTime(days: [5], from: 360, to: 1320),
            [
                1_795_121_999_999: false, 1_795_122_000_000: true,
                1_795_179_599_999: true, 1_795_179_600_000: false,
            ]
        ),
        // Friday night until Saturday 06:00 in Seoul ends on Friday 21:00 UTC.
        (
            WeekTime(days: [5], from: 1320, to: 360),
            [
                1_795_179_599_999: false, 1_795_179_600_000: true,
                1_795_208_399_999: true, 1_795_208_400_000: false,
            ]
        ),
    ])
    func aScheduleIsOnThePlantsClock(_ time: WeekTime, _ expected: [Int64: Bool]) {
        let filter = filter(SinkSelection(schedule: [time]), offset: 9 * 3_600_000)
        for (instant, isWanted) in expected {
            #expect(filter.wants(.event(1, time: instant)) == isWanted, "\(UTCTime.text(instant))")
        }
    }

    @Test func timesBeforeTheEpochHaveWeekdays() {
        // 1969-12-31 was a Wednesday.
        let filter = filter(SinkSelection(schedule: [WeekTime(days: [3], from: 0, to: 1440)]))
        #expect(filter.wants(.event(1, time: -1)))
        #expect(!filter.wants(.event(1, time: 0)))
    }
}
