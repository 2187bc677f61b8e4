import Archive
import Detection
import Plant
import Replay
import Testing

/// Nothing in a history says how Cupel itself did.
struct HealthAlarmTests {
    private static let plant: Plant = {
        let parts: [Subsystem] = [.sink("pager"), .journal]
        return Plant(
            name: "files", site: "test", timeZone: "UTC", controllers: [], groups: [], tags: [],
            alarms: parts.enumerated().map { id, part in
                AlarmDefinition(
                    id: id, name: part.alarmName, rule: part.rule, tag: nil,
                    detector: .health(part, priority: .high),
                    qualification: Qualification(maxGap: .zero), handling: Handling(reAlarm: .seconds(60)))
            })
    }()

    @Test func anAlarmOnCupelNeitherStandsNorObeysInAReplay() throws {
        let past = Resumption(core: .unack, level: .fault, priority: .high, occurrence: 3, revision: 0, raisedAt: 0)
        let standing = AlarmState(resuming: past, Self.plant.alarms[0])
        let note = Note(who: "kim", why: "because")
        var replay = Replay(
            Self.plant, states: ["sink:pager": standing],
            moments: [
                RecordedMoment(time: 10, .command(alarm: "sink:pager", .acknowledgeWhatStands, by: note)),
                RecordedMoment(time: 20, .command(alarm: "storage:journal", .exactly(.test), by: note)),
                RecordedMoment(time: 30, .started),
            ])
        replay.finish(at: 1_000_000)
        #expect(replay.takeEvents().isEmpty)
    }
}
