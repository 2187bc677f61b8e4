import Glibc
import Modbus
import Plant
import Testing

@testable import Acquisition

/// The life of a line under a clock that tests move: when it asks, what it says, when it gives up and comes back.
@Suite struct LineLoopTests {
    private static let words = SamplePlant.words(0..<2)

    // MARK: Deadlines

    @Test func scansKeepTheirGridAndEveryReadingHasItsTimes() throws {
        let rehearsal = Rehearsal(SamplePlant.plant([.init(rows: Self.words)]))
        rehearsal.link.read = { _, _ in .init(milliseconds: 7) }
        rehearsal.run(milliseconds: 60_500)
        // The first scan waits for its connection; every later one begins on its second.
        #expect(rehearsal.link.reads().dropFirst() == ArraySlice((1...60).map { Int64($0) * 1000 }))
        let blocks = rehearsal.blocks
        #expect(blocks.map(\.header.sequence) == (1...61).map { UInt64($0) })
        let last = try #require(blocks.last)
        #expect(last.header.sent == rehearsal.start + 60_000 * 1_000_000)
        #expect(last.header.replied - last.header.sent == 7_000_000)
        #expect(last.header.wallOffset == ManualClock.wallOffset)
        #expect(last.readings.map(\.bits) == [0, 1] && last.readings.allSatisfy { $0.quality == .good })
        let group = rehearsal.status.groups[0]
        #expect((group.requested, group.scans, group.late, group.skipped, group.failed) == (61, 61, 0, 0, 0))
        #expect(rehearsal.status.rtt_mean_ms == 7)
    }

    @Test func numbersGoOnFromWhatTheHistoryHolds() {
        let rehearsal = Rehearsal(SamplePlant.plant([.init(rows: Self.words)]), firstSequence: [0: 71])
        rehearsal.run(milliseconds: 2500)
        #expect(rehearsal.blocks.map(\.header.sequence) == [71, 72, 73])
    }

    @Test func aScanWhoseTimeHasPassedIsLeftOutAndCounted() {
        let rehearsal = Rehearsal(SamplePlant.plant([.init(timeout: .seconds(30), rows: Self.words)]))
        rehearsal.link.read = { _, at in .init(milliseconds: at == 3000 ? 4300 : 2) }
        rehearsal.run(milliseconds: 10_500)
        // Asked at 3 s, answered at 7.3 s: 4, 5 and 6 s are gone, the turn of 7 s comes late, and 8 s is on the grid.
        #expect(rehearsal.link.reads().dropFirst() == [1000, 2000, 3000, 7300, 8000, 9000, 10_000])
        let group = rehearsal.status.groups[0]
        #expect((group.scans, group.late, group.skipped, group.requested) == (8, 1, 3, 11))
        #expect(rehearsal.blocks.map(\.header.sequence) == (1...8).map { UInt64($0) }, "a skipped scan has no number")
    }

    @Test func aControllerThatIsTooSlowIsNeverAskedTwiceAtOnce() {
        let rehearsal = Rehearsal(SamplePlant.plant([.init(rows: Self.words)]))
        rehearsal.link.read = { _, _ in .init(milliseconds: 1400) }
        rehearsal.run(milliseconds: 60_000)
        let reads = rehearsal.link.reads()
        #expect(zip(reads, reads.dropFirst()).allSatisfy { $1 - $0 >= 1400 })
        let group = rehearsal.status.groups[0]
        #expect(group.skipped > 10 && group.late > 10)
        #expect(abs(group.requested - 60) <= 2, "done and skipped together are what was asked for")
    }

    @Test func theEarliestDeadlineGoesFirst() {
        let rows = SamplePlant.words(0..<1, scan: "fast") + SamplePlant.words(100..<101, scan: "slow")
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(rows: rows)], periods: ["fast": .milliseconds(100), "slow": .seconds(1)]))
        // The slow group takes longer than the fast one's period.
        rehearsal.link.read = { request, _ in .init(milliseconds: request.range.start == 0 ? 1 : 250) }
        rehearsal.run(milliseconds: 10_000)
        let status = rehearsal.status.groups
        #expect(status[1].scans == 10 && status[1].skipped == 0, "a quick group does not starve a slow one")
        #expect(status[0].scans >= 80, "a slow group costs a quick one only what passes meanwhile")
    }

    // MARK: Losing and coming back

    @Test func aRefusedConnectionIsSaidOnceAndTriedEverMoreRarely() throws {
        let rehearsal = Rehearsal(SamplePlant.plant([.init(rows: Self.words + SamplePlant.words(5..<6, scan: "fast"))]))
        rehearsal.link.connect = { at in at < 200_000 ? .init(error: .refused) : .init() }
        rehearsal.run(milliseconds: 300_000)
        let losses = rehearsal.blocks.filter { !$0.header.loss.isGood }
        #expect(losses.count == 2, "one for each group, however often it was tried")
        #expect(losses.allSatisfy { $0.header.loss == .refused && $0.readings.isEmpty && $0.header.sequence == 1 })
        let tries = rehearsal.link.connects.prefix { $0 < 200_000 }
        let waits = zip(tries, tries.dropFirst()).map { Double($1 - $0) / 1000 }
        for (wait, base) in zip(waits, [1.0, 2, 4, 8, 16, 32, 48]) {
            #expect(wait >= base && wait <= base * 1.25 + 0.1)
        }
        #expect(waits.count >= 6)
        let good = try #require(rehearsal.blocks.first { $0.header.loss.isGood })
        #expect(good.header.sequence == 2, "the loss took a number of its own")
        #expect(rehearsal.status.failures["refused"] == tries.count)
        #expect(rehearsal.notices.all.map(\.ended) == [false, true])
        #expect(rehearsal.notices.all.map(\.subject) == ["C-01", "C-01"])
        #expect(rehearsal.notices.all.last?.attempts == tries.count)
    }

    @Test func theBackOffBeginsAnewOnlyAfterAGoodScan() {
        // It accepts every connection and closes it when it is asked.
        let rehearsal = Rehearsal(SamplePlant.plant([.init(rows: Self.words)]))
        rehearsal.link.read = { _, _ in .init(error: .disconnected(0)) }
        rehearsal.run(milliseconds: 120_000)
        #expect((6...8).contains(rehearsal.link.connects.count), "a connection that stands is not yet a success")
    }

    @Test func anotherCauseIsSaidAgain() {
        let rehearsal = Rehearsal(SamplePlant.plant([.init(rows: Self.words)]))
        rehearsal.link.connect = { at in .init(error: at < 5000 ? .refused : .unreachable(EHOSTUNREACH)) }
        rehearsal.run(milliseconds: 100_000)
        #expect(rehearsal.blocks.map(\.header.loss) == [.refused, .unreachable])
        #expect(rehearsal.blocks.map(\.header.sequence) == [1, 2])
    }

    @Test func aLinkThatBreaksMidScanEndsItAndLosesTheGroup() {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(rows: SamplePlant.words(0..<1) + SamplePlant.words(50..<51))]))
        rehearsal.link.read = { request, at in
            at >= 2000 && at < 3000 && request.range.start == 50 ? .init(error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 2500)
        let tail = rehearsal.blocks.suffix(2)
        #expect(tail.map(\.header.sequence) == [3, 4], "the half scan keeps its number, the loss takes the next")
        #expect(tail.map(\.header.loss) == [.good, .timeout])
        #expect(tail.map(\.header.block) == [0, 0] && tail.first?.header.blocks == 2)
        #expect(rehearsal.status.groups[0].failed == 1)
    }

    /// The watch takes a controller for well when any block of it comes.
    @Test func aControllerThatFailsAgainAfterHalfAScanIsSaidToBeLostAgain() {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(rows: SamplePlant.words(0..<1) + SamplePlant.words(50..<51))]))
        rehearsal.link.read = { request, _ in request.range.start == 50 ? .init(error: .timeout) : .init() }
        rehearsal.run(milliseconds: 10_000)
        let blocks = rehearsal.blocks
        #expect(blocks.prefix(4).map(\.header.loss) == [.good, .timeout, .good, .timeout])
        // Twice is no accident while the other block is answered: that value is left alone, and the rest goes on.
        #expect(blocks.dropFirst(4).count >= 6 && blocks.dropFirst(4).allSatisfy { $0.header.loss.isGood })
        #expect(blocks.last?.readings.map(\.quality) == [.timeout])
        #expect(rehearsal.link.connects.count == 3)
    }

    @Test func aLossThatTheRingHadNoRoomForIsSaidAsSoonAsThereIs() throws {
        // Room for two blocks of one reading, which nobody takes before the thirteenth second.
        let plant = SamplePlant.plant([.init(rows: SamplePlant.words(0..<1))])
        let rehearsal = Rehearsal(plant, ringCells: 8)
        let reader = rehearsal.reader
        var before: [SeenBlock] = []
        rehearsal.link.connect = { at in at == 0 ? .init() : .init(error: .refused) }
        rehearsal.link.read = { _, at in at < 3500 ? .init() : .init(error: .timeout) }
        rehearsal.link.idle = { at in if at > 12_000, before.isEmpty { before = reader.blocks() } }
        rehearsal.run(milliseconds: 40_000)
        #expect(before.count == 2 && before.allSatisfy { $0.header.loss.isGood })
        #expect(rehearsal.blocks.map(\.header.loss) == [.good, .good, .refused])
        let loss = try #require(rehearsal.blocks.last)
        let nextTry = try #require(rehearsal.link.connects.first { $0 > 12_000 })
        #expect(rehearsal.time(loss) > 12_000 && rehearsal.time(loss) < nextTry, "it waits for no further failure")
        #expect(rehearsal.status.ring_refused_blocks > 0)
    }

    // MARK: Refusals

    @Test func aRefusedBlockIsBadAndEverythingElseGoesOn() throws {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(rows: SamplePlant.words(0..<1) + SamplePlant.words(50..<52))]))
        rehearsal.link.read = { request, at in
            request.range.start == 50 && at < 5000 ? .init(error: .exception(6)) : .init()
        }
        rehearsal.run(milliseconds: 8500)
        #expect(rehearsal.link.connects.count == 1)
        let blocks = rehearsal.blocks
        #expect(blocks.allSatisfy { $0.header.loss.isGood })
        #expect(blocks[1].readings.map(\.quality) == [.exception(6), .exception(6)])
        #expect(blocks[0].readings.map(\.quality) == [.good])
        #expect(blocks.last?.readings.map(\.quality) == [.good, .good])
        #expect(rehearsal.status.failures == ["exception-6": 5])
        #expect(rehearsal.status.groups[0].scans == 9)
        #expect(rehearsal.notices.all.map(\.ended) == [false, true])
        #expect(rehearsal.notices.all.first?.subject == "C-01 holding:50 (0x0032, 40051, 4x00051)")
        #expect(rehearsal.notices.all.first?.cause == "exception 6 (device busy)")
    }
}
