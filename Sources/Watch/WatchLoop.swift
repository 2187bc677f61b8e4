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
    /// By group.
    var progress: [ScanProgress]

    /// The last scan that was complete, or lost.
    var lastScan: ScanHeader?
    /// The newest that was said of each part of Cupel that has an alarm.
    var health: [Subsystem: String?] = [:]
    var time: AlarmTime
    var news: AlarmNews
    var reportedBlocks = 0
    var reportedCells = 0

    /// How far the scan of a group has come.
    struct ScanProgress {
        var sequence: UInt64 = 0
        var blocks = 0
        /// By place among the group's computed tags.
        var memory: [ComputedTag.Memory]
    }

    init(
        plant: Plant, alarms: AlarmBoard, lines: [LineInput], recorder: consuming RingProducer<Cell>,
        recorderDoorbell: Doorbell, batchCells: Int, clock: any PlantClock, outputs: Watch.Outputs
    ) {
        let tables = WatchTables(plant, alarms)
        self.tables = tables
        self.lines = lines
        self.recorder = recorder
        self.recorderDoorbell = recorderDoorbell
        self.batchCells = batchCells
        self.clock = clock
        self.outputs = outputs
        scratch = .allocate(capacity: WatchLoop.scratchCells)
        computed.reserveCapacity(tables.computedCells)
        progress = tables.groups.map { ScanProgress(computed: $0.computed.count) }
        time = AlarmTime(offset: clock.wall() - clock.monotonic())
        news = AlarmNews(plant: plant, clockSteps: 0)
    }

    deinit { scratch.deallocate() }

    // MARK: Readings

    /// Uses the block of `cells` in `scratch`, and calculates what it completes; returns how many readings that gave.
    func take(_ cells: Int, _ shared: inout Watch.Shared) -> Int {
        let header = ScanHeader(scratch[0], scratch[1], scratch[2])
        guard Int(header.group) < tables.groups.count else { return 0 }
        let group = tables.groups[Int(header.group)]
        let sent = time.sent(header)
        if !group.isDiagnostic {
            let isLost = header.loss.isBad
            shared.alarms.controller(
                group.controller, isLost: isLost, at: isLost ? time.replied(header) : sent, cause: header.loss)
        }
        var seen = 0
        if header.loss.isBad {
            lose(header, group, &shared)
            shared.alarms.lose(Int(header.group), at: sent, cause: header.loss)
            lastScan = header
        } else {
            let readings = UnsafeBufferPointer(rebasing: scratch[ScanHeader.cells..<cells])
            seen = keep(readings, header, group, sent, &shared)
            if completes(header, group) {
                if !group.computed.isEmpty { seen += compute(header, group, sent, &shared) }
                shared.alarms.complete(Int(header.group), at: sent)
                lastScan = header
            }
        }
        gather(from: header, &shared)
        return seen
    }

    /// Makes the readings of a block the latest ones, and lets their alarms look.
    private func keep(
        _ cells: UnsafeBufferPointer<Cell>, _ header: ScanHeader, _ group: WatchTables.GroupTable, _ sent: Int64,
        _ shared: inout Watch.Shared
    ) -> Int {
        var seen = 0
        var at = 0
        while at < cells.count {
            let reading = RawReading(cells[at])
            let first = at + 1
            at = first + Int(reading.continuation)
            guard Int(reading.slot) < group.slots.count, at <= cells.count else { continue }
            seen += 1
            let slot = tables.slots[group.slots.lowerBound + Int(reading.slot)]
            shared.latest[slot.tag] = LatestReading(
                bits: reading.bits, quality: reading.quality, time: header.time, replied: header.replied)
            var text: String?
            if slot.scaling.type.isString, !reading.quality.isBad {
                let raw = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: cells[first..<at]))
                text = String(decoding: raw.prefix(Int(clamping: reading.bits)), as: UTF8.self)
                shared.texts[slot.tag] = text
            }
            guard slot.isWatched else { continue }
            let value = reading.quality.isBad ? .nan : slot.scaling.engineering(reading.bits)
            shared.alarms.take(
                slot.tag, Sample(time: sent, value: value, quality: reading.quality, bits: reading.bits), text: text)
        }
        return seen
    }

    /// The whole group is lost: every tag of it is bad from this moment.
    private func lose(_ header: ScanHeader, _ group: WatchTables.GroupTable, _ shared: inout Watch.Shared) {
        for slot in tables.slots[group.slots] {
            shared.latest[slot.tag].quality = header.loss
            shared.latest[slot.tag].time = header.time
            shared.latest[slot.tag].replied = header.replied
        }
    }

    // MARK: Computed tags

    /// Whether a block is the last to come of those that a line publishes of its scan. A full ring may have eaten one;
    /// then nothing is calculated or compared, because the values would be of two moments, and nobody keeps half a scan.
    private func completes(_ header: ScanHeader, _ group: WatchTables.GroupTable) -> Bool {
        let number = Int(header.group)
        if progress[number].sequence != header.sequence {
            progress[number].sequence = header.sequence
            progress[number].blocks = 0
        }
        progress[number].blocks += 1
        return progress[number].blocks + (group.computed.isEmpty ? 0 : 1) == Int(header.blocks)
    }

    /// Makes the last block of a scan, from the newest readings of its own tags and of others.
    private func compute(
        _ header: ScanHeader, _ group: WatchTables.GroupTable, _ sent: Int64, _ shared: inout Watch.Shared
    ) -> Int {
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
            keep(UnsafeBufferPointer(rebasing: $0[ScanHeader.cells...]), made, group, sent, &shared)
        }
    }

    /// Hands the block on as it came, and behind it what was computed from it.
    func forward(_ cells: Int) {
        let reserve = ScanHeader.reserve
        _ = publish(UnsafeMutableBufferPointer(rebasing: scratch[0..<cells]), leaving: reserve)
        if !computed.isEmpty {
            _ = computed.withUnsafeMutableBufferPointer { publish($0, leaving: reserve) }
            computed.removeAll(keepingCapacity: true)
        }
        if recorder.storage.waiting >= batchCells { recorderDoorbell.ring() }
    }

    /// Tells the recorder, in the order of the blocks, that something changes here.
    func publish(mark: ScanHeader) -> Bool {
        var cells = [mark.cell0, mark.cell1, mark.cell2]
        let isPublished = cells.withUnsafeMutableBufferPointer { publish($0) }
        recorderDoorbell.ring()
        return isPublished
    }

    /// The recorder's ring may outlive this process, so a block in it has a check.
    private func publish(_ block: UnsafeMutableBufferPointer<Cell>, leaving reserve: Int = 0) -> Bool {
        BlockCheck.sign(block)
        return recorder.publish(UnsafeBufferPointer(block), leaving: reserve)
    }
}

extension WatchLoop.ScanProgress {
    init(computed: Int) {
        memory = Array(repeating: ComputedTag.Memory(), count: computed)
    }
}
