import Modbus
import Plant
import struct Plant.Tag
import Ring
import TestSupport
import Testing

@testable import Acquisition

struct LineIdentityTests {
    /// A change of the plant, and whether the line of its second controller notices.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let apply: @Sendable (inout PlantDraft) -> Void

        init(_ name: String, _ apply: @escaping @Sendable (inout PlantDraft) -> Void) {
            (testDescription, self.apply) = (name, apply)
        }
    }

    private static func identity(_ draft: PlantDraft) -> LineIdentity? {
        let plant = draft.plant
        let plan = ScanPlan(plant: plant).lines.first { line in
            line.controllers.contains { plant.controllers[$0].name == "F-02" || plant.controllers[$0].name == "new" }
        }
        return plan.map { LineIdentity($0, of: plant) }
    }

    @Test(arguments: [
        Change("endpoint") { $0.controllers[1].endpoints = [Endpoint(host: "127.0.0.1", port: 9)] },
        Change("second endpoint") { $0.controllers[1].endpoints.append(Endpoint(host: "127.0.0.1", port: 9)) },
        Change("controller's name") { $0.controllers[1].name = "new" },
        Change("unit") { $0.controllers[1].unit = 9 },
        Change("timeout") { $0.controllers[1].timeout = .seconds(9) },
        Change("max_registers") { $0.controllers[1].maxRegisters = 9 },
        Change("max_gap") { $0.controllers[1].maxGap = 9 },
        Change("pause") { $0.controllers[1].pacing.pause = .seconds(9) },
        Change("unit_pause") { $0.controllers[1].pacing.unitPause = .seconds(9) },
        Change("connect_delay") { $0.controllers[1].pacing.connectDelay = .seconds(9) },
        Change("max_in_flight") { $0.controllers[1].pacing.maxInFlight = 9 },
        Change("heartbeat") { $0.controllers[1].heartbeat = "b" },
        Change("no heartbeat") { $0.controllers[1].heartbeat = nil },
        Change("heartbeat_timeout") { $0.controllers[1].heartbeatTimeout = .seconds(9) },
        Change("unchanged_after") { $0.controllers[1].unchangedAfter = .seconds(9) },
        Change("another controller behind the endpoint") {
            var second = $0.controllers[1]
            second.name = "F-03"
            second.unit = 3
            $0.controllers.append(second)
        },
        Change("period") { $0.period = .seconds(9) },
        Change("scan class") { $0.scan = "slow" },
        Change("tag's name") { $0.controllers[1].tags[2].name = "z" },
        Change("one tag less") { $0.controllers[1].tags.removeLast() },
        Change("order of slots") { $0.controllers[1].tags.swapAt(1, 2) },
        Change("register") { $0.controllers[1].tags[2].start = 99 },
        Change("table") { $0.controllers[1].tags[2].table = .input },
        Change("type") { $0.controllers[1].tags[2].type = .int32 },
        Change("bits") { $0.controllers[1].tags[0].bits = 3...5 },
        Change("order") { $0.controllers[1].tags[2].order = .cdab },
        Change("packing") { $0.controllers[1].tags[2].packing = .low },
        Change("scale") { $0.controllers[1].tags[2].scale = 9 },
        Change("offset") { $0.controllers[1].tags[2].offset = 9 },
        Change("range") { $0.controllers[1].tags[2].range = 0...9 },
        Change("invalid") { $0.controllers[1].tags[2].invalid = [9] },
        Change("expect") { $0.controllers[1].tags[0].expect = 9 },
        Change("clamp") { $0.controllers[1].tags[2].rules.clamps = true },
        Change("loop") { $0.controllers[1].tags[2].rules.loop = CurrentLoop(raw: 0...9) },
        Change("counter") { $0.controllers[1].tags[2].rules.isCounter = true },
        Change("stuck_after") { $0.controllers[1].tags[2].rules.stuckAfter = .seconds(9) },
        Change("status rule") { $0.controllers[1].tags[2].statusTests = [.init(.anyBit(of: 9), .doubtful)] },
        Change("status tag") { $0.controllers[1].tags[2].status = "b" },
        Change("together") { $0.controllers[1].tags[2].together = 1 },
        Change("together with others") {
            $0.controllers[1].tags[0].together = nil
            $0.controllers[1].tags[2].together = 4
        },
        Change("a computed tag becomes a read one") { $0.controllers[1].tags[3].formula = nil },
    ])
    func whatTheThreadDependsOnMakesItAnotherLine(_ change: Change) throws {
        var draft = PlantDraft()
        let before = try #require(Self.identity(draft))
        change.apply(&draft)
        #expect(try #require(Self.identity(draft)) != before)
    }

    @Test(arguments: [
        Change("nothing") { _ in },
        Change("every number: a controller before it") {
            var first = $0.controllers[0]
            first.name = "E-01"
            first.endpoints = [Endpoint(host: "127.0.0.1", port: 8)]
            first.tags.append(TagDraft("extra", start: 400))
            $0.controllers.insert(first, at: 0)
        },
        Change("every number: no controller before it") { $0.controllers.removeFirst() },
        Change("numbers of tags that are read together") { draft in
            for tag in draft.controllers[1].tags.indices where draft.controllers[1].tags[tag].together == 4 {
                draft.controllers[1].tags[tag].together = 17
            }
        },
        Change("phase: another line") {
            var last = $0.controllers[0]
            last.name = "Z-01"
            last.endpoints = [Endpoint(host: "127.0.0.1", port: 8)]
            $0.controllers.append(last)
        },
        Change("controller's description") { $0.controllers[1].description = "9" },
        Change("model") { $0.controllers[1].model = "9" },
        Change("notation") { $0.controllers[1].notation = .modicon },
        Change("tag's description") { $0.controllers[1].tags[2].description = "9" },
        Change("engineering unit") { $0.controllers[1].tags[2].unit = "bar" },
        Change("names of states") { $0.controllers[1].tags[2].states = [9: "nine"] },
        Change("formula") { $0.controllers[1].tags[3].formula = 9 },
        Change("range of a computed tag") { $0.controllers[1].tags[3].range = 0...9 },
        Change("another controller's tags") { $0.controllers[0].tags[0].scale = 9 },
        Change("alarms") { $0.alarms = true },
    ])
    func whatItDoesNotDependOnDoesNot(_ change: Change) throws {
        var draft = PlantDraft()
        let before = try #require(Self.identity(draft))
        change.apply(&draft)
        #expect(try #require(Self.identity(draft)) == before)
    }

    @Test func linesAreComparedByTheirEndpoints() throws {
        func identity(_ port: UInt16, unit: UInt8 = 1) -> LineIdentity {
            var draft = PlantDraft()
            draft.controllers.removeFirst()
            draft.controllers[0].endpoints = [Endpoint(host: "127.0.0.1", port: port)]
            draft.controllers[0].unit = unit
            let plant = draft.plant
            return LineIdentity(ScanPlan(plant: plant).lines[0], of: plant)
        }
        let difference = LineDifference(
            running: [identity(1), identity(2), identity(3), identity(4)],
            planned: [identity(5), identity(3, unit: 9), identity(1), identity(4)])
        #expect(difference.kept.map { [$0.running, $0.planned] } == [[0, 2], [3, 3]])
        #expect(difference.changed.map { [$0.running, $0.planned] } == [[2, 1]])
        #expect(difference.added == [0])
        #expect(difference.removed == [1])
    }

    // MARK: What a line leaves behind

    @Test func aLineThatEndedKnowsTheNextNumbersOfItsOwnGroups() throws {
        let server = try ScriptedServer(memory: { _, _, address in UInt16(address) })
        defer { server.stop() }
        var draft = PlantDraft()
        draft.period = .milliseconds(5)
        draft.controllers[1].endpoints = [server.endpoint]
        for index in draft.controllers[1].tags.indices { draft.controllers[1].tags[index].expect = nil }
        let plant = draft.plant
        let ring = Ring<Cell>(capacity: 1 << 14)
        var consumer = ring.consumer
        let line = Line(
            plan: ScanPlan(plant: plant).lines[1], plant: plant, firstSequence: [0: 500, 1: 70],
            producer: ring.producer,
            doorbell: Doorbell(), seed: 1, log: { _ in })
        #expect(line.nextSequence == [1: 70], "what another line reads is not its affair")
        try line.start()
        #expect(server.hasReceived(12).wait())
        line.stop()
        line.join()
        var newest: UInt64 = 0
        while consumer.available() >= ScanHeader.cells {
            let header = ScanHeader(consumer.peek(0), consumer.peek(1), consumer.peek(2))
            consumer.skip(ScanHeader.cells + Int(header.count))
            newest = max(newest, header.sequence)
        }
        let next = try #require(line.nextSequence[1])
        #expect(newest >= 70)
        // A scan whose second block was cut off has used its number up.
        #expect(next == newest + 1)
    }
}

/// A plant whose every part can be changed: two controllers with the same tags, each on a line of its own.
struct PlantDraft {
    var period: Duration = .seconds(1)
    var scan = "fast"
    var alarms = false
    var controllers = [
        ControllerDraft(name: "F-01", endpoints: [Endpoint(host: "127.0.0.1", port: 6)]),
        ControllerDraft(name: "F-02", endpoints: [Endpoint(host: "127.0.0.1", port: 7)]),
    ]

    struct ControllerDraft {
        var name: String
        var endpoints: [Endpoint]
        var description: String?
        var unit: UInt8 = 1
        var model: String?
        var timeout: Duration = .seconds(1)
        var maxRegisters = 125
        var maxGap = 0
        var pacing = Pacing()
        var heartbeat: String? = "a"
        var heartbeatTimeout: Duration = .seconds(5)
        var unchangedAfter: Duration?
        var notation = AddressNotation.zeroBased
        var tags = [
            TagDraft("a", start: 0, together: 4), TagDraft("b", start: 1, together: 4),
            TagDraft("c", start: 10, status: "a"), TagDraft("d", start: 0, formula: 1),
        ]
    }

    var plant: Plant {
        var tags: [Tag] = []
        var groups: [ScanGroup] = []
        var made: [Controller] = []
        for (id, controller) in controllers.enumerated() {
            let first = tags.count
            func number(_ name: String?) -> Tag.ID? {
                controller.tags.firstIndex { $0.name == name }.map { first + $0 }
            }
            for (slot, tag) in controller.tags.enumerated() {
                tags.append(
                    tag.tag(
                        first + slot, of: controller.name, controller: id, slot: slot, status: number(tag.status),
                        input: first))
            }
            groups.append(
                ScanGroup(
                    id: id, controller: id, scan: scan, name: "\(controller.name)/\(scan)", period: period,
                    tags: Array(first..<tags.count)))
            made.append(
                Controller(
                    id: id, name: controller.name, description: controller.description,
                    endpoints: controller.endpoints, unit: controller.unit, model: controller.model,
                    timeout: controller.timeout, maxRegisters: controller.maxRegisters, maxGap: controller.maxGap,
                    pacing: controller.pacing, heartbeat: number(controller.heartbeat),
                    heartbeatTimeout: controller.heartbeatTimeout, unchangedAfter: controller.unchangedAfter,
                    notation: controller.notation))
        }
        let alarm = AlarmDefinition(
            id: 0, name: "high", rule: "high", tag: 0,
            detector: .levels(Levels([AlarmLimit(level: .high, limit: 1, priority: .low)], isAbove: true)),
            qualification: Qualification(maxGap: .zero))
        return Plant(
            name: "P", site: "S", timeZone: "UTC", controllers: made, groups: groups, tags: tags,
            alarms: alarms ? [alarm] : [])
    }
}

struct TagDraft {
    var name: String
    var description: String?
    var unit: String?
    var table = RegisterTable.holding
    var start: Int
    var bits: ClosedRange<Int>?
    var type = ValueType.uint16
    var order = WordOrder.abcd
    var packing = TextPacking.highLow
    var scale = 1.0
    var offset = 0.0
    var range: ClosedRange<Double>?
    var invalid: [Double] = []
    var states: [Int: String] = [:]
    var expect: Double?
    var rules = TagRules()
    var status: String?
    var statusTests: [StatusRule.Test] = [.init(.isOne(of: [1]), .sensorFault)]
    var together: Int?
    var formula: Double?

    init(_ name: String, start: Int, status: String? = nil, together: Int? = nil, formula: Double? = nil) {
        (self.name, self.start, self.status, self.together) = (name, start, status, together)
        self.formula = formula
    }

    /// - Parameter input: the tag that a formula multiplies.
    fileprivate func tag(
        _ id: Tag.ID, of name: String, controller: Controller.ID, slot: Int, status: Tag.ID?, input: Tag.ID
    ) -> Tag {
        var rules = rules
        rules.status = status.map { StatusRule(tag: $0, tests: statusTests) }
        return Tag(
            id: id, name: "\(name).\(self.name)", localName: self.name, description: description, unit: unit,
            controller: controller,
            registers: formula == nil ? RegisterRange(table: table, start: start, count: type.registers) : nil,
            bits: bits, type: type, order: order, packing: packing, scale: scale, offset: offset, range: range,
            invalid: invalid, states: states, expect: expect, rules: rules, together: together,
            formula: formula.map { Formula(text: "\($0) * a", root: .multiply(.number($0), .tag(input))) },
            group: controller, slot: slot)
    }
}
