import Archive
import Detection
import Historian
import Plant
import struct Plant.Tag
import Testing

@testable import Replay

/// What the watch finds out because it looks at its timers while nothing comes.
@Suite struct IdleWatchTests {
    /// A slow controller with a delayed alarm, a fast one that is lost, and an alarm that wants the first without the
    /// second.
    static let plant: Plant = {
        func controller(_ id: Int) -> Controller {
            Controller(id: id, name: "C\(id)", endpoint: Endpoint(host: "h", port: 502), unit: 1, timeout: .seconds(1))
        }
        func group(_ id: Int, _ period: Duration) -> ScanGroup {
            ScanGroup(id: id, controller: id, scan: "s", name: "C\(id)/s", period: period, tags: [id])
        }
        func tag(_ id: Int) -> Tag {
            Tag(
                id: id, name: "C\(id).t", localName: "t", controller: id, registers: nil, type: .float64, group: id,
                slot: 0)
        }
        let high = Levels([AlarmLimit(level: .high, limit: 5, priority: .high)], isAbove: true)
        let both = Logic(text: "high and not lost", root: .all([.alarm(0), .not(.alarm(1))]))
        return Plant(
            name: "idle", site: "test", timeZone: "UTC", controllers: [controller(0), controller(1)],
            groups: [group(0, .seconds(1)), group(1, .seconds(1))], tags: [tag(0), tag(1)],
            alarms: [
                AlarmDefinition(
                    id: 0, name: "high", rule: "r", tag: 0, detector: .levels(high),
                    qualification: Qualification(onDelay: .seconds(3), maxGap: .seconds(30))),
                AlarmDefinition(
                    id: 1, name: "comms:C1", rule: "comms", tag: nil, detector: .comms(1, priority: .high),
                    qualification: Qualification(maxGap: .zero)),
                AlarmDefinition(
                    id: 2, name: "both", rule: "r", tag: nil, detector: .test(.logic(both), priority: .high),
                    qualification: Qualification(maxGap: .zero)),
            ])
    }()

    /// The delay ends at 3 s. The watch finds that at 9.5 s, before the loss at 10 s; a replay has only the loss to go by.
    @Test func aTimerThatWasDueBeforeALossRunsOutBeforeIt() {
        let plant = IdleWatchTests.plant
        func scan(_ time: Int64, _ group: Int, _ value: Double) -> RecordedScan {
            RecordedScan(
                time: time, group: plant.groups[group].name, layout: Int64(group), tags: [group],
                readings: [RecordedReading(tag: group, quality: .good, bits: value.bitPattern, value: value)])
        }
        let loss = RecordedScan(time: 10_000, group: "C1/s", layout: 1, loss: .timeout, tags: [1])
        var live = Replay(plant)
        for scan in [scan(0, 0, 6), scan(10, 1, 0)] { live.take(scan) }
        live.finish(at: 9500)
        live.take(loss)
        live.finish(at: 20_000)
        var again = Replay(plant)
        for scan in [scan(0, 0, 6), scan(10, 1, 0), loss] { again.take(scan) }
        again.finish(at: 20_000)
        let events = again.takeEvents().sorted(by: ReplayEvent.isBefore)
        #expect(events == live.takeEvents().sorted(by: ReplayEvent.isBefore))
        #expect(events.contains { $0.alarm == "both" && $0.event == .raise && $0.time == 3000 })
    }

    /// The states outlive a restart, and what runs out meanwhile runs out when the daemon is back.
    @Test func theJournalsStateIsWhereARestartGoesOn() throws {
        let plant = IdleWatchTests.plant
        let past = Resumption(core: .unack, level: .high, limit: 5, priority: .high, occurrence: 4, revision: 2)
        let state = AlarmState(resuming: past, plant.alarms[0])
        var replay = Replay(
            plant, states: ["high": state],
            moments: [
                RecordedMoment(time: 1000, .started),
                RecordedMoment(
                    time: 2000,
                    .command(
                        alarm: "high", .exactly(.acknowledge(occurrence: 4, revision: 2)),
                        by: Note(who: "kim", why: ""))),
            ])
        replay.finish(at: 5000)
        let events = replay.takeEvents()
        #expect(events.map(\.event) == [.acknowledge])
        #expect(events.map(\.state) == ["ACKED"])
        #expect(events.map(\.occurrence) == [4] && events.map(\.revision) == [2])
    }
}
