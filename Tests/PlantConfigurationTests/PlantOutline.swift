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
        let stream = plant.console.stream.map { " stream \($0)" } ?? ""
        let operators = plant.console.operators.map { " operators \($0)" } ?? ""
        lines.append(
            "console \(plant.console.socket ?? "/run/cupel/cupel.sock")\(stream)\(operators) listen \(plant.console.listen?.description ?? "none")"
        )
        for controller in plant.controllers {
            lines.append(
                "controller \(controller.name) \(controller.endpoints.map(\.description).joined(separator: " ")) unit \(controller.unit) "
                    + "timeout \(controller.timeout.configured) registers \(controller.maxRegisters) "
                    + "gap \(controller.maxGap) model \(controller.model ?? "-") "
                    + "heartbeat \(controller.heartbeat.map { plant.tags[$0].name } ?? "-") "
                    + "\(controller.heartbeatTimeout.configured)\(controller.description.map { " \"\($0)\"" } ?? "")"
                    + controller.outlineOfPacing)
        }
        // Every plant has diagnostic tags and alarms on them; `DiagnosticsTests` looks at those.
        if let every = plant.groups.first(where: { $0.diagnoses != nil })?.period, every != Diagnostics.period {
            lines.append("diagnostics every \(every.configured)")
        }
        lines += profiles.filter { !$0.sources.isEmpty || $0.grade != nil }.map { profile in
            "profile \(profile.name) grade \(profile.grade?.rawValue ?? "-") from \(profile.sources)"
        }
        for group in plant.groups where group.diagnoses == nil {
            let tags = group.tags.map { plant.tags[$0].localName }.joined(separator: " ")
            lines.append("group \(group.name) \(group.period.configured): \(tags)")
        }
        lines += plant.tags.filter { $0.diagnostic == nil }.map { $0.outline(in: plant) }
        // Every plant has these; `BuiltInAlarmsTests` looks at them.
        let everywhere = [AlarmRule.lateScans, Subsystem.storageRule]
        lines += plant.alarms.filter { !everywhere.contains($0.rule) }.map { outline(of: $0) }
        if plant.supervision != Supervision() { lines.append("supervision \(plant.supervision.outline)") }
        if !plant.products.isEmpty { lines.append("products \(plant.products.joined(separator: ", "))") }
        lines += plant.sinks.map { $0.outline }
        lines += plant.escalations.map(\.outline)
        lines += advice.map { "advice \($0.line):\($0.column): \($0.message)" }
        lines += warnings.map { "warning \($0.line):\($0.column): \($0.message)" }
        return lines.joined(separator: "\n")
    }

    private func outline(of alarm: AlarmDefinition) -> String {
        let (qualification, handling) = (alarm.qualification, alarm.handling)
        var words = ["alarm \(alarm.name) \(alarm.detector.outline(in: plant))"]
        words.append("on \(qualification.onDelay.configured) off \(qualification.offDelay.configured)")
        words.append("gap \(qualification.maxGap.configured)")
        if let count = qualification.count { words.append("or \(count.runs) runs in \(count.within.configured)") }
        if case .activate(let after) = qualification.onBad { words.append("activates \(after.configured)") }
        if handling.latching { words.append("latching") }
        if handling.acknowledgement != .required { words.append("acknowledge \(handling.acknowledgement.rawValue)") }
        if let again = handling.reAlarm { words.append("again \(again.configured)") }
        if handling.maxShelve != Handling.shift { words.append("shelve \(handling.maxShelve?.configured ?? "never")") }
        if let group = handling.group { words.append("group \(group)") }
        if let when = alarm.activity.when { words.append("when \(when.root.outline(in: plant))") }
        if let logic = alarm.activity.suppressedBy { words.append("suppressed by \(logic.root.outline(in: plant))") }
        switch alarm.activity.arming {
        case .after(let delay): words.append("armed after \(delay.configured)")
        case .onceNormal: words.append("armed once normal")
        case nil: break
        }
        let rationale = alarm.rationale
        if let cause = rationale.cause { words.append("cause \(cause)") }
        if let consequence = rationale.consequence { words.append("consequence \(consequence)") }
        if let name = rationale.alarmClass { words.append("class \(name)") }
        if let guidance = rationale.guidance {
            words.append("\(guidance) within \(rationale.respondWithin?.configured ?? "-")")
        } else if let respond = rationale.respondWithin {
            words.append("within \(respond.configured)")
        }
        return words.joined(separator: " ")
    }
}

extension Controller {
    fileprivate var outlineOfPacing: String {
        var words: [String] = []
        if pacing.pause > .zero { words.append("pause \(pacing.pause.configured)") }
        if let timeout = pacing.connectTimeout { words.append("connect timeout \(timeout.configured)") }
        if pacing.releases { words.append("releases") }
        if pacing.unitPause > .zero { words.append("unit pause \(pacing.unitPause.configured)") }
        if pacing.connectDelay > .zero { words.append("connect delay \(pacing.connectDelay.configured)") }
        if pacing.maxInFlight != 1 { words.append("in flight \(pacing.maxInFlight)") }
        if let unchangedAfter { words.append("unchanged \(unchangedAfter.configured)") }
        return words.map { " " + $0 }.joined()
    }
}

extension Tag {
    fileprivate func outline(in plant: Plant) -> String {
        var words = ["tag \(name) \(type) \(order) \(placeText)"]
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
        if packing != .highLow { words.append("packing \(packing.rawValue)") }
        words += rules.outline(in: plant)
        if let together { words.append("together \(together)") }
        if let formula { words.append("of \(formula.inputs.map { plant.tags[$0].name }) \(formula.root.outline)") }
        if let description { words.append("\"\(description)\"") }
        return words.joined(separator: " ")
    }
}

extension TagRules {
    fileprivate func outline(in plant: Plant) -> [String] {
        var words: [String] = []
        if clamps { words.append("clamps") }
        if let loop { words.append("loop \(loop.raw) \(loop.failLow) \(loop.measures) \(loop.failHigh)") }
        if isCounter { words.append("counter") }
        if let stuckAfter { words.append("stuck \(stuckAfter.configured)") }
        if let status {
            let tests = status.tests.map { "\($0.condition) \($0.quality)" }
            words.append("by \(plant.tags[status.tag].localName) \(tests.joined(separator: " then "))")
        }
        return words
    }
}

extension Formula.Node {
    /// Fully in brackets, so that a wrong precedence shows.
    var outline: String {
        switch self {
        case .number(let number): "\(number)"
        case .tag(let id): "#\(id)"
        case .negate(let a): "(-\(a.outline))"
        case .add(let a, let b): "(\(a.outline) + \(b.outline))"
        case .subtract(let a, let b): "(\(a.outline) - \(b.outline))"
        case .multiply(let a, let b): "(\(a.outline) * \(b.outline))"
        case .divide(let a, let b): "(\(a.outline) / \(b.outline))"
        case .power(let a, let b): "(\(a.outline) ^ \(b.outline))"
        case .call(let function, let arguments):
            "\(function.rawValue)(\(arguments.map(\.outline).joined(separator: ", ")))"
        }
    }
}

extension SinkDefinition {
    var outline: String {
        var words = ["sink \(name) from \(selection.minPriority) \(kind.outline)"]
        if let events = selection.events { words.append("events \(events.rawValue)") }
        if !selection.match.isEmpty { words.append("match \(selection.match.map(\.text))") }
        if !selection.except.isEmpty { words.append("except \(selection.except.map(\.text))") }
        words += selection.schedule.map { "on \($0.days.sorted()) \($0.from)-\($0.to)" }
        if let text { words.append("text \(text)") }
        if let rateLimit { words.append("at most \(rateLimit.lines) in \(rateLimit.every.configured)") }
        if giveUpAfter != .seconds(86_400) { words.append("gives up after \(giveUpAfter.configured)") }
        if alarmAfter != .seconds(60) { words.append("alarm after \(alarmAfter.configured)") }
        return words.joined(separator: " ")
    }
}

extension SinkDefinition.Kind {
    var outline: String {
        func option(_ name: String, _ value: String?) -> String { value.map { " \(name) \($0)" } ?? "" }
        return switch self {
        case .fifo(let path): "fifo \(path)"
        case .exec(let argv, let timeout): "exec \(argv) \(timeout.configured)"
        case .journald: "journald"
        case .stdout(let format): "stdout \(format)"
        case .webhook(let hook):
            "webhook \(hook.url) batch \(hook.batch)" + option("key", hook.keyFile) + option("ca", hook.caFile)
        case .syslog(let log): "syslog \(log.server)" + (log.tls ? " tls" : "") + option("ca", log.caFile)
        case .mqtt(let broker):
            "mqtt \(broker.server) topic \(broker.topic)" + (broker.tls ? " tls" : "") + option("user", broker.user)
                + option("password", broker.passwordFile) + option("ca", broker.caFile)
        case .mail(let mail):
            "mail \(mail.server) \(mail.security) from \(mail.from) to \(mail.to)" + option("user", mail.user)
                + option("password", mail.passwordFile) + option("ca", mail.caFile)
        case .file(let file): "file \(file.path) \(file.format) \(file.maxSize) keep \(file.keep)"
        }
    }
}
