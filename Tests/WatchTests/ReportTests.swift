import Detection
import Plant
import Ring
import Synchronization
import Testing

@testable import Watch

/// Reports of Cupel on itself, from other threads to the alarms.
struct ReportTests {
    private static let pager = Subsystem.sink("pager")

    /// The small plant with alarms on parts of Cupel behind its own.
    private static func plant(_ parts: [Subsystem], onDelay: Duration = .zero) -> Plant {
        let small = SmallPlant.plant
        let more = parts.enumerated().map { index, part in
            AlarmDefinition(
                id: small.alarms.count + index, name: part.alarmName, rule: part.rule, tag: nil,
                detector: .health(part, priority: .high),
                qualification: Qualification(onDelay: onDelay, maxGap: .zero))
        }
        return Plant(
            name: small.name, site: small.site, timeZone: small.timeZone, controllers: small.controllers,
            groups: small.groups, tags: small.tags, alarms: small.alarms + more)
    }

    private func names(_ rig: Rig) -> [String] {
        rig.transitions.all.map { "\($0.event.what.rawValue) \(rig.shared.plant.alarms[$0.alarm].name)" }
    }

    private func change(_ rig: Rig, to plant: Plant) {
        let change = Changeover(
            from: rig.shared.plant, to: plant, lines: [.init(rig.input, born: SmallPlant.plant, in: plant)], mark: nil,
            batchCells: 1 << 30)
        let done = rig.loop.changeOver(change, &rig.shared)
        #expect(done)
        rig.loop.flush()
    }

    // MARK: A turn

    @Test func aReportCountsAtTheTurnThatHearsIt() throws {
        let rig = Rig(Self.plant([Self.pager]))
        rig.clock.advance(.seconds(5))
        rig.turn(hearing: [Self.pager: "exit 75"])
        let told = try #require(rig.transitions.all.last)
        #expect(names(rig) == ["raise sink:pager"])
        #expect(told.event.detail == "exit 75" && told.told == .single)
        #expect(told.effectiveTime == rig.clock.wall() / 1_000_000)
        #expect(told.receivedTime == told.effectiveTime && told.sourceTime == told.effectiveTime)
        rig.clock.advance(.seconds(1))
        rig.turn(hearing: [Self.pager: nil])
        #expect(names(rig) == ["raise sink:pager", "clear sink:pager"])
    }

    @Test func aDelayEndsThoughNobodyReportsAndNothingIsScanned() {
        let rig = Rig(Self.plant([Self.pager], onDelay: .seconds(10)))
        rig.turn(hearing: [Self.pager: "exit 75"])
        for _ in 0..<39 {
            rig.clock.advance(.milliseconds(250))
            rig.turn()
        }
        #expect(rig.transitions.all.isEmpty)
        rig.clock.advance(.milliseconds(250))
        rig.turn()
        #expect(names(rig) == ["raise sink:pager"])
    }

    @Test func severalAreHeardInTheOrderOfTheirAlarms() {
        let rig = Rig(Self.plant([.history, Self.pager, .journal]))
        rig.turn(hearing: [.journal: "full", Self.pager: "exit 75", .history: "full", .sink("unknown"): "gone"])
        #expect(names(rig) == ["raise storage:history", "raise sink:pager", "raise storage:journal"])
        #expect(rig.loop.health.count == 3, "what has no alarm is not kept")
    }

    @Test func aStepOfTheClockDoesNotRipenIt() {
        let rig = Rig(Self.plant([Self.pager], onDelay: .seconds(10)))
        rig.turn(hearing: [Self.pager: "exit 75"])
        rig.clock.stepWall(.seconds(3600))
        rig.clock.advance(.seconds(9))
        rig.turn()
        #expect(rig.transitions.all.isEmpty)
        rig.clock.advance(.seconds(1))
        rig.turn()
        #expect(names(rig) == ["raise sink:pager"])
    }

    // MARK: Another plant

    @Test func anAlarmThatGoesOnNoticesNothingAndANewOneHearsTheFault() {
        let rig = Rig(Self.plant([Self.pager]))
        rig.turn(hearing: [Self.pager: "exit 75"])
        change(rig, to: Self.plant([.history, Self.pager]))
        rig.turn()
        #expect(rig.transitions.all.map(\.event.what) == [.raise])
        #expect(rig.shared.alarms.states[3].core == .unack)
        rig.turn(hearing: [.history: "full"])
        #expect(names(rig).last == "raise storage:history")
    }

    @Test func anAlarmWithAnotherDelayHearsThePresentFaultAgain() {
        let rig = Rig(Self.plant([Self.pager], onDelay: .seconds(60)))
        rig.turn(hearing: [Self.pager: "exit 75"])
        change(rig, to: Self.plant([Self.pager], onDelay: .seconds(5)))
        rig.clock.advance(.milliseconds(250))
        rig.turn()
        rig.clock.advance(.milliseconds(4999))
        rig.turn()
        #expect(rig.transitions.all.isEmpty)
        rig.clock.advance(.milliseconds(1))
        rig.turn()
        #expect(names(rig) == ["raise sink:pager"])
    }

    @Test func oneThatStandsAndIsChangedStandsOn() {
        let rig = Rig(Self.plant([Self.pager]))
        rig.turn(hearing: [Self.pager: "exit 75"])
        change(rig, to: Self.plant([Self.pager], onDelay: .seconds(5)))
        for _ in 0..<100 {
            rig.clock.advance(.milliseconds(250))
            rig.turn()
        }
        #expect(rig.transitions.all.map(\.event.what) == [.raise, .restored])
        #expect(rig.shared.alarms.states[2].core == .unack)
    }

    @Test func whatWasSaidOfASinkThatWentIsForgotten() {
        let rig = Rig(Self.plant([Self.pager]))
        rig.turn(hearing: [Self.pager: "exit 75"])
        change(rig, to: Self.plant([]))
        change(rig, to: Self.plant([Self.pager]))
        rig.turn()
        #expect(rig.shared.alarms.states[2].shown == "NORM")
        #expect(rig.transitions.all.map(\.event.what) == [.raise])
    }

    // MARK: Threads

    /// A watch on its own thread, that nobody gives readings.
    private struct Running {
        let watch: Watch
        let news = Collected<AlarmTransition>()
        let came = Doorbell()

        init(_ plant: Plant) {
            let recorder = Ring<Cell>(capacity: 1024)
            let (news, came) = (news, came)
            watch = Watch(
                plant: plant, states: [:], lines: [], recorder: recorder.producer, recorderDoorbell: Doorbell(),
                batchCells: 1 << 30, doorbell: Doorbell(),
                outputs: .init(
                    news: {
                        news.add($0.transitions)
                        came.ring()
                    }, notice: { _ in }))
        }

        /// Waits until something of the kind has happened, for a minute at most.
        func wait(for what: AlarmEvent.What) -> Bool {
            for _ in 0..<60 {
                came.listen()
                if news.all.contains(where: { $0.event.what == what }) { return true }
                came.wait(nanoseconds: 1_000_000_000)
            }
            return false
        }
    }

    @Test func aReportOfAnotherThreadRaisesAndClears() throws {
        let running = Running(Self.plant([Self.pager]))
        try running.watch.start()
        running.watch.report(Self.pager, fault: "exit 75")
        #expect(running.wait(for: .raise))
        #expect(running.news.all.last?.event.detail == "exit 75")
        running.watch.report(Self.pager, fault: nil)
        #expect(running.wait(for: .clear))
        running.watch.stop()
    }

    @Test func onlyTheNewestReportBeforeATurnCounts() throws {
        let running = Running(Self.plant([Self.pager]))
        running.watch.report(Self.pager, fault: "exit 75")
        running.watch.report(Self.pager, fault: nil)
        running.watch.report(.history, fault: "full")
        running.watch.turn(at: SystemClock().monotonic())
        #expect(running.news.all.isEmpty)
        running.watch.report(Self.pager, fault: nil)
        running.watch.report(Self.pager, fault: "exit 1")
        running.watch.turn(at: SystemClock().monotonic())
        #expect(running.news.all.map(\.event.detail) == ["exit 1"])
    }

    @Test func whatIsReportedIsBounded() throws {
        let running = Running(Self.plant([Self.pager]))
        for number in 0..<(2 * Watch.reportLimit) { running.watch.report(.sink("x\(number)"), fault: "gone") }
        running.watch.report(Self.pager, fault: "no room")
        running.watch.turn(at: SystemClock().monotonic())
        #expect(running.news.all.isEmpty)
        running.watch.report(Self.pager, fault: String(repeating: "\u{D55C}", count: 10_000))
        running.watch.turn(at: SystemClock().monotonic())
        #expect(running.news.all.first?.event.detail?.unicodeScalars.count == Watch.faultLimit)
    }

    @Test func whatIsFullStillTakesNewsOfWhatItHolds() throws {
        let running = Running(Self.plant([Self.pager]))
        running.watch.report(Self.pager, fault: nil)
        for number in 0..<(2 * Watch.reportLimit) { running.watch.report(.sink("x\(number)"), fault: "gone") }
        running.watch.report(Self.pager, fault: "exit 75")
        running.watch.turn(at: SystemClock().monotonic())
        #expect(running.news.all.map(\.event.detail) == ["exit 75"])
    }
}
