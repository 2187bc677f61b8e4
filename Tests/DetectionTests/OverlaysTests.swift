import Plant
import Testing

@testable import Detection

/// What happens under a shelf, a suppression or while out of service, and on the way out.
@Suite struct OverlaysTests {
    /// One way into an overlay and out of it again, 20 ms later.
    enum Way: CaseIterable {
        case expiry, unshelving, design, `operator`, service

        func enter(_ alarm: inout Alarm, at time: Int64) {
            switch self {
            case .expiry: alarm.order(time, .shelve(for: .milliseconds(20), oneShot: false))
            case .unshelving: alarm.order(time, .shelve(for: .milliseconds(50), oneShot: false))
            case .design: alarm.suppress(time, .phase)
            case .operator: alarm.order(time, .suppress)
            case .service: alarm.order(time, .takeOutOfService(permit: nil, review: nil))
            }
        }

        func leave(_ alarm: inout Alarm, at time: Int64) {
            switch self {
            case .expiry: alarm.tick(time)
            case .unshelving: alarm.order(time, .unshelve)
            case .design: alarm.suppress(time, [])
            case .operator: alarm.order(time, .unsuppress)
            case .service: alarm.order(time, .returnToService)
            }
        }

        var exit: String {
            switch self {
            case .expiry: "shelf-expired"
            case .unshelving: "unshelve"
            case .design, .operator: "unsuppress"
            case .service: "return"
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `a condition that began unseen is told at the exit, but not to whoever unshelved it`(way: Way) {
        var alarm = Alarm(.high())
        way.enter(&alarm, at: 10)
        alarm.sample(12, 14)
        #expect(brief(alarm.events.dropFirst()) == ["raise-suppressed@12:0.0"])
        #expect(alarm.state.core == .acked && alarm.state.raisedAt == nil)
        way.leave(&alarm, at: 30)
        let isQuiet = way == .unshelving
        #expect(
            brief(alarm.events.dropFirst(2)) == ["\(way.exit)@30:0.0", "raise-exit\(isQuiet ? "" : "!")@30:1.0"])
        #expect(alarm.state.core == (isQuiet ? .acked : .unack))
        #expect(alarm.state.level == .highHigh && alarm.state.topLevel == .highHigh && alarm.state.raisedAt == 30)
    }

    @Test(arguments: Way.allCases)
    func `a condition that came and went unseen leaves nothing`(way: Way) {
        var alarm = Alarm(.high())
        way.enter(&alarm, at: 10)
        alarm.sample(12, 11)
        alarm.sample(14, 5)
        way.leave(&alarm, at: 30)
        #expect(
            brief(alarm.events.dropFirst()) == [
                "raise-suppressed@12:0.0", "clear-suppressed@14:0.0", "\(way.exit)@30:0.0",
            ])
        #expect(alarm.state.core == .norm)
    }

    @Test(arguments: Way.allCases)
    func `what waited for its acknowledgement and went normal unseen waits no longer`(way: Way) {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        way.enter(&alarm, at: 10)
        alarm.sample(12, 5)
        #expect(alarm.state.core == .rtnun)
        way.leave(&alarm, at: 30)
        #expect(alarm.state.core == .norm && alarm.events.last?.core == .norm)
    }

    @Test(arguments: Way.allCases)
    func `what is latched stays latched, and what still stands latches at the exit`(way: Way) {
        var alarm = Alarm(.high(handling: Handling(latching: true)))
        way.enter(&alarm, at: 10)
        alarm.sample(12, 11)
        #expect(!alarm.state.latched)
        way.leave(&alarm, at: 30)
        #expect(alarm.state.latched && alarm.state.occurrence == 1)
        alarm.acknowledge(31)
        way.enter(&alarm, at: 40)
        alarm.sample(42, 5)
        #expect(alarm.state.core == .latak)
        alarm.sample(44, 11)
        way.leave(&alarm, at: 60)
        #expect(brief(alarm.events.suffix(1)) == ["raise-exit\(way == .unshelving ? "" : "!")@60:1.1"])
        way.enter(&alarm, at: 70)
        alarm.sample(72, 5)
        way.leave(&alarm, at: 90)
        #expect(alarm.state.core == (way == .unshelving ? .latak : .latun))
    }

    @Test(arguments: Way.allCases)
    func `an alarm that needs nobody comes back without a sound`(way: Way) {
        var alarm = Alarm(.high(handling: Handling(acknowledgement: .none)))
        way.enter(&alarm, at: 10)
        alarm.sample(12, 11)
        way.leave(&alarm, at: 30)
        #expect(brief(alarm.events.suffix(1)) == ["raise-exit@30:1.0"] && alarm.state.core == .acked)
    }

    @Test func `the occurrence that nobody had seen is closed at the exit`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        alarm.suppress(2, .phase)
        alarm.sample(3, 11)
        alarm.suppress(4, [])
        #expect(
            brief(alarm.events.dropFirst()) == [
                "suppress@2:1.0", "unsuppress@4:1.0", "superseded@4:1.0", "raise-exit!@4:2.0",
            ])
        #expect(alarm.events.suffix(2).map(\.level) == [.highHigh, .high])
        #expect(alarm.state.topLevel == .high)
    }

    @Test func `levels move silently beneath an overlay`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.acknowledge(1)
        alarm.suppress(2, .phase)
        alarm.sample(3, 14)
        #expect(alarm.events.count == 3 && alarm.state.level == .highHigh && alarm.state.revision == 0)
        #expect(alarm.state.priority == .critical)
        #expect(alarm.state.topLevel == .high)
    }

    // MARK: Several at once

    @Test func `only the last overlay to go is an exit`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.order(2, .shelve(for: .milliseconds(10), oneShot: false))
        alarm.suppress(3, .comms)
        alarm.order(4, .takeOutOfService(permit: nil, review: nil))
        alarm.tick(12)
        alarm.order(13, .returnToService)
        #expect(
            brief(alarm.events.dropFirst(4)) == ["shelf-expired@12:1.0", "return@13:1.0"])
        #expect(alarm.events.last?.overlay == .suppressed)
        alarm.suppress(14, [])
        #expect(brief(alarm.events.suffix(1)) == ["raise-exit!@14:2.0"])
    }

    @Test func `who unshelves an alarm that stays suppressed has not seen it`() {
        var alarm = Alarm(.high())
        alarm.order(1, .shelve(for: .milliseconds(10), oneShot: false))
        alarm.suppress(2, .phase)
        alarm.sample(3, 11)
        alarm.order(4, .unshelve)
        alarm.suppress(5, [])
        #expect(alarm.state.core == .unack && alarm.events.last?.annunciated == true)
    }

    @Test func `one reason may follow another without a word`() throws {
        var alarm = Alarm(.high())
        alarm.suppress(1, .phase)
        alarm.suppress(2, [.phase, .comms])
        alarm.suppress(3, [.comms])
        alarm.suppress(3, [.comms])
        alarm.order(4, .suppress, "washing")
        alarm.suppress(5, [])
        #expect(alarm.state.suppression == .operator)
        alarm.suppress(6, .arming)
        alarm.order(7, .unsuppress)
        #expect(alarm.state.shown == "DSUP")
        alarm.suppress(8, [])
        #expect(
            alarm.events.map { "\($0.what.rawValue)@\($0.time) \($0.detail ?? "-")" } == [
                "suppress@1 phase", "suppress@4 comms, operator", "unsuppress@7 arming, operator",
                "unsuppress@8 arming",
            ])
        #expect(alarm.state.shown == "NORM")
    }

    @Test func `the design cannot speak for an operator`() {
        var alarm = Alarm(.high())
        alarm.suppress(1, .operator)
        #expect(alarm.state.overlay == nil && alarm.events.isEmpty)
    }

    // MARK: One shot

    @Test func `a one-shot shelf ends with the condition`() {
        var alarm = Alarm(.high(off: 2))
        alarm.sample(1, 11)
        alarm.order(2, .shelve(for: .milliseconds(50), oneShot: true))
        #expect(alarm.events.last?.detail == "one-shot")
        alarm.sample(3, 5)
        alarm.tick(5)
        #expect(brief(alarm.events.suffix(2)) == ["clear-suppressed@5:1.0", "one-shot-ended@5:1.0"])
        #expect(alarm.state.core == .norm && alarm.state.overlay == nil)
    }

    @Test func `a one-shot shelf ends at its time, too`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.order(2, .shelve(for: .milliseconds(50), oneShot: true))
        alarm.tick(52)
        #expect(
            brief(alarm.events.suffix(3)) == ["shelf-expired@52:1.0", "superseded@52:1.0", "raise-exit!@52:2.0"])
    }

    // MARK: Re-alarm

    @Test(arguments: Way.allCases)
    func `an overlay stops the re-alarm, the exit starts it afresh`(way: Way) {
        var alarm = Alarm(.high(handling: Handling(reAlarm: .milliseconds(15))))
        alarm.sample(1, 11)
        way.enter(&alarm, at: 10)
        #expect(alarm.state.reAlarmDue == nil)
        way.leave(&alarm, at: 30)
        #expect(alarm.state.reAlarmDue == 45)
        alarm.tick(45)
        #expect(brief(alarm.events.suffix(1)) == ["re-alarm!@45:2.1"])
    }
}
