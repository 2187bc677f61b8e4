import Plant

/// What a tag says of other tags, looked up in the plant.
extension PlacedTag {
    /// The formula with the numbers of its tags; `nil` when one of them cannot be its input.
    func formula(in directory: TagDirectory, _ findings: Findings) -> Formula? {
        guard let text = draft.source.formula else { return nil }
        let inputs = text.names.map { input($0, in: directory, findings) }
        guard !inputs.contains(nil) else { return nil }
        return text.formula.renumbered { inputs[$0] ?? 0 }
    }

    private func input(_ name: FormulaText.Name, in directory: TagDirectory, _ findings: Findings) -> Tag.ID? {
        let found = "expr: found \(name.text.quoted) at character \(name.character)"
        guard let tag = directory.tag(name.text, of: controllerName) else {
            if !directory.mayExist(name.text, of: controllerName) {
                findings.report(
                    "\(found), expected \(expectation(of: name.text, in: directory, findings))", at: draft.source.place)
            }
            return nil
        }
        guard !tag.draft.type.isString else {
            findings.report("\(found), a string, expected a tag with a number", at: draft.source.place)
            return nil
        }
        // Whether it comes before or after the one that needs it would decide about the value.
        guard tag.draft.registers != nil else {
            findings.report("\(found), a computed tag, expected a tag that is read", at: draft.source.place)
            return nil
        }
        return tag.id
    }

    private func expectation(of name: String, in directory: TagDirectory, _ findings: Findings) -> String {
        guard !name.hasPrefix(Diagnostics.scan) else { return "a tag that is read, no diagnostic one" }
        let hint = directory.hint(name, of: controllerName, orFull: true, findings)
        let minus =
            hint.isEmpty && name.contains("-") ? "; a minus that is no part of a name has a space before it" : ""
        return "a tag of this controller or a full name\(hint)\(minus)"
    }

    /// The rule with the number of its status tag.
    func statusRule(in directory: TagDirectory, _ findings: Findings) -> StatusRule? {
        guard let rule = draft.traits.qualityFrom else { return nil }
        let found = "quality_from: found \(rule.tag.value.quoted)"
        // A tag of another controller may be asked at another time, and lost at another.
        guard let status = directory.tag("\(controllerName).\(rule.tag.value)") else {
            if !directory.mayExist(rule.tag.value, of: controllerName) {
                let hint = directory.hint(rule.tag.value, of: controllerName, findings)
                findings.report("\(found), expected a tag of the same controller\(hint)", at: rule.tag.place)
            }
            return nil
        }
        guard status.id != id else {
            findings.report(
                "\(found), the tag itself, expected another; invalid is for its own values", at: rule.tag.place)
            return nil
        }
        guard status.draft.registers != nil, !status.draft.type.isString, !status.draft.type.isFloat else {
            let what = status.draft.source.formula == nil ? status.draft.type.word : "computed tag"
            findings.report(
                "\(found), a \(what), expected a tag that is read and has whole numbers or a bit", at: rule.tag.place)
            return nil
        }
        return rule.tests(of: status.draft).map { StatusRule(tag: status.id, tests: $0) }
    }

    /// Within one period nothing can be seen to change.
    func reportStuck(to findings: Findings) {
        guard let stuck = draft.traits.stuckAfter, stuck.value <= period else { return }
        findings.report(
            "stuck_after: found \(stuck.value.configured), expected more than its scan period, \(period.configured)",
            at: stuck.place)
    }
}
