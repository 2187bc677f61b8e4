import Detection
import Foundation
import Plant
import Testing

@Suite struct RestartTests {
    /// The alarm as the journal would bring it back.
    private func reloaded(_ alarm: Alarm, at time: Int64, with definition: AlarmDefinition? = nil) throws -> Alarm {
        var again = Alarm(definition ?? alarm.definition)
        again.state = try JSONDecoder().decode(AlarmState.self, from: JSONEncoder().encode(alarm.state))
        again.take(.restart(time: time))
        return again
    }

    @Test func `acknowledgement and occurrence outlive the daemon`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        alarm.acknowledge(2)
        var again = try reloaded(alarm, at: 1000)
        #expect(again.state.core == .acked && again.state.level == .highHigh)
        #expect(brief(again.events) == ["restored@1000:1.0"])
        #expect(!again.events[0].annunciated)
        #expect(again.acknowledge(1001) == .already)
        again.sample(1002, 14)
        #expect(again.events.count == 1)
    }

    @Test func `a quiet alarm comes back without a word`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 5)
        #expect(try reloaded(alarm, at: 1000).events.isEmpty)
    }

    @Test func `nothing is decided before the first good sample`() throws {
        var alarm = Alarm(.high(on: 4))
        alarm.sample(1, 11)
        alarm.sample(3, 11)
        var again = try reloaded(alarm, at: 1000)
        again.tick(1100)
        again.sample(1101, 5, .neverRead)
        #expect(again.events.isEmpty)
        #expect(nextDue(again.definition, again.state) == nil)
        again.sample(1200, 11)
        again.tick(1204)
        #expect(brief(again.events) == ["raise@1204:1.0"])
    }

    @Test func `the deadband outlives the daemon`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        var again = try reloaded(alarm, at: 1000)
        again.sample(1001, 12)
        #expect(again.state.level == .highHigh)
        again.sample(1002, 9)
        again.sample(1003, 8.9)
        #expect(brief(again.events) == ["restored@1000:1.0", "level-down@1002:1.0", "clear@1003:1.0"])
        #expect(again.events.last?.duringOutage == false)
    }

    @Test func `a value that was only about to be an alarm is judged afresh`() throws {
        var alarm = Alarm(.high(on: 4))
        alarm.sample(1, 11)
        var again = try reloaded(alarm, at: 1000)
        #expect(again.state.evidence.verdict == nil && again.state.evidence.lastGood == nil)
        again.sample(1001, 9.5)
        #expect(again.state.evidence.verdict == false)
    }

    @Test func `a condition that ended unseen clears after its off-delay, marked`() throws {
        var alarm = Alarm(.high(off: 4))
        alarm.sample(1, 11)
        var again = try reloaded(alarm, at: 1000)
        again.sample(1001, 5)
        again.tick(1005)
        #expect(brief(again.events) == ["restored@1000:1.0", "clear@1005:1.0"])
        #expect(again.events[1].duringOutage)
        again.sample(1006, 11)
        again.sample(1007, 5)
        again.tick(1011)
        #expect(again.events.last?.what == .clear && again.events.last?.duringOutage == false)
    }

    @Test func `a clock that was set back between two runs stops nothing`() throws {
        var alarm = Alarm(.high())
        alarm.sample(5000, 11)
        var again = try reloaded(alarm, at: 100)
        again.sample(101, 5)
        #expect(brief(again.events) == ["restored@100:1.0", "clear@101:1.0"])
    }

    @Test func `edited limits leave occurrence, acknowledgement and latch alone`() throws {
        var alarm = Alarm(.high(latching: true))
        alarm.sample(1, 14)
        alarm.acknowledge(2)
        var again = try reloaded(alarm, at: 1000, with: .high(highHigh: nil))
        #expect(again.state.core == .acked && again.state.latched && again.state.occurrence == 1)
        #expect(again.state.level == .high && again.state.topLevel == .high)
        again.sample(1001, 11)
        #expect(again.events.count == 1)
        again.sample(1002, 5)
        #expect(again.state.core == .latak)
    }
}
