import Archive
import Historian
import Plant
import TestSupport
import Testing

@testable import cupel

struct WallClockTests {
    static let hour: Int64 = 3_600_000

    static let days: [(String, String, String, Int64)] = [
        // 2026-10-25 has 25 hours in Berlin, 2026-03-29 has 23.
        ("Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00Z", 25),
        ("Europe/Berlin", "2026-03-29T12:00Z", "2026-03-28T23:00Z", 23),
        ("Asia/Seoul", "2026-01-03T14:59Z", "2026-01-02T15:00Z", 24),
        ("Asia/Seoul", "2026-01-03T15:00Z", "2026-01-03T15:00Z", 24),
        ("UTC", "2026-10-25T12:00Z", "2026-10-25T00:00Z", 24),
        // Midnight did not happen: the clock went from 23:59:59 to 1:00.
        ("America/Santiago", "2026-09-06T12:00Z", "2026-09-06T04:00Z", 23),
    ]

    @Test(arguments: days)
    func daysBeginAndEndOnTheClock(zone: String, at: String, start: String, hours: Int64) throws {
        let clock = try #require(WallClock(named: zone))
        let time = try #require(TimeText(at, now: 0)).milliseconds(on: .utc)
        let expected = try #require(TimeText(start, now: 0)).milliseconds(on: .utc)
        #expect(clock.dayStart(of: time) == expected)
        let next = clock.grid(every: 24 * Self.hour).bucket(containing: time).upperBound
        #expect(next - expected == hours * Self.hour)
    }

    @Test func aLongDayHas25Hours() throws {
        let clock = try #require(WallClock(named: "Europe/Berlin"))
        let start = try #require(TimeText("2026-10-24T22:00Z", now: 0)).milliseconds(on: .utc)
        let parts = Intervals.grid(clock.grid(every: Self.hour)).pages(
            of: start..<(start + 25 * Self.hour), intervals: 1)
        #expect(Array(parts).count == 25)
    }

    @Test(arguments: [
        ("UTC", "2026-10-25T02:30", "2026-10-25T02:30Z"),
        ("Asia/Seoul", "2026-01-03T19:00", "2026-01-03T10:00Z"),
        ("Europe/Berlin", "2026-07-01T12:00", "2026-07-01T10:00Z"),
        ("Europe/Berlin", "2026-12-01T12:00", "2026-12-01T11:00Z"),
        // Shown twice: the first of the two. And right before and behind.
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z"),
        ("Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59Z"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00Z"),
        // Never shown: as long after the change.
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30Z"),
        ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59Z"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00Z"),
        ("America/Santiago", "2026-09-06T00:00", "2026-09-06T04:00Z"),
    ])
    func facesAreInstants(zone: String, face: String, instant: String) throws {
        let clock = try #require(WallClock(named: zone))
        let expected = try #require(TimeText(instant, now: 0)).milliseconds(on: .utc)
        #expect(TimeText(face, now: 0)?.milliseconds(on: clock) == expected)
    }

    @Test func whatNobodyKnowsIsNoClock() {
        #expect(WallClock(named: "Asia/Atlantis") == nil)
        #expect(WallClock(named: "") == nil)
        #expect(WallClock(named: "Etc/UTC")?.isUTC == true)
    }
}

struct TimeColumnTests {
    static let texts: [(String, Int64, String)] = [
        ("UTC", 0, "1970-01-01T00:00:00.000Z"),
        ("UTC", -1, "1969-12-31T23:59:59.999Z"),
        ("Asia/Seoul", 1_767_434_400_123, "2026-01-03T19:00:00.123+09:00"),
        ("America/New_York", 1_767_434_400_123, "2026-01-03T05:00:00.123-05:00"),
        ("Asia/Kathmandu", 1_767_434_400_123, "2026-01-03T15:45:00.123+05:45"),
        // The last millisecond of summer, and the first of winter: the same hour comes again.
        ("Europe/Berlin", 1_792_889_999_999, "2026-10-25T02:59:59.999+02:00"),
        ("Europe/Berlin", 1_792_890_000_000, "2026-10-25T02:00:00.000+01:00"),
        // Half an hour's change, back at an hour of UTC and forth at half past one.
        ("Australia/Lord_Howe", 1_775_314_799_999, "2026-04-05T01:59:59.999+11:00"),
        ("Australia/Lord_Howe", 1_775_314_800_000, "2026-04-05T01:30:00.000+10:30"),
        ("Australia/Lord_Howe", 1_791_041_399_999, "2026-10-04T01:59:59.999+10:30"),
        ("Australia/Lord_Howe", 1_791_041_400_000, "2026-10-04T02:30:00.000+11:00"),
    ]

    @Test(arguments: texts)
    func writesTheOffset(zone: String, time: Int64, expected: String) throws {
        var column = TimeColumn(try #require(WallClock(named: zone)))
        #expect(column.text(time) == expected)
    }

    @Test func numbersAreMilliseconds() throws {
        var column = TimeColumn(try #require(WallClock(named: "Asia/Seoul")), isNumber: true)
        #expect(column.text(1_767_434_400_123) == "1767434400123")
    }

    /// What is kept from one row to the next must never show: whatever came before, a text reads back as its time.
    @Test(arguments: ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"])
    func readsBackAsTheSameTime(zone: String) throws {
        let seed: UInt64 = 41
        var random = SeededRandom(seed: seed)
        let clock = try #require(WallClock(named: zone))
        var column = TimeColumn(clock)
        // The years 1975 to 2040, and many neighbours in time around changes of these clocks: one of them at half past
        // an hour of UTC.
        for _ in 0..<3000 {
            let around: Int64 = random.pick([1_792_890_000_000, 1_791_041_400_000])
            let time =
                random.chance(50)
                ? Int64(157_766_400_000 + random.next() % 2_000_000_000_000)
                : around - 3_600_000 + Int64(random.next() % 7_200_000)
            let text = column.text(time)
            #expect(TimeText(text, now: 0)?.milliseconds(on: .utc) == time, "seed \(seed): \(text)")
            var fresh = TimeColumn(clock)
            #expect(text == fresh.text(time), "seed \(seed)")
            if zone == "UTC" { #expect(text == UTCTime.text(time)) }
        }
    }
}
