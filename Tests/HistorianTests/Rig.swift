import Archive
import Foundation
import GRDB
import Plant
import Ring
import Store
import Synchronization
import TestSupport

@testable import Historian

/// A clock that only moves when told to.
final class HandClock: PlantClock {
    private let nanoseconds = Atomic<Int64>(1_000_000_000)
    /// 2026-01-03T10:00:00Z when the monotonic clock shows one second.
    static let wallOffset: Int64 = 1_767_434_400_000_000_000 - 1_000_000_000

    private let stepNanoseconds = Atomic<Int64>(0)

    func monotonic() -> Int64 {
        nanoseconds.wrappingAdd(stepNanoseconds.load(ordering: .relaxed), ordering: .relaxed).newValue
    }
    func wall() -> Int64 { nanoseconds.load(ordering: .relaxed) + HandClock.wallOffset }
    /// From now on every look at the monotonic clock takes this long.
    func step(milliseconds: Int64) { stepNanoseconds.store(milliseconds * 1_000_000, ordering: .relaxed) }
    func advance(milliseconds: Int64) { nanoseconds.wrappingAdd(milliseconds * 1_000_000, ordering: .relaxed) }
    /// UTC milliseconds.
    var now: Int64 { wall() / 1_000_000 }
}

/// A directory that goes away with its owner.
final class Scratch {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("historian-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var history: String { path + "/history.db" }
}

/// What one slot of a test plant holds.
struct SlotSpec {
    var name: String
    var type: ValueType
    var scale = 1.0
    var offset = 0.0
    var states: [Int: String] = [:]
    var isCounter = false
    var isStepped = false
    var resolution: Double?
}

extension Plant {
    /// A plant with one controller per group, named `C1/fast` and so on, whose tags are `C1.<name>`.
    static func test(
        _ groups: [[SlotSpec]], period: Duration = .seconds(1), history: HistorySettings = HistorySettings()
    ) throws -> Plant {
        var tags: [Tag] = []
        var scans: [ScanGroup] = []
        var controllers: [Controller] = []
        for (id, slots) in groups.enumerated() {
            let name = "C\(id + 1)"
            let first = tags.count
            for (slot, spec) in slots.enumerated() {
                let registers = RegisterRange(table: .holding, start: slot * 20, count: spec.type.registers)
                guard let registers else { throw CocoaError(.featureUnsupported) }
                tags.append(
                    Tag(
                        id: tags.count, name: "\(name).\(spec.name)", localName: spec.name, unit: "degC",
                        controller: id, registers: registers, type: spec.type, scale: spec.scale,
                        offset: spec.offset, states: spec.states, rules: TagRules(isCounter: spec.isCounter),
                        group: id, slot: slot, isStepped: spec.isStepped, resolution: spec.resolution))
            }
            scans.append(
                ScanGroup(
                    id: id, controller: id, scan: "fast", name: "\(name)/fast", period: period,
                    tags: Array(first..<tags.count)))
            controllers.append(
                Controller(id: id, name: name, endpoint: Endpoint(host: "127.0.0.1", port: 1502), unit: 1))
        }
        return Plant(
            name: "test", site: "here", timeZone: "UTC", controllers: controllers, groups: scans, tags: tags,
            history: history)
    }

    /// Two groups of two and one tags: temperatures as float32 and a scaled integer.
    static func small() throws -> Plant {
        try test([
            [SlotSpec(name: "temp", type: .float32), SlotSpec(name: "flow", type: .int16, scale: 0.1, offset: 5)],
            [SlotSpec(name: "level", type: .uint16)],
        ])
    }
}

/// One slot's value on its way into the ring.
struct Sample {
    var bits: UInt64
    var quality = Quality.good
    var text: [UInt8]?

    static func float(_ value: Float) -> Sample { Sample(bits: UInt64(value.bitPattern)) }
    static func int(_ value: Int64) -> Sample { Sample(bits: UInt64(bitPattern: value)) }
    static func bad(_ quality: Quality) -> Sample { Sample(bits: 0, quality: quality) }
    static func string(_ text: String) -> Sample {
        Sample(bits: UInt64(text.utf8.count), text: Array(text.utf8))
    }
}

/// A recorder's loop driven by hand, with the line's end of its ring.
final class Rig {
    let scratch: Scratch
    let clock = HandClock()
    let plant: Plant
    let doorbell = Doorbell()
    let board: RecorderBoard
    let loop: RecorderLoop
    let store: HistoryStore
    /// Milliseconds by which the wall clock of scans is ahead.
    var wallShift: Int64 = 0
    var next: [UInt64]
    private var producer: RingProducer<Cell>
    /// What the run before left in the ring.
    let found: KeptRing.Found

    init(
        _ plant: Plant, in scratch: Scratch? = nil, capacity: Int = 1 << 16, after milliseconds: Int64 = 0,
        faults: FaultPoints? = nil, adopting memory: CInt? = nil
    ) throws {
        self.plant = plant
        self.scratch = try scratch ?? Scratch()
        clock.advance(milliseconds: milliseconds)
        let kept = KeptRing(after: memory, capacity: capacity, of: plant, at: clock.now)
        found = kept.found
        let ring = kept.ring
        producer = ring.producer
        var consumer = ring.consumer
        let path = self.scratch.history
        let lock = try FileLock(guarding: path)
        store = try HistoryStore(path: path, plant: plant, time: clock.now, beginsRun: true)
        next = KeptRing.sequences(after: store.catalogue.groups.map(\.nextSequence), in: &consumer)
        board = RecorderBoard(plant: plant, nextSequence: next, storage: producer.storage)
        loop = RecorderLoop(
            path: path, plant: plant, consumer: consumer, doorbell: doorbell, clock: clock, lock: lock,
            store: store, board: board, imports: ImportDesk(history: path), faults: faults)
    }

    var path: String { scratch.history }

    func reader() throws -> HistoryReader { try HistoryReader(path: path) }

    /// Publishes one block of the group's open scan.
    @discardableResult
    func publish(
        group: Int, sequence: UInt64, _ samples: [Int: Sample] = [:], block: Int = 0, blocks: Int = 1,
        loss: Quality = .good, took: Int64 = 3, sent: Int64? = nil
    ) -> Bool {
        var cells: [Cell] = []
        for (slot, sample) in samples.sorted(by: { $0.key < $1.key }) {
            let text = sample.text ?? []
            let continuation = (text.count + 15) / 16
            cells.append(
                RawReading(bits: sample.bits, slot: slot, quality: sample.quality, continuation: continuation).cell)
            for start in stride(from: 0, to: text.count, by: 16) {
                var cell = Cell()
                withUnsafeMutableBytes(of: &cell) { $0.copyBytes(from: text[start..<min(start + 16, text.count)]) }
                cells.append(cell)
            }
        }
        let sent = sent ?? clock.monotonic()
        let header = ScanHeader(
            sequence: sequence, group: group, count: cells.count, block: block, blocks: blocks, loss: loss,
            sent: sent, replied: sent &+ took * 1_000_000, wallOffset: HandClock.wallOffset + wallShift * 1_000_000)
        var all = [header.cell0, header.cell1, header.cell2] + cells
        all.withUnsafeMutableBufferPointer { BlockCheck.sign($0) }
        return all.withUnsafeBufferPointer { producer.publish($0) }
    }

    @discardableResult
    func publish(_ mark: RingMark) -> Bool { mark.block.withUnsafeBufferPointer { producer.publish($0) } }

    /// The ring's memory, as systemd keeps it when this run is killed.
    func keptMemory() -> CInt { dup(producer.storage.memory?.descriptor ?? -1) }

    /// Cells that are in the ring, committed ones that are not released too.
    var cellsInRing: Int { producer.storage.count }

    /// Publishes a whole scan with the group's next number.
    @discardableResult
    func scan(_ group: Int, _ samples: [Sample]) -> Bool {
        let sequence = next[group]
        next[group] += 1
        return publish(
            group: group, sequence: sequence,
            Dictionary(uniqueKeysWithValues: samples.enumerated().map { ($0.offset, $0.element) }))
    }

    @discardableResult
    func lose(_ group: Int, _ cause: Quality) -> Bool {
        let sequence = next[group]
        next[group] += 1
        return publish(group: group, sequence: sequence, loss: cause)
    }

    /// Everything the reader finds of a tag.
    func readings(_ tag: String) throws -> [StoredReading] {
        var found: [StoredReading] = []
        try reader().readings(tag: tag, from: .min, to: .max) { found.append($0) }
        return found
    }

    func events() throws -> [HistoryEvent] { try reader().events(from: .min, to: .max) }

    /// Ends orderly. Letting go of a rig without it is what a kill leaves behind.
    func stop() {
        board.stop()
        loop.run()
    }
}

/// Debian's sqlite3 shell, as an independent reader.
func shell(_ path: String, _ sql: String) throws -> [[String]] {
    let result = try Program("/usr/bin/sqlite3", ["-readonly", "-separator", "\u{1F}", path, sql]).exit()
    guard result.status == 0 else { throw TestFailure("sqlite3: \(result.errors)") }
    return result.output.split(separator: "\n").map { line in
        line.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
    }
}

/// Somebody's open shell with a transaction begun.
func lockedConnection(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    return queue
}
