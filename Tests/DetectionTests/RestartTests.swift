import Plant
import Testing

@testable import Detection

@Suite struct RestartTests {
    @Test func `acknowledgement and occurrence outlive the daemon`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        alarm.acknowledge(2)
        var again = try alarm.restarted(at: 1000)
        #expect(again.state.core == .acked && again.state.level == .highHigh)
        #expect(brief(again.events) == ["restored@1000:1.0"])
        #expect(again.acknowledge(1001) == .already)
        again.sample(1002, 14)
        #expect(again.events.count == 1)
    }

    @Test func `a quiet alarm comes back without a word`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 5)
        #expect(try alarm.restarted(at: 1000).events.isEmpty)
    }

    @Test func `what is hidden is listed too, with the end of its shelf`() throws {
        var alarm = Alarm(.high())
        alarm.order(1, .shelve(for: .milliseconds(5000), oneShot: false))
        let event = try #require(try alarm.restarted(at: 1000).events.first)
        #expect(event.what == .restored && event.until == 5001 && event.overlay == .shelved && !event.annunciated)
    }

    @Test func `nothing is decided before the first good sample`() throws {
        var alarm = Alarm(.high(on: 4))
        alarm.sample(1, 11)
        alarm.sample(3, 11)
        var again = try alarm.restarted(at: 1000)
        again.tick(1100)
        again.sample(1101, 5, .neverRead)
        #expect(again.events.isEmpty)
        #expect(nextDue(again.definition, again.state) == nil)
        again.sample(1200, 11)
        again.tick(1204)
        #expect(brief(again.events) == ["raise!@1204:1.0"])
    }

    @Test func `bad for long and runs before the restart are forgotten`() throws {
        var alarm = Alarm(
            .high(on: 9, count: .init(runs: 2, within: .seconds(9)), onBad: .activate(after: .milliseconds(9))))
        alarm.sample(1, 11)
        alarm.sample(2, 5)
        alarm.sample(3, .nan, .timeout)
        var again = try alarm.restarted(at: 20)
        again.sample(21, 11)
        again.sample(22, .nan, .timeout)
        again.tick(25)
        #expect(again.events.isEmpty)
        #expect(again.state.evidence.quality == .timeout)
    }

    @Test func `the deadband outlives the daemon`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        var again = try alarm.restarted(at: 1000)
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
        var again = try alarm.restarted(at: 1000)
        #expect(again.state.evidence.verdict == nil && again.state.evidence.lastGood == nil)
        again.sample(1001, 9.5)
        #expect(again.state.evidence.verdict == false)
    }

    @Test func `a condition that ended unseen clears after its off-delay, marked`() throws {
        var alarm = Alarm(.high(off: 4))
        alarm.sample(1, 11)
        var again = try alarm.restarted(at: 1000)
        again.sample(1001, 5)
        again.tick(1005)
        #expect(brief(again.events) == ["restored@1000:1.0", "clear@1005:1.0"])
        #expect(again.events.last?.duringOutage == true)
        again.sample(1006, 11)
        again.sample(1007, 5)
        again.tick(1011)
        #expect(again.events.last?.what == .clear && again.events.last?.duringOutage == false)
    }

    @Test func `a clock that was set back between two runs stops nothing`() throws {
        var alarm = Alarm(.high(handling: Handling(reAlarm: .milliseconds(50), maxShelve: .milliseconds(100))))
        alarm.sample(5000, 11)
        var again = try alarm.restarted(at: 100)
        #expect(again.state.reAlarmDue == 150)
        again.order(101, .shelve(for: .milliseconds(100), oneShot: false))
        again.sample(102, 5)
        again = try again.restarted(at: 10)
        #expect(again.state.shelf?.until == 110)
        again.sample(20, 11)
        #expect(brief(again.events) == ["restored@10:1.0", "raise-suppressed@20:1.0"])
    }

    // MARK: Overlays and re-alarm

    @Test func `overlays are there before anything else`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.suppress(2, [.phase, .comms])
        alarm.order(3, .takeOutOfService(permit: nil, review: nil))
        var again = try alarm.restarted(at: 1000)
        again.sample(1001, 14)
        #expect(brief(again.events) == ["restored@1000:1.0"] && again.state.shown == "OOS")
        again.order(1002, .returnToService)
        #expect(again.state.shown == "DSUP")
    }

    @Test func `a shelf that ended meanwhile is gone, and its alarm is told`() throws {
        var alarm = Alarm(.high(handling: Handling(reAlarm: .milliseconds(50))))
        alarm.sample(1, 11)
        alarm.order(2, .shelve(for: .milliseconds(20), oneShot: false))
        let again = try alarm.restarted(at: 1000)
        #expect(
            brief(again.events) == [
                "restored@1000:1.0", "shelf-expired@1000:1.0", "superseded@1000:1.0", "raise-exit!@1000:2.0",
            ])
        #expect(again.state.reAlarmDue == 1050)
        #expect(again.events.map(\.overlay) == [.shelved, nil, nil, nil])
    }

    @Test func `a shelf that ended meanwhile ends nothing beneath a suppression`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.order(2, .shelve(for: .milliseconds(20), oneShot: false))
        alarm.suppress(3, .phase)
        let again = try alarm.restarted(at: 1000)
        #expect(brief(again.events) == ["restored@1000:1.0", "shelf-expired@1000:1.0"])
        #expect(again.state.shown == "DSUP")
    }

    @Test func `a shelf is never longer than it may be now`() throws {
        var alarm = Alarm(.high(handling: Handling(maxShelve: .milliseconds(1000))))
        alarm.sample(1, 11)
        alarm.order(2, .shelve(for: .milliseconds(1000), oneShot: true), "painting")
        let shorter = try alarm.restarted(at: 10, with: .high(handling: Handling(maxShelve: .milliseconds(100))))
        #expect(shorter.state.shelf?.until == 110 && shorter.state.shelf?.oneShot == true)
        #expect(shorter.state.shelf?.note.why == "painting" && shorter.events.first?.until == 110)
        let never = try alarm.restarted(at: 10, with: .high(handling: Handling(maxShelve: nil)))
        #expect(never.state.shelf == nil && never.state.shown == "UNACK")
    }

    @Test(arguments: [(20, 51), (51, 101), (60, 110)] as [(Int64, Int64)])
    func `a re-alarm that came due meanwhile waits once more, another goes on`(start: Int64, due: Int64) throws {
        var alarm = Alarm(.high(handling: Handling(reAlarm: .milliseconds(50))))
        alarm.sample(1, 11)
        let again = try alarm.restarted(at: start)
        #expect(again.state.reAlarmDue == due && again.events.count == 1)
    }

    // MARK: Changed definitions (Phoebus issue 2520)

    @Test func `edited limits leave occurrence, acknowledgement and latch alone`() throws {
        var alarm = Alarm(.high(handling: Handling(latching: true)))
        alarm.sample(1, 14)
        alarm.acknowledge(2)
        var again = try alarm.restarted(at: 1000, with: .high(highHigh: nil, handling: Handling(latching: true)))
        #expect(again.state.core == .acked && again.state.latched && again.state.occurrence == 1)
        again.sample(1001, 11)
        #expect(brief(again.events) == ["restored@1000:1.0", "level-down@1001:1.0"])
        #expect(again.state.level == .high && again.state.limit == 10 && again.state.priority == .high)
        again.sample(1002, 5)
        #expect(again.state.core == .latak)
    }

    @Test func `a new limit is met with the delays, in both directions`() throws {
        var alarm = Alarm(.high(highHigh: nil, deadband: 0))
        alarm.sample(1, 11)
        alarm.acknowledge(1)
        var above = try alarm.restarted(at: 10, with: limit(12, on: 4, off: 4))
        above.sample(11, 11)
        above.tick(15)
        #expect(brief(above.events.dropFirst()) == ["clear@15:1.0"])
        var back = try above.restarted(at: 20, with: limit(8, on: 4, off: 4))
        back.sample(21, 11)
        back.tick(25)
        #expect(brief(back.events) == ["raise!@25:2.0"] && back.events.first?.limit == 8)
        var same = try alarm.restarted(at: 10, with: limit(9, on: 4, off: 4))
        same.sample(11, 11)
        #expect(same.events.count == 1 && same.state.limit == 9 && same.state.core == .acked)
    }

    private func limit(_ limit: Double, on: Int64, off: Int64) -> AlarmDefinition {
        AlarmDefinition(
            id: 0, name: "high:T", rule: "high", tag: 0,
            detector: .levels(Levels([AlarmLimit(level: .high, limit: limit, priority: .low)], isAbove: true)),
            qualification: Qualification(
                onDelay: .milliseconds(on), offDelay: .milliseconds(off), maxGap: .milliseconds(5)))
    }

    @Test func `what is latched waits for its reset although it would not latch any more`() throws {
        var alarm = Alarm(.high(handling: Handling(latching: true)))
        alarm.sample(1, 11)
        var again = try alarm.restarted(at: 10, with: .high())
        again.sample(11, 5)
        #expect(again.state.core == .latun)
        again.sample(11, 11)
        #expect(again.state.occurrence == 1 && again.state.revision == 1)
        again.sample(11, 5)
        #expect(again.state.core == .latun)
        again.acknowledge(12)
        #expect(again.reset(13) == .ok)
        again.sample(14, 11)
        #expect(!again.state.latched && again.state.occurrence == 2)
    }

    @Test func `what is unacknowledged stays so although it would need nobody any more`() throws {
        var alarm = Alarm(.high(handling: Handling(reAlarm: .milliseconds(50))))
        alarm.sample(1, 11)
        var again = try alarm.restarted(at: 10, with: .high(handling: Handling(acknowledgement: .none)))
        #expect(again.state.core == .unack && again.state.reAlarmDue == nil)
        #expect(again.acknowledge(11) == .ok)
    }
}
