import Archive
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite struct LostReadingsTests {
    private static let slots = [SlotSpec(name: "temp", type: .int16), SlotSpec(name: "flow", type: .int16)]
    private static let (start, hour) = (RollUpRig.start, RollUpRig.hour)

    /// An hour of readings, rolled up, of which half are lost afterwards.
    private func halfLost(in scratch: Scratch? = nil) throws -> RollUpRig {
        let rig = try RollUpRig([Self.slots], period: .seconds(60), in: scratch)
        try rig.write(0, (0..<Int64(120)).map { (Self.start + $0 * 60_000, [Int($0), 5]) })
        try rig.work(now: Self.start + 4 * Self.hour)
        try rig.store.transaction { database in
            try database.execute(
                sql: "DELETE FROM hot WHERE id < ? << 20", arguments: [Self.start + Self.hour / 2])
        }
        return rig
    }

    private func salvaged(_ subject: String?, _ range: Range<Int64>, in rig: RollUpRig) throws {
        try rig.store.transaction { database in
            try database.execute(
                sql: "INSERT INTO event(t0, t1, kind, subject) VALUES (?, ?, 'salvaged', ?)",
                arguments: [range.lowerBound, range.upperBound, subject])
        }
    }

    @Test(arguments: ["C1.temp", "C1/fast", nil])
    func whatWasKnownBeforeTheDamageStays(subject: String?) throws {
        let rig = try halfLost()
        try salvaged(subject, Self.start..<(Self.start + Self.hour / 2), in: rig)
        try rig.write(0, [(Self.start + Self.hour - 7, [1, 1])])
        try rig.work(now: Self.start + 4 * Self.hour)
        #expect(try rig.stored("hour", of: "C1.temp", at: Self.start)?["count"] == 60)
        #expect(try rig.stored("hour", of: "C1.temp", at: Self.start)?["min"] == 0.0)
        #expect(try rig.number("SELECT count(*) FROM rollup_due") == 0)
    }

    /// A correction that leaves fewer good readings is one.
    @Test(arguments: ["C1.flow", "C2/fast"])
    func withoutDamageTheReadingsAreRight(subject: String) throws {
        let rig = try halfLost()
        try salvaged(subject, Self.start..<(Self.start + Self.hour), in: rig)
        try salvaged("C1.temp", (Self.start + Self.hour)..<(Self.start + 2 * Self.hour), in: rig)
        // What salvage writes of itself has no length, and is about no reading.
        try salvaged(nil, (Self.start + 1)..<(Self.start + 1), in: rig)
        try rig.write(0, [(Self.start + Self.hour - 7, [1, 1])])
        try rig.work(now: Self.start + 4 * Self.hour)
        #expect(try rig.stored("hour", of: "C1.temp", at: Self.start)?["count"] == 31)
    }

    /// `keep_raw` is made longer: what was deleted until then does not come back, and one late reading is not all.
    @Test func whatWasKnownBeforeTheDeletionStays() throws {
        var settings = HistorySettings()
        settings.keepRaw = .seconds(86_400)
        let rig = try RollUpRig([Self.slots], period: .seconds(60), history: settings)
        try rig.write(0, (0..<Int64(4 * 1440)).map { (Self.start + $0 * 60_000, [Int($0 % 100), 5]) })
        let now = Self.start + 4 * RollUpRig.day + 2 * Self.hour
        try rig.seal(now: now)
        try rig.work(now: now)
        rig.retention = Retention(settings)
        try rig.clean(now: now)
        let deletedTo = try #require(try rig.mark(.deletedTo))
        #expect(try rig.mark(.rawFrom) == Self.start + 3 * RollUpRig.day)
        #expect(deletedTo > Self.start + 2 * RollUpRig.day && deletedTo < Self.start + 3 * RollUpRig.day)
        settings.keepRaw = .seconds(10 * 86_400)
        rig.retention = Retention(settings)
        try rig.clean(now: now)
        #expect(try #require(try rig.mark(.rawFrom)) <= Self.start)
        try rig.write(0, [(Self.start + 30_007, [999, 5])])
        try rig.work(now: now)
        #expect(try rig.stored("hour", of: "C1.temp", at: Self.start)?["count"] == 60)
        #expect(try rig.stored("day", of: "C1.temp", at: Self.start)?["count"] == 1440)
    }
}
