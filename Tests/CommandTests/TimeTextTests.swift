import Historian
import Testing

@testable import cupel

struct TimeTextTests {
    static let now: Int64 = 1_767_434_400_123  // 2026-01-03T10:00:00.123Z

    static let texts: [(String, Int64)] = [
        ("now", now), ("*", now), ("-8h", now - 28_800_000), ("*-8h", now - 28_800_000),
        ("now-8h", now - 28_800_000), ("now+90s", now + 90_000), ("-90s", now - 90_000), ("-0.5d", now - 43_200_000),
        ("-2w", now - 1_209_600_000), ("today", 1_767_398_400_000), ("today+6h", 1_767_420_000_000),
        ("yesterday", 1_767_312_000_000), ("yesterday-1d", 1_767_225_600_000),
        ("2026-01-03", 1_767_398_400_000), ("2026-01-03T10:00", 1_767_434_400_000),
        ("2026-01-03T10:00:05.250Z", 1_767_434_405_250), ("2026-01-03T19:00+09:00", 1_767_434_400_000),
        ("2024-02-29", 1_709_164_800_000), ("2026-01-03 10:00:05", 1_767_434_405_000),
        ("1767434400123", now), ("2026-01-03T10:00+09", 1_767_402_000_000),
    ]

    @Test(arguments: texts)
    func reads(text: String, expected: Int64) {
        #expect(TimeText(text, now: Self.now)?.milliseconds(on: .utc) == expected)
    }

    @Test(arguments: [
        "2026", "20260103", "17674344001", "99999999999999999",
        "", "*8h", "+8h", "-", "*-", "tomorrow", "today6h", "now--1h", "-8", "-h", "2026-13-01", "2026-02-30",
        "2025-02-29", "2026-01-03T25:00", "10:00",
    ])
    func refuses(text: String) {
        #expect(TimeText(text, now: Self.now) == nil)
    }

    @Test(arguments: [
        // At 10:00 UTC it is 19:00 in Seoul, of a day that began at 15:00 UTC.
        ("Asia/Seoul", "2026-01-03T10:00Z", "today", "2026-01-02T15:00Z"),
        ("Asia/Seoul", "2026-01-03T10:00Z", "yesterday", "2026-01-01T15:00Z"),
        // And at 16:00 UTC the next day has begun there.
        ("Asia/Seoul", "2026-01-03T16:00Z", "today", "2026-01-03T15:00Z"),
        // A day of 25 hours, and the day after it; hours are hours that pass.
        ("Europe/Berlin", "2026-10-25T20:00Z", "today", "2026-10-24T22:00Z"),
        ("Europe/Berlin", "2026-10-25T20:00Z", "today+4h", "2026-10-25T02:00Z"),
        ("Europe/Berlin", "2026-10-26T20:00Z", "yesterday", "2026-10-24T22:00Z"),
        ("Europe/Berlin", "2026-03-30T20:00Z", "yesterday", "2026-03-28T23:00Z"),
        // What is written without an offset is what the clock shows.
        ("Europe/Berlin", "2026-10-25T20:00Z", "2026-10-25", "2026-10-24T22:00Z"),
        ("Europe/Berlin", "2026-10-25T20:00Z", "2026-07-01T12:00", "2026-07-01T10:00Z"),
        ("Europe/Berlin", "2026-10-25T20:00Z", "2026-07-01T12:00Z", "2026-07-01T12:00Z"),
    ])
    func daysAreThoseOfTheClock(zone: String, now: String, text: String, expected: String) throws {
        let clock = try #require(WallClock(named: zone))
        let instant = try #require(TimeText(now, now: 0)).milliseconds(on: .utc)
        let time = try #require(TimeText(text, now: instant)).milliseconds(on: clock)
        #expect(time == TimeText(expected, now: 0)?.milliseconds(on: .utc))
    }

    @Test func aDashInFrontIsNoOption() {
        let typed = ["at", "-8h", "F-01.melt_temp", "--from", "-0.5d", "-h", "-v", "--every", "1h", "-90", "-"]
        let expected = [
            "at", "now-8h", "F-01.melt_temp", "--from", "now-0.5d", "-h", "-v", "--every", "1h", "-90", "-",
        ]
        #expect(TimeText.anchored(typed) == expected)
        #expect(TimeText.anchored(["annotate", "-5s"]) == ["annotate", "-5s"])
    }
}

struct SpanTextTests {
    @Test func takesUnitsAndRefusesNothing() {
        #expect(SpanText(argument: "10s")?.milliseconds == 10_000)
        #expect(SpanText(argument: "500ms")?.milliseconds == 500)
        #expect(SpanText(argument: "1w")?.milliseconds == 604_800_000)
        #expect(SpanText(argument: "0s") == nil)
        #expect(SpanText(argument: "ten") == nil)
    }
}
