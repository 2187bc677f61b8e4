import Foundation
import Plant

@testable import Detection

/// One alarm on levels under test: its definition, its state, and everything that happened to it.
struct Alarm {
    var definition: AlarmDefinition
    var state = AlarmState()
    var events: [AlarmEvent] = []

    init(_ definition: AlarmDefinition) { self.definition = definition }

    @discardableResult
    mutating func take(_ input: AlarmInput) -> (events: [AlarmEvent], answer: AlarmAnswer?) {
        let result = step(definition, &state, input)
        events += result.events
        return result
    }

    @discardableResult
    mutating func sample(_ time: Int64, _ value: Double, _ quality: Quality = .good) -> [AlarmEvent] {
        take(.sample(time: time, finding(value), value: value, quality: quality)).events
    }

    func finding(_ value: Double) -> Finding {
        guard case .levels(let levels) = definition.detector, value.isFinite else { return Finding(.unknown) }
        return levels.finding(for: value, in: levels.sets[0], after: state.lastLevel)
    }

    @discardableResult
    mutating func tick(_ time: Int64) -> [AlarmEvent] { take(.tick(time: time)).events }

    @discardableResult
    mutating func order(_ time: Int64, _ command: AlarmCommand, _ why: String = "because") -> AlarmAnswer? {
        take(.command(time: time, command, by: Note(who: "kim", why: why))).answer
    }

    @discardableResult
    mutating func acknowledge(_ time: Int64, _ occurrence: Int, _ revision: Int) -> AlarmAnswer? {
        order(time, .acknowledge(occurrence: occurrence, revision: revision))
    }

    /// Acknowledges what is there now.
    @discardableResult
    mutating func acknowledge(_ time: Int64) -> AlarmAnswer? {
        acknowledge(time, state.occurrence, state.revision)
    }

    @discardableResult
    mutating func suppress(_ time: Int64, _ reasons: Suppression) -> [AlarmEvent] {
        take(.suppress(time: time, reasons)).events
    }

    /// Saved, loaded, and started again, perhaps with another definition.
    func restarted(at time: Int64, with definition: AlarmDefinition? = nil) throws -> Alarm {
        var again = Alarm(definition ?? self.definition)
        again.state = try reloaded(state)
        again.take(.restart(time: time))
        return again
    }

    @discardableResult
    mutating func reset(_ time: Int64) -> AlarmAnswer? { order(time, .reset) }
}

extension AlarmDefinition {
    /// High at 10, high-high at 13, deadband 1, unless told otherwise; times in milliseconds.
    static func high(
        highHigh: Double? = 13, deadband: Double = 1, inclusive: Bool = true, on: Int64 = 0, off: Int64 = 0,
        gap: Int64 = 5, count: Qualification.RunCount? = nil, onBad: Qualification.OnBad = .freeze,
        handling: Handling = Handling(), sign: Double = 1
    ) -> AlarmDefinition {
        let (first, second): (AlarmLevel, AlarmLevel) = sign > 0 ? (.high, .highHigh) : (.low, .lowLow)
        var limits = [AlarmLimit(level: first, limit: sign * 10, priority: .high, deadband: deadband)]
        if let highHigh {
            limits.append(AlarmLimit(level: second, limit: sign * highHigh, priority: .critical, deadband: deadband))
        }
        return AlarmDefinition(
            id: 0, name: "high:T", rule: "high", tag: 0,
            detector: .levels(Levels(limits, isAbove: sign > 0, isInclusive: inclusive)),
            qualification: Qualification(
                onDelay: .milliseconds(on), offDelay: .milliseconds(off), maxGap: .milliseconds(gap),
                count: count, onBad: onBad),
            handling: handling)
    }

    static func comms(on: Int64 = 0) -> AlarmDefinition {
        AlarmDefinition(
            id: 1, name: "comms:F-01", rule: "comms", tag: nil, detector: .comms(0, priority: .high),
            qualification: Qualification(onDelay: .milliseconds(on), maxGap: .milliseconds(5)))
    }
}

/// `raise!@19:1.0`, with a ! for an annunciated one.
func brief(_ events: some Sequence<AlarmEvent>) -> [String] {
    events.map {
        "\($0.what.rawValue)\($0.annunciated ? "!" : "")@\($0.effective):\($0.occurrence).\($0.revision)"
    }
}

/// What the journal gives back.
func reloaded(_ state: AlarmState) throws -> AlarmState {
    try JSONDecoder().decode(AlarmState.self, from: JSONEncoder().encode(state))
}

func saved(_ state: AlarmState) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(state), as: UTF8.self)
}
