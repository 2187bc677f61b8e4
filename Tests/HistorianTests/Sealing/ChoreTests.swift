import GRDB
import Plant
import Store
import Testing

@testable import Historian

/// A chore that has so much to do, and may be refused.
private final class Work {
    var left: Int
    var steps = 0
    var refusal: HistoryError?
    init(_ left: Int) { self.left = left }
}

private struct Chores: Chore {
    let work: Work
    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
        if let refusal = work.refusal { throw refusal }
        work.steps += 1
        work.left -= 1
        return work.left > 0
    }
}

@Suite("Chores")
struct ChoreTests {
    private func store() throws -> (HistoryStore, Scratch) {
        let scratch = try Scratch()
        return (try HistoryStore(path: scratch.history, plant: .small(), time: 0, beginsRun: true), scratch)
    }

    @Test func theyRunUntilNothingIsDue() throws {
        let (store, _) = try store()
        let (first, second) = (Work(5), Work(3))
        var keeper = Housekeeper([Chores(work: first), Chores(work: second)])
        #expect(keeper.pass(store, HandClock()) == nil)
        #expect(first.steps == 5 && second.steps == 3)
    }

    @Test func aPassEndsWhenItsTimeIsOver() throws {
        let (store, _) = try store()
        let (work, clock) = (Work(1000), HandClock())
        clock.step(milliseconds: 10)
        var keeper = Housekeeper([Chores(work: work)])
        #expect(keeper.pass(store, clock) == nil)
        #expect((3...20).contains(work.steps))
    }

    @Test func theyTakeTurns() throws {
        let (store, _) = try store()
        let (backlog, few, clock) = (Work(1000), Work(3), HandClock())
        clock.step(milliseconds: 4)
        var keeper = Housekeeper([Chores(work: backlog), Chores(work: few)])
        #expect(keeper.pass(store, clock) == nil)
        #expect(few.left == 0 && backlog.steps > few.steps)
    }

    /// A step may take all the time there is: the next pass then begins with the next chore.
    @Test func aPassBeginsWhereTheLastOneEnded() throws {
        let (store, _) = try store()
        let (works, clock) = ((0..<3).map { _ in Work(1000) }, HandClock())
        var keeper = Housekeeper(works.map { Chores(work: $0) })
        clock.step(milliseconds: 150)
        for round in 1...3 {
            for _ in works { #expect(keeper.pass(store, clock) == nil) }
            #expect(works.map(\.steps) == [round, round, round])
        }
    }

    @Test func oneThatFindsDamageDoesNotHoldUpTheOthers() throws {
        let (store, _) = try store()
        let (damaged, other) = (Work(5), Work(5))
        damaged.refusal = .corrupt(path: "h", detail: "d")
        var keeper = Housekeeper([Chores(work: damaged), Chores(work: other)])
        #expect(keeper.pass(store, HandClock()) == .corrupt(path: "h", detail: "d"))
        #expect(other.left == 0 && damaged.steps == 0)
    }

    @Test func theyLeaveADatabaseThatRefusesAlone() throws {
        let (store, _) = try store()
        let (work, clock) = (Work(1000), HandClock())
        work.refusal = .full(path: "h")
        var keeper = Housekeeper([Chores(work: work)])
        #expect(keeper.pass(store, clock) == .full(path: "h"))
        #expect(keeper.failures == 1 && keeper.lastError?.contains("no room left") == true)
        work.refusal = nil
        #expect(keeper.pass(store, clock) == nil)
        #expect(work.steps == 0, "not yet")
        clock.advance(milliseconds: 1000)
        clock.step(milliseconds: 100)
        #expect(keeper.pass(store, clock) == nil)
        #expect(work.steps > 0 && keeper.lastError == nil && keeper.failures == 1)
    }

    @Test func aLockedDatabasePostponesThemAndLosesNothing() throws {
        let rig = try Rig(.small())
        for _ in 0..<900 {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(1, [.int(1)])
        }
        // The commit comes through, what follows does not.
        var other: DatabaseQueue?
        let path = rig.path
        rig.loop.onPass = { _ in }
        let faults = FaultPoints { _, name in
            if name == "seal begun" { throw DatabaseError(resultCode: .SQLITE_BUSY) }
        }
        rig.loop.housekeeper = Housekeeper([Sealer(faults)])
        rig.loop.pass()
        #expect(rig.board.status.state == .ok && rig.board.status.readings == 900)
        #expect(rig.board.status.housekeepingFailures == 1 && rig.board.status.sealedSpans == 0)
        #expect(rig.board.status.housekeepingError?.contains("another program holds a lock") == true)
        rig.loop.housekeeper = Housekeeper([Sealer()])
        other = try lockedConnection(path)
        rig.loop.pass()
        #expect(rig.board.status.sealedSpans == 0 && rig.board.status.housekeepingFailures == 1)
        try other?.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        rig.clock.advance(milliseconds: 2000)
        rig.loop.pass()
        #expect(rig.board.status.sealedSpans == 1 && rig.board.status.housekeepingError == nil)
        #expect(try RawReader(rig.path).readings["C2.level"]?.count == 900)
    }
}
