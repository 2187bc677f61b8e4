import Foundation
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// A process can die at any point of sealing and sweeping, and a statement can fail at any.
@Suite("Crashes while sealing and sweeping")
struct FaultPointTests {
    private static let slots = [
        SlotSpec(name: "a", type: .int16), SlotSpec(name: "b", type: .float32), SlotSpec(name: "c", type: .bool),
    ]

    /// One fast group, and one too slow to fill a span.
    private static func plant() throws -> Plant {
        let plant = try Plant.test([slots, slots])
        return Plant(
            name: "test", site: "here", timeZone: "UTC", controllers: plant.controllers,
            groups: plant.groups.map { group in
                ScanGroup(
                    id: group.id, controller: group.controller, scan: group.scan, name: group.name,
                    period: .seconds(group.id == 0 ? 1 : 60), tags: group.tags)
            }, tags: plant.tags)
    }

    /// Scans for so many seconds, one commit a minute.
    private func run(_ rig: Rig, seconds: Int) {
        for second in 0..<seconds {
            rig.clock.advance(milliseconds: 1000)
            let value = Int64(second % 100)
            if second % 97 == 13 {
                rig.lose(0, .timeout)
            } else {
                rig.scan(0, [.int(value), .float(Float(value) / 4), second % 50 == 3 ? .bad(.outOfRange) : .int(1)])
            }
            if second % 60 == 0 { rig.scan(1, [.int(value), .float(Float(value)), .int(0)]) }
            if second % 60 == 59 { rig.loop.pass() }
        }
    }

    /// Long enough that a span was sealed, and rows of the slow group wait.
    private static let seconds = 1320

    @Test func whatAKillLeavesIsReadTheSameWhereverItStrikes() throws {
        var names: [String] = []
        var path = ""
        let faults = FaultPoints { number, name in
            names.append(name)
            let before = try RawReader(path)
            let copy = try copyOfFiles(path)
            let cut = try RawReader(copy.history)
            #expect(cut.readings == before.readings, "point \(number), \(name)")
            // A recorder that opens the copy goes on, and has the same readings.
            let store = try HistoryStore(
                path: copy.history, plant: Self.plant(), time: HandClock().now, beginsRun: true)
            var (sealer, sweep) = (Sealer(), Sweep())
            let now = store.catalogue.newestTime ?? 0
            while try sealer.step(store, now: now) {}
            while try sweep.step(store, now: now + Sweep.ageMax) {}
            let after = try RawReader(copy.history)
            #expect(after.readings == before.readings, "point \(number), \(name), opened anew")
            #expect(after.hot <= 3, "point \(number), \(name)")
        }
        let rig = try Rig(Self.plant(), faults: faults)
        path = rig.path
        run(rig, seconds: Self.seconds)
        #expect(names.count == faults.reached)
        for name in [
            "seal begun", "before the span", "after the span", "after a chunk", "before the seal's commit", "sealed",
            "sweep begun", "after a row moved", "after a group moved", "before the sweep's commit", "swept",
        ] { #expect(names.contains(name), "\(name)") }
        #expect(try RawReader(rig.path).readings["C1.a"]?.map(\.sequence) == Array(1...1320))
        #expect(try RawReader(rig.path).readings["C2.a"]?.map(\.sequence) == Array(1...22))
    }

    /// What is there when nothing goes wrong.
    private static let whole = Result {
        let rig = try Rig(plant())
        FaultPointTests().run(rig, seconds: seconds)
        return try RawReader(rig.path).readings
    }

    /// The statement at one point fails, as on a full disk; the work is done again later.
    @Test(arguments: 0..<24)
    func whatFailsIsDoneAgain(point: Int) throws {
        struct Failure: Error {}
        let whole = try Self.whole.get()
        let faults = FaultPoints { number, _ in
            if number == point { throw Failure() }
        }
        let rig = try Rig(Self.plant(), faults: faults)
        run(rig, seconds: Self.seconds)
        #expect(try RawReader(rig.path).readings == whole, "point \(point)")
        #expect(faults.reached > point)
        #expect(rig.board.status.state == .ok)
        #expect(try shell(rig.path, "PRAGMA integrity_check") == [["ok"]])
    }

    @Test func rowsOfASlowGroupAreSealedWhenTheyFillASpan() throws {
        var names: Set<String> = []
        let faults = FaultPoints { _, name in names.insert(name) }
        let rig = try Rig(Self.plant(), faults: faults)
        for minute in 0..<2000 {
            rig.clock.advance(milliseconds: 60_000)
            rig.scan(1, [.int(Int64(minute)), .float(1), .int(0)])
            if minute % 5 == 4 { rig.loop.pass() }
        }
        let found = try RawReader(rig.path)
        #expect(found.readings["C2.b"]?.map(\.sequence) == Array(1...2000))
        #expect(try shell(rig.path, "SELECT scan_group, n FROM span") == [["2", "862"], ["2", "862"]])
        #expect(found.waiting == 3 * (rig.store.ledger.groups[2]?.waiting ?? -1) && found.waiting > 0)
        #expect(names.contains("before the waiting rows go"))
        #expect(rig.board.status.hotRows < 30)
    }
}
