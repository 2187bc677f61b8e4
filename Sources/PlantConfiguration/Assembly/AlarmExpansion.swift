import Plant

/// Turns each rule into one alarm for each tag it matches, and adds the alarms that nobody has to write.
struct AlarmExpansion {
    private let assembly: PlantAssembly
    private let tagsByName: [String: Tag]
    private(set) var alarms: [AlarmDefinition] = []
    /// A fault of a rule is shown for the first of its tags only: for the others it is the same fault.
    private var rejected: Set<Place> = []

    init(_ rules: [AlarmRule], of assembly: PlantAssembly) {
        self.assembly = assembly
        tagsByName = Dictionary(assembly.tags.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for rule in rules { expand(rule) }
        for controller in assembly.controllers { alarms.append(.communication(controller, id: alarms.count)) }
        for group in assembly.groups {
            if let alarm = AlarmDefinition.lateScans(group, of: assembly, id: alarms.count) { alarms.append(alarm) }
        }
    }

    private mutating func expand(_ rule: AlarmRule) {
        var isMatched = false
        for tag in assembly.tags {
            guard let captures = rule.pattern.captures(tag.name) else { continue }
            isMatched = true
            let condition = condition(of: rule, for: tag)
            let when = rule.when.map { self.when($0, captures, for: tag) }
            guard let condition else { continue }
            if rule.when != nil, when == .some(nil) { continue }
            alarms.append(
                AlarmDefinition(
                    id: alarms.count, name: "\(rule.id):\(tag.name)", rule: rule.id, tag: tag.id, condition: condition,
                    onDelay: rule.onDelay, offDelay: rule.offDelay,
                    maxGap: assembly.groups[tag.group].period * Limits.gapPeriods, latching: rule.latching,
                    when: when ?? nil, guidance: rule.guidance, respondWithin: rule.respondWithin))
        }
        if !isMatched, !mayExist(rule.pattern) {
            reject(rule.tag, expected: expectation(for: rule.pattern, at: rule.tag))
        }
    }

    private mutating func condition(of rule: AlarmRule, for tag: Tag) -> AlarmCondition? {
        switch rule.condition {
        case .levels(let levels):
            guard tag.type != .bool, !tag.type.isString else {
                reject(rule.tag, found: "levels on \(tag.name), a \(tag.type.word)", expected: "a tag that measures")
                return nil
            }
            for level in levels.levels {
                guard let range = tag.range, !range.contains(level.limit.limit) else { continue }
                reject(
                    level.value, found: "\(level.value.found), which \(tag.name) never reports",
                    expected: "a limit within its range, \(range.lowerBound.short) to \(range.upperBound.short)")
            }
            return levels.condition
        case .state(let values, let priority):
            let numbers = values.map { self.numbers($0, for: tag) }
            guard numbers.allSatisfy({ $0 != nil }) else { return nil }
            return .state(numbers.flatMap { $0 ?? [] }, priority: priority)
        }
    }

    private mutating func when(_ when: AlarmRule.When, _ captures: [String], for tag: Tag) -> AlarmDefinition.When? {
        guard let name = when.pattern.filled(with: captures) else {
            reject(when.tag, expected: "no more * than the alarm's own tag has")
            return nil
        }
        guard let other = tagsByName[name] else {
            if !rejected.contains(when.tag.place), !mayExist(NamePattern(name)) {
                reject(
                    when.tag, found: when.pattern.isWild ? "\(name.quoted) for \(tag.name)" : nil,
                    expected: expectation(for: NamePattern(name), at: when.tag))
            }
            return nil
        }
        let numbers = when.values.map { self.numbers($0, for: other) }
        guard numbers.allSatisfy({ $0 != nil }) else { return nil }
        return AlarmDefinition.When(tag: other.id, values: numbers.flatMap { $0 ?? [] })
    }

    /// The engineering values that a configured state of a tag stands for: several when states share a name.
    private mutating func numbers(_ value: Value, for tag: Tag) -> [Double]? {
        guard !tag.type.isString else {
            reject(value, found: "a state of \(tag.name), a string", expected: "a tag with a number")
            return nil
        }
        let plain = value.plain ?? .nothing
        switch plain {
        case .flag(let flag) where tag.type == .bool: return [flag ? 1 : 0]
        case .integer(let number) where tag.type != .bool || (0...1).contains(number): return [Double(number)]
        case .number(let number) where tag.type != .bool: return [number]
        case .text:
            let raw = tag.states.filter { $0.value == value.word }.keys.sorted()
            if !raw.isEmpty { return raw.map(Double.init) }
        case .nothing, .flag, .integer, .number, .doubtfulNumber: break
        }
        let number = tag.type == .bool ? ["true", "false"] : ["a number"]
        let names = tag.states.sorted { $0.key < $1.key }.map(\.value)
        reject(value, found: "\(value.found) for \(tag.name)", expected: (number + names).asChoice)
        return nil
    }

    private mutating func reject(_ value: Value, found: String? = nil, expected: String) {
        if rejected.insert(value.place).inserted { value.reject(found: found, expected: expected) }
    }

    /// A tag that is not found may be one that could not be understood; then only that is reported.
    private func mayExist(_ pattern: NamePattern) -> Bool {
        assembly.directory.isIncomplete || assembly.directory.brokenNames.contains { pattern.matches($0) }
    }

    private func expectation(for pattern: NamePattern, at value: Value) -> String {
        guard !pattern.isWild else { return "a pattern that matches a tag" }
        let near = value.document.findings.nearest(to: pattern.text, of: assembly.tags.map(\.name))
        return "the full name of a tag" + (near.map { " such as \($0.quoted)" } ?? "")
    }
}
