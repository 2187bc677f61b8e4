import GRDB
import Plant
import Testing

@testable import Historian

@Suite("How the plant is known in the history")
struct CatalogueTests {
    private func open(_ scratch: Scratch, _ spec: SlotSpec, period: Duration = .seconds(1)) throws -> HistoryStore {
        try HistoryStore(
            path: scratch.history, plant: .test([[spec]], period: period), time: 0, beginsRun: true)
    }

    static let kinds: [(SlotSpec, String, String)] = [
        (SlotSpec(name: "t", type: .int16), "0", "0"), (SlotSpec(name: "t", type: .bool), "1", "0"),
        (SlotSpec(name: "t", type: .int16, states: [1: "on"]), "1", "0"),
        (SlotSpec(name: "t", type: .string(registers: 2)), "1", "0"),
        (SlotSpec(name: "t", type: .uint32, isCounter: true), "1", "1"),
        (SlotSpec(name: "t", type: .float32, isStepped: true), "1", "0"),
    ]

    @Test(arguments: kinds)
    func steppedTagsAndCountersAreMarked(spec: SlotSpec, stepped: String, counter: String) throws {
        let scratch = try Scratch()
        let store = try open(scratch, spec)
        #expect(try shell(scratch.history, "SELECT stepped, counter FROM tag") == [[stepped, counter]])
        #expect(try shell(scratch.history, "SELECT stepped, counter FROM slot") == [[stepped, counter]])
        _ = store
    }

    @Test func anotherPeriodOrAnotherMeaningIsAnotherLayout() throws {
        let scratch = try Scratch()
        var layouts: [Int64] = []
        let plain = SlotSpec(name: "t", type: .float32)
        var (stepped, counter, rounded) = (plain, plain, plain)
        (stepped.isStepped, counter.isCounter, rounded.resolution) = (true, true, 0.1)
        for (spec, period) in [
            (plain, 1), (plain, 2), (stepped, 1), (counter, 1), (rounded, 1), (plain, 1), (stepped, 1),
        ] {
            layouts.append(try open(scratch, spec, period: .seconds(period)).catalogue.groups[0].layout)
        }
        #expect(layouts == [1, 2, 3, 4, 5, 1, 3])
        #expect(
            try shell(scratch.history, "SELECT period_ms FROM layout ORDER BY id")
                == [["1000"], ["2000"], ["1000"], ["1000"], ["1000"]])
    }

    /// When everything that was ever stored has been deleted by retention, numbers still count on.
    @Test func numbersNeverComeAgain() throws {
        let rig = try Rig(.small())
        for _ in 0..<900 {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(1, [.int(1)])
        }
        rig.loop.pass()
        #expect(rig.board.status.sealedSpans == 1)
        try rig.store.queue.write {
            try $0.execute(sql: "DELETE FROM span; DELETE FROM chunk; DELETE FROM waiting; DELETE FROM hot")
        }
        let next = try HistoryStore(path: rig.path, plant: rig.plant, time: 0, beginsRun: true).catalogue
        #expect(next.groups.map(\.nextSequence) == [1, 863] && next.nextOrdinal == 863)
    }

    @Test func timesNoKeyHasRoomForAreKeptAtTheEnds() throws {
        for (time, kept) in [
            (Int64.min, 0), (-1, 0), (0, 0), (1 << 43 - 1, 1 << 43 - 1), (1 << 43, 1 << 43 - 1), (.max, 1 << 43 - 1),
        ] as [(Int64, Int64)] {
            #expect(RowKey.clamped(time) == kept)
            #expect(RowKey.time(of: RowKey.of(time: kept, ordinal: .max)) == kept)
        }
        let rig = try Rig(.small())
        rig.clock.advance(milliseconds: -rig.clock.now - 5000)
        rig.scan(1, [.int(4)])
        rig.clock.advance(milliseconds: 9_000_000_000_000)
        rig.scan(1, [.int(5)])
        rig.loop.pass()
        #expect(try RawReader(rig.path).readings["C2.level"]?.map(\.time) == [0, 1 << 43 - 1])
    }
}
