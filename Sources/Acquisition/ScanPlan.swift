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
    /// True when it reads a tag with `expect`: such a group goes first on a new connection.
    public let verifies: Bool
}

/// Everything that is read through one endpoint.
public struct LinePlan: Sendable, Hashable {
    public let endpoint: Endpoint
    public let controllers: [Controller.ID]
    public let groups: [GroupPlan]
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
        var order: [Endpoint] = []
        var controllers: [Endpoint: [Controller.ID]] = [:]
        for controller in plant.controllers {
            if controllers[controller.endpoint] == nil { order.append(controller.endpoint) }
            controllers[controller.endpoint, default: []].append(controller.id)
        }
        lines = order.enumerated().map { index, endpoint in
            let members = controllers[endpoint] ?? []
            let groups = plant.groups.filter { members.contains($0.controller) }
            return LinePlan(
                endpoint: endpoint, controllers: members,
                groups: groups.enumerated().map { place, group in
                    // Lines spread over the period; the groups of a line follow each other by a tenth of it.
                    let share = (Double(index) / Double(order.count) + Double(place) / Double(groups.count) / 10)
                    let phase = Int64(Double(group.period.nanoseconds) * share.truncatingRemainder(dividingBy: 1))
                    return GroupPlan(
                        group: group.id, controller: group.controller, period: group.period,
                        phase: .nanoseconds(phase),
                        requests: Self.requests(for: group, of: plant.controllers[group.controller], plant),
                        verifies: group.tags.contains { plant.tags[$0].expect != nil })
                })
        }
    }

    /// Joins the values of a group into blocks: in the order of addresses, each block grows while the gap to the next
    /// value and its own length stay within the controller's limits. A value is never split, because two requests can
    /// see two different moments. Blocks with an `expect` go first, because they decide what the others are worth.
    static func requests(for group: ScanGroup, of controller: Controller, _ plant: Plant) -> [PlannedRequest] {
        let tags = group.tags.compactMap { id in plant.tags[id].registers.map { (tag: plant.tags[id], place: $0) } }
            .sorted {
                ($0.place.table, $0.place.start, $0.place.count, $0.tag.slot)
                    < ($1.place.table, $1.place.start, $1.place.count, $1.tag.slot)
            }
        var planned: [PlannedRequest] = []
        var block: [(tag: Tag, place: RegisterRange)] = []
        var end = 0

        func close() {
            defer { block = [] }
            guard let first = block.first?.place else { return }
            let start = Int(first.start)
            guard let range = RegisterRange(table: first.table, start: start, count: end - start),
                let request = ReadRequest(unit: controller.unit, range: range)
            else { return }
            var used = Set<Int>()
            for (_, place) in block { used.formUnion(Int(place.start)..<place.end) }
            let ids = block.map(\.tag).sorted { $0.slot < $1.slot }.map(\.id)
            planned.append(PlannedRequest(request: request, tags: ids, used: used.count))
        }

        for (tag, place) in tags {
            let table = place.table
            // A bit table packs sixteen to the register, so that the same limit means the same bytes.
            let limit = min(table.isBits ? controller.maxRegisters * 16 : controller.maxRegisters, table.protocolLimit)
            let gap = table.isBits ? controller.maxGap * 16 : controller.maxGap
            if let first = block.first?.place {
                let joins =
                    first.table == table && Int(place.start) - end <= gap
                    && max(end, place.end) - Int(first.start) <= limit
                if !joins { close() }
            }
            end = block.isEmpty ? place.end : max(end, place.end)
            block.append((tag, place))
        }
        close()
        let shows = { (request: PlannedRequest) in request.tags.contains { plant.tags[$0].expect != nil } }
        return planned.filter(shows) + planned.filter { !shows($0) }
    }
}
