import Plant

/// A rule as it is written: one alarm for each tag its pattern matches.
struct AlarmRule {
    let id: String
    let tag: Value
    let pattern: NamePattern
    let condition: Condition
    let onDelay: Duration
    let offDelay: Duration
    let latching: Bool
    let when: When?
    let guidance: String?
    let respondWithin: Duration?

    enum Condition {
        case levels(LevelsRule)
        /// The values are understood only with the tag they are compared with.
        case state([Value], priority: Priority)
    }

    /// Another tag and its values; its `*` stand for what those of the rule's own tag stood for.
    struct When {
        let tag: Value
        let pattern: NamePattern
        let values: [Value]
    }
}

extension AlarmRule {
    private enum Key: String, SectionKey {
        case id, tag, levels, state, deadband, latching, when, guidance
        case onDelay = "on_delay"
        case offDelay = "off_delay"
        case respondWithin = "respond_within"
    }

    private enum StateKey: String, SectionKey { case `is`, `in`, priority }
    private enum WhenKey: String, SectionKey { case tag, `is`, `in` }

    /// The rule of the communication alarms, which every controller has without any configuration.
    static let communication = "comms"
    /// The rule of the alarms on scan groups that cannot keep their period.
    static let lateScans = "late-scans"
    private static let tagForm = "a tag such as F-01.melt_temp or a pattern such as \"F-*.melt_temp\""

    static func list(_ value: Value?) -> [AlarmRule] {
        guard let items = value?.list("a list of alarms such as {id: melt-high, tag: F-01.melt_temp, …}") else {
            return []
        }
        var seen: [String: Place] = [:]
        return items.compactMap { item in
            guard let section = item.section(Key.self, "an alarm such as {id: melt-high, tag: F-01.melt_temp, …}")
            else {
                return nil
            }
            return AlarmRule(section, item, ids: &seen)
        }
    }

    /// Reads every key, also when the outcome is `nil`, so that all faults show.
    private init?(_ section: Section<Key>, _ item: Value, ids: inout [String: Place]) {
        let idValue = section.required(.id, "the alarm's id")
        let id = idValue?.uniqueName(among: &ids, what: "alarm")
        if id == Self.communication {
            idValue?.reject(expected: "another id: every controller has a comms alarm already")
        }
        if id == Self.lateScans {
            idValue?.reject(expected: "another id: every scan group has a late-scans alarm already")
        }
        let tag = section.required(.tag, Self.tagForm)
        let pattern = tag?.text(Self.tagForm).map { NamePattern($0) }
        let condition = Self.condition(section, item)
        let when = section[.when].flatMap(Self.when)
        onDelay = section.read(.onDelay, default: .zero) { $0.duration(in: Limits.delay) }
        offDelay = section.read(.offDelay, default: .zero) { $0.duration(in: Limits.delay) }
        latching = section.read(.latching, default: false) { $0.flag() }
        guidance = section[.guidance].flatMap { $0.text() }
        respondWithin = section[.respondWithin].flatMap { $0.duration(in: Limits.respondWithin) }
        guard let id, let tag, let pattern, let condition else { return nil }
        (self.id, self.tag, self.pattern, self.condition, self.when) = (id, tag, pattern, condition, when)
    }

    private static func condition(_ section: Section<Key>, _ item: Value) -> Condition? {
        switch (section[.levels], section[.state]) {
        case (let levels?, nil):
            return LevelsRule(levels, deadband: section[.deadband]).map { .levels($0) }
        case (nil, let state?):
            section[.deadband]?.reject(expected: "none: only levels have a deadband")
            return self.state(state)
        case (.some, .some):
            item.reject(found: "levels and state", expected: "one of them; write two alarms")
            return nil
        case (nil, nil):
            item.reject(found: "neither levels nor state", expected: "one of them")
            return nil
        }
    }

    private static func state(_ value: Value) -> Condition? {
        guard let section = value.section(StateKey.self, "a state such as {is: true, priority: high}") else {
            return nil
        }
        let priority = section.required(.priority, Priority.words)?.choice(Priority.self)
        let values = values(is: section[.is], in: section[.in], of: value)
        guard let priority, let values else { return nil }
        return .state(values, priority: priority)
    }

    private static func when(_ value: Value) -> When? {
        guard let section = value.section(WhenKey.self, "a condition such as {tag: F-01.phase, in: [70, 80]}") else {
            return nil
        }
        let tag = section.required(.tag, tagForm)
        let pattern = tag?.text(tagForm).map { NamePattern($0) }
        let values = values(is: section[.is], in: section[.in], of: value)
        guard let tag, let pattern, let values else { return nil }
        return When(tag: tag, pattern: pattern, values: values)
    }

    /// `is:` one value, or `in:` a list of them.
    private static func values(is one: Value?, in several: Value?, of section: Value) -> [Value]? {
        switch (one, several) {
        case (let one?, nil): return [one]
        case (nil, let several?):
            guard let values = several.list("a list of values such as [70, 80]") else { return nil }
            guard values.isEmpty else { return values }
            several.reject(found: "an empty list", expected: "at least one value")
            return nil
        case (.some, .some):
            section.reject(found: "is and in", expected: "one of them")
            return nil
        case (nil, nil):
            section.reject(found: "neither is nor in", expected: "one of them")
            return nil
        }
    }
}

extension Priority {
    static var words: String { allCases.map(\.rawValue).asChoice }
}
