import Archive
import CPosix
import Foundation
import GRDB
import Plant
import Ring
import TestSupport
import Testing

@testable import Historian

/// What was accepted and not committed is there after a kill.
@Suite("The recorder's ring outlives its process")
struct KeptRingTests {
    /// Lets a run do something and kills it; what systemd keeps of it.
    private func killed(
        _ scratch: Scratch, _ plant: Plant? = nil, capacity: Int = 1 << 16, after milliseconds: Int64 = 0,
        adopting memory: CInt? = nil, _ body: (Rig) throws -> Void
    ) throws -> CInt {
        let rig = try Rig(plant ?? .small(), in: scratch, capacity: capacity, after: milliseconds, adopting: memory)
        try body(rig)
        return rig.keptMemory()
    }

    private func temperatures(_ rig: Rig) throws -> [Double?] { try rig.readings("C1.temp").map(\.number) }

    private func gaps(_ rig: Rig) throws -> [HistoryEvent] { try rig.events().filter { $0.kind == .gap } }

    private static func other() throws -> Plant {
        try .test([
            [SlotSpec(name: "temp", type: .float32), SlotSpec(name: "flow", type: .int16, scale: 0.2, offset: 5)],
            [SlotSpec(name: "level", type: .uint16)],
        ])
    }

    @Test func scansThatWereNotCommittedAreWrittenByTheNextRun() throws {
        let scratch = try Scratch()
        var last: Int64 = 0
        let memory = try killed(scratch) { rig in
            rig.scan(0, [.float(1), .int(0)])
            rig.loop.pass()
            rig.clock.advance(milliseconds: 1000)
            rig.scan(0, [.float(2), .int(0)])
            rig.clock.advance(milliseconds: 1000)
            rig.scan(0, [.float(3), .int(0)])
            rig.scan(1, [.int(7)])
            last = rig.clock.now
        }
        let rig = try Rig(.small(), in: scratch, after: 60_000, adopting: memory)
        #expect(rig.found == KeptRing.Found(blocks: 3))
        #expect(rig.next == [4, 2], "numbers in the ring are not given again")
        rig.scan(0, [.float(4), .int(0)])
        rig.loop.pass()
        #expect(try temperatures(rig) == [1, 2, 3, 4])
        #expect(try rig.readings("C2.level").map(\.number) == [7])
        #expect(rig.board.status.newestSequences == ["C1/fast": 4, "C2/fast": 1])
        #expect(rig.board.status.missingScans == 0)
        #expect(rig.cellsInRing == 0)
        // No scan is missing but those of the time without a process.
        #expect(try gaps(rig).map(\.text) == ["daemon not running"])
        #expect(try gaps(rig).map(\.start) == [last])
        #expect(try gaps(rig).map(\.end) == [HandClock.wallOffset / 1_000_000 + 61_000])
        #expect(try rig.events().map(\.kind) == [.started, .gap, .started])
    }

    @Test func aScanIsReleasedWhenItIsDurableAndNotBefore() throws {
        let scratch = try Scratch()
        let rig = try Rig(.small(), in: scratch)
        rig.scan(0, [.float(1), .int(0)])
        let locked = try lockedConnection(rig.path)
        rig.loop.pass()
        #expect(rig.board.status.failures == 1)
        #expect(rig.cellsInRing == RingMark.start(0).block.count + ScanHeader.cells + 2)
        try locked.close()
        rig.clock.advance(milliseconds: 1000)
        rig.loop.pass()
        #expect(rig.cellsInRing == 0)
    }

    @Test func halfAScanHoldsWhatCameAfterItAndNothingIsWrittenTwice() throws {
        let scratch = try Scratch()
        let memory = try killed(scratch) { rig in
            rig.publish(group: 0, sequence: 1, [0: .float(20)], block: 0, blocks: 2)
            rig.scan(1, [.int(7)])
            rig.loop.pass()
            #expect(rig.board.status.scans == 1)
            #expect(rig.cellsInRing > 0)
            rig.scan(1, [.int(8)])
            rig.publish(group: 0, sequence: 1, [1: .int(0)], block: 1, blocks: 2)
        }
        let rig = try Rig(.small(), in: scratch, after: 60_000, adopting: memory)
        rig.loop.pass()
        #expect(try temperatures(rig) == [20])
        #expect(try rig.readings("C2.level").map(\.number) == [7, 8])
        #expect(rig.board.status.duplicateScans == 0)
        #expect(rig.board.status.strayBlocks == 0)
        #expect(rig.board.status.incompleteScans == 0)
        #expect(rig.cellsInRing == 0)
    }

    @Test func theNumberOfHalfAScanIsGivenAgain() throws {
        let scratch = try Scratch()
        let memory = try killed(scratch) { rig in
            rig.scan(0, [.float(1), .int(0)])
            rig.clock.advance(milliseconds: 1000)
            rig.publish(group: 0, sequence: 2, [0: .float(20)], block: 0, blocks: 2)
            rig.clock.advance(milliseconds: 1000)
            rig.scan(1, [.int(7)])
        }
        let rig = try Rig(.small(), in: scratch, after: 60_000, adopting: memory)
        #expect(rig.next == [2, 2])
        rig.scan(0, [.float(3), .int(0)])
        rig.loop.pass()
        #expect(try temperatures(rig) == [1, 3])
        #expect(rig.board.status.incompleteScans == 1)
        #expect(rig.board.status.missingScans == 0)
        #expect(try rig.events().map(\.kind) == [.started, .gap, .started], "no ring was full")
    }

    @Test func aRingThatNobodyReleasesDoesNotFillUpForAScanThatStaysOpen() throws {
        let rig = try Rig(.small(), capacity: 64)
        rig.publish(group: 0, sequence: 1, [0: .float(20)], block: 0, blocks: 2)
        for number in 0..<100 {
            #expect(rig.scan(1, [.int(Int64(number))]))
            rig.loop.pass()
        }
        #expect(rig.cellsInRing <= 64 / 4 + ScanHeader.cells)
        #expect(rig.board.status.refusedCells == 0)
    }

    /// Blocks of several sizes, a scan that stays open, and a kill at every place: what is held begins with a block.
    @Test func whatIsHeldBeginsWithABlock() throws {
        let slots = (0..<3).map { SlotSpec(name: "t\($0)", type: .int16) }
        let plant = try Plant.test([[slots[0]], Array(slots[..<2]), slots])
        for length in 1...20 {
            let scratch = try Scratch()
            let memory = try killed(scratch, plant, capacity: 64) { rig in
                rig.publish(group: 0, sequence: 1, [0: .int(1)], block: 0, blocks: 2)
                for number in 0..<length {
                    let group = 1 + number % 2
                    rig.scan(group, Array(repeating: .int(Int64(number)), count: group + 1))
                    rig.loop.pass()
                }
                rig.scan(1, [.int(99), .int(99)])
            }
            let rig = try Rig(plant, in: scratch, capacity: 64, after: 60_000, adopting: memory)
            #expect(rig.found.lost == nil, "\(length)")
            rig.loop.pass()
            #expect(try rig.readings("C2.t0").last?.number == 99, "\(length)")
        }
    }

    /// More than a transaction takes, all of it on disk already: the run goes on behind it.
    @Test func aBacklogThatIsOnDiskIsPassed() throws {
        let scratch = try Scratch()
        let many = RecorderLoop.batchCells / 4 + 100
        let memory = try killed(scratch, capacity: 1 << 20) { rig in
            // Never whole, so it holds what comes behind it.
            rig.publish(group: 0, sequence: 1, [0: .float(20)], block: 0, blocks: 2)
            for number in 0..<many { rig.scan(1, [.int(Int64(number % 100))]) }
            while rig.board.status.scans < UInt64(many) { rig.loop.pass() }
            #expect(rig.cellsInRing > RecorderLoop.batchCells)
        }
        let rig = try Rig(.small(), in: scratch, capacity: 1 << 20, after: 60_000, adopting: memory)
        rig.scan(1, [.int(7)])
        for _ in 0..<3 { rig.loop.pass() }
        #expect(rig.board.status.scans == 1)
        #expect(rig.board.status.duplicateScans == 0)
        #expect(rig.cellsInRing == 0)
    }

    @Test func aLinkThatIsLostIsToldOnceOfEachRun() throws {
        let scratch = try Scratch()
        let memory = try killed(scratch) { rig in
            rig.lose(0, .timeout)
            rig.loop.pass()
            rig.clock.advance(milliseconds: 1000)
            rig.lose(0, .timeout)
        }
        let rig = try Rig(.small(), in: scratch, after: 60_000, adopting: memory)
        rig.lose(0, .timeout)
        rig.loop.pass()
        #expect(
            try gaps(rig).map { $0.text ?? "" } == ["bad:timeout", "bad:timeout", "daemon not running", "bad:timeout"])
        #expect(try gaps(rig).map { $0.end == nil } == [false, false, false, true])
    }

    @Test func killsFollowEachOther() throws {
        let scratch = try Scratch()
        var memory: CInt?
        for run in 0..<5 {
            memory = try killed(scratch, after: Int64(run) * 10_000, adopting: memory) { rig in
                rig.scan(0, [.float(Float(run)), .int(0)])
            }
        }
        let rig = try Rig(.small(), in: scratch, after: 60_000, adopting: memory)
        #expect(rig.found.blocks == 5)
        rig.loop.pass()
        #expect(try temperatures(rig) == [0, 1, 2, 3, 4])
    }

    /// While the database refuses, kills may follow each other within what a group's lateness would not show.
    @Test(arguments: [false, true]) func eachTimeWithoutAProcessIsAGap(hasCommitted: Bool) throws {
        let scratch = try Scratch()
        var (memory, ends): (CInt?, [Int64]) = (nil, [])
        for run in 0..<4 {
            memory = try killed(scratch, after: Int64(run) * 1000, adopting: memory) { rig in
                // The third is killed before it has read anything.
                if run != 2 { rig.scan(0, [.float(Float(run)), .int(0)]) }
                if run == 0 && hasCommitted { rig.loop.pass() }
                ends.append(rig.clock.now)
            }
        }
        let rig = try Rig(.small(), in: scratch, after: 4_500, adopting: memory)
        rig.loop.pass()
        #expect(try temperatures(rig) == [0, 1, 3])
        #expect(try gaps(rig).map(\.text) == Array(repeating: "daemon not running", count: 4))
        #expect(try gaps(rig).map(\.start) == ends)
        #expect(try gaps(rig).map(\.end) == [1000, 2000, 3000, 4500].map { $0 + ends[0] })
        #expect(try rig.events().filter { $0.kind == .started }.map(\.start) == ends + [rig.clock.now])
    }

    /// The time of a start means the same in every plant.
    @Test func aRunOfAnotherConfigurationIsAGapToo() throws {
        let scratch = try Scratch()
        do {
            let rig = try Rig(.small(), in: scratch)
            rig.scan(0, [.float(1), .int(0)])
            rig.stop()
        }
        let memory = try killed(scratch, try Self.other(), after: 1000) { $0.scan(0, [.float(2), .int(0)]) }
        let rig = try Rig(.small(), in: scratch, after: 2000, adopting: memory)
        rig.loop.pass()
        #expect(rig.found.lost == "1 blocks are of another configuration")
        #expect(try gaps(rig).map { [$0.start, $0.end ?? 0] } == [[rig.clock.now - 1000, rig.clock.now]])
        #expect(try rig.events().filter { $0.kind == .started }.count == 3)
    }

    @Test func aClockThatIsSetBackMovesNoGapIntoTheFuture() throws {
        let scratch = try Scratch()
        let memory = try killed(scratch, after: 7_200_000) { rig in
            rig.wallShift = -7_200_000
            rig.scan(0, [.float(1), .int(0)])
        }
        let rig = try Rig(.small(), in: scratch, after: 5000, adopting: memory)
        rig.loop.pass()
        #expect(try gaps(rig).map { [$0.start, $0.end ?? 0] } == [[rig.clock.now - 5000, rig.clock.now]])
    }

    /// As full as the watch makes it, the database refusing, and one kill after another.
    @Test func aFullRingDoesNotGrowWithEveryKill() throws {
        let scratch = try Scratch()
        var memory: CInt?
        for run in 0..<6 {
            memory = try killed(scratch, capacity: 64, after: Int64(run) * 1000, adopting: memory) { rig in
                while rig.board.status.backlogCapacity - rig.cellsInRing >= ScanHeader.cells + 1 + ScanHeader.reserve {
                    rig.scan(1, [.int(1)])
                }
                #expect(rig.board.status.backlogCapacity == 64, "run \(run)")
                #expect(rig.cellsInRing <= 64 - ScanHeader.cells, "room for a change of the plant")
            }
        }
        let rig = try Rig(.small(), in: scratch, capacity: 64, after: 60_000, adopting: memory)
        rig.loop.pass()
        #expect(try rig.readings("C2.level").count == 13)
        #expect(try gaps(rig).allSatisfy { $0.text == "daemon not running" })
        #expect(rig.board.status.missingScans == 0)
    }

    /// The number of half a scan is given again, and the halves are two scans'.
    @Test func halvesOfTwoRunsAreNotOneScan() throws {
        let scratch = try Scratch()
        let first = try killed(scratch) { $0.publish(group: 0, sequence: 1, [0: .float(1)], block: 0, blocks: 2) }
        let second = try killed(scratch, after: 1000, adopting: first) { rig in
            #expect(rig.next[0] == 1)
            rig.publish(group: 0, sequence: 1, [1: .int(2)], block: 1, blocks: 2)
        }
        let third = try killed(scratch, after: 2000, adopting: second) { rig in
            #expect(rig.next[0] == 1)
            rig.publish(group: 0, sequence: 1, [0: .float(3)], block: 0, blocks: 2)
            rig.publish(group: 0, sequence: 1, [1: .int(3)], block: 1, blocks: 2)
        }
        let rig = try Rig(.small(), in: scratch, after: 3000, adopting: third)
        #expect(rig.next[0] == 2)
        rig.loop.pass()
        #expect(try temperatures(rig) == [3])
        #expect(rig.board.status.incompleteScans == 2)
        #expect(rig.board.status.strayBlocks == 0)
    }

    /// Killed after the commit, before the ring's room was given back.
    @Test func whatIsOnDiskIsNotToldAgain() throws {
        let scratch = try Scratch()
        let first = try killed(scratch) { $0.scan(0, [.float(1), .int(0)]) }
        var copy: CInt = -1
        let second = try killed(scratch, after: 1000, adopting: first) { rig in
            rig.scan(0, [.float(2), .int(0)])
            copy = try self.copy(rig.keptMemory())
            rig.loop.pass()
            #expect(try rig.events().map(\.kind) == [.started, .gap, .started])
        }
        close(second)
        let rig = try Rig(.small(), in: scratch, after: 2000, adopting: copy)
        rig.loop.pass()
        #expect(try temperatures(rig) == [1, 2])
        #expect(try rig.events().map(\.kind) == [.started, .gap, .started, .gap, .started])
        #expect(try rig.events().map(\.start).sorted() == rig.events().map(\.start))
    }

    /// Memory like another, as it is now.
    private func copy(_ memory: CInt) throws -> CInt {
        defer { close(memory) }
        var info = stat()
        #expect(fstat(memory, &info) == 0)
        var bytes = [UInt8](repeating: 0, count: Int(info.st_size))
        #expect(pread(memory, &bytes, bytes.count, 0) == bytes.count)
        let copy = cupel_memory("copy", bytes.count)
        #expect(pwrite(copy, bytes, bytes.count, 0) == bytes.count)
        return copy
    }

    @Test func readingsOfAnotherConfigurationAreNotGuessedAt() throws {
        let scratch = try Scratch()
        let memory = try killed(scratch) { $0.scan(0, [.float(1), .int(0)]) }
        let rig = try Rig(Self.other(), in: scratch, after: 60_000, adopting: memory)
        #expect(rig.found == .init(lost: "1 blocks are of another configuration"))
        #expect(rig.next == [1, 1])
        rig.scan(0, [.float(5), .int(0)])
        rig.loop.pass()
        #expect(try temperatures(rig) == [5])
        // What it is from now on counts for the next.
        #expect(KeptRing.layout(of: rig.plant) != KeptRing.layout(of: try .small()))
    }

    @Test(arguments: [false, true])
    func whatCameBehindAChangeOfThePlantIsOfTheNewOne(isTakenOver: Bool) throws {
        let scratch = try Scratch()
        let memory = try killed(scratch) { rig in
            rig.scan(0, [.float(1), .int(0)])
            let next = try Self.other()
            let number = try #require(rig.board.announce(next, kept: []))
            rig.publish(mark: number, of: next)
            rig.scan(0, [.float(2), .int(0)])
            // The first pass takes the plant over, and leaves the scan behind the mark for the next.
            if isTakenOver { rig.loop.pass() }
        }
        let rig = try Rig(Self.other(), in: scratch, after: 60_000, adopting: memory)
        #expect(rig.found.blocks == 1)
        #expect(rig.found.lost == (isTakenOver ? nil : "1 blocks are of another configuration"))
        rig.loop.pass()
        #expect(try temperatures(rig) == (isTakenOver ? [1, 2] : [2]))
    }

    @Test func aDamagedBlockEndsWhatIsBelieved() throws {
        let scratch = try Scratch()
        let memory = try killed(scratch) { rig in
            rig.scan(0, [.float(1), .int(0)])
            rig.scan(0, [.float(2), .int(0)])
            rig.scan(0, [.float(3), .int(0)])
        }
        // The first value of the second scan: 5 cells a block, behind two pages and the mark of the run's start.
        var bits: UInt64 = 99
        #expect(pwrite(memory, &bits, 8, 8192 + (3 + 5 + 3) * 16) == 8)
        let rig = try Rig(.small(), in: scratch, after: 60_000, adopting: memory)
        #expect(rig.found == .init(blocks: 1, lost: "the last 10 cells are damaged"))
        #expect(rig.next[0] == 2)
        rig.scan(0, [.float(4), .int(0)])
        rig.loop.pass()
        #expect(try temperatures(rig) == [1, 4])
    }

    @Test func memoryThatIsNoneIsSaidAndReplaced() throws {
        let rig = try Rig(.small(), adopting: open("/dev/null", O_RDWR))
        #expect(rig.found == .init(lost: "it is no memory of a ring"))
        rig.scan(0, [.float(1), .int(0)])
        rig.loop.pass()
        #expect(try temperatures(rig) == [1])
    }

    @Test func aRingIsAsLargeAsWantedAndLargerWhenMoreWasLeft() throws {
        let scratch = try Scratch()
        let memory = try killed(scratch) { rig in for _ in 0..<28 { rig.scan(1, [.int(1)]) } }
        let small = try Rig(.small(), in: scratch, capacity: 16, adopting: dup(memory))
        #expect(small.board.status.backlogCapacity == 128)
        let large = small.keptMemory()
        small.loop.pass()
        let rig = try Rig(.small(), in: try Scratch(), capacity: 1 << 10, adopting: large)
        #expect(rig.board.status.backlogCapacity == 1 << 10)
        close(memory)
    }

    /// A start that fails, or another plant that is given up again, leaves the readings to the next.
    @Test func whoOnlyLooksTakesNothing() throws {
        let scratch = try Scratch()
        let memory = try killed(scratch) { $0.scan(0, [.float(1), .int(0)]) }
        let stranger = KeptRing(after: dup(memory), capacity: 64, of: try Self.other(), at: 0)
        #expect(stranger.found.lost == "1 blocks are of another configuration")
        let rig = try Rig(.small(), in: scratch, after: 60_000, adopting: memory)
        #expect(rig.found == .init(blocks: 1))
    }

    /// An alarm's limit was changed while the database refused: the readings mean what they meant.
    @Test func aChangeThatLeavesTheReadingsAloneLosesNone() throws {
        let scratch = try Scratch()
        let memory = try killed(scratch) { rig in
            rig.scan(0, [.float(1), .int(0)])
            let number = try #require(rig.board.announce(rig.plant, kept: [0, 1]))
            rig.publish(mark: number, of: rig.plant)
            rig.scan(0, [.float(2), .int(0)])
        }
        let rig = try Rig(.small(), in: scratch, after: 60_000, adopting: memory)
        #expect(rig.found == .init(blocks: 2))
        rig.loop.pass()
        #expect(try temperatures(rig) == [1, 2])
    }

    @Test func theLayoutIsEverythingThatANumberDependsOn() throws {
        func layout(
            _ type: ValueType = .float32, scale: Double = 1, offset: Double = 0, resolution: Double? = 0.1,
            name: String = "temp", period: Duration = .seconds(1)
        ) throws -> UInt64 {
            KeptRing.layout(
                of: try .test(
                    [[SlotSpec(name: name, type: type, scale: scale, offset: offset, resolution: resolution)]],
                    period: period))
        }
        let layouts = [
            try layout(), try layout(.float64), try layout(scale: 2), try layout(offset: 1),
            try layout(resolution: 0.2), try layout(resolution: nil), try layout(name: "other"),
            try layout(period: .seconds(2)),
        ]
        #expect(Set(layouts).count == layouts.count)
        #expect(try layout() == layouts[0])
    }

    /// Scans, passes, failures and kills as a seed has them: at the end every scan that the ring took is stored, once.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func whateverHappensNothingIsLostOrDoubled(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let scratch = try Scratch()
        var memory: CInt?
        var taken: [Double] = []
        for life in 0..<6 {
            let rig = try Rig(
                .small(), in: scratch, capacity: 1 << 8, after: Int64(life) * 100_000, adopting: memory)
            var open: [Int: Sample] = [:]
            for _ in 0..<Int(random.next() % 60) {
                rig.clock.advance(milliseconds: 100)
                switch random.next() % 8 {
                case 0: rig.loop.pass()
                case 1:
                    let locked = try lockedConnection(rig.path)
                    rig.loop.pass()
                    try locked.close()
                case 2...3:
                    // In two pieces, with whatever comes in between.
                    if let second = open[1] {
                        if rig.publish(group: 0, sequence: rig.next[0], [1: second], block: 1, blocks: 2) {
                            taken.append(Double(rig.next[0]))
                        }
                        rig.next[0] += 1
                        open = [:]
                    } else if rig.publish(
                        group: 0, sequence: rig.next[0], [0: .float(Float(rig.next[0]))], block: 0, blocks: 2)
                    {
                        open[1] = .int(1)
                    } else {
                        rig.next[0] += 1
                    }
                default: rig.scan(1, [.int(1)])
                }
            }
            memory = rig.keptMemory()
        }
        let rig = try Rig(.small(), in: scratch, capacity: 1 << 8, after: 1_000_000, adopting: memory)
        while rig.cellsInRing > 0 { rig.loop.pass() }
        #expect(try temperatures(rig).compactMap(\.self) == taken, "seed \(seed)")
        let doubles = try shell(
            rig.path, "SELECT count(*) - count(DISTINCT scan_group || '/' || sequence) FROM hot")
        #expect(doubles == [["0"]], "seed \(seed)")
        let starts = ((0..<6).map { $0 * 100_000 } + [1_000_000]).map { HandClock.wallOffset / 1_000_000 + 1000 + $0 }
        #expect(try rig.events().filter { $0.kind == .started }.map(\.start) == starts, "seed \(seed)")
        #expect(try gaps(rig).filter { $0.text == "daemon not running" }.count == starts.count - 1, "seed \(seed)")
    }
}

extension Rig {
    /// As the recorder announces it.
    func publish(mark number: UInt64, of plant: Plant) {
        publish(.change(number: number, layout: KeptRing.layout(of: plant)))
    }
}
