import Plant
import Testing

@testable import Detection

@Suite struct MovedStateTests {
    @Test func everyTimeIsMovedAndNothingElse() {
        let definition = AlarmDefinition.high(
            on: 0, off: 3000, gap: 60_000, handling: Handling(reAlarm: .seconds(600), maxShelve: .seconds(3600)))
        var alarm = Alarm(definition)
        alarm.sample(1000, 11)
        alarm.sample(2000, 5)
        alarm.order(2500, .shelve(for: .seconds(60), oneShot: false))
        alarm.order(2600, .takeOutOfService(permit: "P-7", review: 99))
        let moved = alarm.state.moved(by: 3_600_000)
        #expect(moved.raisedAt == 3_601_000 && moved.evidence.lastGood == 3_602_000)
        #expect(moved.shelf?.until == 3_662_500 && moved.evidence.since == 3_602_000)
        #expect(moved.outOfService?.since == 3_602_600 && moved.outOfService?.review == 99)
        #expect(moved.moved(by: -3_600_000) == alarm.state)
        #expect(alarm.state.moved(by: 0) == alarm.state)
    }
}
