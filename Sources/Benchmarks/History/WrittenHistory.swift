import CBaseline
import Historian
import Plant
import Ring
import Synchronization

/// A history that the product's own recorder writes from a `PlantData`, one commit a plant second, as fast as it can.
final class WrittenHistory {
    let path: String
    let plant: Plant
    private(set) var data: PlantData
    private let registers: Registers
    private let kinds: [PlantData.Kind]
    private let clock = PlantTime()
    private let recorder: Recorder
    private let recording: Recording
    private var producer: RingProducer<Cell>
    private var next: [UInt64]
    private var published: UInt64 = 0
    private var scan = PlantData.Scan()
    private var cells: [Cell] = []

    /// Cells the ring holds: a second of the largest plant, twice.
    private static let capacity = 1 << 14

    /// What writing cost so far.
    struct Cost {
        /// CPU time of the recorder's thread, in nanoseconds.
        var cpu: Int64 = 0
        /// Bytes that this process handed to the kernel.
        var written = 0

        static func - (later: Cost, earlier: Cost) -> Cost {
            Cost(cpu: later.cpu - earlier.cpu, written: later.written - earlier.written)
        }
    }

    init(path: String, data: PlantData = PlantData(), _ registers: Registers = .integers) throws {
        self.path = path
        self.data = data
        self.registers = registers
        // The commits come when this says so, and at no other time.
        plant = data.plant(
            registers, history: HistorySettings(path: path, commitEvery: .seconds(3600), commitReadings: 1_000_000))
        kinds = plant.tags.map { PlantData.Kind(ofTag: $0.id) }
        let ring = Ring<Cell>(capacity: WrittenHistory.capacity)
        producer = ring.producer
        recorder = try Recorder(
            path: path, plant: plant, consumer: ring.consumer, doorbell: Doorbell(), clock: clock)
        let first = recorder.nextSequence
        next = plant.groups.map { first[$0.id] ?? 1 }
        recording = Recording()
        let recording = recording
        try recorder.start { recording.note(readings: $0) }
    }

    /// Readings committed so far, those of lost scans included.
    private(set) var readings = 0
    /// Plant seconds written so far.
    var seconds: Int { data.second }
    /// UTC milliseconds of the end of what is written.
    var end: Int64 { PlantData.start + Int64(seconds) * 1000 }

    var cost: Cost {
        get throws(BenchmarkFailure) { Cost(cpu: recording.cpu, written: try writtenBytes()) }
    }

    /// Writes so many more seconds, and waits for the last commit.
    func write(seconds: Int) throws(BenchmarkFailure) {
        for _ in 0..<seconds {
            for _ in plant.controllers { try publish() }
            clock.move(to: end)
            recorder.hurry()
            guard recording.wait(until: published) else {
                throw BenchmarkFailure("the recorder is stuck: \(recorder.status)")
            }
        }
        let status = recorder.status
        guard status.failures == 0, status.refusedBlocks == 0, status.strayBlocks == 0 else {
            throw BenchmarkFailure("the recorder lost something: \(status)")
        }
    }

    /// Ends orderly, with the log copied into the file.
    func close() { recorder.stop() }

    private func publish() throws(BenchmarkFailure) {
        data.next(into: &scan)
        clock.move(to: scan.time)
        let group = scan.controller
        let sequence = next[group]
        next[group] += 1
        let sent = clock.monotonic()
        cells.removeAll(keepingCapacity: true)
        let count = scan.isLost ? 0 : scan.raw.count
        let header = ScanHeader(
            sequence: sequence, group: group, count: count, loss: scan.isLost ? .timeout : .good, sent: sent,
            replied: sent + 12_000_000, wallOffset: 0)
        cells.append(header.cell0)
        cells.append(header.cell1)
        cells.append(header.cell2)
        let first = group * PlantData.tagsOfController
        for slot in 0..<count {
            let bits = registers.bits(scan, slot: slot, kinds[first + slot])
            cells.append(RawReading(bits: bits, slot: slot, quality: .good).cell)
        }
        readings += scan.raw.count
        // The recorder counts the readings that came.
        published += UInt64(count)
        guard cells.withUnsafeBufferPointer({ producer.publish($0) }) else {
            throw BenchmarkFailure("the ring refuses a scan")
        }
    }
}

/// The plant's clock: it stands where the data are.
private final class PlantTime: PlantClock {
    private let nanoseconds = Atomic<Int64>(PlantData.start * 1_000_000)

    func monotonic() -> Int64 { nanoseconds.load(ordering: .relaxed) }
    func wall() -> Int64 { nanoseconds.load(ordering: .relaxed) }
    /// - Parameter time: UTC milliseconds. It never goes back.
    func move(to time: Int64) { _ = nanoseconds.max(time * 1_000_000, ordering: .relaxed) }
}

/// What the recorder's thread tells after every pass.
private final class Recording: Sendable {
    private let readings = Atomic<UInt64>(0)
    private let nanoseconds = Atomic<Int64>(0)
    private let doorbell = Doorbell()

    /// A pass of the recorder ends within a second, or something is wrong.
    private static let patience: Int64 = 60_000_000_000

    /// CPU time of the recorder's thread.
    var cpu: Int64 { nanoseconds.load(ordering: .acquiring) }

    func note(readings count: UInt64) {
        nanoseconds.store(baseline_thread_cpu(), ordering: .releasing)
        readings.store(count, ordering: .releasing)
        doorbell.ring()
    }

    func wait(until count: UInt64) -> Bool {
        let deadline = baseline_now() + Recording.patience
        while true {
            doorbell.listen()
            if readings.load(ordering: .acquiring) >= count { return true }
            let rest = deadline - baseline_now()
            guard rest > 0 else { return false }
            doorbell.wait(nanoseconds: rest)
        }
    }
}
