import Plant

/// What an alarm detects, as it is written: its tags and states are understood only with the tag it is on.
enum DetectorRule {
    case levels(LevelsDetector)
    case test(TestRule, priority: Priority)
    case lots(LotsRule, priority: Priority)
    case logic(LogicRule, priority: Priority)

    /// Reads the one detector there must be.
    static func read(_ section: Section<AlarmKey>, _ item: Value) -> DetectorRule? {
        let present = AlarmKey.detectors.filter(section.contains)
        guard present.count < 2 else {
            item.reject(
                found: "\(present[0].rawValue) and \(present[1].rawValue)", expected: "one of them; write two alarms")
            return nil
        }
        guard let key = present.first, let value = section[key] else {
            item.reject(found: "nothing to detect", expected: AlarmKey.detectors.map(\.rawValue).asChoice)
            return nil
        }
        refuseStrangers(section, beside: key)
        return switch key {
        case .levels, .limits: nil
        case .logic: logic(value, section)
        case .lots: LotsRule.read(value)
        default: TestRule.read(key, value)
        }
    }

    /// Keys that belong to another detector.
    private static func refuseStrangers(_ section: Section<AlarmKey>, beside key: AlarmKey) {
        if key != .levels, key != .limits {
            section.refuse([.deadband], "only levels have a deadband")
            section.refuse([.inclusive], "only levels have limits")
            section.refuse(AlarmKey.figures, "only levels have a figure")
        }
        if key != .limits { section.refuse([.phaseFrom], "only limits have rows for phases") }
        if key != .logic {
            section.refuse([.priority], "the priority is in \(key.rawValue)")
            section.refuse([.unit], "only logic has no tag")
        }
        if [.quality, .stale, .degraded, .logic, .lots, .change, .edges].contains(key) {
            section.refuse([.onBad], "\(key.rawValue) does not look at one value after the other")
        }
    }

    private static func logic(_ value: Value, _ section: Section<AlarmKey>) -> DetectorRule? {
        let rule = LogicRule(value)
        guard let priority = section.priority(.priority), let rule else { return nil }
        return .logic(rule, priority: priority)
    }
}

/// A figure with its limits: the same for all, or by unit, product and phase.
struct LevelsDetector {
    let figure: FigureRule
    let isInclusive: Bool
    let deadband: LevelsRule.Deadband?
    let limits: Source
    let phase: TagReference?

    enum Source {
        case levels(LevelsRule)
        case table(LimitTable, Value)
    }

    var isAbove: Bool {
        switch limits {
        case .levels(let levels): levels.isAbove
        case .table(let table, _): table.isAbove
        }
    }

    /// `nil` for an alarm that has no levels, or none that are understood.
    init?(_ section: Section<AlarmKey>, tables: LimitTables) {
        guard let value = section[.levels] ?? section[.limits] else { return nil }
        let figure = FigureRule(section)
        isInclusive = section.read(.inclusive, default: true) { $0.flag() }
        deadband = section[.deadband].flatMap(LevelsRule.Deadband.init)
        phase = section[.phaseFrom].flatMap(TagReference.init)
        let limits: Source? =
            section.contains(.levels)
            ? LevelsRule(value).map { .levels($0) } : tables.table(value).map { .table($0, value) }
        guard let limits, let figure else { return nil }
        (self.limits, self.figure) = (limits, figure)
        let rules = levels
        for rule in rules { rule.reportWide(deadband: deadband) }
        guard !figure.isSigned else { return }
        if !isAbove {
            value.reject(found: "low levels", expected: "high levels: a distance is never negative")
        } else if let level = rules.lazy.flatMap(\.levels).first(where: { $0.limit <= 0 }) {
            level.value.reject(expected: "more than 0: a distance is never negative")
        }
    }

    var levels: [LevelsRule] {
        switch limits {
        case .levels(let levels): [levels]
        case .table(let table, _): table.rows.compactMap(\.levels)
        }
    }
}
