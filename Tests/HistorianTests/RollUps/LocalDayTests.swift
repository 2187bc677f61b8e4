import Archive
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// Days whose readings are deleted in part, and days of another zone than before.
@Suite struct LocalDayTests {
    private static let slots = [
        SlotSpec(name: "temp", type: .int16), SlotSpec(name: "made", type: .uint32, isCounter: true),
    ]
    private static let (hour, day) = (RollUpRig.hour, RollUpRig.day)

    private func keeping(hours: Int64) -> HistorySettings {
        var settings = HistorySettings()
        settings.keepRaw = .seconds(hours * 3600)
        return settings
    }

    /// A reading a minute from the start on, the counter one more with each.
    private func write(_ hours: Range<Int64>, to rig: RollUpRig) throws {
        let minutes = (hours.lowerBound * 60)..<(hours.upperBound * 60)
        try rig.write(0, minutes.map { (RollUpRig.start + $0 * 60_000, [10, Int($0)]) })
    }

    private func keepHouse(_ rig: RollUpRig, _ settings: HistorySettings, hours: Int64) throws {
        let now = RollUpRig.start + hours * Self.hour + RollUps.settles
        try rig.seal(now: now)
        try rig.work(now: now)
        rig.retention = Retention(settings)
        try rig.clean(now: now)
    }

    /// UTC is nine hours behind Seoul: the day that began at 15:00Z is not over at midnight.
    @Test func theHorizonWaitsForTheEndOfTheLocalDay() throws {
        let settings = keeping(hours: 1)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), zone: "Asia/Seoul", history: settings)
        var horizons: [Int64] = []
        for hour in Int64(0)..<60 {
            try write(hour..<(hour + 1), to: rig)
            try keepHouse(rig, settings, hours: hour + 1)
            if let horizon = try rig.mark(.rawFrom), horizon != horizons.last { horizons.append(horizon) }
        }
        let midnights = [15, 39].map { RollUpRig.start + $0 * Self.hour }
        #expect(horizons == midnights)
        #expect(try rig.starts("day", of: "C1.temp") == [midnights[0] - Self.day, midnights[0]])
        #expect(try rig.stored("day", of: "C1.temp", at: midnights[0])?["count"] == 1440)
    }

    /// The reading that stood at the horizon is not deleted with those before it, whether it is sealed or waits.
    @Test(arguments: [Int64(1), 10])
    func theFirstHourBehindTheHorizonCanBeMadeAgain(minutes: Int64) throws {
        let settings = keeping(hours: 1)
        let rig = try RollUpRig([Self.slots], period: .seconds(60 * minutes), history: settings)
        let count = 27 * 60 / minutes
        try rig.write(0, (0..<count).map { (RollUpRig.start + 30_000 + $0 * minutes * 60_000, [10, Int($0)]) })
        try keepHouse(rig, settings, hours: 27)
        let horizon = RollUpRig.start + Self.day
        #expect(try rig.mark(.rawFrom) == horizon)
        #expect(try rig.number("SELECT count(*) FROM waiting WHERE time < \(horizon - Self.hour)") == 0)
        #expect(try rig.number("SELECT count(*) FROM span WHERE t1 < \(horizon - Self.hour)") == 0)
        let before = try #require(try rig.stored("hour", of: "C1.made", at: horizon))
        try rig.write(0, [(horizon + 31_000, [20, Int(24 * 60 / minutes)])])
        try rig.work(now: horizon + 4 * Self.hour)
        let after = try #require(try rig.stored("hour", of: "C1.made", at: horizon))
        #expect(after["count"] == 60 / minutes + 1)
        #expect(after["good_ms"] == Self.hour)
        #expect(after["rise"] == before["rise"] as Double?)
        #expect(after["rise"] == Double(60 / minutes))
    }

    /// The day of Kolkata ends at 18:30Z. The hour of 18:00Z can still be made again, the day that ends in it cannot.
    @Test func aDayThatEndsInsideAnHourIsFinalBeforeItsReadingsGo() throws {
        let settings = keeping(hours: 1)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), zone: "Asia/Kolkata", history: settings)
        try write(0..<46, to: rig)
        try keepHouse(rig, settings, hours: 46)
        let midnight = RollUpRig.start + 42 * Self.hour + Self.hour / 2
        #expect(try rig.mark(.rawFrom) == midnight - Self.hour / 2)
        let days = [midnight - 2 * Self.day, midnight - Self.day]
        #expect(try rig.starts("day", of: "C1.temp") == days)
        #expect(try days.map { try rig.stored("day", of: "C1.temp", at: $0)?["count"] } == [18 * 60 + 30, 1440])
        try rig.write(0, [(midnight - 7, [99, 2550]), (midnight + 7, [98, 2551])])
        try write(46..<70, to: rig)
        try rig.work(now: RollUpRig.start + 71 * Self.hour)
        #expect(try rig.stored("hour", of: "C1.temp", at: midnight - Self.hour / 2)?["max"] == 99.0)
        #expect(try rig.stored("day", of: "C1.temp", at: days[1])?["count"] == 1440)
        #expect(try rig.stored("day", of: "C1.temp", at: midnight)?["count"] == 1441)
        #expect(try rig.stored("day", of: "C1.temp", at: midnight)?["max"] == 98.0)
    }

    /// The plant moves from UTC to Seoul at 20:00Z, when Seoul's day was over for five hours, and its readings are
    /// deleted.
    @Test func theDayBeforeAChangeOfZoneIsMadeOfItsHours() throws {
        let settings = keeping(hours: 1)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), history: settings)
        try write(0..<44, to: rig)
        try keepHouse(rig, settings, hours: 44)
        #expect(try rig.mark(.rawFrom) == RollUpRig.start + Self.day)
        rig.rollUps = RollUps(on: try #require(WallClock(named: "Asia/Seoul")))
        try write(44..<66, to: rig)
        try keepHouse(rig, settings, hours: 66)
        let midnights = [15, 39].map { RollUpRig.start + $0 * Self.hour }
        #expect(try rig.starts("day", of: "C1.temp") == [RollUpRig.start] + midnights)
        #expect(try midnights.map { try rig.stored("day", of: "C1.made", at: $0)?["count"] } == [1440, 1440])
        #expect(try rig.stored("day", of: "C1.made", at: midnights[0])?["rise"] == 1440.0)
    }
}
