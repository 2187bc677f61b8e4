import Archive
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite struct DueHoursTests {
    private static let slots = [SlotSpec(name: "n", type: .uint32)]
    private static let (start, hour) = (RollUpRig.start, RollUpRig.hour)

    private func write(_ seconds: Range<Int64>, to rig: RollUpRig) throws {
        try rig.write(0, seconds.map { (Self.start + $0 * 1000, [Int($0)]) })
    }

    @Test func anHourWaitsUntilItsRowsAreSealed() throws {
        let rig = try RollUpRig([Self.slots], period: .seconds(1))
        try write(0..<4000, to: rig)
        let now = Self.start + Self.hour + RollUps.settles
        try rig.work(now: now)
        #expect(try rig.starts("hour", of: "C1.n") == [])
        // Whoever asks meanwhile is answered by the readings.
        #expect(try rig.aggregate("C1.n", Self.start..<(Self.start + Self.hour), withRollUps: true)?.count == 3600)
        try rig.seal(now: now)
        // Two thousand rows passed over for nothing are enough for ten seconds.
        try rig.work(now: now + RollUps.Pause.length - 1)
        #expect(try rig.starts("hour", of: "C1.n") == [])
        try rig.work(now: now + RollUps.Pause.length)
        #expect(try rig.starts("hour", of: "C1.n") == [Self.start])
    }

    @Test func anHourThatIsNeverSealedDoesNotWaitForEver() throws {
        let rig = try RollUpRig([Self.slots], period: .seconds(1))
        try write(0..<4000, to: rig)
        let end = Self.start + Self.hour
        try rig.work(now: end + DueHours.patience - 1)
        #expect(try rig.starts("hour", of: "C1.n") == [])
        try rig.work(now: end + DueHours.patience + Self.hour)
        #expect(try rig.starts("hour", of: "C1.n").first == Self.start)
    }

    /// An import made an hour due before the first look, and the span goes on over the hours behind it.
    @Test func hoursBehindOneThatIsDueAlreadyAreNotPassedOver() throws {
        let rig = try RollUpRig([Self.slots], period: .seconds(60))
        try rig.write(0, (0..<Int64(1440)).map { (Self.start + $0 * 60_000, [Int($0)]) })
        let now = Self.start + 24 * Self.hour + RollUps.settles
        try rig.seal(now: now)
        #expect(try rig.number("SELECT max(t1 - t0) FROM span") > 8 * Self.hour)
        try rig.store.transaction { database in
            try database.execute(
                sql: "INSERT INTO rollup_due(tag, hour) SELECT id, ? FROM tag", arguments: [Self.start + Self.hour])
            try Mark.rolledTo.set(Self.start + Self.hour, in: database)
        }
        try rig.work(now: now + 100 * RollUps.Pause.length)
        #expect(try rig.starts("hour", of: "C1.n").count == 23)
    }

    @Test func anOlderHourDoesNotWaitForANewerOne() throws {
        let rig = try RollUpRig([Self.slots], period: .seconds(1))
        try write(0..<100, to: rig)
        try write(7200..<10_800, to: rig)
        try rig.work(now: Self.start + 3 * Self.hour + RollUps.settles)
        #expect(try rig.starts("hour", of: "C1.n") == [Self.start])
    }

    /// Imports make any hour due, also one whose readings still come.
    @Test func anHourThatIsNotOverStaysDue() throws {
        let rig = try RollUpRig([Self.slots], period: .seconds(10))
        try rig.write(0, (0..<Int64(400)).map { (Self.start + $0 * 10_000, [1]) })
        let now = Self.start + Self.hour + 2 * RollUps.settles
        try rig.work(now: now)
        try rig.store.transaction { database in
            try database.execute(
                sql: "INSERT INTO rollup_due(tag, hour) SELECT id, ? FROM tag", arguments: [Self.start + Self.hour])
        }
        try rig.work(now: now)
        #expect(try rig.starts("hour", of: "C1.n") == [Self.start])
        try rig.write(0, (400..<Int64(720)).map { (Self.start + $0 * 10_000, [1]) })
        let second = (Self.start + Self.hour)..<(Self.start + 2 * Self.hour)
        #expect(try rig.aggregate("C1.n", second, withRollUps: true)?.count == 360)
        try rig.work(now: now + Self.hour)
        #expect(try rig.stored("hour", of: "C1.n", at: second.lowerBound)?["count"] == 360)
    }
}
