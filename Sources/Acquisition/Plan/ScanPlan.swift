public import Modbus
public import Plant

/// One request of a scan, and the tags whose values it brings.
public struct PlannedRequest: Sendable, Hashable {
    public let request: ReadRequest
    /// The tags, in the order of their slots.
    public let tags: [Tag.ID]
    /// Items that a tag uses; the rest are read to save a round trip.
    public let used: Int

    public var range: RegisterRange { request.range }
}

/// How one scan group is read.
public struct GroupPlan: Sendable, Hashable {
    public let group: ScanGroup.ID
    public let controller: Controller.ID
    public let period: Duration
    /// How far into its period it begins, so that lines and groups do not all ask at once.
    public let phase: Duration
    public let requests: [PlannedRequest]
    /// True when it reads a tag with `expect`, or a status tag: such a group goes first on a new connection.
    public let verifies: Bool
    /// True when it has computed tags: the watch adds one more block to each of its scans.
    public let computes: Bool

    /// Blocks of one scan: one a request, and that of the computed tags.
    public var blocks: Int { requests.count + (computes ? 1 : 0) }
}

/// Everything that is read through one endpoint, or through the endpoints that stand in for it.
public struct LinePlan: Sendable, Hashable {
    /// The preferred one first.
    public let endpoints: [Endpoint]
    public let controllers: [Controller.ID]
    public let groups: [GroupPlan]
    /// Groups of Cupel's own figures about the line, its controllers and its groups.
    public let diagnostics: [ScanGroup.ID]

    public var endpoint: Endpoint { endpoints[0] }
}

/// Which registers are read together, for a whole plant.
public struct ScanPlan: Sendable {
    /// What a round trip is taken to cost before one has been measured. PLCs answer in 2-20 ms (their scan cycle),
    /// gateways and temperature controllers in 10-50 ms.
    public static let assumedRoundTrip: Duration = .milliseconds(20)
    /// Above this share of its period a line has no room for retries and slow answers.
    public static let loadLimit = 0.8

    public let lines: [LinePlan]
    let plant: Plant

    public init(plant: Plant) {
        self.plant = plant
        var order: [[Endpoint]] = []
        var controllers: [[Endpoint]: [Controller.ID]] = [:]
        for controller in plant.controllers {
            if controllers[controller.endpoints] == nil { order.append(controller.endpoints) }
            controllers[controller.endpoints, default: []].append(controller.id)
        }
        let statuses = Set(plant.tags.compactMap { $0.rules.status?.tag })
        var groups: [Controller.ID: [ScanGroup]] = [:]
        for group in plant.groups { groups[group.controller, default: []].append(group) }
        lines = order.enumerated().map { index, endpoints in
            let members = controllers[endpoints] ?? []
            let all = members.flatMap { groups[$0] ?? [] }
            let read = all.filter { $0.diagnoses == nil }.sorted { $0.id < $1.id }
            return LinePlan(
                endpoints: endpoints, controllers: members,
                groups: read.enumerated().map { place, group in
                    // Lines spread over the period; the groups of a line follow each other by a tenth of it.
                    let share = (Double(index) / Double(order.count) + Double(place) / Double(read.count) / 10)
                    let phase = Int64(Double(group.period.nanoseconds) * share.truncatingRemainder(dividingBy: 1))
                    return GroupPlan(
                        group: group.id, controller: group.controller, period: group.period,
                        phase: .nanoseconds(phase),
                        requests: Self.requests(for: group, of: plant.controllers[group.controller], plant),
                        verifies: group.tags.contains { plant.tags[$0].expect != nil || statuses.contains($0) },
                        computes: group.tags.contains { plant.tags[$0].formula != nil })
                }, diagnostics: all.filter { $0.diagnoses != nil }.map(\.id).sorted())
        }
    }

    /// Joins the values of a group into blocks: in the order of addresses, each block grows while the gap to the next
    /// value and its own length stay within the controller's limits. What must stay together is never split. Blocks
    /// with an `expect` go first, because they decide what the others are worth; then those with a status tag, so that a
    /// value is judged by the status of its own scan.
    static func requests(for group: ScanGroup, of controller: Controller, _ plant: Plant) -> [PlannedRequest] {
        var planned: [PlannedRequest] = []
        var block: [RegisterAtom] = []
        var end = 0

        func close() {
            defer { block = [] }
            guard let first = block.first else { return }
            let start = first.places.lowerBound
            guard let range = RegisterRange(table: first.table, start: start, count: end - start),
                let request = ReadRequest(unit: controller.unit, range: range)
            else { return }
            let ids = block.flatMap(\.tags).sorted { plant.tags[$0].slot < plant.tags[$1].slot }
            let used = block.reduce(into: Set<Int>()) { $0.formUnion($1.used) }
            planned.append(PlannedRequest(request: request, tags: ids, used: used.count))
        }

        for atom in RegisterAtom.all(of: group.tags.lazy.map { plant.tags[$0] }) {
            let limit = BlockParts.limit(controller.maxRegisters, of: atom.table)
            let gap = atom.table.isBits ? controller.maxGap * 16 : controller.maxGap
            if let first = block.first {
                let joins =
                    first.table == atom.table && atom.places.lowerBound - end <= gap
                    && atom.places.upperBound - first.places.lowerBound <= limit
                if !joins { close() }
            }
            end = atom.places.upperBound
            block.append(atom)
        }
        close()
        let statuses = Set(group.tags.compactMap { plant.tags[$0].rules.status?.tag })
        let rank = { (request: PlannedRequest) in
            if request.tags.contains(where: { plant.tags[$0].expect != nil }) { return 0 }
            return request.tags.contains(where: statuses.contains) ? 1 : 2
        }
        return (0...2).flatMap { turn in planned.filter { rank($0) == turn } }
    }
}
