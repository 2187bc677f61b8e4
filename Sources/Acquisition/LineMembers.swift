import Modbus
import Plant

/// A scan group as its line's thread has it.
struct LineGroup {
    let id: ScanGroup.ID
    /// Its controller, as an index into the line's.
    let unit: Int
    let requests: [ReadRequest]
    let decoders: [Decoder]
    /// What each decoder remembers of its block.
    var memories: [BlockMemory]
    /// What of each block the watch must hear of at once.
    var urgency: [Urgency]
    /// Among groups that are due at the same moment the lowest goes first: those that verify the layout, then the
    /// quickest.
    let rank: Int
    /// The number of the next scan or loss.
    var sequence: UInt64
    /// The loss that the watch was told last, `nil` since a block was published.
    var toldLoss: Quality?
    /// A loss that the ring had no room for.
    var owedLoss: Quality?
    /// Each block's refusal by the controller, while it lasts.
    var refusals: [FaultRecord]
}

/// A controller as its line's thread has it.
struct LineUnit {
    let controller: Controller
    let groups: [Int]
    var trust: Trust
    var statuses: StatusBoard
    var backOff: BackOff
    /// Not asked before this monotonic time.
    var retryAt = Int64.min
    /// When it was asked last.
    var lastAsked = Int64.min
    /// Its last scan was answered.
    var answers = false
    var linkFault = FaultRecord()
    var layoutFault = FaultRecord()
    var frozenFault = FaultRecord()

    /// What a block says about the controller, before any value of it is judged.
    mutating func observe(_ payload: UnsafeBufferPointer<UInt8>, with decoder: Decoder, at now: Int64) {
        decoder.observe(payload, refused: [], &trust, &statuses, at: now)
    }
}

extension LineGroup {
    static func all(of plan: LinePlan, _ plant: Plant, firstSequence: [ScanGroup.ID: UInt64]) -> [LineGroup] {
        let order = plan.groups.indices.sorted {
            (plan.groups[$0].verifies ? 0 : 1, plan.groups[$0].period, $0)
                < (plan.groups[$1].verifies ? 0 : 1, plan.groups[$1].period, $1)
        }
        let limits = Urgency.limits(of: plant)
        return plan.groups.enumerated().map { index, group in
            let controller = plant.controllers[group.controller]
            let expectations = LineUnit.expectations(of: group.controller, plan, plant)
            let statuses = LineUnit.statuses(of: group.controller, plan, plant)
            let decoders = group.requests.map {
                Decoder(
                    $0, controller: controller, expectations: expectations, statuses: statuses, tags: plant.tags)
            }
            return LineGroup(
                id: group.group, unit: plan.controllers.firstIndex(of: group.controller) ?? 0,
                requests: group.requests.map(\.request), decoders: decoders, memories: decoders.map { $0.memory() },
                urgency: group.requests.map { Urgency($0, plant: plant, limits: limits) },
                rank: order.firstIndex(of: index) ?? 0, sequence: firstSequence[group.group] ?? 1,
                refusals: group.requests.map { _ in FaultRecord() })
        }
    }
}

extension LineUnit {
    static func all(of plan: LinePlan, _ plant: Plant, seeds: inout SplitMix) -> [LineUnit] {
        plan.controllers.map { id in
            LineUnit(
                controller: plant.controllers[id],
                groups: plan.groups.indices.filter { plan.groups[$0].controller == id },
                trust: Trust(
                    expectations: expectations(of: id, plan, plant).count,
                    heartbeatTimeout: plant.controllers[id].heartbeatTimeout),
                statuses: StatusBoard(count: statuses(of: id, plan, plant).count),
                backOff: BackOff(seed: seeds.next()))
        }
    }

    /// The tags of a controller that show its layout.
    fileprivate static func expectations(of controller: Controller.ID, _ plan: LinePlan, _ plant: Plant) -> [Tag.ID] {
        plan.groups.filter { $0.controller == controller }.flatMap(\.requests).flatMap(\.tags)
            .filter { plant.tags[$0].expect != nil }
    }
    /// The tags of a controller that say what others are worth.
    fileprivate static func statuses(of controller: Controller.ID, _ plan: LinePlan, _ plant: Plant) -> [Tag.ID] {
        StatusBoard.tags(
            of: plan.groups.filter { $0.controller == controller }.flatMap(\.requests).flatMap(\.tags),
            in: plant.tags)
    }
}
