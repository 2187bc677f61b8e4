import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite("A ledger that cannot hold all rows")
struct LedgerTests {
    private func rows(_ count: Int, in rig: Rig) {
        for _ in 0..<count {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(1, [.int(7)])
        }
        for _ in 0..<(count / 50) { rig.loop.pass() }
    }

    @Test func readsOnInPagesWhatBecomesFree() throws {
        let rig = try Rig(.small())
        rig.board.stop()
        rows(3000, in: rig)
        let bounds = Ledger.Bounds(entries: 1000, page: 100)
        let ledger = try rig.store.queue.read { try Ledger(reading: $0, bounds) }
        #expect(!ledger.isComplete && ledger.groups[2]?.entries.count == 1000)
        #expect(ledger.newestOrdinal == 3000 && ledger.groups[2]?.newestSequence == 3000 && ledger.hotRows == 3000)
        rig.store.ledger = ledger
        var (sealer, sweep) = (Sealer(), Sweep())
        #expect(try sealer.step(rig.store, now: rig.clock.now))
        #expect(rig.store.ledger.groups[2]?.entries.count == 138)
        // The sweep goes on meanwhile: what is sealed is known.
        #expect(try !sweep.step(rig.store, now: rig.clock.now))
        #expect(rig.store.ledger.hotRows == 3000 - 862 && rig.store.tally.sweptRows == 862)
        // One look at the 2 138 rows that are left takes 22 steps, and brings 862 of them.
        for _ in 0..<21 {
            #expect(try sealer.step(rig.store, now: rig.clock.now))
            #expect(rig.store.ledger.groups[2]?.entries.count == 138)
        }
        #expect(try sealer.step(rig.store, now: rig.clock.now))
        #expect(rig.store.ledger.groups[2]?.entries.count == 1000 && !rig.store.ledger.isComplete)
        while try sealer.step(rig.store, now: rig.clock.now) {}
        #expect(rig.store.ledger.isComplete && rig.store.ledger.groups[2]?.entries.count == 3000 - 3 * 862)
        #expect(try RawReader(rig.path).readings["C2.level"]?.map(\.sequence) == Array(1...3000))
    }

    @Test func doesNotReadWhileItHasNoRoom() throws {
        let rig = try Rig(.small())
        rig.board.stop()
        rows(500, in: rig)
        rig.store.ledger = try rig.store.queue.read { try Ledger(reading: $0, .init(entries: 100, page: 10)) }
        var sealer = Sealer()
        #expect(try !sealer.step(rig.store, now: rig.clock.now))
        #expect(rig.store.ledger.groups[2]?.entries.count == 100 && !rig.store.ledger.isComplete)
    }

    /// Rows that come while it reads, before and behind the place where it does, are in it once.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func missesNothingThatIsCommittedMeanwhile(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rig = try Rig(.small())
        rig.board.stop()
        var scans = 0
        func commit(_ count: Int) {
            for _ in 0..<count {
                // The clock goes back now and then, so that rows come out of their order.
                rig.clock.advance(milliseconds: Int.random(in: 0..<40, using: &random) == 0 ? -400_000 : 1000)
                rig.scan(1, [.int(Int64(scans % 1000))])
                scans += 1
            }
            rig.loop.pass()
        }
        for _ in 0..<50 { commit(50) }
        let bounds = Ledger.Bounds(
            entries: Int.random(in: 900...2000, using: &random), page: Int.random(in: 20...400, using: &random))
        rig.store.ledger = try rig.store.queue.read { try Ledger(reading: $0, bounds) }
        var (sealer, sweep) = (Sealer(), Sweep())
        for step in 0..<300 {
            _ = try sealer.step(rig.store, now: rig.clock.now)
            if step % 3 == 0 { commit(Int.random(in: 1...4, using: &random)) }
            if step % 50 == 0 { _ = try sweep.step(rig.store, now: rig.clock.now) }
        }
        while try sealer.step(rig.store, now: rig.clock.now) {}
        let ledger = rig.store.ledger
        #expect(ledger.isComplete, "seed \(seed)")
        let anew = try rig.store.queue.read { try Ledger(reading: $0) }
        #expect(ledger.groups[2]?.entries == anew.groups[2]?.entries, "seed \(seed)")
        #expect(ledger.hotRows == anew.hotRows && ledger.firstKey() == anew.firstKey(), "seed \(seed)")
        let sequences = try RawReader(rig.path).readings["C2.level"]?.map(\.sequence).sorted()
        #expect(sequences == Array(1...Int64(scans)), "seed \(seed)")
    }
}
