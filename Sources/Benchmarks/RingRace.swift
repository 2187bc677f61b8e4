import CBaseline
import Plant
import Ring
import Synchronization

/// One trial of the ring: a producer that fills and publishes whole scans as fast as they are taken, and a consumer that
/// takes them and looks at every reading.
final class RingRace: Sendable {
    private let scans: Int
    private let readings: Int
    private let ready = Atomic<Int>(0)
    private let ends: Mutex<Ends>
    private let result = Mutex(Result())

    private struct Ends: ~Copyable {
        var producer: RingProducer<Cell>?
        var consumer: RingConsumer<Cell>?
    }

    private struct Result {
        var started: Int64 = 0
        var ended: Int64 = 0
        var intact = true
    }

    init(cells: Int, scans: Int, readings: Int) {
        (self.scans, self.readings) = (scans, readings)
        let ring = Ring<Cell>(capacity: cells)
        ends = Mutex(Ends(producer: ring.producer, consumer: ring.consumer))
    }

    /// - Returns: nanoseconds a reading.
    func run(producerCPU: Int, consumerCPU: Int) throws -> Double {
        let consuming = try Worker(name: "consumer") {
            self.meet(on: consumerCPU)
            self.consume()
        }
        let producing = try Worker(name: "producer") {
            self.meet(on: producerCPU)
            self.produce()
        }
        producing.join()
        consuming.join()
        let result = result.withLock { $0 }
        guard result.intact else { throw BenchmarkFailure("a scan arrived damaged") }
        return Double(result.ended - result.started) / Double(scans * readings)
    }

    /// Both threads begin together.
    private func meet(on cpu: Int) {
        baseline_pin(CInt(cpu))
        ready.wrappingAdd(1, ordering: .acquiringAndReleasing)
        while ready.load(ordering: .acquiring) < 2 { baseline_relax() }
    }

    private func produce() {
        guard var producer = ends.withLock({ $0.producer.take() }) else { return }
        let block = UnsafeMutableBufferPointer<Cell>.allocate(capacity: ScanHeader.cells + readings)
        defer { block.deallocate() }
        result.withLock { $0.started = baseline_now() }
        for scan in 0..<scans {
            let header = ScanHeader(
                sequence: UInt64(scan), group: 1, count: readings, sent: Int64(scan), replied: Int64(scan),
                wallOffset: 0)
            block[0] = header.cell0
            block[1] = header.cell1
            block[2] = header.cell2
            for slot in 0..<readings {
                block[ScanHeader.cells + slot] =
                    RawReading(bits: UInt64(scan &+ slot), slot: slot, quality: .good).cell
            }
            while !producer.publish(UnsafeBufferPointer(block)) { baseline_relax() }
        }
    }

    private func consume() {
        guard var consumer = ends.withLock({ $0.consumer.take() }) else { return }
        let block = UnsafeMutableBufferPointer<Cell>.allocate(capacity: ScanHeader.cells + readings)
        defer { block.deallocate() }
        var intact = true
        for scan in 0..<scans {
            while consumer.available() == 0 { baseline_relax() }
            let count = ScanHeader.blockCells(consumer.peek())
            consumer.take(count, into: block)
            let header = ScanHeader(block[0], block[1], block[2])
            if header.sequence != UInt64(scan) || Int(header.count) != readings { intact = false }
            for slot in 0..<readings {
                let reading = RawReading(block[ScanHeader.cells + slot])
                if reading.bits != UInt64(scan &+ slot) || !reading.quality.isGood { intact = false }
            }
        }
        let ended = baseline_now()
        result.withLock { ($0.ended, $0.intact) = (ended, intact) }
    }
}
