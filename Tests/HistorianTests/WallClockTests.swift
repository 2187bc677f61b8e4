import Foundation
import TestSupport
import Testing

@testable import Historian

struct WallClockTests {
    /// Zones with rules of north and south, of half hours, of none, and one that lost a day.
    static let zones = [
        "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "Asia/Seoul", "Asia/Kathmandu",
        "Asia/Kolkata", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Kiritimati",
        "Africa/Johannesburg", "Asia/Tokyo",
    ]

    /// Beyond 2037 the machine's files hold a rule instead of a table.
    @Test(arguments: zones)
    func showsWhatFoundationShows(name: String) throws {
        let clock = try #require(WallClock(named: name))
        let zone = try #require(TimeZone(identifier: name))
        let seed: UInt64 = 77
        var random = SeededRandom(seed: seed)
        // 1970 to 2065.
        for _ in 0..<4000 {
            let time = Int64(random.next() % 3_000_000_000_000)
            let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time) / 1000))
            #expect(clock.offset(at: time) == Int64(expected) * 1000, "seed \(seed): \(time)")
        }
    }

    /// The last millisecond before a change is before it, on either side of 1970 too.
    @Test func changesToTheMillisecond() throws {
        let berlin = try #require(WallClock(named: "Europe/Berlin"))
        let hour: Int64 = 3_600_000
        #expect(berlin.offset(at: 1_792_889_999_999) == 2 * hour)
        #expect(berlin.offset(at: 1_792_890_000_000) == hour)
        // 1949-10-02T01:00Z: the end of the last summer time before 1980.
        #expect(berlin.offset(at: -639_010_800_001) == 2 * hour)
        #expect(berlin.offset(at: -639_010_800_000) == hour)
    }
}
