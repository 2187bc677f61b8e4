// No `import Testing` here: its `Tag` hides the plant's.
import Plant

/// Three tags and two alarms; swapped, the same names have other numbers.
func textPlant(isSwapped: Bool = false) -> Plant {
    let names = isSwapped ? ["F-01.pv", "F-01.phase", "F-01.sp"] : ["F-01.pv", "F-01.sp", "F-01.phase"]
    let tags = names.enumerated().map { id, name in
        Tag(id: id, name: name, localName: name, controller: 0, registers: nil, type: .float32, group: 0, slot: id)
    }
    let alarms = ["a", "b"].enumerated().map { id, name in
        AlarmDefinition(
            id: id, name: name, rule: "r", tag: 0, detector: .test(.change, priority: .low),
            qualification: Qualification(maxGap: .seconds(3)))
    }
    return Plant(
        name: "KMP", site: "KMP", timeZone: "Asia/Seoul",
        controllers: [Controller(id: 0, name: "F-01", endpoint: Endpoint(host: "127.0.0.1", port: 502), unit: 1)],
        groups: [], tags: tags, alarms: alarms)
}

private func logic(_ root: Logic.Node) -> Logic { Logic(text: "", root: root) }

func differentDetectors() -> [Detector] {
    let high = AlarmLimit(level: .high, limit: 10, priority: .low)
    func sets(_ sets: LimitSet..., product: ProductSource? = nil, phase: Int? = nil) -> Detector {
        .levels(Levels(isAbove: true, sets: sets, product: product, phase: phase))
    }
    func figure(_ figure: Figure) -> Detector { .levels(Levels([high], isAbove: true, figure: figure)) }
    func test(_ test: Detector.Test, _ priority: Priority = .low) -> Detector { .test(test, priority: priority) }
    func deviation(
        _ setpoint: Int = 1, _ form: Deviation.Form = .distance, _ skew: Duration = .seconds(1), _ band: Double? = nil
    ) -> Detector { figure(.deviation(Deviation(setpoint: setpoint, form: form, maxSkew: skew, soakBand: band))) }
    func rate(_ over: Int, _ per: Int, _ method: RateOfChange.Method = .endpoint) -> Detector {
        figure(.rate(RateOfChange(over: .seconds(over), per: .seconds(per), method: method)))
    }
    func stuck(_ tolerance: Double, _ over: Int, _ samples: Int, _ when: Logic? = nil) -> Detector {
        test(.stuck(Stuck(tolerance: tolerance, over: .seconds(over), samples: samples, whenMoving: when)))
    }
    func phantom(
        _ junction: Int? = nil, _ ambient: Double = 21, _ within: Double = 3, _ after: Int = 60, _ output: Int? = nil,
        _ above: Double = 5
    ) -> Detector {
        test(
            .phantom(
                Phantom(
                    coldJunction: junction, ambient: ambient, within: within, after: .seconds(after), output: output,
                    outputAbove: above)))
    }
    func trend(_ limit: Double, _ isAbove: Bool, _ over: Int, _ horizon: Int) -> Detector {
        test(
            .timeToLimit(
                TimeToLimit(limit: limit, isAbove: isAbove, over: .seconds(over), horizon: .seconds(horizon))))
    }
    let levels: [Detector] = [
        .levels(Levels([high], isAbove: true)), .levels(Levels([high], isAbove: false)),
        .levels(Levels([high], isAbove: true, isInclusive: false)), sets(LimitSet(limits: [])),
        sets(LimitSet(product: "4N", limits: [high])), sets(LimitSet(phases: [70], limits: [high])),
        sets(LimitSet(phases: [], limits: [high])), sets(LimitSet(phases: [70], limits: [high]), phase: 2),
        sets(LimitSet(product: "4N", limits: [high]), product: .fixed("F-01")),
        sets(LimitSet(product: "4N", limits: [high]), product: .heat(0)),
        sets(LimitSet(product: "4N", limits: [high]), product: .tag(1)),
        sets(LimitSet(product: "4N", limits: [high]), LimitSet(limits: [high])),
        sets(LimitSet(limits: [high]), LimitSet(product: "4N", limits: [high])),
        sets(LimitSet(limits: [AlarmLimit(level: .high, limit: 10.000000000000002, priority: .low)])),
        sets(LimitSet(limits: [AlarmLimit(level: .highHigh, limit: 10, priority: .low)])),
        sets(LimitSet(limits: [AlarmLimit(level: .high, limit: 10, priority: .medium)])),
        sets(LimitSet(limits: [AlarmLimit(level: .high, limit: 10, priority: .low, deadband: 1)])),
    ]
    let figures: [Detector] = [
        deviation(), deviation(2), deviation(1, .signed), deviation(1, .distance, .seconds(2)),
        deviation(1, .distance, .seconds(1), 5), rate(60, 60), rate(61, 60), rate(60, 61), rate(60, 60, .leastSquares),
        figure(.difference(from: 1)), figure(.difference(from: 2)), figure(.disagreement(with: [1])),
        figure(.disagreement(with: [1, 2])), figure(.median(with: [1, 2])),
        figure(.vote(with: [1, 2], need: 2, bad: .drop)), figure(.vote(with: [1, 2], need: 1, bad: .drop)),
        figure(.vote(with: [1, 2], need: 2, bad: .alarm)),
    ]
    let tests: [Detector] = [
        test(.state([1])), test(.state([1]), .high), test(.bits(mask: 1, set: true)), test(.bits(mask: 1, set: false)),
        test(.bits(mask: 1 << 63, set: true)), test(.bits(mask: 1 << 63 + 1, set: true)), test(.change),
        test(.edges(count: 5, within: .seconds(60))), test(.edges(count: 6, within: .seconds(60))),
        test(.edges(count: 5, within: .seconds(61))), test(.mismatch(feedback: 1, transit: .seconds(5))),
        test(.mismatch(feedback: 1, transit: .milliseconds(5001))), test(.spike(Spike(threshold: 1))),
        test(.spike(Spike(threshold: 2))), test(.spike(Spike(threshold: 1, form: .differential))), stuck(1, 60, 61),
        stuck(2, 60, 61), stuck(1, 61, 61), stuck(1, 60, 62), stuck(1, 60, 61, logic(.alarm(1))),
        test(.stale(after: .seconds(5))), test(.stale(after: .seconds(6))), test(.quality([])),
        test(.quality([.failHigh])), test(.degraded(with: [1])), test(.degraded(with: [1, 2])), phantom(), phantom(1),
        phantom(nil, 22), phantom(nil, 21, 4), phantom(nil, 21, 3, 61), phantom(nil, 21, 3, 60, 1),
        phantom(nil, 21, 3, 60, nil, 6), trend(10, true, 60, 60), trend(11, true, 60, 60), trend(10, false, 60, 60),
        trend(10, true, 61, 60), trend(10, true, 60, 61),
    ]
    return levels + figures + tests + logics().map { test(.logic(logic($0))) } + charts()
}

private func logics() -> [Logic.Node] {
    let phase = Logic.Node.compare(.tag(2), .equal, .number(70))
    return Logic.Comparison.allCases.map { .compare(.tag(1), $0, .number(5)) } + [
        .compare(.tag(1), .equal, .tag(2)), .compare(.number(5), .less, .tag(1)), .isOne(2, of: [70]),
        .isOne(2, of: [70, 71]), .anyBit(2, of: 4), .anyBit(2, of: 5), .alarm(0), .alarm(1), .not(phase),
        .all([phase, .alarm(1)]), .any([phase, .alarm(1)]), .atLeast(1, [phase, .alarm(1)]),
        .atLeast(2, [phase, .alarm(1)]),
    ]
}

private func charts() -> [Detector] {
    let centre = Centre(mean: 1, sigma: 2)
    func lots(_ rule: LotChart.Rule, lot: Int = 1, _ scale: LotChart.Scale = .linear) -> Detector {
        .lots(LotChart(lot: lot, scale: scale, rule: rule), priority: .low)
    }
    let conformity: [Detector] = [
        lots(.conformity(Conformity(lower: 1, upper: nil))), lots(.conformity(Conformity(lower: nil, upper: 1))),
        lots(.conformity(Conformity(lower: 1, upper: nil, guardBand: 0.5))),
        lots(.conformity(Conformity(lower: 1, upper: nil)), lot: 2),
        lots(.conformity(Conformity(lower: 1, upper: nil, decimals: 0))),
        lots(.conformity(Conformity(lower: 1, upper: nil)), .log10),
    ]
    return conformity + [
        lots(.runs(RunRules.usual, centre)), lots(.runs(RunRules(rules: [1]), centre)),
        lots(.runs(RunRules(rules: [1, 2, 3, 5, 6], side: 8), centre)),
        lots(.runs(RunRules(rules: [1, 2, 3, 5, 6], trend: 7), centre)),
        lots(.runs(RunRules.usual, Centre(mean: 2, sigma: 2))),
        lots(.ewma(lambda: 0.2, width: 3, centre)), lots(.ewma(lambda: 0.3, width: 3, centre)),
        lots(.ewma(lambda: 0.2, width: 2, centre)), lots(.cusum(k: 0.5, h: 5, restarts: true, centre)),
        lots(.cusum(k: 0.5, h: 5, restarts: false, centre)), lots(.cusum(k: 1, h: 5, restarts: true, centre)),
        lots(.cusum(k: 0.5, h: 4, restarts: true, centre)), lots(.capability(Capability(lower: 1, upper: nil))),
        lots(.capability(Capability(lower: 1, upper: 2))),
        lots(.capability(Capability(lower: 1, upper: nil, least: 1))),
        lots(.capability(Capability(lower: 1, upper: nil, lots: 40))),
        .comms(0, priority: .low), .comms(0, priority: .high), .health(.history, priority: .low),
        .health(.history, priority: .high), .health(.historyLog, priority: .low), .health(.journal, priority: .low),
        .health(.sink("history"), priority: .low), .health(.sink("floor"), priority: .low),
    ]
}

func differentRules() -> [(Qualification, Handling, Activity)] {
    let gap = Duration.seconds(3)
    // The first of `differentDetectors` has all these as they are by default.
    let qualifications = [
        Qualification(onDelay: .milliseconds(1), maxGap: gap), Qualification(offDelay: .milliseconds(1), maxGap: gap),
        Qualification(maxGap: .seconds(4)), Qualification(maxGap: gap, count: .init(runs: 2, within: gap)),
        Qualification(maxGap: gap, count: .init(runs: 3, within: gap)),
        Qualification(maxGap: gap, count: .init(runs: 2, within: .seconds(4))),
        Qualification(maxGap: gap, onBad: .activate(after: gap)),
        Qualification(maxGap: gap, onBad: .activate(after: .seconds(4))),
    ]
    let handlings = [
        Handling(latching: true), Handling(acknowledgement: .auto),
        Handling(acknowledgement: Handling.Acknowledgement.none),
        Handling(reAlarm: gap), Handling(maxShelve: nil), Handling(maxShelve: gap), Handling(group: "water"),
    ]
    let activities = [
        Activity(when: logic(.alarm(1))), Activity(suppressedBy: logic(.alarm(1))), Activity(arming: .after(gap)),
        Activity(arming: .onceNormal),
    ]
    let usual = Qualification(maxGap: gap)
    return qualifications.map { ($0, Handling(), Activity()) } + handlings.map { (usual, $0, Activity()) }
        + activities.map { (usual, Handling(), $0) }
}
