extension AlarmDefinition {
    /// Everything that decides when the alarm is raised and how it is handled, as one line of JSON.
    ///
    /// Two definitions with the same text behave alike, so the journal counts a new revision of the limits, and a
    /// reload disturbs the alarm, only when the text is another. Tags, alarms and controllers are named, because their
    /// numbers change with each configuration; times are seconds; what has no order is sorted. What is for people only
    /// is left out: the rationale, the names of limit sets, who studied a chart's centre. The same logic written in two
    /// ways is two texts.
    public func text(in plant: Plant) -> String {
        let names = Names(plant: plant)
        return JSON.object([
            "activity": activity.json(names), "detector": detector.json(names), "handling": handling.json,
            "qualification": qualification.json, "tag": tag.map(names.tag),
        ]).text
    }
}

/// What numbers stand for in one plant.
private struct Names {
    let plant: Plant

    func tag(_ id: Tag.ID) -> JSON { .text(plant.tags[id].name) }
    func tags(_ ids: [Tag.ID]) -> JSON { .list(ids.map { plant.tags[$0].name }.sorted().map(JSON.text)) }
    func alarm(_ id: AlarmDefinition.ID) -> JSON { .text(plant.alarms[id].name) }
    func controller(_ id: Controller.ID) -> JSON { .text(plant.controllers[id].name) }
}

// MARK: Qualification, handling, activity

extension Qualification {
    fileprivate var json: JSON {
        let onBad: JSON =
            switch onBad {
            case .freeze: "freeze"
            case .activate(let after): ["activate": .time(after)]
            }
        return .object([
            "count": count.map { ["runs": .count($0.runs), "within": .time($0.within)] }, "max_gap": .time(maxGap),
            "off_delay": .time(offDelay), "on_bad": onBad, "on_delay": .time(onDelay),
        ])
    }
}

extension Handling {
    fileprivate var json: JSON {
        .object([
            "acknowledgement": .text(acknowledgement.rawValue), "group": group.map(JSON.text),
            "latching": .flag(latching), "max_shelve": maxShelve.map(JSON.time), "re_alarm": reAlarm.map(JSON.time),
        ])
    }
}

extension Activity {
    fileprivate func json(_ names: Names) -> JSON {
        let arming: JSON? =
            switch arming {
            case nil: nil
            case .after(let time): ["after": .time(time)]
            case .onceNormal: "once_normal"
            }
        return .object([
            "arming": arming, "suppressed_by": suppressedBy?.root.json(names), "when": when?.root.json(names),
        ])
    }
}

extension Logic.Node {
    fileprivate func json(_ names: Names) -> JSON {
        switch self {
        case .compare(let a, let comparison, let b): .object([comparison.rawValue: [a.json(names), b.json(names)]])
        case .isOne(let tag, let values): ["is": names.tag(tag), "of": .numbers(values)]
        case .anyBit(let tag, let mask): ["any_bit": .mask(mask), "of": names.tag(tag)]
        case .alarm(let alarm): ["alarm": names.alarm(alarm)]
        case .not(let node): ["not": node.json(names)]
        case .all(let nodes): ["all": .list(nodes.map { $0.json(names) })]
        case .any(let nodes): ["any": .list(nodes.map { $0.json(names) })]
        case .atLeast(let count, let nodes): ["at_least": .count(count), "of": .list(nodes.map { $0.json(names) })]
        }
    }
}

extension Logic.Operand {
    fileprivate func json(_ names: Names) -> JSON {
        switch self {
        case .tag(let tag): names.tag(tag)
        case .number(let number): .number(number)
        }
    }
}

// MARK: Detectors

extension Detector {
    fileprivate func json(_ names: Names) -> JSON {
        switch self {
        case .levels(let levels): ["levels": levels.json(names)]
        case .test(let test, let priority): ["priority": .text(priority.rawValue), "test": test.json(names)]
        case .lots(let chart, let priority): ["lots": chart.json(names), "priority": .text(priority.rawValue)]
        case .comms(let controller, let priority):
            ["comms": names.controller(controller), "priority": .text(priority.rawValue)]
        case .health(let subsystem, let priority): ["health": subsystem.json, "priority": .text(priority.rawValue)]
        }
    }
}

extension Subsystem {
    fileprivate var json: JSON {
        switch self {
        case .sink(let name): ["sink": .text(name)]
        case .history: "history"
        case .historyLog: "history_log"
        case .journal: "journal"
        }
    }
}

extension Detector.Test {
    fileprivate func json(_ names: Names) -> JSON {
        switch self {
        case .state(let values): ["state": .numbers(values)]
        case .bits(let mask, let isSet): ["bits": .mask(mask), "set": .flag(isSet)]
        case .change: "change"
        case .edges(let count, let within): ["edges": .count(count), "within": .time(within)]
        case .mismatch(let feedback, let transit): ["feedback": names.tag(feedback), "transit": .time(transit)]
        case .spike(let spike): ["form": .text(spike.form.rawValue), "spike": .number(spike.threshold)]
        case .stuck(let stuck):
            .object([
                "over": .time(stuck.over), "samples": .count(stuck.samples), "stuck": .number(stuck.tolerance),
                "when_moving": stuck.whenMoving?.root.json(names),
            ])
        case .stale(let after): ["stale": .time(after)]
        case .quality(let causes): ["quality": .list(causes.map(\.name).sorted().map(JSON.text))]
        case .degraded(let with): ["degraded": names.tags(with)]
        case .phantom(let phantom):
            .object([
                "after": .time(phantom.after), "ambient": .number(phantom.ambient),
                "cold_junction": phantom.coldJunction.map(names.tag), "output": phantom.output.map(names.tag),
                "output_above": .number(phantom.outputAbove), "phantom": .number(phantom.within),
            ])
        case .timeToLimit(let trend):
            [
                "above": .flag(trend.isAbove), "horizon": .time(trend.horizon), "over": .time(trend.over),
                "time_to_limit": .number(trend.limit),
            ]
        case .logic(let logic): ["logic": logic.root.json(names)]
        }
    }
}

extension Levels {
    fileprivate func json(_ names: Names) -> JSON {
        .object([
            "above": .flag(isAbove), "figure": figure.json(names), "inclusive": .flag(isInclusive),
            "phase": phase.map(names.tag), "product": product?.json(names), "sets": .list(sets.map(\.json)),
        ])
    }
}

extension LimitSet {
    fileprivate var json: JSON {
        .object([
            "limits": .list(
                limits.map { limit in
                    [
                        "deadband": .number(limit.deadband), "level": .text(limit.level.rawValue),
                        "limit": .number(limit.limit), "priority": .text(limit.priority.rawValue),
                    ]
                }),
            "phases": phases.map(JSON.numbers), "product": product.map(JSON.text),
        ])
    }
}

extension ProductSource {
    fileprivate func json(_ names: Names) -> JSON {
        switch self {
        case .fixed(let product): ["fixed": .text(product)]
        case .tag(let tag): ["tag": names.tag(tag)]
        case .heat(let controller): ["heat": names.controller(controller)]
        }
    }
}

extension Figure {
    fileprivate func json(_ names: Names) -> JSON {
        switch self {
        case .value: "value"
        case .deviation(let deviation):
            .object([
                "form": .text(deviation.form.rawValue), "max_skew": .time(deviation.maxSkew),
                "setpoint": names.tag(deviation.setpoint), "soak_band": deviation.soakBand.map(JSON.number),
            ])
        case .rate(let rate):
            ["method": .text(rate.method.rawValue), "over": .time(rate.over), "per": .time(rate.per)]
        case .difference(let twin): ["difference": names.tag(twin)]
        case .disagreement(let with): ["disagreement": names.tags(with)]
        case .median(let with): ["median": names.tags(with)]
        case .vote(let with, let need, let bad):
            ["bad": .text(bad.rawValue), "need": .count(need), "vote": names.tags(with)]
        }
    }
}

// MARK: Charts

extension LotChart {
    fileprivate func json(_ names: Names) -> JSON {
        ["lot": names.tag(lot), "rule": rule.json, "scale": .text(scale.rawValue)]
    }
}

extension LotChart.Rule {
    fileprivate var json: JSON {
        switch self {
        case .conformity(let rule):
            [
                "conformity": .object([
                    "decimals": rule.decimals.map(JSON.count), "guard": .number(rule.guardBand),
                    "lower": rule.lower.map(JSON.number), "upper": rule.upper.map(JSON.number),
                ])
            ]
        case .runs(let runs, let centre):
            [
                "centre": centre.json, "runs": .numbers(runs.rules.map(Double.init)), "side": .count(runs.side),
                "trend": .count(runs.trend),
            ]
        case .ewma(let lambda, let width, let centre):
            ["centre": centre.json, "ewma": .number(lambda), "width": .number(width)]
        case .cusum(let k, let h, let restarts, let centre):
            ["centre": centre.json, "cusum": [.number(k), .number(h)], "restarts": .flag(restarts)]
        case .capability(let rule):
            [
                "capability": .object([
                    "least": .number(rule.least), "lots": .count(rule.lots), "lower": rule.lower.map(JSON.number),
                    "upper": rule.upper.map(JSON.number),
                ])
            ]
        }
    }
}

extension Centre {
    fileprivate var json: JSON { ["mean": .number(mean), "sigma": .number(sigma)] }
}
