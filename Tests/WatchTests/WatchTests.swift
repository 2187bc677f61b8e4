import Detection
import Plant
import struct Plant.Tag
import Ring
import Synchronization
import Testing

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
                    condition: .above([AlarmLimit(level: .high, limit: 1480, priority: .high)], deadband: 5),
                    maxGap: .seconds(3), when: .init(tag: 1, values: [70])),
                AlarmDefinition(
                    id: 1, name: "comms:F-01", rule: "comms", tag: nil, condition: .comms(0, priority: .high),
                    maxGap: .zero),
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
    let notices = Collected<WatchNotice>()
    var shared: Watch.Shared
    var sequence: UInt64 = 0

    init(recorderCells: Int = 1024, lineCells: Int = 1024) {
        let line = Ring<Cell>(capacity: lineCells)
        let recorder = Ring<Cell>(capacity: recorderCells)
        lineRing = line.producer
        input = LineInput(line: 0, consumer: line.consumer)
        recorderRing = recorder.consumer
        let (transitions, notices) = (self.transitions, self.notices)
        loop = WatchLoop(
            plant: SmallPlant.plant, lines: [input], recorder: recorder.producer, recorderDoorbell: Doorbell(),
            batchCells: 1 << 30, clock: clock,
            outputs: .init(transitions: { transitions.add($0) }, notice: { notices.add([$0]) }))
        shared = Watch.Shared(
            latest: Array(repeating: .neverRead, count: 3), alarms: Array(repeating: AlarmState(), count: 2))
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

    private func publish(_ header: ScanHeader, _ cells: [Cell]) {
        let all = [header.cell0, header.cell1, header.cell2] + cells
        for (index, cell) in all.enumerated() { loop.scratch[index] = cell }
        _ = loop.take(all.count, &shared)
        loop.flush()
        loop.forward(all.count)
    }

    func turn() {
        loop.turn(at: clock.monotonic(), &shared)
        loop.flush()
    }
}

final class Collected<Item: Sendable>: Sendable {
    private let items = Mutex<[Item]>([])
    func add(_ more: [Item]) { items.withLock { $0 += more } }
    var all: [Item] { items.withLock { $0 } }
}

struct WatchTests {
    @Test func theLatestValueOfEveryTagIsKept() {
        let rig = Rig()
        rig.scan(1450.1, heat: "a heat with more than sixteen letters")
        let tags = SmallPlant.plant.tags
        #expect(tags[0].text(of: rig.shared.latest[0], texts: rig.shared.texts) == "1450.1")
        #expect(tags[1].text(of: rig.shared.latest[1], texts: rig.shared.texts) == "70")
        #expect(
            tags[2].text(of: rig.shared.latest[2], texts: rig.shared.texts) == "a heat with more than sixteen letters")
        #expect(rig.shared.latest[0].time == rig.clock.wall() / 1_000_000)
    }

    @Test func aLossMakesEveryTagOfTheGroupBadAndRaisesOneAlarm() {
        let rig = Rig()
        rig.scan(1450)
        rig.clock.advance(.seconds(1))
        rig.lose(.timeout)
        #expect(rig.shared.latest.allSatisfy { $0.quality == .timeout })
        #expect(SmallPlant.plant.tags[0].text(of: rig.shared.latest[0], texts: [:]) == nil)
        #expect(rig.transitions.all.map { SmallPlant.plant.alarms[$0.alarm].name } == ["comms:F-01"])
        // Lost again is no news; back is.
        rig.lose(.timeout)
        #expect(rig.transitions.all.count == 1)
        rig.scan(1450)
        #expect(rig.transitions.all.map(\.event.what) == [.raise, .clear])
    }

    @Test func anAlarmRaisesWithTheTimesOfItsReading() throws {
        let rig = Rig()
        rig.scan(1450)
        rig.clock.advance(.seconds(1))
        rig.scan(1490)
        let raise = try #require(rig.transitions.all.last)
        #expect(raise.event.what == .raise)
        #expect(raise.event.annunciated)
        #expect(raise.sourceTime == rig.clock.wall() / 1_000_000)
        #expect(raise.receivedTime == raise.sourceTime + 1)
        #expect(raise.effectiveTime == raise.sourceTime)
        #expect(raise.state == rig.shared.alarms[0])
    }

    @Test func aBadReadingNeitherRaisesNorClears() {
        let rig = Rig()
        rig.scan(1490)
        #expect(rig.transitions.all.count == 1)
        rig.clock.advance(.seconds(1))
        rig.scan(0, quality: .notANumber)
        rig.lose(.disconnected)
        #expect(rig.shared.alarms[0].core == .unack)
        #expect(rig.transitions.all.filter { $0.alarm == 0 }.count == 1)
    }

    @Test func aConditionOnAnotherTagIsHonoured() {
        let rig = Rig()
        rig.scan(1490, phase: 50)
        #expect(rig.transitions.all.isEmpty)
        rig.clock.advance(.seconds(1))
        // The phase comes behind the temperature in the same block, and counts for it.
        rig.scan(1490, phase: 70)
        #expect(rig.transitions.all.map(\.event.what) == [.raise])
    }

    @Test func blocksReachTheRecorderAsTheyCame() {
        let rig = Rig()
        rig.scan(1450)
        let cells = rig.recorderRing.available()
        #expect(cells == ScanHeader.cells + 4)
        #expect(ScanHeader(rig.recorderRing.peek(0), rig.recorderRing.peek(1), rig.recorderRing.peek(2)).sequence == 1)
        #expect(RawReading(rig.recorderRing.peek(3)).bits == UInt64(Float(1450).bitPattern))
    }

    @Test func aFullRecorderRingIsCountedAndToldOnceATurn() {
        let rig = Rig(recorderCells: 16)
        for _ in 0..<5 { rig.scan(1450) }
        rig.turn()
        rig.turn()
        guard case .recorderOverflow(let blocks, let cells) = rig.notices.all.first else {
            Issue.record("no overflow told")
            return
        }
        #expect(blocks == 3)
        #expect(cells == 21)
        #expect(rig.notices.all.count == 1)
    }

    @Test func aStepOfTheClockIsToldAndDelaysNothing() throws {
        let rig = Rig()
        rig.scan(1450)
        rig.clock.stepWall(.seconds(-3600))
        rig.turn()
        guard case .clockStep(let milliseconds) = rig.notices.all.first else {
            Issue.record("no step told")
            return
        }
        #expect(milliseconds == -3_600_000)
        rig.clock.advance(.seconds(1))
        rig.scan(1490)
        let raise = try #require(rig.transitions.all.last)
        #expect(raise.effectiveTime == rig.clock.wall() / 1_000_000)
    }

    @Test func acknowledgingNamesTheOccurrence() {
        let rig = Rig()
        rig.scan(1490)
        let state = rig.shared.alarms[0]
        #expect(
            rig.loop.obey(
                .acknowledge(alarm: 0, occurrence: state.occurrence, revision: state.revision + 1, who: "alice"),
                &rig.shared)
                == .stale)
        #expect(
            rig.loop.obey(
                .acknowledge(alarm: 0, occurrence: state.occurrence, revision: state.revision, who: "alice"),
                &rig.shared)
                == .ok)
        rig.loop.flush()
        #expect(rig.transitions.all.last?.event.who == "alice")
        #expect(rig.loop.obey(.reset(alarm: 0, who: "alice"), &rig.shared) == .refused)
    }

    @Test func theThreadDrainsEverythingBeforeItStops() throws {
        let ring = Ring<Cell>(capacity: 4096)
        let recorder = Ring<Cell>(capacity: 4096)
        var producer = ring.producer
        let collected = Collected<AlarmTransition>()
        let doorbell = Doorbell()
        let watch = Watch(
            plant: SmallPlant.plant, states: [:], lines: [LineInput(line: 0, consumer: ring.consumer)],
            recorder: recorder.producer, recorderDoorbell: Doorbell(), batchCells: 1 << 30, doorbell: doorbell,
            outputs: .init(transitions: { collected.add($0) }, notice: { _ in }))
        try watch.start()
        for sequence in 1...100 {
            let header = ScanHeader(
                sequence: UInt64(sequence), group: 0, count: 1, sent: Int64(sequence) * 1_000_000_000,
                replied: Int64(sequence) * 1_000_000_000, wallOffset: 0)
            let cells = [header.cell0, header.cell1, header.cell2, RawReading(bits: 70, slot: 1, quality: .good).cell]
            let published = cells.withUnsafeBufferPointer { producer.publish($0) }
            #expect(published)
            doorbell.ring()
        }
        watch.stop()
        let taken = watch.ask(.reset(alarm: 0, who: "late")) { _ in }
        #expect(!taken, "nobody would answer it")
        #expect(watch.readings == 100)
        #expect(watch.snapshot().latest[1].bits == 70)
    }
}
