import Plant

@testable import PlantConfiguration

extension Detector {
    func outline(in plant: Plant) -> String {
        switch self {
        case .levels(let levels): levels.outline(in: plant)
        case .test(let test, let priority): "\(test.outline(in: plant)) \(priority)"
        case .lots(let chart, let priority):
            "lots of \(plant.tags[chart.lot].name) \(chart.scale.rawValue) \(chart.rule.outline) \(priority)"
        case .comms(let controller, let priority): "comms of \(controller) \(priority)"
        case .health(let subsystem, let priority): "health of \(subsystem.alarmName) \(priority)"
        }
    }
}

extension Levels {
    fileprivate func outline(in plant: Plant) -> String {
        var words: [String] = []
        if figure != .value { words.append(figure.outline(in: plant)) }
        words.append(isAbove ? "above" : "below")
        if !isInclusive { words.append("beyond") }
        switch product {
        case .fixed(let name): words.append("product \(name)")
        case .tag(let tag): words.append("product of \(plant.tags[tag].name)")
        case .heat(let controller): words.append("product of the heat of \(plant.controllers[controller].name)")
        case nil: break
        }
        if let phase { words.append("phase of \(plant.tags[phase].name)") }
        words.append(sets.map(\.outline).joined(separator: "; "))
        return words.joined(separator: " ")
    }
}

extension LimitSet {
    fileprivate var outline: String {
        var words: [String] = []
        if let name { words.append(name) }
        if let product { words.append("for \(product)") }
        if let phases { words.append("in \(phases)") }
        words.append(limits.isEmpty ? "nothing" : limits.outline)
        return words.joined(separator: " ")
    }
}

extension [AlarmLimit] {
    /// The deadband once, when the levels share it.
    fileprivate var outline: String {
        if Set(map(\.deadband)).count > 1 {
            return map { "\($0.level.rawValue) \($0.limit) \($0.priority) deadband \($0.deadband)" }
                .joined(separator: ", ")
        }
        return map { "\($0.level.rawValue) \($0.limit) \($0.priority)" }.joined(separator: ", ")
            + " deadband \(first?.deadband ?? 0)"
    }
}

extension Figure {
    fileprivate func outline(in plant: Plant) -> String {
        func names(_ tags: [Tag.ID]) -> String { tags.map { plant.tags[$0].name }.joined(separator: " ") }
        return switch self {
        case .value: "value"
        case .deviation(let deviation):
            "\(deviation.form.rawValue) from \(names([deviation.setpoint])) skew \(deviation.maxSkew.configured)"
                + (deviation.soakBand.map { " soak \($0)" } ?? "")
        case .rate(let rate): "rate \(rate.method.rawValue) over \(rate.over.configured) per \(rate.per.configured)"
        case .difference(let other): "difference from \(names([other]))"
        case .disagreement(let others): "disagreement with \(names(others))"
        case .median(let others): "median with \(names(others))"
        case .vote(let others, let need, let bad): "vote \(need) with \(names(others)) bad \(bad.rawValue)"
        }
    }
}

extension Detector.Test {
    fileprivate func outline(in plant: Plant) -> String {
        func name(_ tag: Tag.ID) -> String { plant.tags[tag].name }
        return switch self {
        case .state(let values): "in \(values)"
        case .bits(let mask, let set): "bits \(mask) \(set ? "set" : "clear")"
        case .change: "change"
        case .edges(let count, let within): "edges \(count) in \(within.configured)"
        case .mismatch(let feedback, let transit): "mismatch \(name(feedback)) after \(transit.configured)"
        case .spike(let spike): "spike \(spike.form.rawValue) \(spike.threshold)"
        case .stuck(let stuck):
            "stuck \(stuck.tolerance) over \(stuck.over.configured) samples \(stuck.samples)"
                + (stuck.whenMoving.map { " while \($0.root.outline(in: plant))" } ?? "")
        case .stale(let after): "stale \(after.configured)"
        case .quality(let causes): "quality \(causes.isEmpty ? "all" : causes.map(\.name).joined(separator: " "))"
        case .degraded(let others): "degraded with \(others.map(name).joined(separator: " "))"
        case .phantom(let phantom):
            "phantom \(phantom.coldJunction.map(name) ?? "\(phantom.ambient)") within \(phantom.within) for "
                + phantom.after.configured
                + (phantom.output.map { " while \(name($0)) above \(phantom.outputAbove)" } ?? "")
        case .timeToLimit(let trend):
            "reaches \(trend.isAbove ? "high" : "low") \(trend.limit) over \(trend.over.configured) "
                + "within \(trend.horizon.configured)"
        case .logic(let logic): "logic \(logic.root.outline(in: plant)) as \(logic.text.debugDescription)"
        }
    }
}

extension LotChart.Rule {
    fileprivate var outline: String {
        func text(_ limit: Double?) -> String { limit.map { "\($0)" } ?? "-" }
        return switch self {
        case .conformity(let conformity):
            "conformity \(text(conformity.lower)) \(text(conformity.upper)) guard \(conformity.guardBand) "
                + "decimals \(conformity.decimals.map(String.init) ?? "-")"
        case .runs(let rules, let centre):
            "runs \(rules.rules) side \(rules.side) trend \(rules.trend) \(centre.outline)"
        case .ewma(let lambda, let width, let centre): "ewma \(lambda) \(width) \(centre.outline)"
        case .cusum(let k, let h, let restarts, let centre):
            "cusum \(k) \(h)\(restarts ? " restarts" : "") \(centre.outline)"
        case .capability(let capability):
            "capability \(text(capability.lower)) \(text(capability.upper)) least \(capability.least) "
                + "of \(capability.lots)"
        }
    }
}

extension Centre {
    fileprivate var outline: String {
        "around \(mean) \(sigma) from \(points.map(String.init) ?? "-") \(date ?? "-") \(by ?? "-")"
    }
}

extension Logic.Node {
    /// Fully in brackets, so that a wrong precedence shows.
    func outline(in plant: Plant) -> String {
        func joined(_ nodes: [Logic.Node], _ separator: String) -> String {
            nodes.map { $0.outline(in: plant) }.joined(separator: separator)
        }
        return switch self {
        case .compare(let a, let comparison, let b):
            "\(a.outline(in: plant)) \(comparison.rawValue) \(b.outline(in: plant))"
        case .isOne(let tag, let values): "\(plant.tags[tag].name) in \(values)"
        case .anyBit(let tag, let mask): "bits(\(plant.tags[tag].name), \(mask))"
        case .alarm(let alarm): "alarm \(plant.alarms[alarm].name)"
        case .not(let node): "not (\(node.outline(in: plant)))"
        case .all(let nodes): "(\(joined(nodes, " and ")))"
        case .any(let nodes): "(\(joined(nodes, " or ")))"
        case .atLeast(let count, let nodes): "\(count) of (\(joined(nodes, ", ")))"
        }
    }
}

extension Logic.Operand {
    fileprivate func outline(in plant: Plant) -> String {
        switch self {
        case .tag(let id): plant.tags[id].name
        case .number(let number): "\(number)"
        }
    }
}

extension Supervision {
    var outline: String {
        "flood \(flood.starts) to \(flood.ends) in \(flood.window.configured) digest \(flood.digestEvery.configured) "
            + "chatter \(chatter.changes) in \(chatter.window.configured) hold \(chatter.hold.configured) "
            + "mass exit \(massExit.alarms) in \(massExit.window.configured)"
    }
}
