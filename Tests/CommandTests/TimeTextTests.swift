import Testing

@testable import cupel

struct TimeTextTests {
    static let now: Int64 = 1_767_434_400_123  // 2026-01-03T10:00:00.123Z

    @Test(arguments: [
        ("now", now), ("-8h", now - 28_800_000), ("-90s", now - 90_000), ("-0.5d", now - 43_200_000),
        ("2026-01-03", 1_767_398_400_000), ("2026-01-03T10:00", 1_767_434_400_000),
        ("2026-01-03T10:00:05.250Z", 1_767_434_405_250), ("2026-01-03T19:00+09:00", 1_767_434_400_000),
        ("2024-02-29", 1_709_164_800_000),
    ])
    func reads(text: String, expected: Int64) {
        #expect(TimeText(text, now: Self.now)?.milliseconds == expected)
    }

    @Test(arguments: [
        "", "yesterday", "-8", "-h", "2026-13-01", "2026-02-30", "2025-02-29", "2026-01-03T25:00", "10:00",
    ])
    func refuses(text: String) {
        #expect(TimeText(text, now: Self.now) == nil)
    }
}

struct SpanTextTests {
    @Test func takesUnitsAndRefusesNothing() {
        #expect(SpanText(argument: "10s")?.milliseconds == 10_000)
        #expect(SpanText(argument: "500ms")?.milliseconds == 500)
        #expect(SpanText(argument: "0s") == nil)
        #expect(SpanText(argument: "ten") == nil)
    }
}
