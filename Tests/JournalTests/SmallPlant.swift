// No `import Testing` here: its `Tag` hides the plant's.
import Detection
import Plant

struct NoSuchRegister: Error {}

/// A small plant with every kind of alarm.
func smallPlant() throws -> Plant {
    func tag(_ id: Int, _ name: String, _ unit: String?, _ type: ValueType, _ states: [Int: String] = [:]) throws -> Tag
    {
        guard let registers = RegisterRange(table: .holding, start: id * 4, count: type.registers) else {
            throw NoSuchRegister()
        }
        return Tag(
            id: id, name: "F-01.\(name)", localName: name, unit: unit, controller: 0, registers: registers, type: type,
            states: states, group: 0, slot: id)
    }
    func alarm(_ id: Int, _ name: String, _ tag: Int?, _ detector: Detector) -> AlarmDefinition {
        AlarmDefinition(
            id: id, name: name, rule: "rule", tag: tag, detector: detector,
            qualification: Qualification(maxGap: .seconds(3)), rationale: smallRationale)
    }
    let high = AlarmLimit(level: .highHigh, limit: 1500, priority: .critical)
    let low = AlarmLimit(level: .low, limit: 99.5, priority: .high)
    return Plant(
        name: "KMP", site: "KMP", timeZone: "Asia/Seoul",
        controllers: [Controller(id: 0, name: "F-01", endpoint: Endpoint(host: "127.0.0.1", port: 502), unit: 1)],
        groups: [],
        tags: [
            try tag(0, "melt_temp", "degC", .int16), try tag(1, "purity", "%", .float32),
            try tag(2, "trip_water", nil, .bool), try tag(3, "phase", nil, .uint16, [70: "soak"]),
        ],
        alarms: [
            alarm(0, "hot:F-01.melt_temp", 0, .levels(Levels([high], isAbove: true))),
            alarm(1, "impure:F-01.purity", 1, .levels(Levels([low], isAbove: false))),
            alarm(2, "trip:F-01.trip_water", 2, .test(.state([1]), priority: .critical)),
            alarm(3, "phase:F-01.phase", 3, .test(.state([70]), priority: .low)),
            alarm(4, "comms:F-01", nil, .comms(0, priority: .high)),
            alarm(5, "sink:pager", nil, .health(.sink("pager"), priority: .high)),
        ])
}

let smallRationale = Rationale(
    cause: "Controller stuck", consequence: "Crucible lost", guidance: "Cut power to hold",
    respondWithin: .seconds(120), alarmClass: "safety")

/// A state that an alarm really can have.
func state(after inputs: AlarmInput..., of alarm: Int = 0) throws -> AlarmState {
    let definition = try smallPlant().alarms[alarm]
    var state = AlarmState()
    for input in inputs { _ = step(definition, &state, input) }
    return state
}

extension AlarmInput {
    static func hot(_ time: Int64, _ value: Double = 1502) -> AlarmInput {
        let finding = Finding(.alarm(.highHigh), limit: 1500, priority: .critical)
        return .sample(time: time, finding, value: value, quality: .good)
    }

    static func cool(_ time: Int64, _ value: Double = 1480) -> AlarmInput {
        let finding = Finding(.out, limit: 1500, priority: .critical)
        return .sample(time: time, finding, value: value, quality: .good)
    }

    static func comms(_ time: Int64, _ quality: Quality) -> AlarmInput {
        let finding = Finding(quality.isGood ? .out : .alarm(.comms), priority: .high)
        return .sample(time: time, finding, value: nil, quality: quality)
    }

    static func health(_ time: Int64, _ fault: String?) -> AlarmInput {
        let finding = Finding(fault == nil ? .out : .alarm(.fault), priority: .high, detail: fault)
        return .sample(time: time, finding, value: nil, quality: .good)
    }

    static func acknowledge(_ time: Int64, _ occurrence: Int = 1, _ revision: Int = 0) -> AlarmInput {
        .command(time: time, .acknowledge(occurrence: occurrence, revision: revision), by: .kim)
    }

    static func shelve(_ time: Int64, for duration: Duration) -> AlarmInput {
        .command(time: time, .shelve(for: duration, oneShot: false), by: .kim)
    }
}

extension Note {
    static let kim = Note(who: "kim", why: "seen")
}

/// One alarm of the small plant with another detector.
func makeAlarm(_ detector: Detector, tag: Int?) -> AlarmDefinition {
    AlarmDefinition(
        id: 0, name: "alarm", rule: "rule", tag: tag, detector: detector,
        qualification: Qualification(maxGap: .seconds(3)), handling: Handling(group: "water"))
}
