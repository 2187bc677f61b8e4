import Plant
import Testing

@testable import Detection

/// The core transitions of ISA-18.2 without an overlay, cell by cell.
@Suite struct StepTests {
    enum Cause: CaseIterable {
        case raise, clear, acknowledge, reset, levelUp, levelDown, reAlarm
    }

    struct Cell: Sendable, CustomStringConvertible {
        let from: AlarmCore
        let cause: Cause
        let handling: Handling
        let to: AlarmCore
        let answer: AlarmAnswer?
        let events: [String]
        var description: String { "\(from) \(cause) \(handling.latching ? "latching" : "\(handling.acknowledgement)")" }
    }

    static let plain = Handling(reAlarm: .milliseconds(100))
    static let latching = Handling(latching: true, reAlarm: .milliseconds(100))
    static let auto = Handling(acknowledgement: .auto, reAlarm: .milliseconds(100))
    static let nobody = Handling(acknowledgement: .none, reAlarm: .milliseconds(100))

    private static func cell(
        _ from: AlarmCore, _ cause: Cause, _ handling: Handling, _ to: AlarmCore, _ answer: AlarmAnswer? = nil,
        _ events: String...
    ) -> Cell {
        Cell(from: from, cause: cause, handling: handling, to: to, answer: answer, events: events)
    }

    /// Every start is occurrence 1, revision 0, but NORM, which is 0.0; the cause comes at 50, the re-alarm at 101.
    static let cells: [Cell] = [
        cell(.norm, .raise, plain, .unack, nil, "raise!@50:1.0"),
        cell(.norm, .raise, nobody, .acked, nil, "raise!@50:1.0"),
        cell(.norm, .clear, plain, .norm),
        cell(.norm, .acknowledge, plain, .norm, .already),
        cell(.norm, .reset, latching, .norm, .refused(.notLatched)),
        cell(.unack, .raise, plain, .unack),
        cell(.unack, .clear, plain, .rtnun, nil, "clear@50:1.0"),
        cell(.unack, .clear, latching, .latun, nil, "clear@50:1.0"),
        cell(.unack, .clear, auto, .norm, nil, "clear@50:1.0"),
        cell(.unack, .acknowledge, plain, .acked, .ok, "ack@50:1.0"),
        cell(.unack, .reset, latching, .unack, .refused(.conditionHolds)),
        cell(.unack, .levelUp, plain, .unack, nil, "level-up!@50:1.1"),
        cell(.unack, .levelDown, plain, .unack, nil, "level-down@50:1.0"),
        cell(.unack, .reAlarm, plain, .unack, nil, "re-alarm!@101:1.1"),
        cell(.acked, .raise, plain, .acked),
        cell(.acked, .clear, plain, .norm, nil, "clear@50:1.0"),
        cell(.acked, .clear, latching, .latak, nil, "clear@50:1.0"),
        cell(.acked, .clear, nobody, .norm, nil, "clear@50:1.0"),
        cell(.acked, .acknowledge, plain, .acked, .already),
        cell(.acked, .reset, latching, .acked, .refused(.conditionHolds)),
        cell(.acked, .levelUp, plain, .unack, nil, "level-up!@50:1.1"),
        cell(.acked, .levelUp, nobody, .acked, nil, "level-up!@50:1.1"),
        cell(.acked, .levelDown, plain, .acked, nil, "level-down@50:1.0"),
        cell(.acked, .reAlarm, plain, .unack, nil, "re-alarm!@101:1.1"),
        cell(.rtnun, .raise, plain, .unack, nil, "superseded@50:1.0", "raise!@50:2.0"),
        cell(.rtnun, .clear, plain, .rtnun),
        cell(.rtnun, .acknowledge, plain, .norm, .ok, "ack@50:1.0"),
        cell(.rtnun, .reset, plain, .rtnun, .refused(.notLatched)),
        cell(.rtnun, .reAlarm, plain, .rtnun),
        cell(.latun, .raise, latching, .unack, nil, "raise!@50:1.1"),
        cell(.latun, .acknowledge, latching, .latak, .ok, "ack@50:1.0"),
        cell(.latun, .reset, latching, .latun, .refused(.notAcknowledged)),
        cell(.latun, .reAlarm, latching, .latun),
        cell(.latak, .raise, latching, .unack, nil, "raise!@50:1.1"),
        cell(.latak, .acknowledge, latching, .latak, .already),
        cell(.latak, .reset, latching, .norm, .ok, "reset@50:1.0"),
        cell(.latak, .reAlarm, latching, .latak),
    ]

    private func alarm(in core: AlarmCore, _ handling: Handling, at value: Double) -> Alarm {
        var alarm = Alarm(.high(handling: handling))
        guard core != .norm else { return alarm }
        alarm.sample(1, value)
        if core == .acked || core == .latak { alarm.acknowledge(2) }
        if core == .rtnun || core == .latun || core == .latak { alarm.sample(3, 5) }
        return alarm
    }

    @Test(arguments: cells)
    func `each cause leads where the table says`(cell: Cell) {
        var alarm = alarm(in: cell.from, cell.handling, at: cell.cause == .levelDown ? 14 : 11)
        #expect(alarm.state.core == cell.from)
        let seen = alarm.events.count
        var answer: AlarmAnswer?
        switch cell.cause {
        case .raise: alarm.sample(50, 11)
        case .levelDown: alarm.sample(50, 11)
        case .clear: alarm.sample(50, 5)
        case .levelUp: alarm.sample(50, 14)
        case .acknowledge: answer = alarm.acknowledge(50)
        case .reset: answer = alarm.reset(50)
        case .reAlarm: alarm.tick(120)
        }
        #expect(alarm.state.core == cell.to)
        #expect(answer == cell.answer)
        #expect(brief(alarm.events[seen...]) == cell.events)
    }

    @Test func `every state meets every cause that it can meet`() {
        for core in AlarmCore.allCases {
            let causes = Set(Self.cells.filter { $0.from == core }.map(\.cause))
            #expect(causes.isSuperset(of: [.raise, .acknowledge, .reset]), "\(core)")
        }
    }

    @Test func `a raise is annunciated with its value, level, limit and priority`() throws {
        var alarm = Alarm(.high())
        let event = try #require(alarm.sample(100, 13.5).first)
        #expect(event.what == .raise && event.annunciated && event.core == .unack && event.overlay == nil)
        #expect(event.level == .highHigh && event.limit == 13 && event.priority == .critical)
        #expect(event.value == 13.5 && event.quality == .good)
        #expect(event.effective == 100 && event.time == 100)
        #expect(alarm.state.raisedValue == 13.5 && alarm.state.raisedAt == 100)
    }

    @Test func `the closing of an occurrence nobody saw tells what it was about`() {
        var alarm = Alarm(.high())
        alarm.sample(1, 14)
        alarm.sample(2, 5)
        let events = alarm.sample(3, 11)
        #expect(events.map(\.what) == [.superseded, .raise])
        #expect(events.first?.core == .rtnun && events.first?.level == .highHigh && events.first?.limit == 13)
        #expect(events.last?.limit == 10 && events.last?.priority == .high)
    }

    @Test func `only an operator gets an answer`() {
        var alarm = Alarm(.high())
        #expect(alarm.take(.tick(time: 1)).answer == nil)
        #expect(alarm.take(.suppress(time: 2, .phase)).answer == nil)
        #expect(alarm.take(.restart(time: 3)).answer == nil)
        #expect(alarm.take(.sample(time: 4, Finding(.out), value: 1, quality: .good)).answer == nil)
    }
}
