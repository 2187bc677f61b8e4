import Plant
import TestSupport
import Testing

@testable import Historian

struct WrittenTimeTests {
    static let times: [(String, Int64)] = [
        ("2026-01-03T10:00:00.123Z", 1_767_434_400_123), ("2026-01-03T10:00:00Z", 1_767_434_400_000),
        ("2026-01-03 10:00", 1_767_434_400_000), ("2026-01-03", 1_767_398_400_000),
        ("2026-01-03T19:00:00+09:00", 1_767_434_400_000), ("2026-01-03T04:30:00-0530", 1_767_434_400_000),
        ("2026-01-03T12:00:00+02", 1_767_434_400_000), ("2026-01-03T10:00:00,5", 1_767_434_400_500),
        ("2026-01-03T10:00:00.1234567Z", 1_767_434_400_123), ("2026-01-03T09:59:59.9996Z", 1_767_434_400_000),
        ("1767434400123", 1_767_434_400_123), ("-1", -1), ("0", 0), ("2024-02-29", 1_709_164_800_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ]

    @Test(arguments: times)
    func timesAreRead(_ text: String, _ expected: Int64) {
        #expect(WrittenTime(ArraySlice(text.utf8))?.milliseconds(on: .utc) == expected)
    }

    @Test(arguments: [
        "", "now", "2026-1-3", "2026-02-30", "2025-02-29", "2026-13-01", "2026-01-03T", "2026-01-03T24:00",
        "2026-01-03T10", "2026-01-03T10:60", "2026-01-03T10:00:60", "2026-01-03T10:00:00.", "2026-01-03T10:00:00X",
        "2026-01-03T10:00:00+24:00", "2026-01-03T10:00:00Z ", " 2026-01-03", "17674344001234567", "1.5", "1e12", "-",
        "0000-01-01", "253402300800000",
    ])
    func otherTextsAreNoTimes(_ text: String) {
        #expect(WrittenTime(ArraySlice(text.utf8)) == nil)
    }

    /// Every time that is written is read back.
    @Test func writtenTimesAreReadBack() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<5000 {
            let time = Int64.random(in: UTCTime.writable, using: &random)
            #expect(WrittenTime(ArraySlice(UTCTime.text(time).utf8)) == .instant(time), "seed 5")
        }
    }

    @Test(arguments: [
        ("2026-07-01T12:00", WrittenTime.face(1_782_907_200_000)), ("2026-07-01T12:00Z", .instant(1_782_907_200_000)),
        ("2026-07-01", .face(1_782_864_000_000)), ("1782907200000", .instant(1_782_907_200_000)),
    ])
    func withoutAnOffsetTheyAreAClocks(text: String, expected: WrittenTime) throws {
        #expect(WrittenTime(ArraySlice(text.utf8)) == expected)
        let berlin = try #require(WallClock(named: "Europe/Berlin"))
        let shift: Int64 = if case .face = expected { 7_200_000 } else { 0 }
        #expect(expected.milliseconds(on: berlin) == expected.milliseconds(on: .utc) - shift)
    }
}
