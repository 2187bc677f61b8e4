import Detection
import Plant
import Ring

/// What the watch's thread owns: its end of the rings, the plant flattened for speed, and the transitions in hand.
///
/// Unchecked: after `Watch.start` only the watch's thread touches it.
final class WatchLoop: @unchecked Sendable {
    /// The largest block a ring can carry: a header and 2 000 bits (Modbus V1.1b3, section 6.1).
    static let scratchCells = ScanHeader.cells + 2048
    /// A timer may only run out once no older sample can still arrive: a timeout of its controller, and this much more.
    static let graceNanoseconds: Int64 = 1_000_000_000

    let plant: Plant
    let lines: [LineInput]
    private var recorder: RingProducer<Cell>
    private let recorderDoorbell: Doorbell
    private let batchCells: Int
    private let clock: any PlantClock
    private let outputs: Watch.Outputs
    let scratch: UnsafeMutableBufferPointer<Cell>

    /// Where the slots of a group begin in `slots`.
    private let firstSlot: [Int]
    private let slots: [SlotPlan]
    /// The alarms on each tag, one after the other, as `slots` refers to them.
    private let tagAlarms: [AlarmDefinition.ID]
    private let commsAlarms: [AlarmDefinition.ID?]
    private var controllerDown: [Bool?]

    /// UTC minus the monotonic clock when the daemon started: the alarms' time scale never steps.
    let timelineOffset: Int64
    private var wallOffset: Int64
    private var transitions: [AlarmTransition] = []
    /// The readings of the block in hand that have alarms, by place in `slots`.
    private var alarmed: [(Int, RawReading)] = []
    private var reportedBlocks = 0
    private var reportedCells = 0

    private struct SlotPlan {
        let tag: Tag.ID
        let type: ValueType
        let scale: Double
        let offset: Double
        let isUnscaled: Bool
        let alarms: Range<Int>

        func engineering(_ bits: UInt64) -> Double {
            let raw = type.rawNumber(bits)
            return isUnscaled ? raw : raw * scale + offset
        }
    }

    init(
        plant: Plant, lines: [LineInput], recorder: consuming RingProducer<Cell>, recorderDoorbell: Doorbell,
        batchCells: Int, clock: any PlantClock, outputs: Watch.Outputs
    ) {
        self.plant = plant
        self.lines = lines
        self.recorder = recorder
        self.recorderDoorbell = recorderDoorbell
        self.batchCells = batchCells
        self.clock = clock
        self.outputs = outputs
        scratch = .allocate(capacity: WatchLoop.scratchCells)

        var alarmsOf: [Tag.ID: [AlarmDefinition.ID]] = [:]
        var comms: [AlarmDefinition.ID?] = Array(repeating: nil, count: plant.controllers.count)
        for alarm in plant.alarms {
            if case .comms(let controller, _) = alarm.condition { comms[controller] = alarm.id }
            if let tag = alarm.tag { alarmsOf[tag, default: []].append(alarm.id) }
        }
        var first: [Int] = []
        var slots: [SlotPlan] = []
        var tagAlarms: [AlarmDefinition.ID] = []
        for group in plant.groups {
            first.append(slots.count)
            for id in group.tags {
                let tag = plant.tags[id]
                let from = tagAlarms.count
                tagAlarms += alarmsOf[id] ?? []
                slots.append(
                    SlotPlan(
                        tag: id, type: tag.type, scale: tag.scale, offset: tag.offset, isUnscaled: tag.isUnscaled,
                        alarms: from..<tagAlarms.count))
            }
        }
        firstSlot = first
        self.slots = slots
        self.tagAlarms = tagAlarms
        commsAlarms = comms
        controllerDown = Array(repeating: nil, count: plant.controllers.count)
        timelineOffset = clock.wall() - clock.monotonic()
        wallOffset = timelineOffset
    }

    deinit { scratch.deallocate() }

    // MARK: Readings

    /// Uses the block of `cells` in `scratch`; returns how many readings it held.
    func take(_ cells: Int, _ shared: inout Watch.Shared) -> Int {
        let header = ScanHeader(scratch[0], scratch[1], scratch[2])
        let group = Int(header.group)
        guard group < plant.groups.count else { return 0 }
        setController(plant.groups[group].controller, down: header.loss.isBad, header, &shared)
        if header.loss.isBad { return lose(header, group, &shared) }
        var seen = 0
        var at = ScanHeader.cells
        let base = firstSlot[group]
        let limit = (group + 1 < firstSlot.count ? firstSlot[group + 1] : slots.count) - base
        while at < cells {
            let reading = RawReading(scratch[at])
            let text = at + 1
            at += 1 + Int(reading.continuation)
            guard Int(reading.slot) < limit, at <= cells else { continue }
            seen += 1
            let slot = slots[base + Int(reading.slot)]
            shared.latest[slot.tag] = LatestReading(
                bits: reading.bits, quality: reading.quality, time: header.time, replied: header.replied)
            if slot.type.isString, !reading.quality.isBad {
                shared.texts[slot.tag] = self.text(
                    from: text, bytes: Int(reading.bits), cells: Int(reading.continuation))
            }
            if !slot.alarms.isEmpty { alarmed.append((base + Int(reading.slot), reading)) }
        }
        // After all values of the block are in: a condition on another tag must see the same moment.
        for (place, reading) in alarmed {
            let slot = slots[place]
            watch(slot.alarms, slot.engineering(reading.bits), reading.quality, header, &shared)
        }
        alarmed.removeAll(keepingCapacity: true)
        return seen
    }

    /// The whole group is lost: every tag of it is bad from this moment.
    private func lose(_ header: ScanHeader, _ group: Int, _ shared: inout Watch.Shared) -> Int {
        let base = firstSlot[group]
        for slot in slots[base..<(base + plant.groups[group].tags.count)] {
            shared.latest[slot.tag].quality = header.loss
            shared.latest[slot.tag].time = header.time
            shared.latest[slot.tag].replied = header.replied
            if !slot.alarms.isEmpty { watch(slot.alarms, .nan, header.loss, header, &shared) }
        }
        return 0
    }

    private func text(from cell: Int, bytes: Int, cells: Int) -> String {
        let raw = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: scratch[cell..<(cell + cells)]))
        return String(decoding: raw.prefix(bytes), as: UTF8.self)
    }

    /// Hands the block on as it came.
    func forward(_ cells: Int) {
        _ = recorder.publish(UnsafeBufferPointer(rebasing: scratch[0..<cells]))
        if recorder.storage.count >= batchCells { recorderDoorbell.ring() }
    }

    // MARK: Alarms

    private func watch(
        _ alarms: Range<Int>, _ value: Double, _ quality: Quality, _ header: ScanHeader, _ shared: inout Watch.Shared
    ) {
        let time = (header.sent + timelineOffset) / 1_000_000
        for index in alarms {
            let definition = plant.alarms[tagAlarms[index]]
            let enabled = definition.when.map { self.holds($0, shared) } ?? true
            step(
                definition, .sample(time: time, value: value, quality: quality, enabled: enabled), &shared,
                sourceTime: header.time, receivedTime: (header.replied + header.wallOffset) / 1_000_000)
        }
    }

    /// Whether a `when` is satisfied; `nil` when its tag is not known well enough to say.
    private func holds(_ when: AlarmDefinition.When, _ shared: Watch.Shared) -> Bool? {
        let reading = shared.latest[when.tag]
        guard reading.quality.isGood else { return nil }
        return when.values.contains(plant.tags[when.tag].engineering(reading.bits))
    }

    private func setController(
        _ controller: Controller.ID, down: Bool, _ header: ScanHeader, _ shared: inout Watch.Shared
    ) {
        guard controllerDown[controller] != down else { return }
        controllerDown[controller] = down
        guard let alarm = commsAlarms[controller] else { return }
        let received = (header.replied + header.wallOffset) / 1_000_000
        step(
            plant.alarms[alarm],
            .comms(time: (header.replied + timelineOffset) / 1_000_000, down: down, cause: header.loss), &shared,
            sourceTime: header.time, receivedTime: received)
    }

    @discardableResult
    private func step(
        _ definition: AlarmDefinition, _ input: AlarmInput, _ shared: inout Watch.Shared, sourceTime: Int64,
        receivedTime: Int64
    ) -> AlarmAnswer? {
        let (events, answer) = Detection.step(definition, &shared.alarms[definition.id], input)
        for event in events {
            transitions.append(
                AlarmTransition(
                    alarm: definition.id, event: event, state: shared.alarms[definition.id], sourceTime: sourceTime,
                    receivedTime: receivedTime,
                    effectiveTime: event.effective + (wallOffset - timelineOffset) / 1_000_000))
        }
        return answer
    }

    /// Hands the transitions in hand to the journal.
    func flush() {
        guard !transitions.isEmpty else { return }
        outputs.transitions(transitions)
        transitions.removeAll(keepingCapacity: true)
    }

    func obey(_ request: OperatorRequest, _ shared: inout Watch.Shared) -> AlarmAnswer {
        let now = clock.monotonic()
        let time = (now + timelineOffset) / 1_000_000
        let stamp = (now + wallOffset) / 1_000_000
        switch request {
        case .acknowledge(let alarm, let occurrence, let revision, let who):
            return step(
                plant.alarms[alarm],
                .acknowledge(time: time, occurrence: occurrence, revision: revision, by: who), &shared,
                sourceTime: stamp, receivedTime: stamp) ?? .stale
        case .reset(let alarm, let who):
            return step(
                plant.alarms[alarm], .reset(time: time, by: who), &shared, sourceTime: stamp, receivedTime: stamp
            ) ?? .refused
        }
    }

    // MARK: The slow turn

    /// Takes the alarms over from before the restart, before the first reading.
    func restart(_ shared: inout Watch.Shared) {
        let now = clock.monotonic()
        let stamp = (now + wallOffset) / 1_000_000
        for definition in plant.alarms {
            step(
                definition, .restart(time: (now + timelineOffset) / 1_000_000), &shared, sourceTime: stamp,
                receivedTime: stamp)
        }
    }

    /// Runs timers that no sample will run, and looks at the clock and the overflow counters.
    func turn(at now: Int64, _ shared: inout Watch.Shared) {
        lookAtClock(now)
        let stamp = (now + wallOffset) / 1_000_000
        for definition in plant.alarms {
            guard let due = Detection.nextDue(definition, shared.alarms[definition.id]) else { continue }
            let controller: Controller.ID
            if let tag = definition.tag {
                controller = plant.tags[tag].controller
            } else if case .comms(let id, _) = definition.condition {
                controller = id
            } else {
                continue
            }
            let grace = plant.controllers[controller].timeout.nanoseconds + WatchLoop.graceNanoseconds
            let time = (now - grace + timelineOffset) / 1_000_000
            guard due <= time else { continue }
            step(definition, .tick(time: time), &shared, sourceTime: stamp, receivedTime: stamp)
        }
        countOverflows()
    }

    private func lookAtClock(_ now: Int64) {
        let offset = clock.wall() - now
        let step = offset - wallOffset
        wallOffset = offset
        if abs(step) > Watch.clockStepLimit.nanoseconds {
            outputs.notice(.clockStep(milliseconds: step / 1_000_000))
        }
    }

    private func countOverflows() {
        for line in lines {
            let blocks = line.storage.refusedPublications
            guard blocks > line.reportedBlocks else { continue }
            let cells = line.storage.refusedElements
            outputs.notice(
                .lineOverflow(
                    line: line.line, blocks: blocks - line.reportedBlocks, cells: cells - line.reportedCells))
            (line.reportedBlocks, line.reportedCells) = (blocks, cells)
        }
        let blocks = recorder.storage.refusedPublications
        guard blocks > reportedBlocks else { return }
        let cells = recorder.storage.refusedElements
        outputs.notice(.recorderOverflow(blocks: blocks - reportedBlocks, cells: cells - reportedCells))
        (reportedBlocks, reportedCells) = (blocks, cells)
    }
}
