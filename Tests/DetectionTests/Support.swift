import Detection
import Plant

/// One alarm under test: its definition, its state, and everything that happened to it.
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
    mutating func sample(
        _ time: Int64, _ value: Double, _ quality: Quality = .good, enabled: Bool? = true
    ) -> [AlarmEvent] {
        take(.sample(time: time, value: value, quality: quality, enabled: enabled)).events
    }

    @discardableResult
    mutating func tick(_ time: Int64) -> [AlarmEvent] { take(.tick(time: time)).events }

    @discardableResult
    mutating func acknowledge(_ time: Int64, _ occurrence: Int, _ revision: Int) -> AlarmAnswer? {
        take(.acknowledge(time: time, occurrence: occurrence, revision: revision, by: "kim")).answer
    }

    /// Acknowledges what is there now.
    @discardableResult
    mutating func acknowledge(_ time: Int64) -> AlarmAnswer? {
        acknowledge(time, state.occurrence, state.revision)
    }

    @discardableResult
    mutating func reset(_ time: Int64) -> AlarmAnswer? { take(.reset(time: time, by: "kim")).answer }
}

extension AlarmDefinition {
    /// High at 10, high-high at 13, deadband 1, unless told otherwise; times in milliseconds.
    static func high(
        highHigh: Double? = 13, deadband: Double = 1, on: Int64 = 0, off: Int64 = 0, gap: Int64 = 5,
        latching: Bool = false
    ) -> AlarmDefinition {
        var limits = [AlarmLimit(level: .high, limit: 10, priority: .high)]
        if let highHigh { limits.append(AlarmLimit(level: .highHigh, limit: highHigh, priority: .critical)) }
        return make(.above(limits, deadband: deadband), on, off, gap, latching)
    }

    /// The mirror image of `high`: low at -10, low-low at -13.
    static func low(
        lowLow: Double? = -13, deadband: Double = 1, on: Int64 = 0, off: Int64 = 0, gap: Int64 = 5,
        latching: Bool = false
    ) -> AlarmDefinition {
        var limits = [AlarmLimit(level: .low, limit: -10, priority: .high)]
        if let lowLow { limits.append(AlarmLimit(level: .lowLow, limit: lowLow, priority: .critical)) }
        return make(.below(limits, deadband: deadband), on, off, gap, latching)
    }

    static func trip(
        _ values: [Double] = [1], on: Int64 = 0, off: Int64 = 0, gap: Int64 = 5, latching: Bool = true
    ) -> AlarmDefinition {
        make(.state(values, priority: .critical), on, off, gap, latching)
    }

    static func comms(on: Int64 = 0, off: Int64 = 0) -> AlarmDefinition {
        make(.comms(0, priority: .high), on, off, 5, false)
    }

    private static func make(
        _ condition: AlarmCondition, _ on: Int64, _ off: Int64, _ gap: Int64, _ latching: Bool
    ) -> AlarmDefinition {
        AlarmDefinition(
            id: 0, name: "rule:F-01.melt_temp", rule: "rule", tag: 0, condition: condition,
            onDelay: .milliseconds(on), offDelay: .milliseconds(off), maxGap: .milliseconds(gap), latching: latching)
    }
}

/// What an event says, short enough for a table: `raise@6:1.0`.
func brief(_ events: [AlarmEvent]) -> [String] {
    events.map { "\($0.what.rawValue)@\($0.effective):\($0.occurrence).\($0.revision)" }
}
