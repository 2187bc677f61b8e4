import Plant
import Testing

@testable import Detection

@Suite struct CommandsTests {
    @Test func `an acknowledgement of anything but what is there changes nothing`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.sample(2, 14)
        #expect(alarm.state.revision == 1)
        let before = alarm.state
        #expect(alarm.acknowledge(2, 1, 0) == .stale)
        #expect(alarm.acknowledge(2, 0, 0) == .stale)
        #expect(alarm.acknowledge(2, 2, 1) == .stale)
        #expect(alarm.state == before && alarm.events.count == 2)
        #expect(alarm.acknowledge(2, 1, 1) == .ok)
        #expect(alarm.acknowledge(2, 1, 1) == .already)
    }

    @Test func `who did it, and why, is in the event`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.order(2, .acknowledge(occurrence: 1, revision: 0), "seen")
        let event = try #require(alarm.events.last)
        #expect(event.what == .acknowledge && event.note == Note(who: "kim", why: "seen"))
        #expect(event.core == .acked && event.detail == nil && !event.annunciated)
    }

    @Test(
        arguments: [
            .shelve(for: .milliseconds(50), oneShot: false), .suppress, .takeOutOfService(permit: nil, review: nil),
        ] as [AlarmCommand])
    func `nobody acknowledges, takes back, resets or tests what he cannot see`(hiding: AlarmCommand) {
        var alarm = Alarm(.high(handling: Handling(latching: true)))
        alarm.sample(1, 11)
        alarm.order(2, hiding)
        let before = alarm.state
        #expect(alarm.acknowledge(2) == .stale)
        #expect(alarm.order(2, .unacknowledge(occurrence: 1, revision: 0)) == .stale)
        #expect(alarm.reset(2) == .refused(.hidden))
        #expect(alarm.order(2, .test) == .refused(.hidden))
        #expect(alarm.state == before)
    }

    // MARK: Taking back

    @Test func `an acknowledgement is taken back without a sound`() {
        var alarm = Alarm(.high(handling: Handling(latching: true)))
        #expect(alarm.order(0, .unacknowledge(occurrence: 0, revision: 0)) == .refused(.nothingStands))
        alarm.sample(1, 11)
        #expect(alarm.order(1, .unacknowledge(occurrence: 1, revision: 0)) == .already)
        alarm.acknowledge(2)
        #expect(alarm.order(3, .unacknowledge(occurrence: 1, revision: 1)) == .stale)
        #expect(alarm.order(3, .unacknowledge(occurrence: 1, revision: 0)) == .ok)
        #expect(alarm.state.core == .unack && alarm.events.last?.what == .unacknowledge)
        #expect(alarm.events.last?.annunciated == false)
        #expect(alarm.acknowledge(4, 1, 0) == .ok)
        alarm.sample(5, 5)
        #expect(alarm.order(6, .unacknowledge(occurrence: 1, revision: 0)) == .ok)
        #expect(alarm.state.core == .latun)
    }

    @Test func `an alarm that needs nobody cannot be unacknowledged`() {
        var alarm = Alarm(.high(handling: Handling(acknowledgement: .none)))
        alarm.sample(1, 11)
        #expect(alarm.order(2, .unacknowledge(occurrence: 1, revision: 0)) == .refused(.needsNobody))
        #expect(alarm.acknowledge(2) == .already)
    }

    // MARK: Reset

    @Test func `a reset says what it waits for`() {
        var alarm = Alarm(.high(handling: Handling(latching: true)))
        #expect(alarm.reset(0) == .refused(.notLatched))
        alarm.sample(1, 11)
        #expect(alarm.reset(2) == .refused(.conditionHolds))
        alarm.acknowledge(2)
        #expect(alarm.reset(2) == .refused(.conditionHolds))
        alarm.order(2, .unacknowledge(occurrence: 1, revision: 0))
        alarm.sample(3, 5)
        #expect(alarm.reset(4) == .refused(.notAcknowledged))
        alarm.acknowledge(5)
        #expect(alarm.reset(6) == .ok)
        #expect(alarm.state.core == .norm && alarm.events.last?.what == .reset)
        #expect(alarm.reset(7) == .refused(.notLatched))
    }

    // MARK: Shelving

    @Test(
        arguments: [
            (.zero, "x", .notPositive), (.milliseconds(-1), "x", .notPositive), (.microseconds(999), "x", .notPositive),
            (.milliseconds(101), "x", .tooLong), (.seconds(Int64.max), "x", .tooLong),
            (.seconds(Int64.min), "x", .notPositive), (.milliseconds(100), "", .noReason),
        ] as [(Duration, String, Refusal)])
    func `a shelf that may not be is refused, whatever is typed`(time: Duration, why: String, refusal: Refusal) {
        var alarm = Alarm(.high(handling: Handling(maxShelve: .milliseconds(100))))
        alarm.sample(1, 11)
        let before = alarm.state
        #expect(alarm.order(2, .shelve(for: time, oneShot: false), why) == .refused(refusal))
        #expect(alarm.state.shelf == nil && alarm.state.core == before.core && alarm.events.count == 1)
    }

    @Test func `an alarm without a longest time may not be shelved at all`() {
        var alarm = Alarm(.high(handling: Handling(maxShelve: nil)))
        #expect(alarm.order(1, .shelve(for: .seconds(1), oneShot: false)) == .refused(.notShelvable))
    }

    @Test func `a shelf is there for its whole time and can be had again`() throws {
        var alarm = Alarm(.high(handling: Handling(maxShelve: .milliseconds(100))))
        #expect(alarm.order(1, .shelve(for: .milliseconds(100), oneShot: false), "painting") == .ok)
        #expect(alarm.events.last?.until == 101 && alarm.events.last?.note?.why == "painting")
        #expect(alarm.order(51, .shelve(for: .milliseconds(100), oneShot: false), "still") == .ok)
        alarm.tick(150)
        #expect(alarm.state.shelf?.until == 151 && alarm.state.shelf?.note.why == "still")
        alarm.tick(151)
        #expect(alarm.state.overlay == nil && alarm.events.last?.what == .shelfExpired)
        #expect(alarm.order(152, .unshelve) == .already)
    }

    @Test func `a one-shot shelf on an alarm that is clear is an ordinary one`() {
        var alarm = Alarm(.high())
        alarm.order(1, .shelve(for: .milliseconds(50), oneShot: true))
        #expect(alarm.state.shelf?.oneShot == false && alarm.events.last?.detail == nil)
        alarm.sample(2, 11)
        alarm.sample(3, 5)
        #expect(alarm.state.shown == "SHLV")
    }

    // MARK: Suppressing, out of service, test

    @Test func `suppression and work need a reason, once`() throws {
        var alarm = Alarm(.high())
        #expect(alarm.order(1, .suppress, "") == .refused(.noReason))
        #expect(alarm.order(1, .takeOutOfService(permit: "W-17", review: 5000), "") == .refused(.noReason))
        #expect(alarm.order(1, .unsuppress) == .already)
        #expect(alarm.order(1, .returnToService) == .already)
        #expect(alarm.events.isEmpty)
        #expect(alarm.order(2, .suppress, "washing") == .ok)
        #expect(alarm.order(3, .suppress, "again") == .already)
        #expect(alarm.state.suppressedBy == Note(who: "kim", why: "washing"))
        #expect(alarm.order(4, .takeOutOfService(permit: "W-17", review: 5000), "valve") == .ok)
        #expect(alarm.order(5, .takeOutOfService(permit: "W-18", review: nil), "valve") == .already)
        let work = try #require(alarm.state.outOfService)
        #expect(work.since == 4 && work.permit == "W-17" && work.review == 5000 && work.note.why == "valve")
        let event = try #require(alarm.events.last)
        #expect(event.detail == "W-17" && event.until == 5000 && event.overlay == .outOfService)
        alarm.tick(1_000_000)
        #expect(alarm.state.shown == "OOS")
        #expect(alarm.order(1_000_001, .returnToService, "") == .ok)
        #expect(alarm.order(1_000_002, .unsuppress, "") == .ok)
        #expect(alarm.state.suppressedBy == nil && alarm.state.shown == "NORM")
    }

    @Test func `a test is told and changes nothing`() throws {
        var alarm = Alarm(.high())
        alarm.sample(1, 5)
        var before = alarm.state
        #expect(alarm.order(2, .test, "") == .ok)
        let event = try #require(alarm.events.last)
        #expect(event.what == .test && event.annunciated && event.core == .norm && event.priority == .high)
        before.now = 2
        #expect(alarm.state == before)
    }

    @Test func `every answer has its word`() {
        let answers: [AlarmAnswer] = [.ok, .already, .stale, .refused(.hidden)]
        #expect(answers.map(\.word) == ["ok", "already", "stale", "refused"])
    }
}
