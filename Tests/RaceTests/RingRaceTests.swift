import Plant
import Ring
import Synchronization
import Testing

/// Two real threads at both ends. Worth most in a release build under ThreadSanitizer, with
/// `TSAN_OPTIONS=ignore_interceptors_accesses=0`. Both matter, measured with Swift 6.3.1 on Linux with the tail stored
/// in relaxed order: a debug build copies generic elements inside the uninstrumented runtime, and the toolchain's
/// default ignores what `memcpy` touches, which is how a publication is copied; either way no race is seen.
@Suite struct RingRaceTests {
    /// How many blocks pass; enough for some thousand wraps of the smallest ring.
    static let blocks: UInt64 = 100_000

    /// Without the doorbell nothing but the ring's own two indices orders the threads: only then does a sanitizer see
    /// an index that is stored with too weak an order.
    @Test(arguments: [32, 64, 256, 4096], [false, true])
    func wholeBlocksArriveInOrderAndNoneIsTorn(capacity: Int, withDoorbell: Bool) throws {
        let race = Race(Ring(capacity: capacity), withDoorbell: withDoorbell)
        let tally = try race.run(blocks: Self.blocks)
        let storage = race.storage
        #expect(tally.torn == nil)
        #expect(tally.received + UInt64(storage.refusedPublications) == Self.blocks)
        #expect(tally.gaps == UInt64(storage.refusedPublications))
        #expect(tally.cells + storage.refusedElements == Race.cells(ofBlocks: Self.blocks))
        #expect(storage.count == 0)
        #expect(storage.highWater <= storage.capacity)
        #expect(tally.received > 0)
    }

    @Test func withRoomForEverythingNothingIsRefused() throws {
        let blocks: UInt64 = 2_000
        let race = Race(Ring(capacity: Race.cells(ofBlocks: blocks)), withDoorbell: false)
        let tally = try race.run(blocks: blocks)
        #expect(tally.torn == nil)
        #expect(tally.received == blocks)
        #expect(tally.gaps == 0)
        #expect(race.storage.refusedPublications == 0)
    }
}

/// One producer and one consumer of blocks, and a third thread that reads the counters meanwhile.
final class Race: Sendable {
    let storage: RingStorage<Cell>
    private let ends: Mutex<Ends?>
    private let bell: Doorbell?
    private let published = Atomic<Bool>(false)
    private let tally = Mutex(Tally())

    /// The two halves on their way to their threads.
    struct Ends: ~Copyable {
        var producer: RingProducer<Cell>?
        var consumer: RingConsumer<Cell>?
    }

    struct Tally {
        var received: UInt64 = 0
        var cells = 0
        /// Sequence numbers that never came.
        var gaps: UInt64 = 0
        /// The first block that was not what was published.
        var torn: String?
    }

    init(_ ring: consuming Ring<Cell>, withDoorbell: Bool) {
        bell = withDoorbell ? Doorbell() : nil
        storage = ring.producer.storage
        ends = Mutex(Ends(producer: ring.producer, consumer: ring.consumer))
    }

    /// Cells behind the header of a block: every size from none to 17, so that blocks wrap in every way.
    static func count(of sequence: UInt64) -> Int { Int(sequence % 18) }

    static func cells(ofBlocks blocks: UInt64) -> Int {
        (0..<blocks).reduce(0) { $0 + ScanHeader.cells + count(of: $1) }
    }

    private static func header(_ sequence: UInt64) -> ScanHeader {
        ScanHeader(
            sequence: sequence, group: Int(sequence % 7), count: count(of: sequence), sent: Int64(sequence),
            replied: Int64(sequence) + 1, wallOffset: -Int64(sequence))
    }

    private static func reading(_ slot: Int, of sequence: UInt64) -> RawReading {
        RawReading(bits: sequence &* 31 &+ UInt64(slot), slot: slot, quality: .good)
    }

    func run(blocks: UInt64) throws -> Tally {
        let producing = try Worker(name: "producer") { self.produce(blocks) }
        let consuming = try Worker(name: "consumer") { self.consume(blocks) }
        let watching = try Worker(name: "watcher") {
            while !self.published.load(ordering: .acquiring) {
                let count = self.storage.count
                precondition(count >= 0 && count <= self.storage.capacity)
                precondition(self.storage.highWater <= self.storage.capacity)
                _ = self.storage.refusedElements
            }
        }
        producing.join()
        consuming.join()
        watching.join()
        return tally.withLock { $0 }
    }

    private func produce(_ blocks: UInt64) {
        guard var producer = ends.withLock({ $0?.producer.take() }) else { return }
        var block: [Cell] = []
        for sequence in 0..<blocks {
            let header = Self.header(sequence)
            block.removeAll(keepingCapacity: true)
            block.append(header.cell0)
            block.append(header.cell1)
            block.append(header.cell2)
            for slot in 0..<Int(header.count) { block.append(Self.reading(slot, of: sequence).cell) }
            _ = block.withUnsafeBufferPointer { producer.publish($0) }
            bell?.ring()
        }
        published.store(true, ordering: .releasing)
        bell?.ring()
    }

    private func consume(_ blocks: UInt64) {
        guard var consumer = ends.withLock({ $0?.consumer.take() }) else { return }
        var tally = Tally()
        var expected: UInt64 = 0
        while true {
            bell?.listen()
            // Asked before the look: what was published before the end is then seen by the look.
            let last = published.load(ordering: .acquiring)
            while tally.torn == nil, consumer.available() > 0 {
                let sequence = Self.takeBlock(&consumer, &tally)
                guard tally.torn == nil else { break }
                guard sequence >= expected else {
                    tally.torn = "scan \(sequence) after scan \(expected - 1)"
                    break
                }
                tally.gaps += sequence - expected
                expected = sequence + 1
            }
            if last || tally.torn != nil { break }
            bell?.wait(nanoseconds: 1_000_000_000)
        }
        tally.gaps += blocks - expected
        self.tally.withLock { $0 = tally }
    }

    private static func takeBlock(_ consumer: inout RingConsumer<Cell>, _ tally: inout Tally) -> UInt64 {
        let whole = ScanHeader.blockCells(consumer.peek())
        guard whole <= consumer.available() else {
            tally.torn = "a block of \(whole) cells, of which \(consumer.available()) are there"
            return 0
        }
        let found = ScanHeader(consumer.peek(0), consumer.peek(1), consumer.peek(2))
        if found != header(found.sequence) { tally.torn = "header \(found)" }
        for slot in 0..<Int(found.count) {
            let got = RawReading(consumer.peek(ScanHeader.cells + slot))
            if got != reading(slot, of: found.sequence) { tally.torn = "scan \(found.sequence), reading \(got)" }
        }
        consumer.skip(whole)
        tally.received += 1
        tally.cells += whole
        return found.sequence
    }
}
