import Foundation
import GRDB
import Plant
import Store
import TestSupport
import Testing

@testable import Historian

@Suite("Rows of the first schema are sealed piece by piece")
struct OldScansTests {
    /// Small pieces, so that there are many.
    private static let bounds = Ledger.Bounds(entries: 1 << 20, page: 130)
    private static let rows: Int64 = 60

    private func open(_ path: String, _ plant: Plant, at time: Int64 = 0) throws -> HistoryStore {
        let store = try HistoryStore(path: path, plant: plant, time: time, beginsRun: true)
        store.ledger = try store.queue.read { try Ledger(reading: $0, Self.bounds) }
        return store
    }

    /// One step of each chore in turn, until all is sealed.
    private func upgrade(
        _ store: HistoryStore, _ faults: FaultPoints? = nil, between: () throws -> Void = {}
    ) throws {
        var chores: [any Chore] = [Sealer(faults), OldScans(faults, rows: Self.rows), Sweep(faults)]
        var now = OldHistory.begin + 10_000_000
        while store.ledger.oldScans != nil || !store.ledger.isComplete {
            var isDue = false
            for index in chores.indices {
                if try chores[index].step(store, now: now) { isDue = true }
                try between()
            }
            // What is left goes to `waiting` when the sweep comes by.
            if !isDue { now += Sweep.interval }
            guard now < OldHistory.begin + 20_000_000 else { throw TestFailure("it does not end") }
        }
    }

    @Test func everyReaderFindsEverythingBetweenAnyTwoPieces() throws {
        let scratch = try Scratch()
        let old = try OldHistory(scratch.history, seconds: 2500)
        let store = try open(scratch.history, old.plant)
        let raw = try RawReader(scratch.history)
        #expect(raw.old == 2 * (2500 + 42) && raw.hot == 0 && raw.sealed == 0)
        let before = try Answers(scratch.history, old.plant)
        #expect(before.readings.map(\.count) == [2500, 2500, 42, 42])
        var left: Set<Int> = []
        try upgrade(store) {
            let now = try RawReader(scratch.history)
            #expect(now.readings == raw.readings)
            guard left.insert(now.old).inserted else { return }
            let answers = try Answers(scratch.history, old.plant)
            #expect(Answers.differences(answers, before) == [], "\(now.old) old ones left")
            let recent = try shell(scratch.history, "SELECT count(*) FROM recent")
            #expect(recent == [["\(now.old + now.waiting + now.hot)"]])
        }
        #expect(left.count > 3 && left.contains(0))
        #expect(store.ledger.oldScans == nil && store.ledger.isComplete)
        // What is left has the tables of a new file.
        #expect(try shell(scratch.history, "SELECT count(*) FROM sqlite_master WHERE name = 'scans_1'") == [["0"]])
        let fresh = try Scratch()
        _ = try HistoryStore(path: fresh.history, plant: old.plant, time: 0, beginsRun: true)
        let tables = "SELECT name, sql FROM sqlite_master ORDER BY name"
        let (upgraded, new) = (try shell(scratch.history, tables), try shell(fresh.history, tables))
        #expect(upgraded == new)
        #expect(try shell(scratch.history, "PRAGMA integrity_check") == [["ok"]])
    }

    /// The slow group would keep the rows of the fast one for hours.
    @Test func aSlowGroupHoldsUpNothing() throws {
        let scratch = try Scratch()
        let old = try OldHistory(scratch.history, seconds: 6000)
        let store = try open(scratch.history, old.plant)
        var (sealer, scans) = (Sealer(), OldScans(rows: Self.rows))
        // What a plant of these groups may have unsealed comes first.
        while try sealer.step(store, now: 0), store.ledger.isReadingOldScans { while try scans.step(store, now: 0) {} }
        #expect(try RawReader(scratch.history).waiting > 0)
        let left = try Int(shell(scratch.history, "SELECT count(*) FROM scans_1")[0][0]) ?? .max
        #expect(left < 4000)
        try upgrade(store)
        #expect(try RawReader(scratch.history).readings["C2.a"]?.map(\.sequence) == Array(1...100))
        #expect(store.ledger.oldScans == nil)
    }

    @Test func newScansAreWrittenMeanwhileAndComeAfterTheOldOnes() throws {
        let scratch = try Scratch()
        let old = try OldHistory(scratch.history, seconds: 2500)
        let rig = try Rig(old.plant, in: scratch)
        rig.store.ledger = try rig.store.queue.read { try Ledger(reading: $0, Self.bounds) }
        rig.board.stop()
        let end = rig.clock.now
        let before = try Answers(rig.path, old.plant, before: end)
        #expect(rig.next == [2501, 43])
        var scans: Int64 = 0
        func scan() {
            scans += 1
            rig.clock.advance(milliseconds: 1000)
            rig.scan(0, [.int(scans % 100), .float(Float(scans))])
            if scans % 60 == 0 { rig.scan(1, [.int(scans % 100), .int(1)]) }
            rig.loop.pass()
        }
        try upgrade(rig.store) {
            scan()
            let found = try RawReader(rig.path)
            #expect(found.readings["C1.a"]?.count == 2500 + Int(scans))
            guard scans % 7 == 0 else { return }
            let answers = try Answers(rig.path, old.plant, before: end)
            #expect(Answers.differences(answers, before) == [], "\(found.old) old ones left")
        }
        #expect(rig.store.ledger.oldScans == nil && rig.store.ledger.isComplete)
        for _ in 0..<1500 { scan() }
        try upgrade(rig.store)
        let found = try RawReader(rig.path)
        let sequences = found.readings["C1.b"]?.map(\.sequence).sorted()
        #expect(sequences == Array(1...(2500 + scans)))
        #expect(found.readings["C1.b"]?.last?.ordinal == rig.store.ledger.newestOrdinal)
        #expect(Answers.differences(try Answers(rig.path, old.plant, before: end), before) == [])
        #expect(try shell(rig.path, "SELECT min(t1 - t0) >= 0, max(n) <= 900 FROM span") == [["1", "1"]])
        let rising = """
            SELECT count(*) FROM span AS a JOIN span AS b ON b.scan_group = a.scan_group AND b.id > a.id
            WHERE b.first_ordinal <= a.last_ordinal OR b.first_sequence <= a.last_sequence
            """
        #expect(try shell(rig.path, rising) == [["0"]])
    }

    /// In the middle of it, verify looks at the old rows too, and salvage brings them.
    @Test func careKnowsThem() throws {
        let scratch = try Scratch()
        let old = try OldHistory(scratch.history, seconds: 1900)
        let store = try open(scratch.history, old.plant)
        var (sealer, scans) = (Sealer(), OldScans(rows: Self.rows))
        while store.tally.spans == 0 { _ = try sealer.step(store, now: 0) }
        _ = try scans.step(store, now: 0)
        try store.close()
        let found = try RawReader(scratch.history)
        #expect(found.old > 0 && found.sealed > 0)
        let report = try Verify(path: scratch.history, depth: .whole).history()
        #expect(report.counts.rows == found.old / 2, "two readings each")
        let result = try Salvage(path: scratch.history).run(clock: HandClock())
        #expect(result.losses.map(\.subject) == ["C1/fast"], "the minute that the clock jumped")
        #expect(try RawReader(scratch.history).readings == found.readings)
        try upgrade(open(scratch.history, old.plant))
        #expect(try RawReader(scratch.history).readings == found.readings)
    }

    // MARK: Crashes

    @Test func aKillAtAnyPointLosesNothing() throws {
        let scratch = try Scratch()
        let old = try OldHistory(scratch.history, seconds: 4400)
        var names: Set<String> = []
        let store = try open(scratch.history, old.plant)
        let whole = try RawReader(scratch.history).readings
        let faults = FaultPoints { number, name in
            // Each place often, and not each of some hundred alike.
            guard names.insert(name).inserted || number % 37 == 0 else { return }
            let copy = try copyOfFiles(scratch.history)
            let cut = try RawReader(copy.history)
            #expect(cut.readings == whole, "point \(number), \(name)")
            let next = try open(copy.history, old.plant)
            #expect(next.catalogue.nextOrdinal == 4400 + 74 + 1)
            #expect(next.catalogue.groups.map(\.nextSequence) == [4401, 75], "point \(number), \(name)")
            try upgrade(next)
            let after = try RawReader(copy.history)
            #expect(after.readings == whole, "point \(number), \(name), opened anew")
            #expect(after.old == 0 && next.ledger.oldScans == nil)
        }
        try upgrade(store, faults)
        for name in [
            "seal begun", "before the seal's commit", "old rows begin to move", "after a row moved",
            "before the commit of old rows that move", "old rows moved", "old rows begin to go", "after old rows went",
            "after the old table went", "old rows gone",
        ] { #expect(names.contains(name), "\(name)") }
    }

    /// As on a full disk.
    @Test func whatFailsIsDoneAgain() throws {
        struct Failure: Error {}
        let scratch = try Scratch()
        let old = try OldHistory(scratch.history, seconds: 4400)
        let store = try open(scratch.history, old.plant)
        let whole = try RawReader(scratch.history).readings
        var (failed, count): (Set<String>, Int) = ([], 0)
        let faults = FaultPoints { _, name in
            if failed.insert(name).inserted { throw Failure() }
        }
        var isDone = false
        while !isDone, count < 40 {
            do {
                try upgrade(store, faults)
                isDone = true
            } catch {
                count += 1
                #expect(try RawReader(scratch.history).readings == whole)
            }
        }
        #expect(isDone && count > 8)
        #expect(store.ledger.oldScans == nil)
        #expect(try RawReader(scratch.history).readings == whole)
    }

    // MARK: The step of the schema

    @Test func aFullDiskIsToldAndNothingChanges() throws {
        let scratch = try Scratch()
        _ = try OldHistory(scratch.history, seconds: 300)
        let before = try shell(scratch.history, "SELECT name, sql FROM sqlite_master ORDER BY name")
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1") }
        let queue = try DatabaseQueue(path: scratch.history, configuration: configuration)
        let error = try #require(throws: DatabaseError.self) { try HistorySchema.migrator.migrate(queue) }
        let told = HistoryError(path: "h", error)
        #expect(told == .full(path: "h"))
        try queue.close()
        #expect(try shell(scratch.history, "SELECT name, sql FROM sqlite_master ORDER BY name") == before)
        #expect(try shell(scratch.history, "SELECT count(*) FROM hot") == [["305"]])
    }

    @Test func itNeedsNoRoomForTheRows() throws {
        let scratch = try Scratch()
        let old = try OldHistory(scratch.history, seconds: 9000)
        func pages() throws -> Int { try Int(shell(scratch.history, "PRAGMA page_count")[0][0]) ?? 0 }
        let before = try pages()
        let store = try open(scratch.history, old.plant)
        #expect(try pages() < before + 40, "the step of the schema copies nothing")
        try upgrade(store)
        #expect(store.ledger.oldScans == nil)
        #expect(try pages() < before * 5 / 4, "freed pages are used again")
    }

    // MARK: What waits

    @Test func rollUpsAndRetentionBeginAfterwards() throws {
        final class Steps { var count = 0 }
        struct Counting: Chore {
            let steps: Steps
            mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
                steps.count += 1
                return false
            }
            mutating func changeOver(to plant: Plant) { steps.count += 100 }
        }
        let scratch = try Scratch()
        let old = try OldHistory(scratch.history, seconds: 300)
        let store = try open(scratch.history, old.plant)
        let steps = Steps()
        var chore = AfterUpgrade(Counting(steps: steps))
        #expect(try !chore.step(store, now: 0) && steps.count == 0)
        chore.changeOver(to: old.plant)
        try upgrade(store)
        #expect(try !chore.step(store, now: 0) && steps.count == 101)
    }

    /// The recorder does it by itself, and says how far it is.
    @Test func theRecorderUpgradesAsItGoes() throws {
        let scratch = try Scratch()
        let old = try OldHistory(scratch.history, seconds: 2500)
        let rig = try Rig(old.plant, in: scratch)
        rig.clock.step(milliseconds: 60)
        rig.loop.pass()
        #expect((1...2542).contains(rig.board.status.oldScans))
        rig.clock.step(milliseconds: 0)
        rig.scan(0, [.int(1), .float(1)])
        for _ in 0..<3 {
            rig.clock.advance(milliseconds: 1000)
            rig.loop.pass()
        }
        #expect(rig.board.status.oldScans == 0)
        let sequences = try RawReader(rig.path).readings["C1.a"]?.map(\.sequence).sorted()
        #expect(sequences == Array(1...2501))
        #expect(try shell(rig.path, "SELECT count(*) > 0 FROM hour") == [["1"]])
    }
}
