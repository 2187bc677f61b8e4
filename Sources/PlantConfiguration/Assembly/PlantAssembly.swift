import Plant

/// The controllers, groups and tags of a plant with their final numbers, and what could not be made into one.
struct PlantAssembly {
    private(set) var controllers: [Controller] = []
    private(set) var groups: [ScanGroup] = []
    private(set) var tags: [Tag] = []
    private(set) var directory = TagDirectory()
    /// Who says what each controller makes.
    private(set) var products: [ProductSource?] = []
    private let findings: Findings

    static let defaultTimeout: Duration = .seconds(1)
    static let defaultHeartbeatTimeout: Duration = .seconds(5)

    /// - Parameter period: how often the diagnostic tags are made.
    init(_ list: ControllerList, diagnosticsEvery period: Duration, findings: Findings) {
        self.findings = findings
        directory.isIncomplete = list.isIncomplete
        for (controller, draft) in list.drafts.enumerated() { place(draft, controller) }
        joinTogether(list.drafts)
        tags = directory.tags.map { Tag($0, in: directory, findings) }
        for (controller, draft) in list.drafts.enumerated() { add(draft, controller) }
        products = list.drafts.enumerated().map { product($0.element, $0.offset) }
        Diagnostics.add(of: controllers, every: period, groups: &groups, tags: &tags)
    }

    /// Gives the tags of a controller their numbers, groups and slots.
    private mutating func place(_ draft: ControllerDraft, _ controller: Controller.ID) {
        let drafts = draft.tags.tags
        drafts.reportOverlaps(to: findings)
        reportOversized(drafts, maxRegisters: draft.maxRegisters)
        reportUnknownScans(drafts, draft.scan)
        directory.add(broken: draft.tags.brokenNames, of: draft.name)
        directory.isIncomplete = directory.isIncomplete || draft.tags.isIncomplete
        let places = makeGroups(of: drafts, draft, controller)
        for (index, tag) in drafts.enumerated() {
            // Only a tag of an unknown scan class has no place, and that is reported.
            let place = places[index] ?? (group: 0, slot: 0)
            directory.add(
                PlacedTag(
                    id: directory.tags.count, draft: tag, controller: controller, controllerName: draft.name,
                    group: place.group, slot: place.slot, period: draft.scan.periods[tag.scan.value] ?? .zero))
        }
    }

    /// One group for each scan class that has tags; its slots in the order of table, address and bit, the computed ones
    /// behind, for they are made when the others have come.
    private mutating func makeGroups(
        of drafts: [TagDraft], _ draft: ControllerDraft, _ controller: Controller.ID
    ) -> [Int: (group: ScanGroup.ID, slot: Int)] {
        var places: [Int: (group: ScanGroup.ID, slot: Int)] = [:]
        let firstTag = directory.tags.count
        let members = Dictionary(grouping: drafts.indices) { drafts[$0].scan.value }
        for scan in draft.scan.names {
            guard let period = draft.scan.periods[scan], let members = members[scan] else { continue }
            let read = members.compactMap { index in drafts[index].registers.map { (index: index, place: $0) } }.sorted
            {
                ($0.place.table, $0.place.start, drafts[$0.index].bits?.lowerBound ?? -1)
                    < ($1.place.table, $1.place.start, drafts[$1.index].bits?.lowerBound ?? -1)
            }
            let computed = members.filter { drafts[$0].registers == nil }
            if read.isEmpty, !draft.tags.isIncomplete, draft.tags.brokenNames.isEmpty {
                for index in computed {
                    findings.report(
                        "expr: found no tag of scan class \(scan) that \(draft.name) reads, expected one, for "
                            + "\(drafts[index].name) is evaluated with its scan",
                        at: drafts[index].source.place)
                }
            }
            let ordered = read.map(\.index) + computed
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

    private mutating func joinTogether(_ drafts: [ControllerDraft]) {
        var number = 0
        for draft in drafts {
            for ids in draft.together(in: directory, findings) {
                directory.join(ids, as: number)
                number += 1
            }
        }
    }

    private mutating func add(_ draft: ControllerDraft, _ controller: Controller.ID) {
        let settings = draft.settings
        let heartbeatTimeout = settings.heartbeatTimeout ?? Self.defaultHeartbeatTimeout
        draft.reportUnchanged(
            longestPeriod: groups.filter { $0.controller == controller }.map(\.period).max(), findings)
        controllers.append(
            Controller(
                id: controller, name: draft.name, description: draft.description, endpoints: draft.endpoints,
                unit: draft.unit, model: draft.model, timeout: settings.timeout ?? Self.defaultTimeout,
                maxRegisters: draft.maxRegisters, maxGap: settings.maxGap ?? 0,
                pacing: settings.pacing(reportingTo: findings),
                heartbeat: draft.heartbeat(in: directory, timeout: heartbeatTimeout, findings),
                heartbeatTimeout: heartbeatTimeout, unchangedAfter: settings.unchangedAfter?.value,
                notation: settings.notation ?? .zeroBased))
    }

    private func product(_ draft: ControllerDraft, _ controller: Controller.ID) -> ProductSource? {
        switch draft.product {
        case nil: return nil
        case .fixed(let name): return .fixed(name)
        case .heat: return .heat(controller)
        case .tag(let name, let value):
            guard let tag = directory.tag(name, of: draft.name) else {
                if !directory.mayExist(name, of: draft.name) {
                    let hint = directory.hint(name, of: draft.name, orFull: true, findings)
                    value.reject(expected: "heat, or a tag of this controller or a full name\(hint)")
                }
                return nil
            }
            guard tag.draft.type.isString || !tag.draft.traits.states.isEmpty else {
                value.reject(found: "\(tag.name), a \(tag.draft.type.word)", expected: "a string, or a tag with states")
                return nil
            }
            return .tag(tag.id)
        }
    }

    private func reportOversized(_ drafts: [TagDraft], maxRegisters: Int) {
        for tag in drafts {
            guard let place = tag.registers, !place.table.isBits, place.count > maxRegisters else { continue }
            findings.report(
                "register: found \(place.count) registers of \(tag.name), expected at most max_registers, "
                    + "\(maxRegisters)",
                at: tag.source.place)
        }
    }

    private func reportUnknownScans(_ drafts: [TagDraft], _ scan: ScanClasses) {
        for tag in drafts where scan.periods[tag.scan.value] == nil {
            findings.report(
                "scan: found \(tag.scan.value.quoted), expected "
                    + findings.choice(of: scan.names, near: tag.scan.value),
                at: tag.scan.place)
        }
    }
}

extension Tag {
    /// A tag whose formula and status tag are looked up in the plant; what is wrong with them is reported.
    fileprivate init(_ placed: PlacedTag, in directory: TagDirectory, _ findings: Findings) {
        let (draft, traits) = (placed.draft, placed.draft.traits)
        placed.reportStuck(to: findings)
        self.init(
            id: placed.id, name: placed.name, localName: draft.name, description: traits.description,
            unit: traits.unit, controller: placed.controller, registers: draft.registers, bits: draft.bits,
            type: draft.type, order: traits.order, packing: traits.packing, scale: traits.scaling.scale,
            offset: traits.scaling.offset, range: traits.range, invalid: traits.invalid, states: traits.states,
            expect: traits.expect,
            rules: TagRules(
                clamps: traits.clamps, loop: traits.loop, status: placed.statusRule(in: directory, findings),
                isCounter: traits.isCounter, stuckAfter: traits.stuckAfter?.value),
            together: placed.together, formula: placed.formula(in: directory, findings), group: placed.group,
            slot: placed.slot, isStepped: traits.isStepped, resolution: traits.resolution)
    }
}
