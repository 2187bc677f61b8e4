import Modbus
import Plant

/// One planned request of a group as its line's thread has it.
struct LineBlock {
    let request: ReadRequest
    let tags: [Tag.ID]
    let decoder: Decoder
    /// What the decoder remembers from scan to scan.
    var memory: BlockMemory
    /// How it is asked for.
    var parts: BlockParts
    /// What of it the watch must hear of at once.
    var urgency: Urgency
    /// Its refusal by the controller, while it lasts.
    var refusal = FaultRecord()
    /// Where its values lie among those of its group, in bytes.
    let place: Int
    /// What was quarantined of it when the log was told last.
    var toldRefused: [Quality] = []
}

/// A scan group as its line's thread has it.
struct LineGroup {
    let id: ScanGroup.ID
    /// Its controller, as an index into the line's.
    let unit: Int
    var blocks: [LineBlock]
    /// Blocks of a scan, with the one that the watch adds for computed tags.
    let blockCount: Int
    /// Among groups that are due at the same moment the lowest goes first: those that verify the layout, then the
    /// quickest.
    let rank: Int
    /// The number of the next scan or loss.
    var sequence: UInt64
    /// The loss that the watch was told last, `nil` since a block was published.
    var toldLoss: Quality?
    /// A loss that the ring had no room for.
    var owedLoss: Quality?
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
    /// How often it was lost since then.
    var losses = 0
    /// It answered something on the connection there is: a silence is then about what was asked.
    var answeredSinceConnect = false
    /// It fell silent: the next thing it is asked is one value, so that a block that is too long for it can be told
    /// from a controller that is gone.
    var mustProbe = false
    /// Connections on which it was silent from the first request on; the next one begins with another value.
    var silentProbes = 0
    /// Requests that may be on their way at once, and when it may be as many as configured again.
    var inFlight: Int
    var inFlightAt = Int64.min
    var learned = LearnedLimits()
    /// What may not be read between two values of it, so that each is told once.
    var gaps: Set<RegisterRange> = []
    var linkFault = FaultRecord()
    var layoutFault = FaultRecord()
    var frozenFault = FaultRecord()
}

extension LineGroup {
    /// The most bytes of values a reply can carry: 125 registers or 2 000 bits (V1.1b3, section 6).
    static let payloadBytes = 250

    static func all(of plan: LinePlan, _ plant: Plant, firstSequence: [ScanGroup.ID: UInt64]) -> [LineGroup] {
        let order = plan.groups.indices.sorted {
            (plan.groups[$0].verifies ? 0 : 1, plan.groups[$0].period, $0)
                < (plan.groups[$1].verifies ? 0 : 1, plan.groups[$1].period, $1)
        }
        var rank = [Int](repeating: 0, count: order.count)
        for (place, group) in order.enumerated() { rank[group] = place }
        let limits = Urgency.limits(of: plant)
        return plan.groups.enumerated().map { index, group in
            let controller = plant.controllers[group.controller]
            let expectations = LineUnit.expectations(of: group.controller, plan, plant)
            let statuses = LineUnit.statuses(of: group.controller, plan, plant)
            return LineGroup(
                id: group.group, unit: plan.controllers.firstIndex(of: group.controller) ?? 0,
                blocks: group.requests.enumerated().map { place, planned in
                    let decoder = Decoder(
                        planned, controller: controller, expectations: expectations, statuses: statuses,
                        tags: plant.tags)
                    return LineBlock(
                        request: planned.request, tags: planned.tags, decoder: decoder, memory: decoder.memory(),
                        parts: BlockParts(planned, tags: plant.tags, maxRegisters: controller.maxRegisters),
                        urgency: Urgency(
                            planned.tags, plant: plant, limits: limits,
                            rings: rings(place, of: group, plant, limits)), place: place * payloadBytes)
                }, blockCount: group.blocks, rank: rank[index], sequence: firstSequence[group.group] ?? 1)
        }
    }

    /// Whether a block wakes the watch whatever is in it: the one behind which alarmed tags are computed.
    static func rings(_ block: Int, of group: GroupPlan, _ plant: Plant, _ limits: [Tag.ID: [Double]]) -> Bool {
        group.computes && block == group.requests.count - 1
            && plant.groups[group.group].tags.contains { plant.tags[$0].formula != nil && limits[$0] != nil }
    }

    /// Cells that the largest block of a line needs.
    static func cells(of groups: [LineGroup], diagnostics: [Diagnosis]) -> Int {
        max(groups.flatMap(\.blocks).map(\.decoder.cells).max() ?? 0, diagnostics.map(\.figures.count).max() ?? 0)
    }
}

extension LineUnit {
    /// Takes from a block what it says about the controller as a whole.
    mutating func observe(
        _ decoder: Decoder, _ values: UnsafeBufferPointer<UInt8>, _ refused: [Quality], at now: Int64
    ) {
        decoder.observe(values, refused: refused, &trust, &statuses, at: now)
    }

    static func all(
        of plan: LinePlan, _ plant: Plant, learned: [Controller.ID: LearnedLimits], seeds: inout SplitMix
    ) -> [LineUnit] {
        plan.controllers.map { id in
            LineUnit(
                controller: plant.controllers[id],
                groups: plan.groups.indices.filter { plan.groups[$0].controller == id },
                trust: Trust(
                    expectations: expectations(of: id, plan, plant).count,
                    heartbeatTimeout: plant.controllers[id].heartbeatTimeout),
                statuses: StatusBoard(count: statuses(of: id, plan, plant).count),
                backOff: BackOff(plan.controllers.count == 1 ? BackOff.line : BackOff.unit, seed: seeds.next()),
                inFlight: plant.controllers[id].pacing.maxInFlight, learned: learned[id] ?? LearnedLimits())
        }
    }

    /// The tags of a controller that show its layout.
    fileprivate static func expectations(of controller: Controller.ID, _ plan: LinePlan, _ plant: Plant) -> [Tag.ID] {
        plan.groups.filter { $0.controller == controller }.flatMap(\.requests).flatMap(\.tags)
            .filter { plant.tags[$0].expect != nil }
    }

    /// The tags of a controller that say what others are worth.
    fileprivate static func statuses(of controller: Controller.ID, _ plan: LinePlan, _ plant: Plant) -> [Tag.ID] {
        let named = plan.groups.filter { $0.controller == controller }.flatMap(\.requests).flatMap(\.tags)
            .compactMap { plant.tags[$0].rules.status?.tag }
        return Set(named).sorted()
    }
}

extension Diagnosis {
    /// The diagnostic groups of a line.
    static func all(
        of plan: LinePlan, _ plant: Plant, firstSequence: [ScanGroup.ID: UInt64], now: Int64
    ) -> [Diagnosis] {
        plan.diagnostics.compactMap { id in
            let subject: Subject? =
                switch plant.groups[id].diagnoses {
                case .line: .line
                case .unit(let controller): plan.controllers.firstIndex(of: controller).map { .unit($0) }
                case .group(let group): plan.groups.firstIndex { $0.group == group }.map { .group($0) }
                case nil: nil
                }
            return subject.map {
                Diagnosis(
                    group: id, subject: $0, figures: plant.groups[id].tags.compactMap { plant.tags[$0].diagnostic },
                    sequence: firstSequence[id] ?? 1, now: now)
            }
        }
    }
}
