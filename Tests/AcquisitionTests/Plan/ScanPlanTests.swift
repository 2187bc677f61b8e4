import Modbus
import Plant
import Testing

@testable import Acquisition

@Suite struct ScanPlanTests {
    // MARK: Coalescing

    @Test func valuesSideBySideAreReadTogether() throws {
        let requests = try requests(.init(maxRegisters: 10, rows: SamplePlant.words(0..<25)))
        #expect(requests.map(\.range.start) == [0, 10, 20])
        #expect(requests.map(\.range.count) == [10, 10, 5])
        #expect(requests.map(\.tags) == [Array(0..<10), Array(10..<20), Array(20..<25)])
    }

    @Test(arguments: [(2, 2), (3, 1)])
    func aGapIsBridgedUpToItsLimit(maxGap: Int, expected: Int) throws {
        let rows = SamplePlant.words(0..<1) + SamplePlant.words(4..<5)
        let requests = try requests(.init(maxGap: maxGap, rows: rows))
        #expect(requests.count == expected)
        #expect(requests.map(\.used).reduce(0, +) == 2)
    }

    @Test func aValueIsNeverSplit() throws {
        let wide = SamplePlant.Row(name: "wide", registers: SamplePlant.range(.holding, 8, 4), type: .float64)
        let requests = try requests(.init(maxRegisters: 10, rows: SamplePlant.words(0..<8) + [wide]))
        #expect(requests.map(\.range.start) == [0, 8])
        #expect(requests.map(\.range.count) == [8, 4])
    }

    @Test func aStatusWordAndItsBitsAreReadOnce() throws {
        let word = SamplePlant.Row(name: "word", registers: SamplePlant.range(.holding, 3))
        let bits = (0..<16).map {
            SamplePlant.Row(name: "b", registers: SamplePlant.range(.holding, 3), type: .bool, bit: $0)
        }
        let requests = try requests(.init(rows: [word] + bits))
        #expect(requests.count == 1 && requests[0].range.count == 1)
        #expect(requests[0].tags.count == 17 && requests[0].used == 1)
    }

    @Test func everyTableIsAskedForItself() throws {
        let rows = RegisterTable.allCases.map {
            SamplePlant.Row(name: "\($0)", registers: SamplePlant.range($0, 0), type: $0.isBits ? .bool : .uint16)
        }
        let requests = try requests(.init(maxGap: 125, rows: rows))
        #expect(Set(requests.map(\.range.table)) == Set(RegisterTable.allCases))
        #expect(requests.count == 4)
    }

    /// Sixteen bits to the register, and 2 000 at most (V1.1b3, section 6.1).
    @Test(arguments: [(2, [32, 8]), (125, [40])])
    func theLimitOfABitTableIsThatOfItsBytes(maxRegisters: Int, counts: [Int]) throws {
        let rows = (0..<40).map {
            SamplePlant.Row(name: "b\($0)", registers: SamplePlant.range(.coil, $0), type: .bool)
        }
        #expect(try requests(.init(maxRegisters: maxRegisters, rows: rows)).map(\.range.count) == counts)
    }

    @Test func theLastRegisterCanBeRead() throws {
        let requests = try requests(.init(maxGap: 8, rows: SamplePlant.words(65_530..<65_536)))
        #expect(requests.map(\.range.end) == [65_536])
    }

    @Test func theBlockThatShowsTheLayoutGoesFirst() throws {
        var layout = SamplePlant.Row(name: "layout", registers: SamplePlant.range(.holding, 500))
        layout.expect = 1
        let requests = try requests(.init(rows: SamplePlant.words(0..<3) + [layout]))
        #expect(requests.map(\.range.start) == [500, 0])
    }

    // MARK: Properties

    /// Any set of tags, any limits: each tag is in exactly one request and wholly within it, no request is longer
    /// than allowed, and none bridges more than the gap.
    @Test(arguments: 0..<200)
    func anyPlanKeepsItsLimits(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let member = SamplePlant.Member(
            maxRegisters: Int.random(in: 4...125, using: &random), maxGap: Int.random(in: 0...12, using: &random),
            rows: (0..<Int.random(in: 1...80, using: &random)).map { randomRow($0, &random) })
        let plant = SamplePlant.plant([member])
        for group in ScanPlan(plant: plant).lines[0].groups {
            let planned = group.requests.flatMap(\.tags)
            #expect(planned.sorted() == plant.groups[group.group].tags.sorted(), "seed \(seed)")
            for request in group.requests { check(request, of: member, plant, seed) }
        }
    }

    private func check(_ request: PlannedRequest, of member: SamplePlant.Member, _ plant: Plant, _ seed: Int) {
        let table = request.range.table
        let factor = table.isBits ? 16 : 1
        #expect(request.range.count <= min(member.maxRegisters * factor, table.protocolLimit), "seed \(seed)")
        var covered = Array(repeating: false, count: request.range.count)
        for id in request.tags {
            guard let range = plant.tags[id].registers else { continue }
            #expect(range.table == table && range.start >= request.range.start && range.end <= request.range.end)
            for item in Int(range.start)..<range.end { covered[item - Int(request.range.start)] = true }
        }
        #expect(
            covered.first == true && covered.last == true, "seed \(seed): no register is read for nothing at the ends")
        #expect(covered.filter { $0 }.count == request.used, "seed \(seed)")
        let longest = covered.split(separator: true).map(\.count).max() ?? 0
        #expect(longest <= member.maxGap * factor, "seed \(seed)")
        #expect(request.tags.map { plant.tags[$0].slot } == request.tags.map { plant.tags[$0].slot }.sorted())
    }

    private func randomRow(_ number: Int, _ random: inout SplitMix) -> SamplePlant.Row {
        let table = RegisterTable.allCases.randomElement(using: &random) ?? .holding
        let types: [ValueType] = [.uint16, .int32, .float32, .float64, .string(registers: 3), .bool]
        let type = table.isBits ? .bool : types.randomElement(using: &random) ?? .uint16
        let start = Int.random(in: 0...(table.isBits ? 400 : 150), using: &random)
        return SamplePlant.Row(
            name: "t\(number)", registers: SamplePlant.range(table, start, type.registers), type: type,
            bit: type == .bool && !table.isBits ? Int.random(in: 0..<16, using: &random) : nil,
            scan: Bool.random(using: &random) ? "fast" : "normal")
    }

    // MARK: Lines

    @Test func controllersBehindOneEndpointShareALine() {
        let gateway = Endpoint(host: "10.0.0.1", port: 502)
        let plant = SamplePlant.plant([
            .init(name: "A", endpoint: gateway, unit: 1, rows: SamplePlant.words(0..<1)),
            .init(name: "B", endpoint: Endpoint(host: "10.0.0.2", port: 502), rows: SamplePlant.words(0..<1)),
            .init(name: "C", endpoint: gateway, unit: 2, rows: SamplePlant.words(0..<1)),
        ])
        let plan = ScanPlan(plant: plant)
        #expect(plan.lines.map(\.controllers) == [[0, 2], [1]])
        #expect(plan.lines[0].groups.flatMap(\.requests).map(\.request.unit) == [1, 2])
    }

    @Test func linesBeginAtDifferentTimesWithinAPeriod() {
        let plant = SamplePlant.plant(
            (0..<10).map {
                .init(
                    name: "C\($0)", endpoint: Endpoint(host: "10.0.0.\($0)", port: 502), rows: SamplePlant.words(0..<1))
            })
        let phases = ScanPlan(plant: plant).lines.flatMap(\.groups).map(\.phase)
        #expect(phases == (0..<10).map { .milliseconds($0 * 100) })
    }

    @Test func thePlanIsPrintedForAPerson() {
        let plant = SamplePlant.plant([
            .init(
                name: "F-01", maxGap: 4, rows: SamplePlant.words(0..<2) + SamplePlant.words(4..<5, scan: "normal"))
        ])
        #expect(
            ScanPlan(plant: plant).description == """
                line 127.0.0.1:502: 1 controllers, estimated load 2 %
                  F-01/normal: unit 1, every 1000 ms, 1 requests, 5 items read, 3 used, estimated pass 20 ms = 2 % of the period
                    read holding:0 (0x0000, 40001, 4x00001), 5 items for 3 tags
                1 controllers on 1 lines, 3 tags, 1 requests; a round trip is taken as 20 ms until it is measured

                """)
    }

    @Test(arguments: [(Duration.milliseconds(25), false), (.milliseconds(24), true)])
    func aLineThatCannotKeepUpIsMarked(period: Duration, marked: Bool) {
        let plant = SamplePlant.plant([.init(rows: SamplePlant.words(0..<1))], periods: ["normal": period])
        #expect(ScanPlan(plant: plant).description.contains("WARNING: over 80 %") == marked)
    }

    private func requests(_ member: SamplePlant.Member) throws -> [PlannedRequest] {
        let group = try #require(ScanPlan(plant: SamplePlant.plant([member])).lines.first?.groups.first)
        return group.requests
    }
}
