import Plant

@testable import PlantConfiguration

extension LoadedConfiguration {
    /// Everything a configuration decides, a line for each thing, for comparison with the file `expected` of a case.
    var outline: String {
        var lines = ["plant \(plant.name) \(plant.site) \(plant.timeZone)"]
        let history = plant.history
        let raw = history.keepRaw?.configured ?? "forever"
        let rollups = history.keepRollups?.configured ?? "forever"
        lines.append(
            "history \(history.path) every \(history.commitEvery.configured) or \(history.commitReadings) "
                + "raw \(raw) rollups \(rollups)")
        lines.append("journal \(plant.journal.path)")
        lines.append("console \(plant.console.socket) listen \(plant.console.listen?.description ?? "none")")
        for controller in plant.controllers {
            lines.append(
                "controller \(controller.name) \(controller.endpoint) unit \(controller.unit) "
                    + "timeout \(controller.timeout.configured) registers \(controller.maxRegisters) "
                    + "gap \(controller.maxGap) model \(controller.model ?? "-") "
                    + "heartbeat \(controller.heartbeat.map { plant.tags[$0].name } ?? "-") "
                    + "\(controller.heartbeatTimeout.configured)\(controller.description.map { " \"\($0)\"" } ?? "")")
        }
        for group in plant.groups {
            let tags = group.tags.map { plant.tags[$0].localName }.joined(separator: " ")
            lines.append("group \(group.name) \(group.period.configured): \(tags)")
        }
        lines += plant.tags.map { $0.outline }
        lines += plant.alarms.map { outline(of: $0) }
        lines += plant.sinks.map { "sink \($0.name) from \($0.minPriority) \($0.kind.outline)" }
        lines += warnings.map { "warning \($0.line):\($0.column): \($0.message)" }
        return lines.joined(separator: "\n")
    }

    private func outline(of alarm: AlarmDefinition) -> String {
        let delays =
            "on \(alarm.onDelay.configured) off \(alarm.offDelay.configured) gap \(alarm.maxGap.configured)"
        let when = alarm.when.map { " when \(plant.tags[$0.tag].name) in \($0.values)" } ?? ""
        let guidance = alarm.guidance.map { " \($0) within \(alarm.respondWithin?.configured ?? "-")" } ?? ""
        return "alarm \(alarm.name) \(alarm.condition.outline) \(delays)\(alarm.latching ? " latching" : "")\(when)"
            + guidance
    }
}

extension Tag {
    fileprivate var outline: String {
        var words = ["tag \(name) \(type) \(order) \(registers)"]
        if let bit { words.append("bit \(bit)") }
        words.append("group \(group) slot \(slot)")
        if !isUnscaled { words.append("x \(scale) + \(offset)") }
        if let unit { words.append("in \(unit)") }
        if let range { words.append("range \(range)") }
        if !invalid.isEmpty { words.append("invalid \(invalid)") }
        if !states.isEmpty {
            words.append(
                "states " + states.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        if let expect { words.append("expect \(expect)") }
        if let description { words.append("\"\(description)\"") }
        return words.joined(separator: " ")
    }
}

extension AlarmCondition {
    fileprivate var outline: String {
        switch self {
        case .above(let limits, let deadband): "above \(limits.outline) deadband \(deadband)"
        case .below(let limits, let deadband): "below \(limits.outline) deadband \(deadband)"
        case .state(let values, let priority): "in \(values) \(priority)"
        case .comms(let controller, let priority): "comms of \(controller) \(priority)"
        }
    }
}

extension [AlarmLimit] {
    fileprivate var outline: String {
        map { "\($0.level.rawValue) \($0.limit) \($0.priority)" }.joined(separator: ", ")
    }
}

extension SinkDefinition.Kind {
    fileprivate var outline: String {
        switch self {
        case .fifo(let path): "fifo \(path)"
        case .exec(let argv, let timeout): "exec \(argv) \(timeout.configured)"
        case .journald: "journald"
        }
    }
}
