import Detection
import Plant
import Testing

@Suite struct StepTests {
    @Test func `a raise is annunciated with its value, level, limit and priority`() throws {
        var alarm = Alarm(.high())
        let event = try #require(alarm.sample(100, 13.5).first)
        #expect(event.what == .raise && event.annunciated && event.core == .unack)
        #expect(event.level == .highHigh && event.limit == 13 && event.priority == .critical)
        #expect(event.value == 13.5 && event.quality == .good)
        #expect(event.effective == 100 && event.time == 100)
        #expect(alarm.state.raisedValue == 13.5 && alarm.state.raisedAt == 100)
    }

    @Test func `the life of an alarm that does not latch`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        #expect(alarm.state.core == .unack)
        #expect(alarm.acknowledge(2) == .ok)
        #expect(alarm.state.core == .acked)
        alarm.sample(3, 5)
        #expect(alarm.state.core == .norm)
        alarm.sample(4, 11)
        alarm.sample(5, 5)
        #expect(alarm.state.core == .rtnun)
        #expect(alarm.acknowledge(6) == .ok)
        #expect(alarm.state.core == .norm)
        #expect(
            brief(alarm.events) == [
                "raise@1:1.0", "ack@2:1.0", "clear@3:1.0", "raise@4:2.0", "clear@5:2.0", "ack@6:2.0",
            ])
        #expect(alarm.events.filter(\.annunciated).map(\.what) == [.raise, .raise])
        #expect(alarm.events[1].who == "kim")
    }

    @Test func `the life of an alarm that latches`() {
        var alarm = Alarm(.trip())
        #expect(alarm.reset(0) == .refused)
        alarm.sample(1, 1)
        #expect(alarm.reset(2) == .refused)
        alarm.sample(3, 0)
        #expect(alarm.state.core == .latun)
        #expect(alarm.reset(4) == .refused)
        alarm.sample(5, 1)
        #expect(alarm.state.core == .unack && alarm.state.occurrence == 1 && alarm.state.revision == 1)
        alarm.acknowledge(6)
        #expect(alarm.reset(7) == .refused)
        alarm.sample(8, 0)
        #expect(alarm.state.core == .latak)
        #expect(alarm.reset(9) == .ok)
        #expect(alarm.state.core == .norm)
        #expect(alarm.events.last?.what == .reset && alarm.events.last?.who == "kim")
        alarm.sample(10, 1)
        #expect(alarm.state.occurrence == 2 && alarm.state.revision == 0)
    }

    @Test func `an occurrence that nobody acknowledged is closed by the next`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.sample(2, 5)
        let events = alarm.sample(3, 11)
        #expect(brief(events) == ["superseded@3:1.0", "raise@3:2.0"])
        #expect(!events[0].annunciated && events[1].annunciated)
    }

    @Test func `an acknowledgement of anything but what is there changes nothing`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.sample(2, 14)
        #expect(alarm.state.revision == 1)
        let before = alarm.state
        #expect(alarm.acknowledge(2, 1, 0) == .stale)
        #expect(alarm.acknowledge(2, 0, 0) == .stale)
        #expect(alarm.acknowledge(2, 2, 0) == .stale)
        #expect(alarm.state == before)
        #expect(alarm.acknowledge(2, 1, 1) == .ok)
        #expect(alarm.acknowledge(2, 1, 1) == .already)
    }

    @Test func `a worse level must be seen again, a milder one not`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.acknowledge(1)
        let up = alarm.sample(2, 14)
        #expect(brief(up) == ["level-up@2:1.1"] && up[0].annunciated && up[0].limit == 13)
        #expect(alarm.state.core == .unack && alarm.state.level == .highHigh)
        alarm.acknowledge(2)
        let down = alarm.sample(3, 11)
        #expect(brief(down) == ["level-down@3:1.1"] && !down[0].annunciated && down[0].level == .high)
        #expect(alarm.state.core == .acked && alarm.state.topLevel == .highHigh)
    }

    @Test func `the worst level is that of the occurrence`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        alarm.sample(2, 5)
        #expect(alarm.state.topLevel == .highHigh)
        alarm.sample(3, 11)
        #expect(alarm.state.topLevel == .high)
        var latched = Alarm(.high(latching: true))
        latched.sample(1, 14)
        latched.sample(2, 5)
        latched.sample(3, 11)
        #expect(latched.state.occurrence == 1 && latched.state.topLevel == .highHigh)
    }

    @Test func `a clear names the level that was left`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        let clear = alarm.sample(2, 5)[0]
        #expect(clear.level == .highHigh && clear.limit == 13 && clear.value == 5)
        #expect(alarm.state.level == nil && alarm.state.clearedAt == 2)
    }

    // MARK: Delays

    @Test func `a delay takes effect when it ends, whoever looks and when`() {
        for looks in [[6], [7], [4, 5, 6, 7], [9]] as [[Int64]] {
            var alarm = Alarm(.high(on: 4))
            alarm.sample(2, 11)
            #expect(nextDue(alarm.definition, alarm.state) == 6)
            for time in looks { alarm.tick(time) }
            #expect(brief(alarm.events) == ["raise@6:1.0"])
            #expect(alarm.events[0].time == looks.first { $0 >= 6 })
            #expect(nextDue(alarm.definition, alarm.state) == nil)
        }
    }

    @Test func `a break in the run starts the on-delay again`() {
        var alarm = Alarm(.high(on: 4))
        alarm.sample(0, 11)
        alarm.sample(3, 5)
        alarm.sample(4, 11)
        alarm.sample(6, 11)
        #expect(alarm.events.isEmpty)
        alarm.sample(8, 11)
        #expect(brief(alarm.events) == ["raise@8:1.0"])
    }

    @Test func `the off-delay bridges a short return to normal`() {
        var alarm = Alarm(.high(off: 4))
        alarm.sample(0, 11)
        alarm.sample(2, 5)
        alarm.sample(4, 11)
        alarm.sample(6, 5)
        alarm.tick(9)
        #expect(brief(alarm.events) == ["raise@0:1.0"])
        alarm.tick(10)
        #expect(brief(alarm.events) == ["raise@0:1.0", "clear@10:1.0"])
    }

    @Test func `no delay ends on evidence that is older than the longest gap`() {
        var alarm = Alarm(.high(on: 8, gap: 5))
        alarm.sample(0, 11)
        #expect(nextDue(alarm.definition, alarm.state) == nil)
        alarm.tick(100)
        #expect(alarm.events.isEmpty)
        alarm.sample(106, 11)
        alarm.sample(110, 11)
        #expect(nextDue(alarm.definition, alarm.state) == 114)
        alarm.sample(113, .nan, .timeout)
        alarm.tick(114)
        #expect(brief(alarm.events) == ["raise@114:1.0"])
    }

    // MARK: What is not known

    @Test(arguments: [Quality.frozen, .stale, .timeout, .notANumber, .exception(4)])
    func `only a good sample is believed`(quality: Quality) {
        var alarm = Alarm(.high())
        alarm.sample(1, 14, quality)
        #expect(alarm.events.isEmpty && alarm.state.evidence.verdict == nil)
        alarm.sample(2, 11)
        alarm.sample(3, 5, quality)
        #expect(alarm.state.core == .unack && alarm.state.evidence.verdict == true)
        #expect(alarm.state.evidence.quality == quality && alarm.state.evidence.value == 11)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that is none is not believed, whatever its quality says`(value: Double) {
        var alarm = Alarm(.high())
        alarm.sample(1, value)
        alarm.sample(2, 11)
        alarm.sample(3, value)
        #expect(brief(alarm.events) == ["raise@2:1.0"])
    }

    @Test func `an unknown phase freezes, a wrong one is normal`() {
        var alarm = Alarm(.high(off: 2))
        alarm.sample(1, 11, enabled: nil)
        alarm.sample(2, 11, enabled: false)
        #expect(alarm.events.isEmpty)
        alarm.sample(3, 11, enabled: true)
        alarm.sample(4, 11, enabled: nil)
        #expect(brief(alarm.events) == ["raise@3:1.0"])
        alarm.sample(5, 11, enabled: false)
        alarm.sample(7, 11, enabled: false)
        #expect(brief(alarm.events) == ["raise@3:1.0", "clear@7:1.0"])
        #expect(alarm.state.core == .rtnun)
    }

    @Test func `coming back into the phase has no memory of the deadband`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.sample(2, 9.5, enabled: false)
        alarm.sample(3, 9.5)
        #expect(alarm.state.core == .rtnun)
    }

    // MARK: Communication

    @Test func `a lost controller raises with its cause and clears when it answers`() {
        var alarm = Alarm(.comms())
        alarm.take(.comms(time: 1, down: true, cause: .refused))
        alarm.take(.comms(time: 2, down: true, cause: .timeout))
        alarm.take(.comms(time: 3, down: false, cause: .good))
        #expect(brief(alarm.events) == ["raise@1:1.0", "clear@3:1.0"])
        #expect(alarm.events[0].quality == .refused && alarm.events[0].level == .comms)
        #expect(alarm.events[0].value == nil && alarm.events[0].limit == nil && alarm.events[0].priority == .high)
    }

    @Test func `the silence of a controller does not grow old`() {
        var alarm = Alarm(.comms(on: 1000))
        alarm.take(.comms(time: 1, down: true, cause: .timeout))
        #expect(nextDue(alarm.definition, alarm.state) == 1001)
        alarm.tick(5000)
        #expect(brief(alarm.events) == ["raise@1001:1.0"])
    }

    @Test func `an input for another kind of alarm does nothing`() {
        var comms = Alarm(.comms())
        comms.sample(1, 14)
        var high = Alarm(.high())
        high.take(.comms(time: 1, down: true, cause: .timeout))
        #expect(comms.events.isEmpty && high.events.isEmpty)
    }

    // MARK: Time

    @Test func `an input from before the last one counts as of now`() {
        var alarm = Alarm(.high(on: 4))
        alarm.sample(10, 11)
        alarm.tick(14)
        alarm.sample(12, 5)
        #expect(brief(alarm.events) == ["raise@14:1.0", "clear@14:1.0"])
    }
}
