import Plant
import TestSupport
import Testing

@testable import Archive

@Suite("Stored aggregates that answer for the readings")
struct RollupTests {
    private static let hour: Int64 = 3_600_000
    private static let start: Int64 = 1_767_434_400_000

    /// A reading of 1 each minute for three hours; the roll-ups claim something else, so that it shows who answered.
    private func history() throws -> (HistoryFixture, Archive, StoredTag) {
        let fixture = try HistoryFixture()
        try fixture.tag(1, "a")
        try fixture.group(1, "C1/slow", period: 60_000)
        try fixture.layout(1, of: 1, period: 60_000, [FixtureSlot(tag: 1, type: .float32)])
        for minute in 0..<180 as Range<Int64> {
            try fixture.hot(
                FixtureRow(
                    group: 1, layout: 1, time: Self.start + minute * 60_000, sequence: UInt64(minute + 1),
                    ordinal: minute + 1, samples: [FixtureSample(bits: UInt64(Float(1).bitPattern))]))
        }
        for hour in 0..<3 as Range<Int64> { try roll("hour", hour, value: 100 + Double(hour), in: fixture) }
        let archive = try fixture.archive()
        return (fixture, archive, try #require(try archive.tag(named: "a")))
    }

    private func roll(
        _ table: String, _ hour: Int64, hours: Int64 = 1, value: Double, in fixture: HistoryFixture
    ) throws {
        let at = Self.start + hour * Self.hour
        let count = 60 * hours
        try fixture.execute(
            """
            INSERT INTO \(table) VALUES (1, \(at), \(count), 0, \(value), \(at), \(value), \(at), \(value), \(at),
            \(value), \(at), \(value * Double(count)), 0, \(value * Double(hours * Self.hour)), \(hours * Self.hour), NULL
            \(table == "day" ? ", \(at + hours * Self.hour)" : ""))
            """)
    }

    private func maxima(
        _ archive: Archive, _ tag: StoredTag, _ range: Range<Int64>, _ buckets: Buckets,
        _ options: AggregateOptions = .init()
    ) throws -> [Double?] {
        var found: [Double?] = []
        try archive.aggregates(of: tag, from: range.lowerBound, to: range.upperBound, buckets, options) {
            found.append($0.max)
        }
        return found
    }

    @Test func wholeHoursInsideABucketAreNotRead() throws {
        let (fixture, archive, tag) = try history()
        defer { withExtendedLifetime(fixture) {} }
        let all = Self.start..<(Self.start + 3 * Self.hour)
        #expect(try maxima(archive, tag, all, .equal(3)) == [100, 101, 102])
        #expect(try maxima(archive, tag, all, .whole) == [102])
        // Both borders cut an hour: only the middle one is whole.
        #expect(try maxima(archive, tag, (all.lowerBound + 1)..<(all.upperBound - 1), .whole) == [101])
        #expect(try maxima(archive, tag, all, .equal(6)) == [1, 1, 1, 1, 1, 1])
        // Every other border lies inside an hour.
        #expect(try maxima(archive, tag, all, .equal(2)) == [100, 102])
    }

    @Test func theReadingsAroundThemJoin() throws {
        let (fixture, archive, tag) = try history()
        defer { withExtendedLifetime(fixture) {} }
        var found: [Aggregate] = []
        let from = Self.start + Self.hour / 2
        try archive.aggregates(of: tag, from: from, to: from + 2 * Self.hour, .whole) { found.append($0) }
        #expect(found.map(\.count) == [120])
        #expect(found.map(\.sum) == [6_120])
        #expect(found.map(\.goodMilliseconds) == [2 * Self.hour])
        #expect(found.map(\.min) == [1])
        #expect(found.map(\.start) == [from])
        #expect(found.map(\.first) == [1])
        #expect(found.map(\.firstTime) == [from])
    }

    @Test func whatIsDueOrNotWantedIsRead() throws {
        let (fixture, archive, tag) = try history()
        let all = Self.start..<(Self.start + 3 * Self.hour)
        #expect(try maxima(archive, tag, all, .whole, AggregateOptions(useRollups: false)) == [1])
        #expect(try maxima(archive, tag, all, .whole, AggregateOptions(interpolation: .steps)) == [1])
        #expect(try maxima(archive, tag, all, .whole, AggregateOptions(withStates: true)) == [1])
        try fixture.execute("INSERT INTO rollup_due VALUES (1, \(Self.start + Self.hour))")
        #expect(try maxima(archive, tag, all, .equal(3)) == [100, 1, 102])
        try fixture.execute("DELETE FROM hour WHERE start = \(Self.start)")
        #expect(try maxima(archive, tag, all, .equal(3)) == [1, 1, 102])
    }

    /// A day of the plant's own clock, half an hour off the hours of UTC.
    @Test func aDayGoesBeforeItsHours() throws {
        let (fixture, archive, tag) = try history()
        let all = Self.start..<(Self.start + 3 * Self.hour)
        try roll("day", 1, hours: 2, value: 500, in: fixture)
        // No bucket is as long as a day.
        #expect(try maxima(archive, tag, all, .whole) == [102])
        let long = (Self.start - 48 * Self.hour)..<(Self.start + 3 * Self.hour)
        #expect(try maxima(archive, tag, long, .whole) == [500])
        try fixture.execute("UPDATE day SET start = start + 1800000")
        var found: [Aggregate] = []
        try archive.aggregates(of: tag, from: long.lowerBound, to: long.upperBound, .whole) { found.append($0) }
        // One hour, half an hour of readings, the day.
        #expect(found.map(\.sum) == [66_030])
        try fixture.execute("INSERT INTO rollup_due VALUES (1, \(Self.start + 2 * Self.hour))")
        #expect(try maxima(archive, tag, long, .whole) == [101])
    }

    /// The row that is there must not answer for itself.
    @Test func anHourIsMadeOfReadingsAndADayOfHours() throws {
        let (fixture, archive, tag) = try history()
        try roll("day", 0, hours: 3, value: 500, in: fixture)
        let long = (Self.start - 48 * Self.hour)..<(Self.start + 3 * Self.hour)
        #expect(try maxima(archive, tag, long, .whole) == [500])
        #expect(try maxima(archive, tag, long, .whole, AggregateOptions(making: .day)) == [102])
        #expect(try maxima(archive, tag, long, .whole, AggregateOptions(making: .hour)) == [1])
    }

    /// What stood at the horizon was read before it.
    @Test func onlyARollUpLooksBehindTheHorizon() throws {
        let (fixture, archive, tag) = try history()
        let horizon = Self.start + Self.hour + 30_000
        try fixture.mark("raw_from", horizon)
        func good(_ options: AggregateOptions) throws -> Int64? {
            var found: Int64?
            try archive.aggregates(of: tag, from: horizon, to: horizon + Self.hour / 2, .whole, options) {
                found = $0.goodMilliseconds
            }
            return found
        }
        #expect(try good(AggregateOptions(useRollups: false)) == Self.hour / 2 - 30_000)
        #expect(try good(AggregateOptions(making: .hour)) == Self.hour / 2)
    }

    /// What was deleted is still known by its roll-ups.
    @Test func theyOutliveTheirReadings() throws {
        let (fixture, archive, tag) = try history()
        try fixture.mark("raw_from", Self.start + 2 * Self.hour)
        let all = Self.start..<(Self.start + 3 * Self.hour)
        #expect(try maxima(archive, tag, all, .equal(3)) == [100, 101, 102])
        #expect(try maxima(archive, tag, all, .equal(3), AggregateOptions(useRollups: false)) == [1])
        try fixture.execute("DELETE FROM hot")
        #expect(try archive.extent(of: tag) == nil)
        #expect(try archive.rolledExtent(of: tag) == all)
    }
}
