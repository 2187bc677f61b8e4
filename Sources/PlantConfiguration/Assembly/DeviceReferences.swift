import Plant

/// What the settings of a controller say of its tags, looked up among them.
extension ControllerDraft {
    /// The number of the heartbeat.
    func heartbeat(in directory: TagDirectory, timeout: Duration, _ findings: Findings) -> Tag.ID? {
        guard let name = settings.heartbeat else { return nil }
        guard let tag = find(name, "heartbeat", in: directory, findings) else { return nil }
        if tag.draft.type.isString {
            findings.report(
                "heartbeat: found \(name.value.quoted), a string, expected a tag with a number", at: name.place)
        }
        if timeout <= tag.period {
            findings.report(
                "heartbeat: found \(name.value.quoted), read every \(tag.period.configured), expected more often than "
                    + "heartbeat_timeout, \(timeout.configured)",
                at: name.place)
        }
        return tag.id
    }

    /// Two readings are needed to see that a block stands still.
    func reportUnchanged(longestPeriod: Duration?, _ findings: Findings) {
        guard let unchanged = settings.unchangedAfter, let longestPeriod, unchanged.value <= longestPeriod else {
            return
        }
        findings.report(
            "unchanged_after: found \(unchanged.value.configured), expected more than the longest period of its scans, "
                + "\(longestPeriod.configured)",
            at: unchanged.place)
    }

    /// The lists of tags that go into one request. A list with a fault is left out.
    func together(in directory: TagDirectory, _ findings: Findings) -> [[Tag.ID]] {
        var taken: Set<String> = []
        return (settings.together ?? []).compactMap { list in
            var members: [PlacedTag] = []
            for name in list.value {
                guard let tag = find(name, "together", in: directory, findings) else { continue }
                guard taken.insert(name.value).inserted else {
                    findings.report(
                        "together: found \(name.value.quoted) again, expected each tag in one list", at: name.place)
                    continue
                }
                members.append(tag)
            }
            guard members.count == list.value.count, let first = members.first else { return nil }
            let fault = members.lazy.compactMap { self.fault(of: $0, beside: first) }.first ?? oversize(of: members)
            if let fault {
                findings.report("together: found \(fault)", at: list.place)
                return nil
            }
            return members.map(\.id)
        }
    }

    private func fault(of tag: PlacedTag, beside first: PlacedTag) -> String? {
        guard tag.draft.scan.value == first.draft.scan.value else {
            return "\(first.draft.name) in scan class \(first.draft.scan.value) and \(tag.draft.name) in "
                + "\(tag.draft.scan.value), expected one class"
        }
        guard let place = tag.draft.registers, let other = first.draft.registers, place.table != other.table else {
            return nil
        }
        return "\(first.draft.name) at \(other) and \(tag.draft.name) at \(place), expected one table"
    }

    /// The limit of a block, in the items of its table; a bit table packs sixteen to the register.
    private func oversize(of members: [PlacedTag]) -> String? {
        let places = members.compactMap(\.draft.registers)
        guard let table = places.first?.table, let start = places.map({ Int($0.start) }).min(),
            let end = places.map(\.end).max()
        else { return nil }
        let limit = min(table.isBits ? maxRegisters * 16 : maxRegisters, table.protocolLimit)
        guard end - start > limit else { return nil }
        let items = table.isBits ? "bits" : "registers"
        return "\(end - start) \(items) from \(table.rawValue):\(start) on, expected at most \(limit) in one request"
    }

    /// A tag of this controller that is read.
    private func find(
        _ name: Located<String>, _ key: String, in directory: TagDirectory, _ findings: Findings
    ) -> PlacedTag? {
        guard let tag = directory.tag("\(self.name).\(name.value)") else {
            if !directory.mayExist(name.value, of: self.name) {
                let near =
                    findings.nearest(to: name.value, of: tags.tags.map(\.name)).map { ", such as \($0.quoted)" } ?? ""
                findings.report(
                    "\(key): found \(name.value.quoted), expected a tag of this controller\(near)", at: name.place)
            }
            return nil
        }
        guard tag.draft.registers != nil else {
            findings.report(
                "\(key): found \(name.value.quoted), a computed tag, expected a tag that is read", at: name.place)
            return nil
        }
        return tag
    }
}
