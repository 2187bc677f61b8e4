import Plant
import Testing

@testable import Detection

@Suite struct FirstOutTests {
    @Test func `the raise and what follows carry the mark, what came before does not`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 11)
        alarm.sample(2, 5)
        var events = alarm.sample(3, 11)
        #expect(events.map(\.what) == [.superseded, .raise])
        alarm.state.mark(.init(simultaneous: true), in: &events)
        #expect(events.map(\.firstOut) == [nil, .init(simultaneous: true)])
        let later = alarm.sample(4, 14)
        #expect(later.map(\.firstOut) == [.init(simultaneous: true)])
    }

    @Test func `it stays the first when it clears and is acknowledged, until its group is normal`() throws {
        var alarm = Alarm(.high())
        var events = alarm.sample(1, 11)
        alarm.state.mark(.init(simultaneous: false), in: &events)
        alarm.acknowledge(2)
        alarm.sample(3, 5)
        #expect(alarm.state.core == .norm && alarm.state.firstOut != nil)
        #expect(try reloaded(alarm.state).firstOut == .init(simultaneous: false))
        alarm.state.forgetFirstOut()
        #expect(alarm.state.firstOut == nil)
        #expect(alarm.sample(4, 11).map(\.firstOut) == [nil])
    }

    @Test func `an alarm that comes out of its overlay may be the first`() {
        var alarm = Alarm(.high())
        alarm.suppress(0, .phase)
        alarm.sample(1, 11)
        var events = alarm.suppress(2, [])
        alarm.state.mark(.init(simultaneous: false), in: &events)
        #expect(events.map(\.what) == [.unsuppress, .raiseExit])
        #expect(events.map(\.isRaise) == [false, true])
        #expect(events.map { $0.firstOut != nil } == [false, true])
    }
}
