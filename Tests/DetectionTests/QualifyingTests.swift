import Plant
import Testing

@testable import Detection

/// From verdicts to conditions: delays, the evidence horizon, what is not known, counting, failing safe.
@Suite struct QualifyingTests {
    // MARK: Delays

    @Test func `a break in the run starts the on-delay again`() {
        var alarm = Alarm(.high(on: 4))
        alarm.sample(0, 11)
        alarm.sample(3, 5)
        alarm.sample(4, 11)
        alarm.sample(6, 11)
        #expect(alarm.events.isEmpty)
        alarm.sample(8, 11)
        #expect(brief(alarm.events) == ["raise!@8:1.0"])
    }

    @Test func `the off-delay bridges a short return to normal`() {
        var alarm = Alarm(.high(off: 4))
        alarm.sample(0, 11)
        alarm.sample(2, 5)
        alarm.sample(4, 11)
        alarm.sample(6, 5)
        alarm.tick(9)
        #expect(brief(alarm.events) == ["raise!@0:1.0"])
        alarm.tick(10)
        #expect(brief(alarm.events) == ["raise!@0:1.0", "clear@10:1.0"])
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
        #expect(brief(alarm.events) == ["raise!@114:1.0"])
    }

    @Test(arguments: [(5, 8), (6, 14)] as [(Int64, Int64)])
    func `a delay goes on across the longest gap and begins again after a longer one`(gap: Int64, due: Int64) {
        for value in [11, 5] as [Double] {
            var alarm = Alarm(.high(on: 8, off: 8, gap: 5))
            if value == 5 { (alarm.state.condition, alarm.state.level) = (true, .high) }
            for time in [0, gap, gap + 3] { alarm.sample(time, value) }
            alarm.tick(20)
            #expect(alarm.events.map(\.effective) == [due])
        }
    }

    // MARK: What is not known

    static let doubtful: [Quality] = [
        .frozen, .stale, .weakSignal, .wrapped, .reset, .doubtful, .neverRead, .timeout, .notANumber, .exception(4),
    ]

    @Test(arguments: doubtful)
    func `only a good sample is believed`(quality: Quality) {
        var alarm = Alarm(.high(off: 3))
        alarm.sample(1, 14, quality)
        #expect(alarm.events.isEmpty && alarm.state.evidence.verdict == nil)
        alarm.sample(2, 11)
        alarm.sample(3, 5)
        alarm.sample(4, 14, quality)
        #expect(alarm.state.core == .unack && alarm.state.evidence.verdict == false)
        #expect(alarm.state.evidence.since == 3 && alarm.state.evidence.lastGood == 3)
        #expect(alarm.state.evidence.quality == quality && alarm.state.evidence.value == 5)
        alarm.sample(6, 14, quality)
        #expect(brief(alarm.events) == ["raise!@2:1.0", "clear@6:1.0"])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that is none is not believed, whatever its quality says`(value: Double) {
        var alarm = Alarm(.high())
        alarm.sample(1, value)
        alarm.sample(2, 11)
        alarm.sample(3, value)
        #expect(brief(alarm.events) == ["raise!@2:1.0"])
    }

    @Test func `at the end of its range a value tells only that it is in alarm`() {
        var alarm = Alarm(.high(on: 2))
        alarm.sample(1, 14, .clamped)
        alarm.sample(3, 14, .clamped)
        #expect(brief(alarm.events) == ["raise!@3:1.0"])
        alarm.sample(4, 5, .clamped)
        #expect(alarm.state.core == .unack && alarm.state.evidence.verdict == true)
        alarm.sample(5, 5)
        #expect(alarm.state.core == .rtnun)
    }

    @Test func `a lost controller raises with its cause and clears when it answers`() throws {
        var alarm = Alarm(.comms())
        func comms(_ time: Int64, _ quality: Quality) {
            let verdict: Verdict = quality.isGood ? .out : .alarm(.comms)
            alarm.take(.sample(time: time, Finding(verdict, priority: .high), value: nil, quality: quality))
        }
        comms(1, .refused)
        comms(2, .timeout)
        comms(3, .good)
        #expect(brief(alarm.events) == ["raise!@1:1.0", "clear@3:1.0"])
        let event = try #require(alarm.events.first)
        #expect(event.quality == .refused && event.level == .comms)
        #expect(event.value == nil && event.limit == nil && event.priority == .high)
    }

    @Test func `the silence of a controller does not grow old`() {
        var alarm = Alarm(.comms(on: 1000))
        let lost = Finding(.alarm(.comms), priority: .high)
        alarm.take(.sample(time: 1, lost, value: nil, quality: .timeout))
        #expect(nextDue(alarm.definition, alarm.state) == 1001)
        alarm.tick(5000)
        #expect(brief(alarm.events) == ["raise!@1001:1.0"])
    }

    // MARK: Counting runs

    @Test func `many short runs raise, whatever the delay`() {
        var alarm = Alarm(.high(on: 100, count: .init(runs: 3, within: .milliseconds(10))))
        for time in [0, 20, 24] as [Int64] {
            alarm.sample(time, 11)
            alarm.sample(time + 1, 11)
            alarm.sample(time + 2, 5)
        }
        #expect(alarm.events.isEmpty && alarm.state.evidence.runs == [20, 24])
        alarm.sample(30, 11)
        #expect(brief(alarm.events) == ["raise!@30:1.0"])
        #expect(alarm.state.evidence.runs.isEmpty)
    }

    @Test func `the count begins again after the alarm`() {
        var alarm = Alarm(.high(on: 100, off: 3, count: .init(runs: 2, within: .milliseconds(50))))
        alarm.sample(0, 11)
        alarm.sample(1, 5)
        alarm.sample(2, 11)
        #expect(alarm.state.core == .unack)
        alarm.sample(3, 5)
        alarm.sample(4, 11)
        alarm.sample(5, 5)
        alarm.tick(8)
        #expect(alarm.state.core == .rtnun)
        alarm.sample(9, 11)
        #expect(alarm.state.core == .rtnun && alarm.state.evidence.runs == [9])
    }

    // MARK: Failing safe

    @Test func `bad for too long raises at a level that nobody knows`() throws {
        var alarm = Alarm(.high(onBad: .activate(after: .milliseconds(10))))
        alarm.sample(1, 14)
        alarm.sample(2, 5)
        alarm.acknowledge(2)
        alarm.sample(3, .nan, .timeout)
        alarm.sample(5, 5, .stale)
        alarm.sample(8, .nan, .sensorFault)
        #expect(nextDue(alarm.definition, alarm.state) == 13)
        alarm.tick(20)
        let event = try #require(alarm.events.last)
        #expect(brief(alarm.events.suffix(1)) == ["raise!@13:2.0"])
        #expect(event.level == .unknown && event.limit == nil && event.priority == .critical)
        #expect(event.quality == .sensorFault && alarm.state.raisedValue == nil)
        alarm.sample(21, .nan, .timeout)
        #expect(alarm.events.count == 4)
    }

    @Test func `one good sample begins the time again`() {
        var alarm = Alarm(.high(onBad: .activate(after: .milliseconds(10))))
        alarm.sample(1, .nan, .timeout)
        alarm.sample(9, 5)
        alarm.sample(10, .nan, .timeout)
        alarm.tick(19)
        #expect(alarm.events.isEmpty)
        alarm.tick(20)
        #expect(brief(alarm.events) == ["raise!@20:1.0"])
    }

    @Test func `what was unknown and is in alarm is told anew`() {
        var alarm = Alarm(.high(onBad: .activate(after: .zero)))
        alarm.sample(1, .nan, .timeout)
        alarm.acknowledge(2)
        alarm.sample(3, 11)
        #expect(brief(alarm.events.suffix(1)) == ["level-up!@3:1.1"])
        #expect(alarm.state.level == .high && alarm.state.limit == 10 && alarm.state.priority == .high)
    }

    @Test func `what was unknown and is normal clears, after the off-delay`() {
        var alarm = Alarm(.high(off: 3, onBad: .activate(after: .zero)))
        alarm.sample(1, .nan, .timeout)
        alarm.sample(2, 9.5)
        alarm.sample(4, 9.5)
        #expect(alarm.state.core == .unack)
        alarm.sample(5, 9.5)
        #expect(brief(alarm.events) == ["raise!@1:1.0", "clear@5:1.0"])
        #expect(alarm.events.last?.level == .unknown)
    }

    @Test func `a clear begins the time without a value again, so that nothing happens before it`() {
        var alarm = Alarm(.high(off: 8, gap: 20, onBad: .activate(after: .milliseconds(3))))
        alarm.sample(0, 11)
        alarm.sample(1, 5)
        alarm.sample(2, .nan, .timeout)
        alarm.tick(20)
        #expect(brief(alarm.events) == ["raise!@0:1.0", "clear@9:1.0", "superseded@12:1.0", "raise!@12:2.0"])
    }

    @Test func `bad freezes when nothing else is asked for`() {
        var alarm = Alarm(.high())
        alarm.sample(1, .nan, .timeout)
        #expect(nextDue(alarm.definition, alarm.state) == nil)
        alarm.tick(1_000_000)
        #expect(alarm.events.isEmpty)
    }

    // MARK: Levels

    @Test func `a worse level must be seen again, a milder one not`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.acknowledge(1)
        let up = alarm.sample(2, 14)
        #expect(brief(up) == ["level-up!@2:1.1"] && up.first?.limit == 13 && up.first?.priority == .critical)
        #expect(alarm.state.core == .unack && alarm.state.level == .highHigh)
        alarm.acknowledge(2)
        let down = alarm.sample(3, 11)
        #expect(brief(down) == ["level-down@3:1.1"] && down.first?.level == .high)
        #expect(alarm.state.core == .acked && alarm.state.topLevel == .highHigh)
        alarm.sample(4, 5)
        #expect(alarm.events.last?.level == .high && alarm.events.last?.limit == 10)
        #expect(alarm.state.core == .norm)
    }

    @Test func `what is said after the clear is about the worst level`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        alarm.sample(2, 11)
        alarm.sample(3, 5)
        alarm.acknowledge(4)
        #expect(alarm.events.suffix(2).map(\.level) == [.high, .highHigh])
        #expect(alarm.events.suffix(2).map(\.limit) == [10, nil])
    }

    @Test func `the worst level is that of the occurrence`() {
        for (isLatching, top) in [(false, .high), (true, .highHigh)] as [(Bool, AlarmLevel)] {
            var alarm = Alarm(.high(handling: Handling(latching: isLatching)))
            alarm.sample(1, 14)
            alarm.sample(2, 5)
            #expect(alarm.state.topLevel == .highHigh)
            alarm.sample(3, 11)
            #expect(alarm.state.topLevel == top)
        }
    }

    /// Who was told of the worst hears of the end, whatever is left of it by then.
    @Test func `every event says how bad it was and since when`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        alarm.sample(2, 11)
        alarm.sample(3, 5)
        alarm = { [events = alarm.events] again in
            var again = again
            again.events = events
            return again
        }(try alarm.restarted(at: 4))
        alarm.acknowledge(5)
        alarm.sample(6, 11)
        #expect(
            brief(alarm.events) == ["raise!@1:1.0", "level-down@2:1.0", "clear@3:1.0", "ack@5:1.0", "raise!@6:2.0"])
        #expect(alarm.events.map(\.priority) == [.critical, .high, .high, .high, .high])
        #expect(alarm.events.map(\.topPriority) == [.critical, .critical, .critical, .critical, .high])
        #expect(alarm.events.map(\.raisedAt) == [1, 1, 1, 1, 6])
    }

    @Test func `a limit that moves with the phase moves with the alarm`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        let finding = Finding(.alarm(.high), limit: 8, priority: .low)
        alarm.take(.sample(time: 2, finding, value: 11, quality: .good))
        #expect(alarm.events.count == 1 && alarm.state.limit == 8 && alarm.state.priority == .low)
    }

    @Test func `a clear names the level that was left, and what was seen`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        let clear = try #require(alarm.sample(2, 5).first)
        #expect(clear.level == .highHigh && clear.limit == 13 && clear.value == 5)
        #expect(alarm.state.level == nil && alarm.state.clearedAt == 2 && alarm.state.raisedValue == 14)
    }

    @Test func `a finding's own words and figure are in its events`() throws {
        var alarm = Alarm(.high())
        let finding = Finding(.alarm(.high), figure: 4.5, limit: 4, priority: .low, detail: "rule 2, points 3 to 11")
        alarm.take(.sample(time: 1, finding, value: 11, quality: .good))
        let event = try #require(alarm.events.first)
        #expect(event.figure == 4.5 && event.detail == "rule 2, points 3 to 11")
        #expect(event.limit == 4 && event.priority == .low && event.value == 11)
    }
}
