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
        #expect((0...3).filter { filter.passes(.event(1, rank: $0)) } == ranks)
    }

    @Test func pagersHearOfWhatCallsAndStreamsOfEverything() {
        let quiet = AlarmLine.event(1, announces: false)
        #expect(filter(SinkSelection()).passes(quiet))
        #expect(!filter(SinkSelection(), kind: .exec(argv: ["/x"], timeout: .seconds(1))).passes(quiet))
        #expect(filter(SinkSelection(events: .all), kind: .exec(argv: ["/x"], timeout: .seconds(1))).passes(quiet))
        #expect(!filter(SinkSelection(events: .announcements)).passes(quiet))
    }

    @Test func whoeverNamesASinkHasChosen() {
        let picky = filter(SinkSelection(minPriority: .critical, match: [NamePattern("X-*")]))
        #expect(picky.passes(.event(1, rank: 0, only: ["pager"])))
        #expect(!filter(SinkSelection()).passes(.event(1, only: ["mail"])))
        let onCall = filter(SinkSelection(events: .escalations))
        #expect(!onCall.passes(.event(1)))
        #expect(onCall.passes(.event(1, only: ["pager", "mail"])))
    }

    @Test func namesAreThoseOfAlarmsOrTags() {
        var line = AlarmLine.event(1, alarm: "high:F-1.t")
        #expect(filter(SinkSelection(match: [NamePattern("high:*")])).passes(line))
        #expect(!filter(SinkSelection(match: [NamePattern("F-1.*")])).passes(line))
        line = AlarmLine(
            sequence: 1, json: "", text: "", severity: 1, rank: 1, announces: true,
            fields: [.alarm: "high:F-1.t", .tag: "F-1.t", .occurrence: "1"])
        #expect(filter(SinkSelection(match: [NamePattern("F-1.*")])).passes(line))
        #expect(!filter(SinkSelection(except: [NamePattern("F-*")])).passes(line))
        #expect(!filter(SinkSelection(match: [NamePattern("*")], except: [NamePattern("high:*")])).passes(line))
    }

    /// A flood's digest stands for alarms that nobody tells singly, maybe for these.
    @Test func whatIsAboutThePlantPassesEveryPattern() {
        func line(_ fields: [AlarmField: String], announces: Bool = true) -> AlarmLine {
            AlarmLine(
                sequence: 1, json: "", text: "", severity: 1, rank: 1, announces: announces,
                fields: fields.merging([.alarm: "cupel"]) { one, _ in one })
        }
        let one = filter(SinkSelection(match: [NamePattern("F-1.*")]))
        #expect(one.passes(line([.what: "digest"])))
        #expect(!one.passes(line([.what: "started"], announces: false)))
        #expect(!one.passes(line([.what: "undelivered"])))
        #expect(!one.passes(line([.alarm: "sink:pager", .occurrence: "1"])), "an alarm with a name of its own")
        #expect(!filter(SinkSelection(except: [NamePattern("cupel")])).passes(line([.what: "digest"])))
    }

    @Test func nobodyIsToldOfHisOwnFailure() {
        #expect(!filter(SinkSelection()).passes(.event(1, not: "pager")))
        #expect(filter(SinkSelection()).passes(.event(1, not: "mail")))
    }

    /// Its raise was told, so its end is, though only a milder level is left of it, and the shift is over.
    @Test func theEndOfWhatWasToldIsTold() {
        let clear = AlarmLine.event(2, rank: 1, announces: false, time: 7_200_000, topRank: 3, raised: 3_600_000)
        #expect(filter(SinkSelection(minPriority: .critical)).passes(clear))
        #expect(!filter(SinkSelection(minPriority: .critical)).passes(.event(2, rank: 1, topRank: 2)))
        // 1 January 1970 was a Thursday.
        let shift = SinkSelection(schedule: [WeekTime(days: [4], from: 60, to: 120)])
        #expect(filter(shift).passes(clear))
        #expect(!filter(shift).passes(.event(2, time: 7_200_000, raised: 7_200_000)))
        // It is told again, or gets worse, when somebody else is on duty.
        #expect(!filter(shift).passes(.event(3, time: 7_200_000, raised: 3_600_000)))
    }

    /// The screen that shows it must not show it for ever, whoever is told.
    @Test func aSinkThatShowsStatesGetsThoseItIsNotToTell() {
        let broker = SinkDefinition.Kind.mqtt(MQTTSettings(server: ServerAddress(host: "h", port: 1)))
        let quiet = AlarmLine.event(1, rank: 2, announces: false)
        let pages = filter(SinkSelection(minPriority: .high, events: .announcements), kind: broker)
        #expect(pages.take(quiet)?.kind == .state)
        #expect(pages.take(.event(1, rank: 2))?.kind == .event)
        #expect(pages.take(.event(1, rank: 0, announces: false)) == nil)
        #expect(pages.take(.event(1, only: ["mail"])) == nil)
        let retired = AlarmLine(
            sequence: 1, json: "", text: "", severity: 5, rank: 0, announces: false,
            fields: [.alarm: "high:F-1.t", .what: "retired"])
        #expect(pages.take(retired)?.kind == .state)
        #expect(filter(SinkSelection(events: .announcements)).take(quiet) == nil)
    }

    @Test func whatStandsIsShownByNameAndPriorityAlone() {
        let shift = SinkSelection(
            minPriority: .high, events: .announcements, match: [NamePattern("high:*")],
            schedule: [WeekTime(days: [1], from: 0, to: 1)])
        #expect(filter(shift).shows(.event(0, rank: 1, announces: false, topRank: 2)))
        #expect(!filter(shift).shows(.event(0, rank: 1)))
        #expect(!filter(shift).shows(.event(0, rank: 3, alarm: "low:F-1.t")))
    }

    @Test func heartbeatsAreForThoseWhoListen() {
        let heartbeat = AlarmLine(
            kind: .heartbeat, sequence: 0, json: "", text: "", severity: 7, rank: 3, announces: false)
        #expect(!filter(SinkSelection()).passes(heartbeat))
        #expect(filter(SinkSelection(), heartbeats: true).passes(heartbeat))
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
            #expect(filter.passes(.event(1, time: instant)) == isWanted, "\(UTCTime.text(instant))")
        }
    }

    @Test func timesBeforeTheEpochHaveWeekdays() {
        // 1969-12-31 was a Wednesday.
        let filter = filter(SinkSelection(schedule: [WeekTime(days: [3], from: 0, to: 1440)]))
        #expect(filter.passes(.event(1, time: -1)))
        #expect(!filter.passes(.event(1, time: 0)))
    }
}

extension SinkFilter {
    fileprivate func passes(_ line: AlarmLine) -> Bool { take(line)?.kind == line.kind }
}
