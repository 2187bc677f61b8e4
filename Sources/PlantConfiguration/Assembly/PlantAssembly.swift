import Plant

/// The controllers, groups and tags of a plant with their final numbers, and what could not be made into one.
struct PlantAssembly {
    private(set) var controllers: [Controller] = []
    private(set) var groups: [ScanGroup] = []
    private(set) var tags: [Tag] = []
    /// Full names of tags that exist but were not understood.
    private(set) var brokenNames: Set<String> = []
    private(set) var isIncomplete: Bool
    private let findings: Findings

    private static let defaultHeartbeatTimeout: Duration = .seconds(5)

    init(_ list: ControllerList, findings: Findings) {
        self.findings = findings
        isIncomplete = list.isIncomplete
        for draft in list.drafts { add(draft) }
    }

    private mutating func add(_ draft: ControllerDraft) {
        let drafts = draft.tags.tags
        let maxRegisters = draft.settings.maxRegisters ?? Limits.registers.upperBound
        drafts.reportOverlaps(to: findings)
        reportOversized(drafts, maxRegisters: maxRegisters)
        reportUnknownScans(drafts, draft.scan)
        brokenNames.formUnion(draft.tags.brokenNames.map { "\(draft.name).\($0)" })
        isIncomplete = isIncomplete || draft.tags.isIncomplete

        let controller = controllers.count
        let firstTag = tags.count
        let places = makeGroups(of: drafts, draft, controller: controller, firstTag: firstTag)
        for (index, tag) in drafts.enumerated() {
            // Only a tag of an unknown scan class has no place, and that is reported.
            let place = places[index] ?? (group: 0, slot: 0)
            tags.append(
                Tag(
                    tag, id: firstTag + index, controller: controller, of: draft.name, group: place.group,
                    slot: place.slot))
        }
        controllers.append(
            Controller(
                id: controller, name: draft.name, description: draft.description, endpoint: draft.endpoint,
                unit: draft.unit, model: draft.model, timeout: draft.timeout, maxRegisters: maxRegisters,
                maxGap: draft.settings.maxGap ?? 0, heartbeat: heartbeat(of: draft).map { firstTag + $0 },
                heartbeatTimeout: draft.settings.heartbeatTimeout ?? Self.defaultHeartbeatTimeout))
    }

    /// One group for each scan class that has tags; its slots in the order of table, address and bit.
    private mutating func makeGroups(
        of drafts: [TagDraft], _ draft: ControllerDraft, controller: Controller.ID, firstTag: Tag.ID
    ) -> [Int: (group: ScanGroup.ID, slot: Int)] {
        var places: [Int: (group: ScanGroup.ID, slot: Int)] = [:]
        let members = Dictionary(grouping: drafts.indices) { drafts[$0].scan.value }
        for scan in draft.scan.names {
            guard let period = draft.scan.periods[scan], let unordered = members[scan] else { continue }
            let ordered = unordered.sorted {
                (drafts[$0].registers.table, drafts[$0].registers.start, drafts[$0].bit ?? -1)
                    < (drafts[$1].registers.table, drafts[$1].registers.start, drafts[$1].bit ?? -1)
            }
            if let excess = ordered.dropFirst(Limits.tagsPerGroup).first {
                findings.report(
                    "found \(ordered.count) tags in scan class \(scan), expected at most \(Limits.tagsPerGroup)",
                    at: drafts[excess].namePlace)
            }
            for (slot, index) in ordered.enumerated() { places[index] = (groups.count, slot) }
            groups.append(
                ScanGroup(
                    id: groups.count, controller: controller, scan: scan, name: "\(draft.name)/\(scan)", period: period,
                    tags: ordered.map { firstTag + $0 }))
        }
        return places
    }

    private func reportOversized(_ drafts: [TagDraft], maxRegisters: Int) {
        for tag in drafts where !tag.registers.table.isBits && tag.registers.count > maxRegisters {
            findings.report(
                "register: found \(tag.registers.count) registers of \(tag.name), expected at most max_registers, "
                    + "\(maxRegisters)",
                at: tag.registerPlace)
        }
    }

    private func reportUnknownScans(_ drafts: [TagDraft], _ scan: ScanClasses) {
        for tag in drafts where scan.periods[tag.scan.value] == nil {
            findings.report(
                "scan: found \(tag.scan.value.quoted), expected \(scan.names.asChoice(near: tag.scan.value))",
                at: tag.scan.place)
        }
    }

    /// The index of the heartbeat among the controller's tags.
    private func heartbeat(of draft: ControllerDraft) -> Int? {
        guard let name = draft.settings.heartbeat else { return nil }
        let tags = draft.tags.tags
        guard let index = tags.firstIndex(where: { $0.name == name.value }) else {
            if !draft.tags.isIncomplete, !draft.tags.brokenNames.contains(name.value) {
                let hint = name.value.nearest(of: tags.map(\.name)).map { ", such as \($0.quoted)" } ?? ""
                findings.report(
                    "heartbeat: found \(name.value.quoted), expected a tag of this controller\(hint)", at: name.place)
            }
            return nil
        }
        if tags[index].type.isString {
            findings.report(
                "heartbeat: found \(name.value.quoted), a string, expected a tag with a number", at: name.place)
        }
        return index
    }
}

extension Tag {
    fileprivate init(
        _ draft: TagDraft, id: Tag.ID, controller: Controller.ID, of controllerName: String, group: ScanGroup.ID,
        slot: Int
    ) {
        self.init(
            id: id, name: "\(controllerName).\(draft.name)", localName: draft.name, description: draft.description,
            unit: draft.unit, controller: controller, registers: draft.registers, bit: draft.bit, type: draft.type,
            order: draft.order, scale: draft.scale, offset: draft.offset, range: draft.range, invalid: draft.invalid,
            states: draft.states, expect: draft.expect, group: group, slot: slot)
    }
}
