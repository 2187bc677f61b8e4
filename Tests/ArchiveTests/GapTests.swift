import Plant
import TestSupport
import Testing

@testable import Archive

@Suite("When nothing good stood, and why")
struct GapTests {
    /// One tag in one group, a scan each second from 10 s on.
    private func history(_ times: [Int64], bad: [Int64: Quality] = [:], sealed: Int = 0) throws -> HistoryFixture {
        let fixture = try HistoryFixture()
        try fixture.tag(1, "a")
        try fixture.group(1, "C1/fast")
        try fixture.layout(1, of: 1, [FixtureSlot(tag: 1, type: .float32)])
        let rows = times.enumerated().map { index, time in
            FixtureRow(
                group: 1, layout: 1, time: time, sequence: UInt64(index + 1), ordinal: Int64(index + 1),
                samples: [FixtureSample(quality: bad[time] ?? .good)])
        }
        try fixture.span(Array(rows.prefix(sealed)))
        for row in rows.dropFirst(sealed) { try fixture.hot(row) }
        return fixture
    }

    private func gaps(_ fixture: HistoryFixture, _ from: Int64 = .min, _ end: Int64? = nil) throws -> [Gap] {
        let archive = try fixture.archive()
        let to = try end ?? (archive.latestTime() ?? 0) + 1
        let tag = try #require(try archive.tag(named: "a"))
        return try archive.gaps(of: tag, from: from, to: to)
    }

    @Test func thereAreNoneWhileReadingsCome() throws {
        #expect(try gaps(history([10_000, 11_000, 14_000])) == [])
        #expect(try gaps(history([10_000, 11_000, 14_000], sealed: 3)) == [])
        #expect(try gaps(history([10_000, 11_000, 12_000, 13_000, 14_000, 15_000], sealed: 6)) == [])
    }

    @Test func aLateReadingLeavesOneBehindThePeriod() throws {
        let fixture = try history([10_000, 11_000, 14_001, 15_000], sealed: 3)
        #expect(try gaps(fixture) == [Gap(start: 12_000, end: 14_001, cause: "unexplained")])
        #expect(try gaps(fixture, 13_000, 14_000) == [Gap(start: 13_000, end: 14_000, cause: "unexplained")])
        #expect(try gaps(fixture, 12_000, 12_001).count == 1)
        #expect(try gaps(fixture, 11_999, 12_000).isEmpty)
        #expect(try gaps(fixture, 14_001, 14_002).isEmpty)
    }

    @Test func badReadingsSayWhyAndAreOneGapWhileTheyDo() throws {
        let fixture = try history(
            [10_000, 11_000, 12_000, 13_000, 14_000],
            bad: [11_000: .timeout, 12_000: .timeout, 13_000: .frozen])
        #expect(
            try gaps(fixture) == [
                Gap(start: 11_000, end: 13_000, cause: "bad:timeout"),
                Gap(start: 13_000, end: 14_000, cause: "uncertain:frozen"),
            ])
    }

    @Test func theEventThatCoversMostOfItExplains() throws {
        let fixture = try history([10_000, 20_000])
        try fixture.event("gap", 10_500, 20_000, text: "no daemon ran")
        try fixture.event("gap", 12_000, 13_000, subject: "C1/fast", text: "its link was lost")
        try fixture.event("gap", 10_000, 20_000, subject: "C2/fast", text: "another group")
        try fixture.event("annotation", 10_000, 20_000, text: "lunch")
        #expect(try gaps(fixture) == [Gap(start: 11_000, end: 20_000, cause: "gap: no daemon ran")])
        try fixture.event("overflow", 11_000, 20_000, subject: "C1/fast")
        #expect(try gaps(fixture).map(\.cause) == ["overflow"])
    }

    @Test func whatWasNeverReadAgainIsMissingToTheEnd() throws {
        #expect(
            try gaps(history([10_000]), 0, 15_001) == [Gap(start: 11_000, end: 15_001, cause: "unexplained")])
    }

    @Test func whatMayStillComeIsNotMissing() throws {
        let fixture = try history([10_000, 11_000, 12_000])
        let archive = try fixture.archive()
        let tag = try #require(try archive.tag(named: "a"))
        func gaps(now: Int64, pending: Int64 = 2000) throws -> [Gap] {
            try archive.gaps(of: tag, from: 0, to: .max, now: now, pending: pending)
        }
        // It stands for three periods, and needs two seconds until it is here.
        #expect(try gaps(now: 17_000) == [])
        #expect(try gaps(now: 17_001) == [Gap(start: 13_000, end: 17_001, cause: "unexplained")])
        #expect(try gaps(now: 17_001, pending: 3000) == [])
        #expect(try gaps(now: 11_500) == [])
    }

    @Test func scansThatWereOnlyLateAreNotUnexplained() throws {
        let fixture = try HistoryFixture()
        try fixture.tag(1, "a")
        try fixture.group(1, "C1/fast")
        try fixture.layout(1, of: 1, period: 50, [FixtureSlot(tag: 1, type: .float32)])
        for (number, time) in ([10_000, 10_050, 10_411, 10_450, 11_500, 11_550] as [Int64]).enumerated() {
            try fixture.hot(
                FixtureRow(
                    group: 1, layout: 1, time: time, sequence: UInt64(number + 1), ordinal: Int64(number + 1),
                    samples: [FixtureSample()]))
        }
        #expect(
            try gaps(fixture) == [
                Gap(start: 10_100, end: 10_411, cause: "late scan"),
                Gap(start: 10_500, end: 11_500, cause: "unexplained"),
            ])
    }

    /// What is no gap is good time, and the other way round.
    @Test(arguments: 351...370 as ClosedRange<UInt64>)
    func areWhatAggregatesLeaveOut(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed)
        var random = SeededRandom(seed: seed)
        let archive = try history.fixture.archive()
        for tag in try archive.tags() {
            for _ in 0..<5 {
                let asked = history.range(&random)
                guard let range = try archive.gapRange(of: tag, from: asked.lowerBound, to: asked.upperBound) else {
                    continue
                }
                let gaps = try archive.gaps(of: tag, from: range.lowerBound, to: range.upperBound)
                var good: Int64 = 0
                try archive.aggregates(of: tag, from: range.lowerBound, to: range.upperBound, .whole) {
                    good += $0.goodMilliseconds
                }
                let missing = gaps.reduce(0) { $0 + $1.end - $1.start }
                let length = range.upperBound - range.lowerBound
                #expect(good + missing == length, "seed \(seed), \(tag.name) in \(range)")
                for (one, next) in zip(gaps, gaps.dropFirst()) {
                    #expect(one.end < next.start || (one.end == next.start && one.cause != next.cause), "seed \(seed)")
                }
            }
        }
    }
}
