import Plant
import Yams

/// A policy as it is written, with the places to blame when it meets no alarm.
struct EscalationRule {
    let policy: EscalationPolicy
    private let priority: Value?
    private let match: [Value]

    enum Key: String, SectionKey {
        case name, priority, match, steps
        case endsWithClear = "ends_with_clear"
    }
    enum StepKey: String, SectionKey { case wait, sinks, times, every }

    static let endsWithClear = true

    private static let form = "a policy such as {name: urgent, priority: critical, steps: [{wait: 5m, sinks: [pager]}]}"
    private static let stepForm = "a step such as {wait: 5m, sinks: [pager]}"

    /// Reads the list of policies.
    ///
    /// - Parameter sinks: the list that the steps' names are of, as it is written: a sink that is not understood is
    ///   reported there.
    static func list(_ value: Value?, sinks: Value?) -> [EscalationRule] {
        guard let items = value?.list("a list of policies, each \(form)") else { return [] }
        if items.count > Limits.escalationPolicies {
            value?.reject(found: "\(items.count) policies", expected: "at most \(Limits.escalationPolicies)")
            return []
        }
        let names = sinks?.writtenNames ?? []
        var seen: [String: Place] = [:]
        return items.compactMap { item in
            item.section(Key.self, form).flatMap { EscalationRule($0, names: &seen, sinks: names) }
        }
    }

    /// Reads every key, also when the outcome is `nil`, so that all faults show.
    private init?(_ section: Section<Key>, names: inout [String: Place], sinks: [String]) {
        let name = section.required(.name, "the policy's name")?.uniqueName(among: &names, what: "policy")
        priority = section.required(.priority, "a priority such as critical, or a list such as [high, critical]")
        let priorities = priority?.each("a priority such as critical") { $0.choice(Priority.self) }
        match = section[.match].map(Self.patterns) ?? []
        let endsWithClear = section.read(.endsWithClear, default: Self.endsWithClear) { $0.flag() }
        let steps = section.required(.steps, "a list of steps, each \(Self.stepForm)").flatMap {
            Self.steps($0, sinks: sinks)
        }
        guard let name, let priorities, let steps else { return nil }
        policy = EscalationPolicy(
            name: name, priorities: Set(priorities), match: match.compactMap(\.word).map(NamePattern.init),
            endsWithClear: endsWithClear, steps: steps)
    }

    private static func patterns(_ value: Value) -> [Value] {
        let expected = "an alarm or a tag, or a pattern such as \"F-*\""
        let patterns = value.each(expected) { $0.text(expected) == nil ? nil : $0 }
        if patterns.count > Limits.escalationPatterns {
            value.reject(found: "\(patterns.count) names", expected: "at most \(Limits.escalationPatterns)")
        }
        return patterns
    }

    private static func steps(_ value: Value, sinks: [String]) -> [EscalationPolicy.Step]? {
        guard let items = value.list("a list of steps, each \(stepForm)") else { return nil }
        guard Limits.escalationSteps.contains(items.count) else {
            let (least, most) = (Limits.escalationSteps.lowerBound, Limits.escalationSteps.upperBound)
            value.reject(
                found: items.isEmpty ? "an empty list" : "\(items.count) steps", expected: "\(least) to \(most) steps")
            return nil
        }
        let steps = items.map { item in item.section(StepKey.self, stepForm).flatMap { step($0, sinks: sinks) } }
        return steps.contains { $0 == nil } ? nil : steps.compactMap(\.self)
    }

    private static func step(_ section: Section<StepKey>, sinks: [String]) -> EscalationPolicy.Step? {
        let wait = section.required(.wait, "a duration such as 5m, or 0s for at once")?
            .duration(in: Limits.escalationWait)
        let told = section.required(.sinks, "a list of sinks such as [pager]")?.sinkNames(among: sinks)
        let read = section[.times].map { $0.integer(in: Limits.escalationTimes) }
        let usual = EscalationPolicy.Step(wait: .zero, sinks: [])
        let times = (read ?? nil) ?? usual.times
        let every = section.read(.every, default: usual.every) { $0.duration(in: Limits.escalationEvery) }
        if times == 1, !isFaulty(read), let value = section[.every] {
            value.reject(expected: "none: the step calls once")
        }
        guard let wait, let told else { return nil }
        return EscalationPolicy.Step(wait: wait, sinks: told, times: times, every: every)
    }

    /// A pattern that no alarm is for is a slip; a priority that none of its alarms can have is one, or a precaution.
    func reportStrangers(among alarms: [AlarmDefinition], in assembly: PlantAssembly) {
        func names(_ alarm: AlarmDefinition) -> [String] {
            [alarm.name] + (alarm.tag.map { [assembly.tags[$0].name] } ?? [])
        }
        let known = AlarmNames(alarms, in: assembly)
        for value in match { known.reportStranger(value) }
        let possible = alarms.filter { alarm in
            policy.match.isEmpty || policy.match.contains { pattern in names(alarm).contains { pattern.matches($0) } }
        }
        let priorities = Set(possible.flatMap(\.detector.priorities))
        guard !possible.isEmpty, policy.priorities.isDisjoint(with: priorities) else { return }
        let words = Priority.allCases.filter(policy.priorities.contains).map(\.rawValue)
        priority?.warn("no alarm that this policy is for can be \(words.asChoice)")
    }
}

extension Value {
    /// The names of a list of sections, whether each section is understood or not.
    fileprivate var writtenNames: [String] {
        guard case .sequence(let items) = node else { return [] }
        return items.compactMap { item in
            item.mapping?.first { $0.key.scalar.map(document.text(ofKey:)) == "name" }?.value.scalar?.string
        }
    }

    /// Names of sinks, each known and named once.
    fileprivate func sinkNames(among known: [String]) -> [String]? {
        guard let items = list("a list of sinks such as [pager]") else { return nil }
        guard (1...Limits.escalationSinks).contains(items.count) else {
            reject(
                found: items.isEmpty ? "an empty list" : "\(items.count) sinks",
                expected: "1 to \(Limits.escalationSinks) sinks")
            return nil
        }
        var names: [String] = []
        for item in items {
            guard let name = item.text("the name of a sink") else { continue }
            if names.contains(name) {
                item.reject(found: "\(name.quoted) again", expected: "each sink once")
            } else if known.isEmpty {
                item.reject(expected: "the name of a sink, and there are no sinks")
            } else if !known.contains(name) {
                item.reject(expected: "the name of a sink: \(document.findings.choice(of: known, near: name))")
            } else {
                names.append(name)
            }
        }
        return items.count == names.count ? names : nil
    }
}

extension Detector {
    /// What an alarm of it can be.
    fileprivate var priorities: [Priority] {
        switch self {
        case .levels(let levels): levels.sets.flatMap(\.limits).map(\.priority)
        case .test(_, let priority), .lots(_, let priority), .comms(_, let priority), .health(_, let priority):
            [priority]
        }
    }
}
