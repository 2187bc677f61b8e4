import Detection
import Plant
import Ring
import Testing

@testable import Watch

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
        #expect(raise.state == rig.shared.alarms.states[0])
    }

    @Test func aBadReadingNeitherRaisesNorClears() {
        let rig = Rig()
        rig.scan(1490)
        #expect(rig.transitions.all.count == 1)
        rig.clock.advance(.seconds(1))
        rig.scan(0, quality: .notANumber)
        rig.lose(.disconnected)
        #expect(rig.shared.alarms.states[0].core == .unack)
        #expect(rig.transitions.all.filter { $0.alarm == 0 }.count == 1)
    }

    @Test func aConditionOnAnotherTagIsHonoured() {
        let rig = Rig()
        rig.scan(1490, phase: 50)
        #expect(rig.transitions.all.allSatisfy { !$0.event.annunciated && $0.told == .none })
        rig.clock.advance(.seconds(1))
        // The phase comes behind the temperature in the same block, and counts for it.
        rig.scan(1490, phase: 70)
        #expect(
            rig.transitions.all.map(\.event.what) == [.suppress, .raiseSuppressed, .unsuppress, .raiseExit])
        #expect(rig.transitions.all.last?.told == .single)
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
        // Blocks of seven cells; the rest of the ring is kept for a change of the plant.
        #expect(blocks == 4)
        #expect(cells == 28)
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
        let state = rig.shared.alarms.states[0]
        func order(_ command: AlarmCommand, of alarm: String = "high:F-01.melt_temp") -> AlarmAnswer? {
            rig.loop.obey(
                OperatorRequest(alarm: alarm, command: command, note: Note(who: "alice", why: "seen")), &rig.shared)
        }
        let (occurrence, revision) = (state.occurrence, state.revision)
        #expect(order(.acknowledge(occurrence: occurrence, revision: revision + 1)) == .stale)
        #expect(order(.acknowledge(occurrence: occurrence, revision: revision)) == .ok)
        #expect(order(.reset) == .refused(.notLatched))
        #expect(order(.reset, of: "gone:F-01.melt_temp") == nil)
        rig.loop.flush()
        #expect(rig.transitions.all.last?.event.note == Note(who: "alice", why: "seen"))
        // Also what was not done is told, with what it was done to.
        #expect(rig.actions.all.map(\.answer) == [.stale, .ok, .refused(.notLatched)])
        #expect(
            rig.actions.all.map { [$0.before.core, $0.after.core] } == [
                [.unack, .unack], [.unack, .acked], [.acked, .acked],
            ])
    }

    @Test func theThreadDrainsEverythingBeforeItStops() throws {
        let ring = Ring<Cell>(capacity: 4096)
        let recorder = Ring<Cell>(capacity: 4096)
        var producer = ring.producer
        let collected = Collected<AlarmTransition>()
        let doorbell = Doorbell()
        let watch = Watch(
            plant: SmallPlant.plant, states: [:], lines: [LineInput(name: "127.0.0.1:502", consumer: ring.consumer)],
            recorder: recorder.producer, recorderDoorbell: Doorbell(), batchCells: 1 << 30, doorbell: doorbell,
            outputs: .init(news: { collected.add($0.transitions) }, notice: { _ in }))
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
        let taken = watch.ask(
            OperatorRequest(alarm: "high:F-01.melt_temp", command: .reset, note: Note(who: "late", why: ""))
        ) { _ in }
        #expect(!taken, "nobody would answer it")
        #expect(watch.readings == 100)
        #expect(watch.snapshot().latest[1].bits == 70)
    }
}
