import Foundation
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite("Sweeping the hot rows")
struct SweepTests {
    private static let slots = [SlotSpec(name: "n", type: .uint32)]

    private func periods(_ seconds: [Int]) throws -> Plant {
        let plant = try Plant.test(seconds.map { _ in Self.slots })
        return Plant(
            name: "test", site: "here", timeZone: "UTC", controllers: plant.controllers,
            groups: plant.groups.map { group in
                ScanGroup(
                    id: group.id, controller: group.controller, scan: group.scan, name: group.name,
                    period: .seconds(seconds[group.id]), tags: group.tags)
            }, tags: plant.tags)
    }

    @Test func sealedRowsGoAndTheNewestStays() throws {
        let rig = try Rig(periods([1]))
        for value in 0..<5000 {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(0, [.int(Int64(value))])
            if value % 10 == 9 { rig.loop.pass() }
        }
        #expect(rig.board.status.sealedSpans == 6)
        #expect(rig.board.status.hotRows <= 731 + 300)
        #expect(try RawReader(rig.path).readings["C1.n"]?.map(\.sequence) == Array(1...5000))
        // Nothing comes any more: what is left waits in the end, but for the newest row.
        for _ in 0..<20 {
            rig.clock.advance(milliseconds: 300_000)
            rig.loop.pass()
        }
        let left = try RawReader(rig.path)
        #expect(rig.board.status.hotRows == 1)
        #expect(left.waiting == 5000 - 6 * 731 && left.hot == 0)
        #expect(left.readings["C1.n"]?.map(\.sequence) == Array(1...5000))
        let next = try HistoryStore(path: rig.path, plant: rig.plant, time: rig.clock.now, beginsRun: true).catalogue
        #expect(next.groups.map(\.nextSequence) == [5001] && next.nextOrdinal == 5001)
    }

    /// A group read every 2 s fills a span before its rows are in the way; one read every 10 s does not.
    @Test func onlySlowGroupsWait() throws {
        let rig = try Rig(periods([2, 10]))
        for second in 0..<3000 {
            rig.clock.advance(milliseconds: 1000)
            if second % 2 == 0 { rig.scan(0, [.int(Int64(second))]) }
            if second % 10 == 0 { rig.scan(1, [.int(Int64(second))]) }
            rig.loop.pass()
        }
        #expect(rig.store.ledger.groups[1]?.waiting == 0)
        #expect(try shell(rig.path, "SELECT scan_group, count(*) > 50 FROM waiting GROUP BY 1") == [["2", "1"]])
        #expect(try RawReader(rig.path).readings["C2.n"]?.map(\.sequence) == Array(1...300))
    }

    @Test func aClockThatWasSetBackDoesNotStopTheSweep() throws {
        let rig = try Rig(periods([1]))
        for _ in 0..<2 {
            for _ in 0..<2000 {
                rig.clock.advance(milliseconds: 1000)
                rig.scan(0, [.int(1)])
                rig.loop.pass()
            }
            rig.clock.advance(milliseconds: -2_100_000)
        }
        #expect(rig.board.status.hotRows < 3000)
        #expect(try RawReader(rig.path).readings["C1.n"]?.count == 4000)
        let sequences = try RawReader(rig.path).readings["C1.n"]?.map(\.sequence) ?? []
        #expect(Set(sequences).count == 4000)
    }

    @Test func oneTransactionDeletesABoundedNumberOfRows() throws {
        let rig = try Rig(periods([1]))
        rig.board.stop()
        for value in 0..<(Sweep.rowsMax * 2) {
            rig.clock.advance(milliseconds: 1)
            rig.scan(0, [.int(Int64(value))])
            if value % 5000 == 4999 { rig.loop.pass() }
        }
        var (sealer, sweep) = (Sealer(), Sweep())
        while try sealer.step(rig.store, now: rig.clock.now) {}
        #expect(try sweep.step(rig.store, now: rig.clock.now))
        #expect(rig.store.tally.sweptRows == UInt64(Sweep.rowsMax))
        #expect(try !sweep.step(rig.store, now: rig.clock.now))
        #expect(rig.store.ledger.hotRows == rig.store.ledger.groups[1]?.entries.count)
        #expect(try !sweep.step(rig.store, now: rig.clock.now), "not before the interval is over")
    }

    @Test func aRowThatIsNotSealedIsNotDeletedWhateverTheLedgerSays() throws {
        let rig = try Rig(periods([1, 1]))
        for _ in 0..<800 {
            rig.clock.advance(milliseconds: 1000)
            for group in 0..<2 { rig.scan(group, [.int(1)]) }
        }
        rig.board.stop()
        rig.loop.pass()
        var (sealer, sweep) = (Sealer(), Sweep())
        while try sealer.step(rig.store, now: rig.clock.now) {}
        // As if the second group had been sealed too.
        rig.store.ledger.remove(first: 800, of: 2)
        while try sweep.step(rig.store, now: rig.clock.now) {}
        #expect(try RawReader(rig.path).readings["C2.n"]?.count == 800)
        #expect(try RawReader(rig.path).readings["C1.n"]?.count == 800)
        #expect(rig.store.tally.sweptRows == 731)
    }
}
