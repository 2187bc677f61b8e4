public import Plant

/// Everything that the thread of a line depends on, and nothing else: two plants with equal identities of a line can
/// share the running one.
///
/// Numbers of tags, groups and controllers are left out, because they move when anything before them comes or goes; so
/// are phases, formulas, alarms, and what only people read. What refers to another tag is held by name.
public struct LineIdentity: Hashable, Sendable {
    fileprivate let endpoints: [Endpoint]
    private let controllers: [Member]
    private let groups: [Group]

    private struct Member: Hashable, Sendable {
        let controller: Controller
        let heartbeat: String?
    }

    private struct Group: Hashable, Sendable {
        let name: String
        let controller: String
        let period: Duration
        let slots: [Slot]
        let diagnoses: String?
    }

    private struct Slot: Hashable, Sendable {
        let tag: Tag
        let isComputed: Bool
        let statusTag: String?
        /// The tags that it is always read with.
        let together: Set<String>
    }

    public init(_ plan: LinePlan, of plant: Plant) {
        let members = plan.controllers.map { plant.controllers[$0] }
        endpoints = members.first?.endpoints ?? []
        controllers = members.map { controller in
            Member(
                controller: LineIdentity.essence(of: controller),
                heartbeat: controller.heartbeat.map { plant.tags[$0].name })
        }
        // Of the plant and not of the plan: what the line counts about itself is no part of what it asks.
        let own = plant.groups.filter { plan.controllers.contains($0.controller) }
        var together: [Int: Set<String>] = [:]
        for tag in own.flatMap(\.tags).map({ plant.tags[$0] }) {
            if let number = tag.together { together[number, default: []].insert(tag.name) }
        }
        groups = own.map { group in
            Group(
                name: group.name, controller: plant.controllers[group.controller].name, period: group.period,
                slots: group.tags.map { id in
                    let tag = plant.tags[id]
                    return Slot(
                        tag: LineIdentity.essence(of: tag), isComputed: tag.formula != nil,
                        statusTag: tag.rules.status.map { plant.tags[$0.tag].name },
                        together: tag.together.flatMap { together[$0] } ?? [])
                }, diagnoses: group.diagnoses.map { LineIdentity.name(of: $0, in: plant) })
        }
    }

    private static func essence(of controller: Controller) -> Controller {
        Controller(
            id: 0, name: controller.name, endpoints: controller.endpoints, unit: controller.unit,
            timeout: controller.timeout, maxRegisters: controller.maxRegisters, maxGap: controller.maxGap,
            pacing: controller.pacing, heartbeatTimeout: controller.heartbeatTimeout,
            unchangedAfter: controller.unchangedAfter)
    }

    private static func essence(of tag: Tag) -> Tag {
        var rules = tag.rules
        // The rules of what it computes are the watch's affair.
        if tag.formula != nil { rules = TagRules() }
        rules.status = rules.status.map { StatusRule(tag: 0, tests: $0.tests) }
        return Tag(
            id: 0, name: tag.name, localName: tag.localName, controller: 0, registers: tag.registers, bits: tag.bits,
            type: tag.type, order: tag.order, packing: tag.packing, scale: tag.scale, offset: tag.offset,
            range: tag.formula == nil ? tag.range : nil, invalid: tag.invalid, expect: tag.expect, rules: rules,
            diagnostic: tag.diagnostic, group: 0, slot: tag.slot)
    }

    private static func name(of subject: DiagnosticSubject, in plant: Plant) -> String {
        switch subject {
        case .line(let id): "line \(plant.controllers[id].name)"
        case .unit(let id): "unit \(plant.controllers[id].name)"
        case .group(let id): "group \(plant.groups[id].name)"
        }
    }
}

/// What becomes of the running lines when the plan changes. Lines go by their endpoints.
public struct LineDifference: Hashable, Sendable {
    /// Pairs of a running line and the planned one, by their places.
    public struct Pair: Hashable, Sendable {
        public let running: Int
        public let planned: Int
    }

    public private(set) var kept: [Pair] = []
    public private(set) var changed: [Pair] = []
    /// Planned lines that do not run yet, and running ones that are no longer planned.
    public private(set) var added: [Int] = []
    public private(set) var removed: [Int] = []

    public init(running: [LineIdentity], planned: [LineIdentity]) {
        let places = Dictionary(
            running.enumerated().map { ($1.endpoints, $0) }, uniquingKeysWith: { first, _ in first })
        var gone = Set(running.indices)
        for (index, identity) in planned.enumerated() {
            guard let place = places[identity.endpoints], gone.remove(place) != nil else {
                added.append(index)
                continue
            }
            let pair = Pair(running: place, planned: index)
            if running[place] == identity { kept.append(pair) } else { changed.append(pair) }
        }
        removed = gone.sorted()
    }
}

extension Line {
    /// Hands a line that goes on the limits of another plant's alarms. Any thread; returns at once.
    ///
    /// - Parameter born: the plant the line was made for, by whose numbers it still goes.
    public func watch(alarmsOf plant: Plant, born: Plant) {
        var limits: [Tag.ID: [Double]] = [:]
        for (id, values) in Urgency.limits(of: plant) {
            if let tag = born.tag(named: plant.tags[id].name) { limits[tag.id] = values }
        }
        watch(limits: limits)
    }
}
