import Archive
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite struct RollUpsTests {
    private static let slots = [
        SlotSpec(name: "temp", type: .int16, scale: 0.1), SlotSpec(name: "valve", type: .bool),
    ]

    @Test func anHourIsRolledUpWhenItIsOver() throws {
        let rig = try RollUpRig([Self.slots])
        // 20.0 degC for the first half of the hour, 40.0 for the second, a reading every ten seconds.
        try rig.write(0, (0..<720).map { (RollUpRig.start + $0 * 10_000, [$0 < 180 ? 200 : 400, 1]) })
        try rig.work(now: RollUpRig.start + RollUpRig.hour + RollUps.settles - 1)
        #expect(try rig.starts("hour", of: "C1.temp") == [])
        try rig.work(now: RollUpRig.start + RollUpRig.hour + RollUps.settles)
        #expect(try rig.starts("hour", of: "C1.temp") == [RollUpRig.start])
        let row = try #require(
            try rig.store.look { try Row.fetchOne($0, sql: "SELECT * FROM hourly WHERE tag = 'C1.temp'") })
        #expect(row["count"] == 360)
        #expect(row["good_ms"] == RollUpRig.hour)
        // 179 steps of ten seconds at 20, one on the way from 20 to 40, 180 at 40.
        let mean: Double = row["mean"]
        #expect(abs(mean - (179 * 20.0 + 30 + 180 * 40.0) / 360) < 1e-9)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func whatIsStoredIsWhatTheReadingsGive(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rig = try RollUpRig([Self.slots, [SlotSpec(name: "level", type: .uint16)]], zone: "Europe/Berlin")
        var now = RollUpRig.start
        for _ in 0..<40 {
            // Sometimes late, sometimes far ahead: a daemon that stood still.
            let late = Int64.random(in: 0..<5, using: &random) == 0
            let ahead = Int64.random(in: 0..<12, using: &random) == 0 ? 30 * RollUpRig.hour : 0
            let first = late ? now - Int64.random(in: 0..<(6 * RollUpRig.hour), using: &random) : now + ahead
            let scans = (0..<Int64(60)).map { index -> (time: Int64, values: [Int?]) in
                let isBad = Int.random(in: 0..<9, using: &random) == 0
                return (
                    first + index * 10_000 + Int64.random(in: 0..<3, using: &random),
                    [
                        isBad ? nil : Int.random(in: -300...3000, using: &random),
                        Int.random(in: 0...1, using: &random),
                    ]
                )
            }
            try rig.write(0, scans)
            try rig.write(1, scans.map { ($0.time + 1, [$0.values[0].map { abs($0) }]) })
            now = max(now, first + 600_000 + Int64.random(in: 0..<RollUpRig.hour, using: &random))
            if Bool.random(using: &random) {
                try rig.work(now: now + Int64.random(in: 0..<RollUpRig.day, using: &random))
            }
        }
        let end = now + 3 * RollUpRig.day
        try rig.work(now: end)
        #expect(try rig.number("SELECT count(*) FROM rollup_due") == 0, "seed \(seed)")
        for tag in ["C1.temp", "C1.valve", "C2.level"] {
            // Late rows may lie before the first ones.
            var hour = RollUpRig.start - RollUpRig.day
            var expected: [Int64] = []
            while hour < end - RollUpRig.day {
                if try rig.aggregate(tag, hour..<(hour + RollUpRig.hour), withRollUps: false) != nil {
                    expected.append(hour)
                }
                hour += RollUpRig.hour
            }
            #expect(try rig.starts("hour", of: tag) == expected, "seed \(seed), \(tag)")
            for table in ["hour", "day"] {
                for row in try rig.store.look({ database in
                    try Row.fetchAll(
                        database, sql: "SELECT * FROM \(table) JOIN tag ON tag.id = tag WHERE tag.name = ?",
                        arguments: [tag])
                }) {
                    let start: Int64 = row["start"]
                    let end: Int64 = table == "day" ? row["end"] : start + RollUpRig.hour
                    let wanted = try #require(try rig.aggregate(tag, start..<end, withRollUps: false))
                    let place = "seed \(seed), \(tag), \(table) of \(UTCTime.text(start))"
                    #expect(row["count"] == wanted.count, "\(place)")
                    #expect(row["bad"] == wanted.bad, "\(place)")
                    #expect(row["good_ms"] == wanted.goodMilliseconds, "\(place)")
                    #expect(row["min"] == wanted.min && row["max"] == wanted.max, "\(place)")
                    #expect(row["first"] == wanted.first && row["last_at"] == wanted.lastTime, "\(place)")
                    let (area, squares): (Double, Double) = (row["area"], row["squares"])
                    #expect(abs(area - wanted.area) <= 1e-9 * max(1, abs(wanted.area)), "\(place)")
                    #expect(abs(squares - wanted.squares) <= 1e-7 * max(1, abs(wanted.squares)), "\(place)")
                }
            }
            // Two days with readings at least, one of them of 23 hours in Berlin.
            #expect(try rig.starts("day", of: tag).count >= 2, "seed \(seed)")
        }
    }

    @Test func aDayBeginsAtLocalMidnightAndHasTheHoursOfItsClock() throws {
        let rig = try RollUpRig([Self.slots], zone: "Europe/Berlin")
        try rig.write(0, (0..<(3 * 360 * 24)).map { (RollUpRig.start + Int64($0) * 10_000, [$0 % 100, 0]) })
        try rig.work(now: RollUpRig.start + 4 * RollUpRig.day)
        let days = try rig.store.look { database in
            try Row.fetchAll(database, sql: #"SELECT start, "end" FROM daily WHERE tag = 'C1.temp' ORDER BY start"#)
                .map { row -> [Int64] in [row["start"], row["end"]] }
        }
        // Berlin is an hour ahead of UTC, and two from 29 March 01:00 UTC on.
        let first = RollUpRig.start + 23 * RollUpRig.hour
        #expect(days.contains([first, first + 23 * RollUpRig.hour]))
        #expect(days.contains([first + 23 * RollUpRig.hour, first + 47 * RollUpRig.hour]))
    }

    @Test func aLateReadingCorrectsItsHourAndItsDay() throws {
        let rig = try RollUpRig([Self.slots])
        try rig.write(0, (0..<(30 * 360)).map { (RollUpRig.start + Int64($0) * 10_000, [200, 0]) })
        try rig.work(now: RollUpRig.start + 40 * RollUpRig.hour)
        #expect(try rig.number("SELECT max FROM daily WHERE tag = 'C1.temp' LIMIT 1") == 20)
        try rig.write(0, [(RollUpRig.start + 5 * RollUpRig.hour + 5, [900, 0])])
        #expect(try rig.number("SELECT count(*) FROM rollup_due") > 0)
        // Until it is rolled up again, the readings answer.
        let whole = RollUpRig.start..<(RollUpRig.start + RollUpRig.day)
        #expect(try rig.aggregate("C1.temp", whole, withRollUps: true)?.max == 90)
        try rig.work(now: RollUpRig.start + 40 * RollUpRig.hour)
        #expect(try rig.number("SELECT max FROM daily WHERE tag = 'C1.temp' LIMIT 1") == 90)
        #expect(try rig.number("SELECT count(*) FROM rollup_due") == 0)
    }

    @Test func aGroupSlowerThanAnHourIsRightInTheEnd() throws {
        let rig = try RollUpRig([Self.slots], period: .seconds(2 * 3600))
        for index in 0..<Int64(6) {
            try rig.write(0, [(RollUpRig.start + index * 2 * RollUpRig.hour, [Int(index) * 100, 0])])
            try rig.work(now: RollUpRig.start + (index * 2 + 1) * RollUpRig.hour)
        }
        try rig.work(now: RollUpRig.start + 20 * RollUpRig.hour)
        // On the straight line from 10 at 02:00 to 20 at 04:00, the third hour ends at 15.
        let row = try #require(
            try rig.store.look { database in
                try Row.fetchOne(
                    database, sql: "SELECT mean, count FROM hourly WHERE tag = 'C1.temp' AND start = ?",
                    arguments: [RollUpRig.start + 3 * RollUpRig.hour])
            })
        #expect(row["count"] == 0)
        #expect(row["mean"] == 17.5)
    }

    @Test func aClockThatWasADayAheadMakesNothingLateForADay() throws {
        let rig = try RollUpRig([Self.slots])
        let ahead = RollUpRig.start + RollUpRig.day
        try rig.write(0, (0..<360).map { (RollUpRig.start + Int64($0) * 10_000, [200, 0]) })
        try rig.write(0, (0..<360).map { (ahead + Int64($0) * 10_000, [300, 0]) })
        try rig.work(now: ahead + 2 * RollUpRig.hour)
        #expect(try rig.starts("hour", of: "C1.temp") == [RollUpRig.start, ahead])
        let now = RollUpRig.start + 3 * RollUpRig.hour
        try rig.work(now: now)
        try rig.write(0, (0..<30).map { (now + Int64($0) * 10_000, [400, 0]) })
        #expect(try rig.number("SELECT count(*) FROM rollup_due") == 0)
        try rig.work(now: now + 2 * RollUpRig.hour)
        #expect(try rig.starts("hour", of: "C1.temp") == [RollUpRig.start, now, ahead])
    }

    @Test func aClockOfThePastCostsNoWorkForTheYearsBetween() throws {
        let rig = try RollUpRig([Self.slots])
        try rig.write(0, (0..<360).map { (Int64($0) * 10_000, [100, 0]) })
        try rig.write(0, (0..<360).map { (RollUpRig.start + Int64($0) * 10_000, [200, 0]) })
        var steps = 0
        while try rig.rollUps.step(rig.store, now: RollUpRig.start + 2 * RollUpRig.hour) { steps += 1 }
        #expect(steps < 10)
        #expect(try rig.starts("hour", of: "C1.temp") == [0, RollUpRig.start])
        #expect(try rig.starts("day", of: "C1.temp").first == 0)
    }

    @Test func damageHoldsUpNothingElse() throws {
        let rig = try RollUpRig([Self.slots])
        try rig.write(0, (0..<1080).map { (RollUpRig.start + Int64($0) * 10_000, [200, 1]) })
        var sealer = Sealer()
        while try sealer.step(rig.store, now: RollUpRig.start + RollUpRig.day) {}
        try rig.store.transaction { database in
            try database.execute(sql: "UPDATE chunk SET crc = crc + 1 WHERE key IN (SELECT min(key) FROM chunk)")
        }
        try rig.work(now: RollUpRig.start + RollUpRig.day)
        #expect(try rig.number("SELECT count(*) FROM rollup_due") == 0)
        #expect(try rig.starts("hour", of: "C1.valve").count == 3)
        #expect(try rig.starts("hour", of: "C1.temp").count < 3)
    }

    @Test func whatARestartFindsUndoneIsDoneThen() throws {
        let scratch = try Scratch()
        do {
            let rig = try RollUpRig([Self.slots], in: scratch)
            try rig.write(0, (0..<(26 * 360)).map { (RollUpRig.start + Int64($0) * 10_000, [200, 0]) })
            // One step notes the hour, the next one would do it.
            #expect(try rig.rollUps.step(rig.store, now: RollUpRig.start + RollUpRig.day))
            #expect(try rig.number("SELECT count(*) FROM rollup_due") == 2)
            try rig.store.close()
        }
        let rig = try RollUpRig([Self.slots], in: scratch)
        try rig.work(now: RollUpRig.start + 30 * RollUpRig.hour)
        #expect(try rig.starts("hour", of: "C1.valve").count == 26)
        #expect(try rig.starts("day", of: "C1.valve") == [RollUpRig.start])
    }
}
