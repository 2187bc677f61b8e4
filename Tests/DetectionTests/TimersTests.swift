import Plant
import Testing

@testable import Detection

@Suite struct TimersTests {
    @Test func `a delay takes effect when it ends, whoever looks and when`() {
        for looks in [[6], [7], [4, 5, 6, 7], [9]] as [[Int64]] {
            var alarm = Alarm(.high(on: 4))
            alarm.sample(2, 11)
            #expect(nextDue(alarm.definition, alarm.state) == 6)
            for time in looks { alarm.tick(time) }
            #expect(brief(alarm.events) == ["raise!@6:1.0"])
            #expect(alarm.events.first?.time == looks.first { $0 >= 6 })
            #expect(nextDue(alarm.definition, alarm.state) == nil)
        }
    }

    @Test func `at one moment the shelf ends before the clear`() {
        var alarm = Alarm(.high(off: 5))
        alarm.sample(1, 11)
        alarm.order(2, .shelve(for: .milliseconds(8), oneShot: false))
        alarm.sample(5, 5)
        alarm.tick(20)
        #expect(
            brief(alarm.events.dropFirst(2)) == [
                "shelf-expired@10:1.0", "superseded@10:1.0", "raise-exit!@10:2.0", "clear@10:2.0",
            ])
    }

    @Test func `at one moment the shelf ends before the raise`() {
        var alarm = Alarm(.high(on: 5))
        alarm.order(2, .shelve(for: .milliseconds(8), oneShot: false))
        alarm.sample(5, 11)
        alarm.tick(20)
        #expect(brief(alarm.events.dropFirst()) == ["shelf-expired@10:0.0", "raise!@10:1.0"])
    }

    @Test func `at one moment the clear comes before the re-alarm`() {
        var alarm = Alarm(.high(off: 5, handling: Handling(reAlarm: .milliseconds(9))))
        alarm.sample(1, 11)
        alarm.sample(5, 5)
        alarm.tick(20)
        #expect(brief(alarm.events.dropFirst()) == ["clear@10:1.0"])
    }

    @Test func `timers that ended long ago run in the order in which they ended`() {
        var alarm = Alarm(.high(off: 3, handling: Handling(reAlarm: .milliseconds(4))))
        alarm.sample(1, 11)
        alarm.sample(8, 11)
        alarm.sample(11, 5)
        alarm.tick(1000)
        #expect(
            brief(alarm.events) == [
                "raise!@1:1.0", "re-alarm!@5:1.1", "re-alarm!@9:1.2", "re-alarm!@13:1.3", "clear@14:1.3",
            ])
    }

    @Test func `a re-alarm asks again, and counts from the last time it was told`() {
        var alarm = Alarm(.high(handling: Handling(reAlarm: .milliseconds(10))))
        alarm.sample(0, 11)
        alarm.acknowledge(5)
        alarm.sample(6, 14)
        #expect(nextDue(alarm.definition, alarm.state) == 16)
        alarm.acknowledge(7)
        alarm.tick(16)
        #expect(alarm.state.core == .unack && alarm.state.revision == 2)
        #expect(nextDue(alarm.definition, alarm.state) == 26)
        alarm.sample(17, 5)
        #expect(nextDue(alarm.definition, alarm.state) == nil)
    }

    @Test func `an alarm that needs nobody is told again all the same`() {
        var alarm = Alarm(.high(handling: Handling(acknowledgement: .none, reAlarm: .milliseconds(10))))
        alarm.sample(0, 11)
        alarm.tick(10)
        #expect(brief(alarm.events) == ["raise!@0:1.0", "re-alarm!@10:1.1"] && alarm.state.core == .acked)
    }

    @Test(arguments: [0, -5] as [Int64])
    func `a re-alarm after nothing is none`(after: Int64) {
        var alarm = Alarm(.high(handling: Handling(reAlarm: .milliseconds(after))))
        alarm.sample(0, 11)
        alarm.tick(1000)
        #expect(brief(alarm.events) == ["raise!@0:1.0"])
    }

    @Test func `a verdict that comes due with the time without a value is no guess`() {
        var alarm = Alarm(.high(on: 4, onBad: .activate(after: .milliseconds(3))))
        alarm.sample(1, 11)
        alarm.sample(2, .nan, .timeout)
        alarm.tick(9)
        #expect(brief(alarm.events) == ["raise!@5:1.0"] && alarm.state.level == .high)
    }

    @Test func `an input from before the last one counts as of now`() {
        var alarm = Alarm(.high(on: 4))
        alarm.sample(10, 11)
        alarm.tick(14)
        alarm.sample(12, 5)
        #expect(brief(alarm.events) == ["raise!@14:1.0", "clear@14:1.0"])
    }
}
