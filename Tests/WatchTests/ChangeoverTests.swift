import Detection
import Plant
import struct Plant.Tag
import Ring
import Testing

@testable import Watch

/// The watch goes on with another plant between two blocks.
struct ChangeoverTests {
    fileprivate static let mark = ScanHeader(sequence: 1, group: 77, sent: 0, replied: 0, wallOffset: 0)

    /// The small plant behind another controller, so that every number has moved.
    fileprivate static func moved(
        limit: Double = 1480, scale: Double = 1, address: UInt16 = 502, without alarm: String? = nil
    ) -> Plant {
        let small = SmallPlant.plant
        let first = Controller(id: 0, name: "E-01", endpoint: Endpoint(host: "127.0.0.1", port: 504), unit: 1)
        let second = Controller(
            id: 1, name: "F-01", endpoint: Endpoint(host: "127.0.0.1", port: address), unit: 1, timeout: .seconds(1))
        let level = Tag(
            id: 0, name: "E-01.level", localName: "level", controller: 0,
            registers: RegisterRange(table: .holding, start: 0, count: 1), type: .uint16, group: 0, slot: 0)
        let tags = small.tags.map { tag in
            Tag(
                id: tag.id + 1, name: tag.name, localName: tag.localName, unit: tag.unit, controller: 1,
                registers: tag.registers, type: tag.type, scale: tag.id == 0 ? scale : 1, group: 1, slot: tag.slot)
        }
        let alarms = [
            AlarmDefinition(
                id: 0, name: "comms:E-01", rule: "comms", tag: nil, detector: .comms(0, priority: .high),
                qualification: Qualification(maxGap: .zero)),
            AlarmDefinition(
                id: 1, name: "comms:F-01", rule: "comms", tag: nil, detector: .comms(1, priority: .high),
                qualification: Qualification(maxGap: .zero)),
            AlarmDefinition(
                id: 2, name: "high:F-01.melt_temp", rule: "high", tag: 1,
                detector: .levels(
                    Levels([AlarmLimit(level: .high, limit: limit, priority: .high, deadband: 5)], isAbove: true)),
                qualification: Qualification(maxGap: .seconds(3)),
                activity: Activity(when: Logic(text: "F-01.phase == 70", root: .isOne(2, of: [70]))),
                rationale: Rationale(guidance: "new words are no new alarm")),
        ]
        return Plant(
            name: "Test", site: "T", timeZone: "UTC", controllers: [first, second],
            groups: [
                ScanGroup(id: 0, controller: 0, scan: "fast", name: "E-01/fast", period: .seconds(1), tags: [0]),
                ScanGroup(id: 1, controller: 1, scan: "fast", name: "F-01/fast", period: .seconds(1), tags: [1, 2, 3]),
            ],
            tags: [level] + tags, alarms: alarms.filter { $0.name != alarm })
    }

    @discardableResult
    private func change(_ rig: Rig, to plant: Plant, mark: ScanHeader? = mark) -> Bool {
        let old = rig.shared.plant
        let change = Changeover(
            from: old, to: plant, lines: [.init(rig.input, born: SmallPlant.plant, in: plant)], mark: mark,
            batchCells: 1 << 30)
        let done = rig.loop.changeOver(change, &rig.shared)
        rig.loop.flush()
        return done
    }

    // MARK: What is taken over

    @Test func readingsAndTextsGoOnUnderTheirNewNumbers() {
        let rig = Rig()
        rig.scan(1450, heat: "H-7")
        let before = rig.shared.latest
        change(rig, to: Self.moved())
        #expect(rig.shared.latest == [.neverRead] + before)
        #expect(rig.shared.texts == [3: "H-7"])
        #expect(rig.shared.plant.tags.count == 4)
    }

    @Test func aTagWhoseBitsMeanSomethingElseBeginsAnew() {
        for plant in [Self.moved(scale: 0.1), Self.moved(address: 599)] {
            let rig = Rig()
            rig.scan(1450)
            change(rig, to: plant)
            #expect(rig.shared.latest[1] == .neverRead)
        }
    }

    @Test func anAlarmWithTheSameDefinitionNoticesNothing() {
        let rig = Rig()
        rig.scan(1490)
        let before = rig.shared.alarms.states[0]
        #expect(before.core == .unack)
        change(rig, to: Self.moved())
        #expect(rig.shared.alarms.states[2] == before)
        #expect(rig.transitions.all.map(\.event.what) == [.raise])
        rig.clock.advance(.seconds(1))
        rig.block(1, sequence: 9, [RawReading(bits: UInt64(Float(1400).bitPattern), slot: 0, quality: .good)])
        #expect(rig.transitions.all.map(\.event.what) == [.raise, .clear])
        #expect(rig.transitions.all.last?.alarm == 2)
    }

    @Test func anAlarmWithAnotherLimitKeepsWhatOperatorsKnow() {
        let rig = Rig()
        rig.scan(1490)
        change(rig, to: Self.moved(limit: 1485))
        #expect(rig.shared.alarms.states[2].core == .unack)
        #expect(rig.shared.alarms.states[2].occurrence == 1)
        #expect(rig.transitions.all.map(\.event.what) == [.raise, .restored])
        #expect(rig.transitions.all.last?.alarm == 2)
    }

    @Test func aRunningDelayGoesOn() {
        let rig = Rig(Self.delayed(SmallPlant.plant))
        rig.scan(1490)
        rig.clock.advance(.seconds(6))
        rig.scan(1490)
        #expect(rig.transitions.all.isEmpty)
        let change = Changeover(
            from: rig.shared.plant, to: Self.delayed(Self.moved()),
            lines: [.init(rig.input, born: SmallPlant.plant, in: Self.moved())], mark: nil, batchCells: 1 << 30)
        let done = rig.loop.changeOver(change, &rig.shared)
        #expect(done)
        rig.clock.advance(.seconds(4))
        rig.block(
            1, sequence: 9,
            [
                RawReading(bits: UInt64(Float(1490).bitPattern), slot: 0, quality: .good),
                RawReading(bits: 70, slot: 1, quality: .good),
            ])
        #expect(rig.transitions.all.map(\.event.what) == [.raise], "ten seconds since the first sample")
    }

    /// The same plant, whose high alarms wait for ten seconds.
    private static func delayed(_ plant: Plant) -> Plant {
        Plant(
            name: plant.name, site: plant.site, timeZone: plant.timeZone, controllers: plant.controllers,
            groups: plant.groups, tags: plant.tags,
            alarms: plant.alarms.map { alarm in
                guard alarm.rule == "high" else { return alarm }
                return AlarmDefinition(
                    id: alarm.id, name: alarm.name, rule: alarm.rule, tag: alarm.tag, detector: alarm.detector,
                    qualification: Qualification(onDelay: .seconds(10), maxGap: .seconds(30)), activity: alarm.activity)
            })
    }

    @Test func aLostControllerStaysLostUntilItComesBack() {
        let rig = Rig()
        rig.lose(.timeout)
        change(rig, to: Self.moved())
        rig.block(1, sequence: 8, [], loss: .timeout)
        #expect(rig.transitions.all.filter { $0.event.what != .suppress }.map(\.event.what) == [.raise])
        rig.clock.advance(.seconds(1))
        rig.block(1, sequence: 9, [RawReading(bits: 50, slot: 1, quality: .good)])
        #expect(rig.transitions.all.filter { $0.event.what != .suppress }.map(\.event.what) == [.raise, .clear])
        #expect(rig.transitions.all.last { $0.event.what == .clear }?.alarm == 1)
    }

    @Test func anOperatorWhoNamesAnAlarmThatIsGoneIsRefused() {
        let rig = Rig()
        rig.scan(1490)
        change(rig, to: Self.moved(without: "high:F-01.melt_temp"))
        let answer = rig.loop.obey(
            OperatorRequest(
                alarm: "high:F-01.melt_temp", command: .acknowledge(occurrence: 1, revision: 0),
                note: Note(who: "alice", why: "")), &rig.shared)
        #expect(answer == nil)
    }

    // MARK: The rings

    @Test func theMarkLiesBetweenTheNumbersAndAlwaysHasRoom() {
        // Room for one block of seven cells and the mark.
        let rig = Rig(recorderCells: 16)
        for _ in 0..<3 { rig.scan(1450) }
        let done = change(rig, to: Self.moved())
        #expect(done)
        #expect(rig.recordedHeaders().map(\.group) == [0, 77])
        rig.block(1, sequence: 9, [RawReading(bits: 50, slot: 1, quality: .good)])
        #expect(rig.recordedHeaders().map(\.group) == [1])
        // Without room nothing happens, and the old plant goes on.
        rig.scan(1450)
        while rig.loop.publish(mark: Self.mark) {}
        let refused = change(rig, to: SmallPlant.plant)
        #expect(!refused)
        #expect(rig.shared.plant.tags.count == 4)
    }

    @Test func aLineThatGoesOnIsRenumberedAndOneWithoutAGroupIsDropped() {
        let rig = Rig()
        var header = ScanHeader(sequence: 5, group: 0, count: 3, sent: 7, replied: 8, wallOffset: 9).cell0
        #expect(rig.input.renumber(&header))
        #expect(ScanHeader(header, Cell(), Cell()).group == 0)
        change(rig, to: Self.moved())
        #expect(rig.input.renumber(&header))
        let moved = ScanHeader(header, Cell(), Cell())
        #expect(moved.group == 1 && moved.count == 3 && moved.sequence == 5)
        var unknown = ScanHeader(sequence: 5, group: 4, sent: 7, replied: 8, wallOffset: 9).cell0
        #expect(!rig.input.renumber(&unknown))
    }

    @Test func aScanThatIsHalfHereIsComputedAllTheSame() {
        let plant = ComputedPlant.plant()
        let rig = Rig(plant)
        rig.block(0, sequence: 3, [ComputedPlant.voltage(3.6)], block: 0, blocks: 3)
        let change = Changeover(
            from: plant, to: plant, lines: [.init(rig.input, born: plant, in: plant)], mark: nil, batchCells: 1 << 30)
        let done = rig.loop.changeOver(change, &rig.shared)
        #expect(done)
        rig.block(0, sequence: 3, [ComputedPlant.current(10)], block: 1, blocks: 3)
        #expect(rig.number(ComputedPlant.resistance) == Double(Float(3.6)) - 1.6)
        #expect(rig.recorded().map(\.header.block) == [0, 1, 2])
    }

    /// Three lines: one that ends, one that goes on, one that begins.
    private final class Lines {
        let watch: Watch
        let change: Changeover
        var ending: RingProducer<Cell>
        var goingOn: RingProducer<Cell>
        var beginning: RingProducer<Cell>
        private var recorder: RingConsumer<Cell>

        init() {
            let old = Ring<Cell>(capacity: 64)
            let kept = Ring<Cell>(capacity: 64)
            let new = Ring<Cell>(capacity: 64)
            let recorder = Ring<Cell>(capacity: 1024)
            let born = ChangeoverTests.moved()
            let inputs = [
                LineInput(name: "ending", consumer: old.consumer), LineInput(name: "kept", consumer: kept.consumer),
            ]
            watch = Watch(
                plant: born, states: [:], lines: inputs, recorder: recorder.producer, recorderDoorbell: Doorbell(),
                batchCells: 1 << 30, doorbell: Doorbell(), outputs: .init(news: { _ in }, notice: { _ in }))
            change = Changeover(
                from: born, to: SmallPlant.plant,
                lines: [
                    .init(inputs[1], born: born, in: SmallPlant.plant),
                    .init(LineInput(name: "new", consumer: new.consumer)),
                ], mark: ChangeoverTests.mark, batchCells: 1 << 30)
            ending = old.producer
            goingOn = kept.producer
            beginning = new.producer
            self.recorder = recorder.consumer
        }

        static func publish(_ producer: inout RingProducer<Cell>, group: Int, _ sequence: UInt64) {
            let header = ScanHeader(
                sequence: sequence, group: group, sent: 1_000_000, replied: 1_000_000, wallOffset: 0)
            let published = [header.cell0, header.cell1, header.cell2].withUnsafeBufferPointer { producer.publish($0) }
            #expect(published)
        }

        /// Group and sequence of what the recorder gets.
        func recorded() -> [[UInt64]] {
            var seen: [[UInt64]] = []
            while recorder.available() > 0 {
                let header = ScanHeader(recorder.peek(0), recorder.peek(1), recorder.peek(2))
                recorder.skip(ScanHeader.cells)
                seen.append([UInt64(header.group), header.sequence])
            }
            return seen
        }
    }

    @Test func whatAnEndedLineLeftIsUsedUpBeforeTheChange() {
        let lines = Lines()
        Lines.publish(&lines.ending, group: 0, 1)
        // What a line made for the new plant says before the change waits in its ring.
        Lines.publish(&lines.beginning, group: 0, 7)
        let (done, _) = lines.watch.perform(lines.change)
        #expect(done)
        #expect(lines.recorded() == [[0, 1], [77, 1]])
    }

    @Test func theThreadChangesOverWhenAsked() throws {
        let lines = Lines()
        try lines.watch.start()
        Lines.publish(&lines.beginning, group: 0, 7)
        #expect(lines.watch.changeOver(lines.change))
        Lines.publish(&lines.goingOn, group: 1, 4)
        lines.watch.stop()
        #expect(!lines.watch.changeOver(lines.change), "it has ended")
        let seen = lines.recorded()
        #expect(seen.first == [77, 1])
        #expect(Set(seen.dropFirst()) == [[0, 7], [0, 4]])
        #expect(lines.watch.snapshot().plant.tags.count == 3)
    }
}

extension Rig {
    /// The headers of everything in the recorder's ring.
    func recordedHeaders() -> [ScanHeader] {
        var headers: [ScanHeader] = []
        while recorderRing.available() > 0 {
            let header = ScanHeader(recorderRing.peek(0), recorderRing.peek(1), recorderRing.peek(2))
            recorderRing.skip(ScanHeader.cells + Int(header.count))
            headers.append(header)
        }
        return headers
    }
}
