import Detection
import Historian
import Journal
import Plant
import Ring
import Synchronization
import Testing
import Watch

@testable import Daemon

@Suite struct SelfWatchTests {
    /// What is seen at a second of the monotonic clock.
    private struct Looker {
        var selfWatch = SelfWatch()

        mutating func look(
            _ second: Int64, _ change: (inout RecorderStatus, inout JournalStatus) -> Void = { _, _ in }
        ) -> SelfWatch.Faults {
            var (recorder, journal) = (RecorderStatus(), JournalStatus())
            change(&recorder, &journal)
            return selfWatch.look(sinks: [], recorder: recorder, journal: journal, at: second * 1_000_000_000)
        }
    }

    @Test func `what works has no fault`() {
        var looker = Looker()
        let faults = looker.look(1)
        #expect(faults.history == nil && faults.log == nil && faults.journal == nil)
    }

    @Test func `each part says its own words`() {
        var looker = Looker()
        let faults = looker.look(1) { recorder, journal in
            recorder.lastError = "disk full"
            recorder.logWarning = "300 MB"
            journal.lastError = "locked"
        }
        #expect(faults.history == "disk full" && faults.log == "300 MB" && faults.journal == "locked")
        #expect(looker.look(2).history == nil, "an error that is over is no loss")
    }

    @Test func `sinks are handed on, those that work too`() {
        var selfWatch = SelfWatch()
        let faults = selfWatch.look(
            sinks: [("floor", nil), ("pager", "exit 75")], recorder: RecorderStatus(), journal: JournalStatus(), at: 0)
        #expect(faults.sinks.map(\.name) == ["floor", "pager"])
        #expect(faults.sinks.map(\.fault) == [nil, "exit 75"])
    }

    private static let losses: [@Sendable (inout RecorderStatus) -> Void] = [
        { $0.refusedBlocks = 1 }, { $0.missingScans = 1 }, { $0.incompleteScans = 1 }, { $0.refusedEvents = 1 },
    ]

    @Test(arguments: losses.indices)
    func `one loss is a fault for half a minute`(kind: Int) {
        var looker = Looker()
        let change = Self.losses[kind]
        #expect(looker.look(100) { recorder, _ in change(&recorder) }.history == "it is too slow, readings are lost")
        #expect(looker.look(129) { recorder, _ in change(&recorder) }.history != nil)
        #expect(looker.look(130) { recorder, _ in change(&recorder) }.history == nil)
    }

    @Test func `lost events are the journal's`() {
        var looker = Looker()
        #expect(looker.look(1) { $1.lost = 3 }.journal == "it is too slow, events are lost")
        #expect(looker.look(20) { $1.lost = 4 }.history == nil)
        #expect(looker.look(49) { $1.lost = 4 }.journal != nil, "it rose again")
        #expect(looker.look(50) { $1.lost = 4 }.journal == nil)
    }

    @Test func `an error says more than a loss`() {
        var looker = Looker()
        let faults = looker.look(1) { recorder, _ in (recorder.lastError, recorder.refusedBlocks) = ("disk full", 9) }
        #expect(faults.history == "disk full")
    }

    @Test func `a counter that begins anew is no loss`() {
        var looker = Looker()
        _ = looker.look(1) { recorder, _ in recorder.refusedBlocks = 9 }
        #expect(looker.look(100) { recorder, _ in recorder.refusedBlocks = 0 }.history == nil)
        #expect(looker.look(101) { recorder, _ in recorder.refusedBlocks = 1 }.history != nil)
    }

    @Test func `a single loss outlasts the delay of its alarm`() {
        #expect(SelfWatch.lossStands > .seconds(10), "as BuiltInAlarmsTests has it")
    }

    // MARK: To the alarms

    @Test func `every fault reaches the watch`() {
        let parts: [Subsystem] = [.history, .historyLog, .journal, .sink("pager")]
        let plant = Plant(
            name: "Test", site: "T", timeZone: "UTC", controllers: [], groups: [], tags: [],
            alarms: parts.enumerated().map { id, part in
                AlarmDefinition(
                    id: id, name: part.alarmName, rule: part.rule, tag: nil,
                    detector: .health(part, priority: .low), qualification: Qualification(maxGap: .zero))
            })
        let told = Mutex<[String]>([])
        let recorder = Ring<Cell>(capacity: 64)
        let watch = Watch(
            plant: plant, states: [:], lines: [], recorder: recorder.producer,
            recorderDoorbell: Doorbell(), batchCells: 64, doorbell: Doorbell(),
            outputs: .init(
                news: { news in
                    told.withLock {
                        $0 += news.transitions.map { "\(plant.alarms[$0.alarm].name) \($0.event.detail ?? "-")" }
                    }
                }, notice: { _ in }))
        SelfWatch.Faults(sinks: [("pager", "exit 75")], history: "h", log: "l", journal: "j").report(to: watch)
        // A watch that has just begun takes what was reported before it ends.
        #expect(throws: Never.self) { try watch.start() }
        watch.stop()
        #expect(
            told.withLock { $0 } == ["storage:history h", "storage:log l", "storage:journal j", "sink:pager exit 75"])
    }
}
