import Plant

/// Statements, their tags, states and alarms looked up in the plant.
extension AlarmExpansion {
    /// When the alarm of a draft is watched; `nil` when a statement is not understood.
    mutating func activity(of draft: AlarmDraft) -> Activity? {
        let rule = draft.rule.activity
        let when = rule.when.map { self.when($0, for: draft) }
        let suppressedBy = rule.suppressedBy.map { logic($0, for: draft) }
        guard !isFaulty(when), !isFaulty(suppressedBy) else { return nil }
        return Activity(when: when ?? nil, suppressedBy: suppressedBy ?? nil, arming: rule.arming)
    }

    private mutating func when(_ when: ActivityRule.When, for draft: AlarmDraft) -> Logic? {
        switch when {
        case .logic(let rule): return logic(rule, for: draft)
        case .values(let reference, let values):
            guard let tag = tag(reference, for: draft), let numbers = numbers(values, for: tag) else { return nil }
            let words = values.compactMap(\.word)
            let text =
                words.count == 1 ? "\(tag.name) == \(words[0])" : "\(tag.name) in (\(words.joined(separator: ", ")))"
            return Logic(text: text, root: .isOne(tag.id, of: numbers))
        }
    }

    mutating func logic(_ rule: LogicRule, for draft: AlarmDraft) -> Logic? {
        node(rule.text.root, rule, draft).map { Logic(text: rule.text.text, root: $0) }
    }

    private mutating func node(_ node: LogicText.Node, _ rule: LogicRule, _ draft: AlarmDraft) -> Logic.Node? {
        switch node {
        case .holds(let name):
            guard let tag = tag(name, rule, draft) else { return nil }
            guard tag.type == .bool else {
                reject(name, rule, found: ", a \(tag.type.word)", expected: "a comparison with it, or a bool")
                return nil
            }
            return .isOne(tag.id, of: [1])
        case .compare(let left, let comparison, let right, let character):
            return compare(left, comparison, right, at: character, rule, draft)
        case .isOne(let name, let values):
            guard let tag = tag(name, rule, draft) else { return nil }
            var numbers: [Double] = []
            for value in values {
                guard let found = self.values(value, of: tag, rule) else { return nil }
                numbers += found
            }
            return .isOne(tag.id, of: numbers)
        case .anyBit(let name, let mask):
            guard let tag = tag(name, rule, draft) else { return nil }
            guard let width = tag.bitWidth else {
                reject(name, rule, found: ", which has no bits", expected: "a tag that is read, of whole numbers")
                return nil
            }
            guard mask.bitWidth - mask.leadingZeroBitCount <= width else {
                reject(name, rule, found: " with bits \(mask)", expected: "some of its \(width) bits")
                return nil
            }
            return .anyBit(tag.id, of: mask)
        case .alarm(let name): return alarm(name, rule, draft).map { .alarm($0) }
        case .not(let node): return self.node(node, rule, draft).map { .not($0) }
        case .all(let nodes): return self.nodes(nodes, rule, draft).map { .all($0) }
        case .any(let nodes): return self.nodes(nodes, rule, draft).map { .any($0) }
        case .atLeast(let count, let nodes): return self.nodes(nodes, rule, draft).map { .atLeast(count, $0) }
        }
    }

    private mutating func nodes(_ nodes: [LogicText.Node], _ rule: LogicRule, _ draft: AlarmDraft) -> [Logic.Node]? {
        let found = nodes.map { node($0, rule, draft) }
        return found.allSatisfy { $0 != nil } ? found.compactMap { $0 } : nil
    }

    private mutating func compare(
        _ left: LogicText.Operand, _ comparison: Logic.Comparison, _ right: LogicText.Operand, at character: Int,
        _ rule: LogicRule, _ draft: AlarmDraft
    ) -> Logic.Node? {
        switch (left, right) {
        case (.tag(let name), .state), (.state, .tag(let name)):
            guard case .equal = comparison else {
                guard case .different = comparison else {
                    reject(
                        rule.value, found: "\(comparison.rawValue) with a state at character \(character)",
                        expected: "== or !=")
                    return nil
                }
                return compare(left, .equal, right, at: character, rule, draft).map { .not($0) }
            }
            guard let tag = tag(name, rule, draft),
                let numbers = values(left == .tag(name) ? right : left, of: tag, rule)
            else { return nil }
            return .isOne(tag.id, of: numbers)
        case (.tag(let name), .number(let number)):
            guard let tag = tag(name, rule, draft), values(right, of: tag, rule) != nil else { return nil }
            return .compare(.tag(tag.id), comparison, .number(number))
        case (.tag, .tag), (.number, .tag):
            guard let a = operand(left, rule, draft), let b = operand(right, rule, draft) else { return nil }
            return .compare(a, comparison, b)
        case (.number, _), (.state, _):
            reject(
                rule.value, found: "a comparison without a tag at character \(character)",
                expected: "a tag, which is called by its full name")
            return nil
        }
    }

    private mutating func operand(
        _ operand: LogicText.Operand, _ rule: LogicRule, _ draft: AlarmDraft
    ) -> Logic.Operand? {
        switch operand {
        case .number(let number): .number(number)
        case .tag(let name): tag(name, rule, draft).map { .tag($0.id) }
        case .state: nil
        }
    }

    /// The values that a tag is compared with.
    private mutating func values(_ operand: LogicText.Operand, of tag: Tag, _ rule: LogicRule) -> [Double]? {
        switch operand {
        case .number(let number):
            guard tag.type != .bool || number == 0 || number == 1 else {
                reject(rule.value, found: "\(number.short) for \(tag.name)", expected: "true or false")
                return nil
            }
            return [number]
        case .state(let name):
            if tag.type == .bool, name.text == "true" || name.text == "false" { return [name.text == "true" ? 1 : 0] }
            let numbers = tag.numbers(ofState: name.text)
            if !numbers.isEmpty { return numbers }
            reject(name, rule, found: " for \(tag.name)", expected: tag.stateWords.asChoice(near: name.text))
        case .tag(let name):
            reject(name, rule, expected: "a number or a state; two tags are compared with ==")
        }
        return nil
    }

    /// A tag with a number, its `*` filled in.
    private mutating func tag(_ name: LogicText.Name, _ rule: LogicRule, _ draft: AlarmDraft) -> Tag? {
        guard let full = filled(name, rule, draft) else { return nil }
        guard let tag = tag(named: full) else {
            if !isRejected(rule.value), !mayExist(NamePattern(full)) {
                let isWild = full != name.text
                reject(
                    name, rule, found: isWild ? ", which is \(full.quoted) for \(draft.subject)" : "",
                    expected: expectation(for: NamePattern(full), at: rule.value))
            }
            return nil
        }
        guard !tag.type.isString else {
            reject(name, rule, found: ", a string", expected: "a tag with a number")
            return nil
        }
        return tag
    }

    /// An alarm by its whole name, or by its id when there is one alarm of it.
    private mutating func alarm(_ name: LogicText.Name, _ rule: LogicRule, _ draft: AlarmDraft) -> AlarmDefinition.ID? {
        guard let full = filled(name, rule, draft) else { return nil }
        if let id = ids[full] { return id }
        let ofRule = members[full] ?? []
        if ofRule.count == 1 { return ofRule[0] }
        guard !isRejected(rule.value) else { return nil }
        guard ofRule.isEmpty else {
            reject(
                name, rule, found: ", which is \(ofRule.count) alarms",
                expected: "one of them, such as \(drafts[ofRule[0]].name.quoted)")
            return nil
        }
        // An alarm that is not found may be one on a tag that could not be understood.
        guard !assembly.directory.isIncomplete, assembly.directory.brokenNames.isEmpty else { return nil }
        let near = rule.value.document.findings.nearest(to: full, of: ids.keys.sorted())
        reject(
            name, rule, found: full == name.text ? "" : ", which is \(full.quoted) for \(draft.subject)",
            expected: "the name of an alarm" + (near.map { " such as \($0.quoted)" } ?? ""))
        return nil
    }

    private mutating func filled(_ name: LogicText.Name, _ rule: LogicRule, _ draft: AlarmDraft) -> String? {
        guard let full = NamePattern(name.text).filled(with: draft.captures) else {
            reject(
                name, rule,
                expected: draft.captures.isEmpty
                    ? "no *: the alarm's own tag has none" : "no more * than the alarm's own tag has")
            return nil
        }
        return full
    }

    private mutating func reject(_ name: LogicText.Name, _ rule: LogicRule, found: String = "", expected: String) {
        reject(rule.value, found: "\(name.text.quoted) at character \(name.character)\(found)", expected: expected)
    }
}
