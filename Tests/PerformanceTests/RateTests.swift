import Performance
import Plant
import Testing

@Suite struct RateTests {
    @Test func `averages are over the whole time`() {
        let seen = report(raises((0..<36).map { Int64($0) * 20 * minute }), to: 12 * hour)
        #expect(seen.annunciations == 36)
        #expect(seen.rate.perDay.value == 72)
        #expect(seen.rate.perHour.value == 3)
        #expect(seen.rate.perTenMinutes.value == 0.5)
        #expect([seen.rate.perDay, seen.rate.perHour, seen.rate.perTenMinutes].allSatisfy { $0.verdict == .ok })
    }

    @Test(arguments: [(120 as Int64, KeyFigure.Verdict.ok), (121, .over)])
    func `120 a day and 5 an hour are on target`(count: Int64, verdict: KeyFigure.Verdict) {
        let seen = report(raises((0..<count).map { $0 * 700 * second }))
        #expect(seen.rate.perDay.value == Double(count))
        #expect(seen.rate.perDay.verdict == verdict && seen.rate.perHour.verdict == verdict)
        #expect(seen.rate.perDay.source == .eemua)
    }

    @Test func `only annunciations count`() {
        let records = [
            record("raise", at: 0), record("clear", at: 1), record("raise-suppressed", at: 2), record("shelve", at: 3),
            record("raise", at: 4, annunciated: false), record("level-up", at: 5), record("re-alarm", at: 6),
        ]
        #expect(report(records).annunciations == 3)
    }

    @Test func `a peak slides and its window is half open`() {
        // Two at the end of one minute and two at the begin of the next are four within a minute.
        let close = report(raises([58, 59, 61, 62].map { $0 * second }))
        #expect(close.peak.minute.value == 4)
        #expect(close.peak.minute.verdict == .over)
        #expect(close.peak.minuteAt == midnight + 62 * second)
        #expect(report(raises([0, 60 * second - 1])).peak.minute.value == 2)
        #expect(report(raises([0, 60 * second])).peak.minute.value == 1)
        #expect(report(raises([0, hour - 1])).peak.hour.value == 2)
        #expect(report(raises([0, hour])).peak.hour.value == 1)
    }

    @Test(arguments: [(15 as Int64, KeyFigure.Verdict.ok), (16, .over)])
    func `15 in an hour are on target`(count: Int64, verdict: KeyFigure.Verdict) {
        let seen = report(raises((0..<count).map { $0 * 3 * minute }))
        #expect(seen.peak.hour.value == Double(count))
        #expect(seen.peak.hour.verdict == verdict)
    }

    @Test(arguments: [(9 as Int64, KeyFigure.Verdict.ok), (10, .over)])
    func `ten in ten minutes are too many`(count: Int64, verdict: KeyFigure.Verdict) {
        #expect(report(raises((0..<count).map { $0 * second })).peak.tenMinutes.verdict == verdict)
    }

    @Test func `buckets are fixed`() {
        let times = [0, 10 * minute - 1, 10 * minute, 20 * minute, 20 * minute + 1, 20 * minute + 2]
        let seen = report(raises(times), from: -5 * minute, to: 35 * minute).buckets
        #expect(seen.count == 5)
        #expect(seen.overOne == 2)
        #expect(seen.tenOrMore == 0)
        #expect(seen.busiest == 3)
        #expect(seen.busiestAt == midnight + 20 * minute)
        #expect(report(raises((0..<10).map { $0 * minute })).buckets.tenOrMore == 1)
        #expect(report([], to: 10 * minute).buckets.count == 1)
    }

    @Test func `days are those of UTC`() {
        let seen = report(raises([-1, 0, day - 1, day]), from: -hour, to: day + hour).days
        #expect(seen.map(\.date) == ["2026-01-02", "2026-01-03", "2026-01-04"])
        #expect(seen.map(\.annunciations) == [1, 2, 1])
    }

    @Test func `what was before the report sets the state and counts for nothing`() {
        let records = [
            record("raise", at: -2 * day), record("raise", "B", at: -1), record("clear", "B", at: 2 * second),
        ]
        let seen = report(records)
        #expect(seen.annunciations == 0)
        #expect(seen.standing.list.map(\.alarm) == ["A"])
        #expect(seen.fleeting.count == 0)
    }

    @Test func `a late record counts at the time of the one before it`() {
        let seen = report(raises([hour, 0]))
        #expect(seen.late == 1)
        #expect(seen.peak.minute.value == 2)
    }

    @Test func `nothing is on target`() {
        let seen = report([])
        #expect(seen.annunciations == 0 && seen.topTen.share.value == 0 && seen.floods.list.isEmpty)
        #expect(seen.rate.perDay.verdict == .ok && seen.acknowledgement.median == nil)
        #expect(seen.annunciated.urgent.verdict == .ok)
    }

    @Test func `an interim report does not end the counting`() {
        var meter = PerformanceMeter(from: midnight)
        meter.take(record("raise", at: 0))
        _ = meter.finish(to: midnight + hour)
        meter.take(record("raise", "B", at: 2 * hour))
        let seen = meter.finish(to: midnight + day)
        #expect(seen.annunciations == 2)
        #expect(seen.days.map(\.annunciations) == [2])
    }
}
