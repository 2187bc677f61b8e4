import Detection
import Plant
import struct Plant.Tag
import Ring
import Synchronization

@testable import Watch

/// A clock that only moves when told to.
final class HandClock: PlantClock {
    private let now = Atomic<Int64>(1_000_000_000_000)
    private let offset = Atomic<Int64>(1_767_434_400_000_000_000)

    func monotonic() -> Int64 { now.load(ordering: .relaxed) }
    func wall() -> Int64 { monotonic() + offset.load(ordering: .relaxed) }
    func advance(_ duration: Duration) { now.wrappingAdd(duration.nanoseconds, ordering: .relaxed) }
    func stepWall(_ duration: Duration) { offset.wrappingAdd(duration.nanoseconds, ordering: .relaxed) }
}

/// One furnace with a temperature, a phase and a name; a high alarm on the temperature while the phase is 70.
enum SmallPlant {
    static let plant: Plant = {
        func tag(_ id: Int, _ name: String, _ address: Int, _ type: ValueType) -> Tag {
            Tag(
                id: id, name: "F-01.\(name)", localName: name, unit: id == 0 ? "degC" : nil, controller: 0,
                registers: RegisterRange(table: .holding, start: address, count: type.registers)!, type: type, group: 0,
                slot: id)
        }
        return Plant(
            name: "Test", site: "T", timeZone: "UTC",
            controllers: [
                Controller(
                    id: 0, name: "F-01", endpoint: Endpoint(host: "127.0.0.1", port: 502), unit: 1, timeout: .seconds(1)
                )
            ],
            groups: [
                ScanGroup(id: 0, controller: 0, scan: "fast", name: "F-01/fast", period: .seconds(1), tags: [0, 1, 2])
            ],
            tags: [
                tag(0, "melt_temp", 10, .float32), tag(1, "phase", 4, .uint16),
                tag(2, "heat", 20, .string(registers: 8)),
            ],
            alarms: [
                AlarmDefinition(
                    id: 0, name: "high:F-01.melt_temp", rule: "high", tag: 0,
                    detector: .levels(
                        Levels([AlarmLimit(level: .high, limit: 1480, priority: .high, deadband: 5)], isAbove: true)),
                    qualification: Qualification(maxGap: .seconds(3)),
                    activity: Activity(when: Logic(text: "F-01.phase == 70", root: .isOne(1, of: [70])))),
                AlarmDefinition(
                    id: 1, name: "comms:F-01", rule: "comms", tag: nil, detector: .comms(0, priority: .high),
                    qualification: Qualification(maxGap: .zero)),
            ])
    }()
}

/// A watch with its rings, driven without its thread.
final class Rig {
    let clock = HandClock()
    let loop: WatchLoop
    var lineRing: RingProducer<Cell>
    let input: LineInput
    var recorderRing: RingConsumer<Cell>
    let transitions = Collected<AlarmTransition>()
    let actions = Collected<OperatorAction>()
    let notices = Collected<WatchNotice>()
    var shared: Watch.Shared
    var sequence: UInt64 = 0

    init(_ plant: Plant = SmallPlant.plant, recorderCells: Int = 1024, lineCells: Int = 1024) {
        let line = Ring<Cell>(capacity: lineCells)
        let recorder = Ring<Cell>(capacity: recorderCells)
        lineRing = line.producer
        input = LineInput(name: "127.0.0.1:502", consumer: line.consumer)
        recorderRing = recorder.consumer
        let (transitions, actions, notices) = (self.transitions, self.actions, self.notices)
        let alarms = AlarmBoard(plant, states: Array(repeating: AlarmState(), count: plant.alarms.count))
        loop = WatchLoop(
            plant: plant, alarms: alarms, lines: [input], recorder: recorder.producer, recorderDoorbell: Doorbell(),
            batchCells: 1 << 30, clock: clock,
            outputs: .init(
                news: {
                    transitions.add($0.transitions)
                    actions.add($0.actions)
                }, notice: { notices.add([$0]) }))
        shared = Watch.Shared(
            plant: plant, latest: Array(repeating: .neverRead, count: plant.tags.count), alarms: alarms,
            announcer: Announcer(plant.supervision))
    }

    /// One scan of the three tags, taken and forwarded as the thread would.
    func scan(_ temperature: Float, phase: UInt64 = 70, quality: Quality = .good, heat: String = "H-1") {
        sequence += 1
        let now = clock.monotonic()
        let text = Array(heat.utf8)
        let more = (text.count + 15) / 16
        var cells = [
            RawReading(bits: UInt64(temperature.bitPattern), slot: 0, quality: quality).cell,
            RawReading(bits: phase, slot: 1, quality: .good).cell,
            RawReading(bits: UInt64(text.count), slot: 2, quality: .good, continuation: more).cell,
        ]
        for index in 0..<more {
            var cell = Cell()
            withUnsafeMutableBytes(of: &cell) { $0.copyBytes(from: text.dropFirst(index * 16).prefix(16)) }
            cells.append(cell)
        }
        let header = ScanHeader(
            sequence: sequence, group: 0, count: cells.count, sent: now, replied: now + 1_000_000,
            wallOffset: clock.wall() - now)
        publish(header, cells)
    }

    func lose(_ cause: Quality) {
        sequence += 1
        let now = clock.monotonic()
        publish(
            ScanHeader(
                sequence: sequence, group: 0, loss: cause, sent: now, replied: now, wallOffset: clock.wall() - now), [])
    }

    /// One block of a scan that was asked for now.
    func block(
        _ group: Int, sequence: UInt64, _ readings: [RawReading], block: Int = 0, blocks: Int = 1,
        loss: Quality = .good
    ) {
        let now = clock.monotonic()
        publish(
            ScanHeader(
                sequence: sequence, group: group, count: readings.count, block: block, blocks: blocks, loss: loss,
                sent: now, replied: now, wallOffset: clock.wall() - now), readings.map(\.cell))
    }

    /// Everything in the recorder's ring, block by block.
    func recorded() -> [(header: ScanHeader, readings: [RawReading])] {
        var blocks: [(header: ScanHeader, readings: [RawReading])] = []
        while recorderRing.available() > 0 {
            let header = ScanHeader(recorderRing.peek(0), recorderRing.peek(1), recorderRing.peek(2))
            let readings = (0..<Int(header.count)).map { RawReading(recorderRing.peek(ScanHeader.cells + $0)) }
            recorderRing.skip(ScanHeader.cells + Int(header.count))
            blocks.append((header, readings))
        }
        return blocks
    }

    private func publish(_ header: ScanHeader, _ cells: [Cell]) {
        let all = [header.cell0, header.cell1, header.cell2] + cells
        for (index, cell) in all.enumerated() { loop.scratch[index] = cell }
        _ = loop.take(all.count, &shared)
        loop.flush()
        loop.forward(all.count)
    }

    func turn(hearing reports: [Subsystem: String?] = [:]) {
        loop.turn(at: clock.monotonic(), hearing: reports, &shared)
        loop.flush()
    }
}

final class Collected<Item: Sendable>: Sendable {
    private let items = Mutex<[Item]>([])
    func add(_ more: [Item]) { items.withLock { $0 += more } }
    var all: [Item] { items.withLock { $0 } }
}
