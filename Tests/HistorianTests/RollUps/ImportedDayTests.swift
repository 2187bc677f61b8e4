import Archive
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// Readings from people's files that are older than readings are kept.
@Suite struct ImportedDayTests {
    /// 2025-11-10T00:00:00Z, eight weeks before the first scan.
    private static let old: Int64 = 1_762_732_800_000

    private static func rig() throws -> (ImportRig, HistorySettings) {
        var settings = HistorySettings()
        settings.keepRaw = .seconds(2 * 86_400)
        let rig = try ImportRig(try Plant.test([[SlotSpec(name: "temp", type: .float32)]], history: settings))
        rig.rig.scan(0, [.float(1)])
        rig.rig.loop.pass()
        return (rig, settings)
    }

    /// A reading a minute.
    private static func day(from start: Int64) -> String {
        "time,tag,value\n" + (0..<1440 as Range<Int64>).map { "\(start + $0 * 60_000),C1.temp,\($0)\n" }.joined()
    }

    @Test func theyAreRolledUpBeforeTheyGo() throws {
        let (rig, settings) = try Self.rig()
        let store = rig.rig.store
        let now = ImportRig.start + 4 * RollUps.day
        var (sealer, rollUps, retention) = (ImportSealer(), RollUps(on: .utc), Retention(settings))
        while try rollUps.step(store, now: now) {}
        #expect(try rig.run(Self.day(from: Self.old)).imported == 1440)
        // Nothing goes that is only due.
        while try retention.step(store, now: now) {}
        #expect(try rig.rig.readings("C1.temp").count == 1441)
        for minute in 0..<4 where try sealer.step(store, now: now + Int64(minute) * 61_000) {}
        while try rollUps.step(store, now: now) {}
        retention = Retention(settings)
        while try retention.step(store, now: now) {}
        #expect(try rig.rig.readings("C1.temp").isEmpty)
        let day = try shell(rig.rig.path, "SELECT count, first, last, good_ms FROM daily WHERE start = \(Self.old)")
        #expect(day == [["1440", "0.0", "1439.0", "86400000"]])
        #expect(try shell(rig.rig.path, "SELECT count(*) FROM hourly WHERE count = 60") == [["24"]])
        #expect(try shell(rig.rig.path, "SELECT count(*) FROM waiting") == [["0"]])
        // And now that they are gone, no others are taken for them.
        let refused = try rig.problems(Self.day(from: Self.old))
        #expect(refused.first?.contains("expected one since 20") == true, "\(refused.first ?? "taken")")
    }

    /// The daemon's chores take turns: hours are rolled up between two pieces of an import.
    @Test(arguments: [900, 3600, 5000])
    func hoursThatOnePieceEndsInAreRightAfterTheNext(piece: Int) throws {
        let rig = try ImportRig(try Plant.test([[SlotSpec(name: "temp", type: .float32)]]))
        rig.rig.scan(0, [.float(1)])
        rig.rig.loop.pass()
        let store = rig.rig.store
        var rollUps = RollUps(on: .utc)
        while try rollUps.step(store, now: rig.now) {}
        let text =
            "time,tag,value\n" + (0..<Int64(20_000)).map { "\(Self.old + $0 * 1000),C1.temp,\($0 % 97)\n" }.joined()
        let staged = try rig.stage(text)
        rig.desk.enter(staged.id, author: "alice")
        var imports = Imports(rig.desk, piece: piece)
        while try imports.step(store, now: rig.now) {
            while try rollUps.step(store, now: rig.now) {}
        }
        while try rollUps.step(store, now: rig.now) {}
        let count = "SELECT sum(count) FROM \(RollUp.hour.rawValue) WHERE start < \(Self.old + RollUps.day)"
        #expect(try shell(rig.rig.path, count) == [["20000"]])
        let report = try Verify(path: rig.rig.path, depth: .deep, now: rig.now).history()
        #expect(report.findings.filter { $0.kind == .rollUp } == [])
    }

    /// Rows in the order of their times, numbered as they came: later ones may lie before others.
    @Test func aSpanThatWasMergedIsSound() throws {
        let rig = try ImportRig(try Plant.test([[SlotSpec(name: "temp", type: .float32)]]))
        rig.rig.scan(0, [.float(1)])
        rig.rig.loop.pass()
        func text(_ count: Int, _ value: Int) -> String {
            "time,tag,value\n"
                + (0..<Int64(count)).map { "\(Self.old + $0 * 1000),C1.temp,\(value)\n" }.joined()
        }
        #expect(try rig.run(text(300, 1)).imported == 300)
        #expect(try rig.run(text(10, 2), .replace).replaced == 10)
        var sealer = ImportSealer()
        for minute in 0..<6 { while try sealer.step(rig.rig.store, now: rig.now + Int64(minute) * 61_000) {} }
        #expect(try shell(rig.rig.path, "SELECT count(*) FROM waiting") == [["0"]])
        let report = try Verify(path: rig.rig.path, depth: .deep, now: rig.now).history()
        #expect(report.findings == [])
    }

    @Test func whatTheHorizonHasJustReachedIsTaken() throws {
        let (rig, _) = try Self.rig()
        let staged = try rig.stage(Self.day(from: Self.old))
        try rig.rig.store.transaction { try Mark.rawFrom.set(Self.old, in: $0) }
        #expect(try rig.run(staged).imported == 1440)
    }
}
