import Testing

@testable import Plant
@testable import struct Plant.Tag

struct UTCTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_767_434_400_123, "2026-01-03T10:00:00.123Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        ] as [(Int64, String)])
    func writesISO8601(milliseconds: Int64, expected: String) {
        #expect(UTCTime.text(milliseconds) == expected)
    }
}

struct ShownNumberTests {
    @Test(arguments: [
        (73.4, "73.4"), (73.40000000000001, "73.4"), (0.1 + 0.2, "0.3"), (1500, "1500"), (0, "0"), (-5.0, "-5"),
        (1e-30, "1e-30"), (123_456_789.123, "123456789.123"),
    ])
    func binaryNoiseIsNotShown(value: Double, expected: String) {
        #expect(Tag.shown(value) == expected)
    }
}
