import Archive
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite struct RetentionTests {
    private static let slots = [SlotSpec(name: "temp", type: .int16, scale: 0.1)]

    /// Writes days of readings a minute apart, and seals what can be.
    private func write(days: Range<Int64>, to rig: RollUpRig) throws {
        var sealer = Sealer()
        for day in days {
            try rig.write(
                0, (0..<Int64(1440)).map { (RollUpRig.start + day * RollUpRig.day + $0 * 60_000, [Int($0 % 700)]) })
            while try sealer.step(rig.store, now: RollUpRig.start + day * RollUpRig.day) {}
        }
    }

    private func oldest(_ rig: RollUpRig) throws -> Int64? {
        try rig.store.look { database in
            let archive = try Archive(#require(database.sqliteConnection))
            let tag = try #require(try archive.tag(named: "C1.temp"))
            return try archive.readings(of: tag, from: .min, to: .max).next()?.time
        }
    }

    @Test func rawReadingsGoAndRollUpsStay() throws {
        var settings = HistorySettings()
        settings.keepRaw = .seconds(3 * 86_400)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), history: settings)
        try write(days: 0..<10, to: rig)
        let now = RollUpRig.start + 10 * RollUpRig.day + RollUpRig.hour
        // Nothing goes that was not rolled up.
        try rig.clean(now: now)
        #expect(try oldest(rig) == RollUpRig.start)
        try rig.work(now: now)
        rig.retention = Retention(settings)
        let before = try rig.number("SELECT count(*) FROM chunk")
        try rig.clean(now: now)
        #expect(try oldest(rig) == RollUpRig.start + 7 * RollUpRig.day)
        #expect(try rig.number("SELECT count(*) FROM chunk") < before / 2)
        #expect(
            try rig.number("SELECT count(*) FROM span WHERE t1 < \(RollUpRig.start + 7 * RollUpRig.day)") == 0)
        #expect(
            try rig.number("SELECT count(*) FROM chunk WHERE (key & ((1 << 36) - 1)) NOT IN (SELECT id FROM span)") == 0
        )
        #expect(try rig.starts("day", of: "C1.temp").count == 10)
        let first = RollUpRig.start..<(RollUpRig.start + RollUpRig.day)
        #expect(try rig.aggregate("C1.temp", first, withRollUps: true)?.count == 1440)
    }

    /// What stood when the first hour began was read before the horizon.
    @Test func theFirstHourBehindTheHorizonIsAsItWas() throws {
        var settings = HistorySettings()
        settings.keepRaw = .seconds(2 * 86_400)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), zone: "Asia/Kolkata", history: settings)
        var sealer = Sealer()
        for day in 0..<Int64(5) {
            let start = RollUpRig.start + day * RollUpRig.day + 30_000
            try rig.write(0, (0..<Int64(1440)).map { (start + $0 * 60_000, [Int($0 % 700)]) })
            while try sealer.step(rig.store, now: start) {}
        }
        let now = RollUpRig.start + 5 * RollUpRig.day + RollUpRig.hour
        try rig.work(now: now)
        rig.retention = Retention(settings)
        try rig.clean(now: now)
        #expect(try rig.number("SELECT value FROM mark WHERE name = 'raw_from'") > RollUpRig.start)
        let report = try Verify(path: rig.scratch.history, depth: .deep, now: now).history()
        #expect(report.findings.filter { $0.kind == .rollUp } == [])
        #expect(report.counts.rollUps > 40)
    }

    @Test func rollUpsAreNotMadeAgainFromWhatIsLeft() throws {
        var settings = HistorySettings()
        settings.keepRaw = .seconds(2 * 86_400)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), history: settings)
        try write(days: 0..<6, to: rig)
        let now = RollUpRig.start + 6 * RollUpRig.day + RollUpRig.hour
        try rig.work(now: now)
        rig.retention = Retention(settings)
        try rig.clean(now: now)
        // A row of a clock that was far behind: its hours are due, but what is deleted cannot be counted again.
        try rig.write(0, [(RollUpRig.start + 90_000, [1])])
        try rig.work(now: now)
        let first = RollUpRig.start..<(RollUpRig.start + RollUpRig.hour)
        #expect(try rig.aggregate("C1.temp", first, withRollUps: true)?.count == 60)
    }

    @Test func aHorizonInTheFutureIsTakenBack() throws {
        var settings = HistorySettings()
        settings.keepRaw = .seconds(2 * 86_400)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), history: settings)
        try write(days: 0..<4, to: rig)
        let now = RollUpRig.start + 4 * RollUpRig.day + RollUpRig.hour
        try rig.work(now: now)
        try rig.store.transaction { try Mark.rawFrom.set(now + 9 * RollUpRig.day, in: $0) }
        #expect(try oldest(rig) == nil)
        rig.retention = Retention(settings)
        try rig.clean(now: now)
        #expect(try oldest(rig) == RollUpRig.start + 2 * RollUpRig.day)
    }

    @Test func nothingGoesWhileTheClockIsNotBelieved() throws {
        var settings = HistorySettings()
        settings.keepRaw = .seconds(86_400)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), history: settings)
        try write(days: 0..<4, to: rig)
        let now = RollUpRig.start + 4 * RollUpRig.day + RollUpRig.hour
        try rig.work(now: now)
        rig.retention = Retention(settings, on: HandClock())
        try rig.clean(now: now)
        #expect(try oldest(rig) == RollUpRig.start)
    }

    @Test func rollUpsGoWhenTheyAreToo() throws {
        var settings = HistorySettings()
        settings.keepRollups = .seconds(4 * 86_400)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), history: settings)
        try write(days: 0..<9, to: rig)
        let now = RollUpRig.start + 9 * RollUpRig.day + RollUpRig.hour
        try rig.work(now: now)
        try rig.clean(now: now)
        #expect(try rig.starts("day", of: "C1.temp").first == RollUpRig.start + 6 * RollUpRig.day)
        #expect(try rig.starts("hour", of: "C1.temp").first == RollUpRig.start + 5 * RollUpRig.day + RollUpRig.hour)
        #expect(try oldest(rig) == RollUpRig.start)
    }

    @Test func theFileReachesASteadySize() throws {
        var settings = HistorySettings()
        settings.keepRaw = .seconds(2 * 86_400)
        settings.keepRollups = .seconds(5 * 86_400)
        let rig = try RollUpRig([Self.slots, Self.slots, Self.slots], period: .seconds(60), history: settings)
        var pages: [Int] = []
        for day in 0..<Int64(24) {
            try write(days: day..<(day + 1), to: rig)
            let now = RollUpRig.start + (day + 1) * RollUpRig.day + RollUpRig.hour
            var sweep = Sweep()
            while try sweep.step(rig.store, now: now) {}
            try rig.work(now: now)
            rig.retention = Retention(settings)
            try rig.clean(now: now)
            pages.append(try rig.number("PRAGMA page_count"))
        }
        // Where pages are parted differs from day to day, not how much there is.
        let (before, after) = (pages[10..<17].max() ?? 0, pages[17...].max() ?? 0)
        #expect(after <= before + 1, "pages a day: \(pages)")
    }
}
