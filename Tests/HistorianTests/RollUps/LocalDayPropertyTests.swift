import Archive
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// Ten days of a plant whose readings are deleted soon, against a history that keeps all of them.
@Suite struct LocalDayPropertyTests {
    private static let zones = [
        "UTC", "Europe/Berlin", "Asia/Seoul", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Auckland",
    ]
    private static let minute: Int64 = 60_000
    private static let tags = ["C1.temp", "C1.valve", "C1.made", "C1.product"]

    @Test(arguments: zones, [UInt64(1), 2])
    func everyDayIsWhatItsReadingsGave(zone: String, seed: UInt64) throws {
        var random = SeededRandom(seed: seed &* 1_000_003 &+ UInt64(zone.utf8.count))
        var history = HistorySettings()
        let keepRaw = random.pick([1, 5, 24, 31, 72] as [Int64])
        history.keepRaw = .seconds(keepRaw * 3600)
        let place = "seed \(seed), \(zone), keep_raw \(keepRaw) h"
        let (scratch, oracleScratch) = (try Scratch(), try Scratch())
        var rig = try Self.rig(zone, history, scratch)
        let oracle = try Self.rig(zone, HistorySettings(), oracleScratch)
        let days = try #require(WallClock(named: zone)).grid(every: RollUps.day)
        let start = RollUpRig.start + Int64.random(in: 0..<RollUpRig.day, using: &random)
        var (now, made) = (start, 0)
        while now < start + 10 * RollUpRig.day {
            var scans: [(time: Int64, values: [Int?])] = []
            for _ in 0..<Int.random(in: 6...60, using: &random) {
                now += 10 * Self.minute + Int64.random(in: 0..<1000, using: &random)
                made += Int.random(in: 0..<5, using: &random)
                scans.append((now, Self.values(made, &random)))
            }
            try rig.write(0, scans)
            try oracle.write(0, scans)
            // A daemon that stood still.
            if random.chance(8) { now += Int64.random(in: 0..<(40 * RollUpRig.hour), using: &random) }
            if random.chance(40) {
                let late = try Self.late(rig, days, now, made, &random)
                try rig.write(0, late.map { $0 })
                try oracle.write(0, late)
            }
            // A clock that was far behind: nobody sees these, and no day may take them for all it had.
            if random.chance(10), let horizon = try rig.mark(.rawFrom) {
                let far = horizon - Int64.random(in: 1..<(3 * RollUpRig.day), using: &random)
                try rig.write(0, [(far, Self.values(made, &random))])
            }
            if random.chance(60) {
                try Self.keepHouse(rig, now + Int64.random(in: 0..<RollUpRig.hour, using: &random), history, &random)
            }
            if random.chance(10) {
                try rig.store.close()
                rig = try Self.rig(zone, history, scratch)
            }
            try Self.checkHorizon(rig, days, place)
        }
        now += 3 * RollUpRig.day
        try rig.seal(now: now)
        try rig.work(now: now)
        rig.retention = Retention(history)
        try rig.clean(now: now)
        #expect(try rig.number("SELECT count(*) FROM span") < 4, "\(place)")
        try Self.check(rig, oracle, days, start..<now, place)
    }

    private static func rig(_ zone: String, _ history: HistorySettings, _ scratch: Scratch) throws -> RollUpRig {
        let slots = [
            SlotSpec(name: "temp", type: .int16, scale: 0.1), SlotSpec(name: "valve", type: .bool),
            SlotSpec(name: "made", type: .uint32, isCounter: true),
            SlotSpec(name: "product", type: .string(registers: 4)),
        ]
        return try RollUpRig([slots], period: .seconds(600), zone: zone, history: history, in: scratch)
    }

    private static func values(_ made: Int, _ random: inout SeededRandom) -> [Int?] {
        let isBad = random.chance(10)
        return [
            isBad ? nil : Int.random(in: -300...3000, using: &random),
            isBad ? nil : Int.random(in: 0...1, using: &random),
            made, isBad ? nil : Int.random(in: 0...99, using: &random),
        ]
    }

    /// Rows of the last days that come now. None so near the horizon that it says what stood before it.
    private static func late(
        _ rig: RollUpRig, _ days: BucketGrid, _ now: Int64, _ made: Int, _ random: inout SeededRandom
    ) throws -> [(time: Int64, values: [Int?])] {
        let horizon = try rig.mark(.rawFrom).map { days.bucket(containing: $0 + RollUps.hour - 1).lowerBound } ?? 0
        let oldest = max(now - 3 * RollUpRig.day, horizon + RollUps.reach(period: 600_000) + 1, RollUpRig.start)
        guard oldest < now - 30 * minute else { return [] }
        var time = Int64.random(in: oldest..<(now - 30 * minute), using: &random)
        var found: [(time: Int64, values: [Int?])] = []
        for _ in 0..<Int.random(in: 1...30, using: &random) where time < now {
            found.append((time, values(made, &random)))
            time += Int64.random(in: 1..<(20 * minute), using: &random)
        }
        return found
    }

    /// Some of the chores, in their order, some of them cut off in the middle.
    private static func keepHouse(
        _ rig: RollUpRig, _ now: Int64, _ history: HistorySettings, _ random: inout SeededRandom
    ) throws {
        if random.chance(70) { try rig.seal(now: now) }
        for _ in 0..<(random.chance(30) ? Int.random(in: 0..<12, using: &random) : .max) {
            if try !rig.rollUps.step(rig.store, now: now) { break }
        }
        rig.retention = Retention(history)
        for _ in 0..<(random.chance(20) ? 1 : Int.max) {
            if try !rig.retention.step(rig.store, now: now) { break }
        }
    }

    /// The horizon is at the beginning of a local day, or of the hour it begins in, and every day before it is made.
    private static func checkHorizon(_ rig: RollUpRig, _ days: BucketGrid, _ place: String) throws {
        guard let horizon = try rig.mark(.rawFrom), let rolledTo = try rig.mark(.rolledTo) else { return }
        let day = days.bucket(containing: horizon + RollUps.hour - 1)
        #expect(RollUps.hour(containing: day.lowerBound) == horizon, "\(place)")
        #expect(day.lowerBound <= days.bucket(containing: rolledTo).lowerBound, "\(place)")
    }

    private static func check(
        _ rig: RollUpRig, _ oracle: RollUpRig, _ days: BucketGrid, _ range: Range<Int64>, _ place: String
    ) throws {
        for tag in tags {
            var day = days.bucket(containing: range.lowerBound - 4 * RollUpRig.day)
            while day.upperBound < range.upperBound - RollUpRig.hour {
                let wanted = try oracle.aggregate(tag, day, withRollUps: false)
                let row = try rig.stored("day", of: tag, at: day.lowerBound)
                let place = "\(place), \(tag), day of \(UTCTime.text(day.lowerBound))"
                #expect((row == nil) == (wanted == nil), "\(place)")
                if let row, let wanted { isSame(row, wanted, place) }
                day = days.bucket(containing: day.upperBound)
            }
        }
        #expect(try rig.number("SELECT count(*) FROM rollup_due") == 0, "\(place)")
    }

    private static func isSame(_ row: Row, _ wanted: Aggregate, _ place: String) {
        #expect(row["count"] == wanted.count && row["bad"] == wanted.bad, "\(place)")
        #expect(row["good_ms"] == wanted.goodMilliseconds, "\(place)")
        #expect(row["min"] == wanted.min && row["max"] == wanted.max, "\(place)")
        #expect(row["first_at"] == wanted.firstTime && row["last"] == wanted.last, "\(place)")
        #expect(row["rise"] == wanted.rise, "\(place)")
        let (sum, area): (Double, Double) = (row["sum"], row["area"])
        #expect(abs(sum - wanted.sum) <= 1e-9 * max(1, abs(wanted.sum)), "\(place)")
        #expect(abs(area - wanted.area) <= 1e-9 * max(1, abs(wanted.area)), "\(place)")
    }
}
