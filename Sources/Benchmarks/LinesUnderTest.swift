import Acquisition
import CBaseline
import Glibc
import Modbus
import Plant
import Ring
import Synchronization

/// The lines of a plant in this process, and a thread that takes what they publish as the watch does.
final class LinesUnderTest: Sendable {
    enum Framing: Sendable {
        case libmodbus
        case own
    }

    /// Cells of all rings together, and of each at least: a saturated line publishes 2.5 million a second, and the
    /// consumer gets its turn every 50 ms, or much later where sixty lines never sleep.
    private static let ringCells = 1 << 20
    private static let ringCellsLeast = 1 << 16
    /// How often the watch looks into rings that did not call it.
    private static let freshness: Int64 = 50_000_000

    private let lines: [Line]
    private let consumer: Worker
    private let taken: TakenBlocks
    private let doorbell: Doorbell

    init(_ plant: Plant, framing: Framing) throws {
        let plans = ScanPlan(plant: plant).lines
        let doorbell = Doorbell()
        var ends: [RingEnd] = []
        var lines: [Line] = []
        for (number, plan) in plans.enumerated() {
            let ring = Ring<Cell>(capacity: max(Self.ringCells / plans.count, Self.ringCellsLeast))
            ends.append(RingEnd(ring.consumer))
            switch framing {
            case .libmodbus:
                lines.append(
                    Line(
                        plan: plan, plant: plant, firstSequence: [:], producer: ring.producer, doorbell: doorbell,
                        seed: UInt64(number), log: { _ in },
                        transport: { LibmodbusTransport(interrupter: $0, frames: $1) }))
            case .own:
                lines.append(
                    Line(
                        plan: plan, plant: plant, firstSequence: [:], producer: ring.producer, doorbell: doorbell,
                        seed: UInt64(number), log: { _ in },
                        transport: { SocketTransport(interrupter: $0, frames: $1) }))
            }
        }
        let taken = TakenBlocks()
        (self.lines, self.taken, self.doorbell) = (lines, taken, doorbell)
        consumer = try Worker(name: "consumer") { [ends] in
            while true {
                doorbell.listen()
                let ending = taken.ending.load(ordering: .acquiring)
                var seen = 0
                for end in ends { seen += end.drain() }
                taken.readings.wrappingAdd(seen, ordering: .relaxed)
                taken.cpu.store(baseline_thread_cpu(), ordering: .relaxed)
                if ending { return }
                if seen == 0 { doorbell.wait(nanoseconds: Self.freshness) }
            }
        }
        for line in lines { try line.start() }
    }

    /// What the lines say of themselves, in the order of their endpoints.
    var status: [LineStatus] { lines.map(\.status) }

    /// CPU time in nanoseconds of the thread that takes what they publish.
    var consumerCPU: Int64 { taken.cpu.load(ordering: .relaxed) }

    /// Readings that were taken.
    var readings: Int { taken.readings.load(ordering: .relaxed) }

    /// Ends everything; call it once.
    func stop() {
        for line in lines { line.stop() }
        for line in lines { line.join() }
        taken.ending.store(true, ordering: .releasing)
        doorbell.ring()
        consumer.join()
    }
}

/// What the consumer tells others.
private final class TakenBlocks: Sendable {
    let ending = Atomic<Bool>(false)
    let readings = Atomic<Int>(0)
    let cpu = Atomic<Int64>(0)
}

/// The consuming end of one ring, in a box because arrays cannot hold non-copyable values. Only the consumer's thread
/// touches it.
private final class RingEnd: @unchecked Sendable {
    /// Cells of the largest block: 125 readings, or as many pieces of text.
    private static let blockCells = 1024

    private var consumer: RingConsumer<Cell>
    private let block = UnsafeMutableBufferPointer<Cell>.allocate(capacity: RingEnd.blockCells)

    init(_ consumer: consuming RingConsumer<Cell>) { self.consumer = consumer }

    deinit { block.deallocate() }

    /// Takes whole blocks until there is none.
    ///
    /// - Returns: readings in them.
    func drain() -> Int {
        var readings = 0
        while consumer.available() > 0 {
            let cells = ScanHeader.blockCells(consumer.peek())
            consumer.take(cells, into: block)
            readings += cells - ScanHeader.cells
        }
        return readings
    }
}
