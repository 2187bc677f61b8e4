import Detection
import Plant
import Ring

/// What the watch's thread owns: its end of the rings, the plant flattened for speed, and the transitions in hand.
///
/// Unchecked: after `Watch.start` only the watch's thread touches it.
final class WatchLoop: @unchecked Sendable {
    /// The largest block a ring can carry: its header counts the cells behind it in 16 bits. One request of 125 registers
    /// can be more than two thousand tags, when each word has names for all of its bits, too. A mebibyte, of which no
    /// more is touched than blocks need.
    static let scratchCells = ScanHeader.cells + Int(UInt16.max)
    /// Room in the recorder's ring that no reading gets, so that a change of the plant is never refused for want of it.
    static let markCells = ScanHeader.cells

    var tables: WatchTables
    var lines: [LineInput]
    var recorder: RingProducer<Cell>
    private let recorderDoorbell: Doorbell
    var batchCells: Int
    let clock: any PlantClock
    let outputs: Watch.Outputs
    let scratch: UnsafeMutableBufferPointer<Cell>

    /// The block of computed values that the block in hand brought about.
    private var computed: [Cell] = []
    /// By group; only those with computed tags are used.
    var progress: [ScanProgress]
    /// By controller; `nil` before the first block.
    var controllerDown: [Bool?]
    /// The readings of the block in hand that have alarms, by place in the tables' slots.
    private var alarmed: [(Int, RawReading)] = []

    /// UTC minus the monotonic clock when the daemon started: the alarms' time scale never steps.
    let timelineOffset: Int64
    var wallOffset: Int64
    var transitions: [AlarmTransition] = []
    var reportedBlocks = 0
    var reportedCells = 0

    /// How far the scan of a group with computed tags has come.
    struct ScanProgress {
        var sequence: UInt64 = 0
        var blocks = 0
        /// By place among the group's computed tags.
        var memory: [ComputedTag.Memory]
    }

    init(
        plant: Plant, lines: [LineInput], recorder: consuming RingProducer<Cell>, recorderDoorbell: Doorbell,
        batchCells: Int, clock: any PlantClock, outputs: Watch.Outputs
    ) {
        let tables = WatchTables(plant)
        self.tables = tables
        self.lines = lines
        self.recorder = recorder
        self.recorderDoorbell = recorderDoorbell
        self.batchCells = batchCells
        self.clock = clock
        self.outputs = outputs
        scratch = .allocate(capacity: WatchLoop.scratchCells)
        computed.reserveCapacity(tables.computedCells)
        progress = tables.groups.map(ScanProgress.init)
        controllerDown = Array(repeating: nil, count: plant.controllers.count)
        timelineOffset = clock.wall() - clock.monotonic()
        wallOffset = timelineOffset
    }

    deinit { scratch.deallocate() }

    // MARK: Readings

    /// Uses the block of `cells` in `scratch`, and calculates what it completes; returns how many readings that gave.
    func take(_ cells: Int, _ shared: inout Watch.Shared) -> Int {
        let header = ScanHeader(scratch[0], scratch[1], scratch[2])
        guard Int(header.group) < tables.groups.count else { return 0 }
        let group = tables.groups[Int(header.group)]
        if !group.isDiagnostic { setController(group.controller, down: header.loss.isBad, header, &shared) }
        if header.loss.isBad { return lose(header, group, &shared) }
        let seen = keep(UnsafeBufferPointer(rebasing: scratch[ScanHeader.cells..<cells]), header, group, &shared)
        guard !group.computed.isEmpty, completes(header) else { return seen }
        return seen + compute(header, group, &shared)
    }

    /// Makes the readings of a block the latest ones, and lets their alarms look.
    private func keep(
        _ cells: UnsafeBufferPointer<Cell>, _ header: ScanHeader, _ group: WatchTables.GroupTable,
        _ shared: inout Watch.Shared
    ) -> Int {
        var seen = 0
        var at = 0
        while at < cells.count {
            let reading = RawReading(cells[at])
            let text = at + 1
            at = text + Int(reading.continuation)
            guard Int(reading.slot) < group.slots.count, at <= cells.count else { continue }
            seen += 1
            let place = group.slots.lowerBound + Int(reading.slot)
            let slot = tables.slots[place]
            shared.latest[slot.tag] = LatestReading(
                bits: reading.bits, quality: reading.quality, time: header.time, replied: header.replied)
            if slot.scaling.type.isString, !reading.quality.isBad {
                let raw = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: cells[text..<at]))
                shared.texts[slot.tag] = String(decoding: raw.prefix(Int(clamping: reading.bits)), as: UTF8.self)
            }
            if !slot.alarms.isEmpty { alarmed.append((place, reading)) }
        }
        // After all values of the block are in: a condition on another tag must see the same moment.
        for (place, reading) in alarmed {
            let slot = tables.slots[place]
            watch(slot.alarms, slot.scaling.engineering(reading.bits), reading.quality, header, &shared)
        }
        alarmed.removeAll(keepingCapacity: true)
        return seen
    }

    /// The whole group is lost: every tag of it is bad from this moment.
    private func lose(_ header: ScanHeader, _ group: WatchTables.GroupTable, _ shared: inout Watch.Shared) -> Int {
        for slot in tables.slots[group.slots] {
            shared.latest[slot.tag].quality = header.loss
            shared.latest[slot.tag].time = header.time
            shared.latest[slot.tag].replied = header.replied
            if !slot.alarms.isEmpty { watch(slot.alarms, .nan, header.loss, header, &shared) }
        }
        return 0
    }

    // MARK: Computed tags

    /// Whether a block is the last to come of those that a line publishes of its scan. A full ring may have eaten one;
    /// then nothing is calculated, because the values would be of two moments, and nobody keeps half a scan either.
    private func completes(_ header: ScanHeader) -> Bool {
        let group = Int(header.group)
        if progress[group].sequence != header.sequence {
            progress[group].sequence = header.sequence
            progress[group].blocks = 0
        }
        progress[group].blocks += 1
        return progress[group].blocks + 1 == Int(header.blocks)
    }

    /// Makes the last block of a scan, from the newest readings of its own tags and of others.
    private func compute(_ header: ScanHeader, _ group: WatchTables.GroupTable, _ shared: inout Watch.Shared) -> Int {
        let number = Int(header.group)
        var made = header
        made.block = header.blocks - 1
        made.count = UInt16(group.computed.count)
        computed.append(made.cell0)
        computed.append(made.cell1)
        computed.append(made.cell2)
        for (place, tag) in group.computed.enumerated() {
            let reading = tag.reading(
                shared.latest, tables.scalings, &progress[number].memory[place], at: header.replied)
            computed.append(reading.cell)
        }
        return computed.withUnsafeBufferPointer {
            keep(UnsafeBufferPointer(rebasing: $0[ScanHeader.cells...]), made, group, &shared)
        }
    }

    /// Hands the block on as it came, and behind it what was computed from it.
    func forward(_ cells: Int) {
        let reserve = WatchLoop.markCells
        _ = recorder.publish(UnsafeBufferPointer(rebasing: scratch[0..<cells]), leaving: reserve)
        if !computed.isEmpty {
            _ = computed.withUnsafeBufferPointer { recorder.publish($0, leaving: reserve) }
            computed.removeAll(keepingCapacity: true)
        }
        if recorder.storage.count >= batchCells { recorderDoorbell.ring() }
    }

    /// Tells the recorder, in the order of the blocks, that something changes here.
    func publish(mark: ScanHeader) -> Bool {
        let published = [mark.cell0, mark.cell1, mark.cell2].withUnsafeBufferPointer { recorder.publish($0) }
        recorderDoorbell.ring()
        return published
    }
}

extension WatchLoop.ScanProgress {
    init(_ group: WatchTables.GroupTable) {
        memory = Array(repeating: ComputedTag.Memory(), count: group.computed.count)
    }
}
