import Modbus
import Plant
import Testing

@testable import Acquisition

/// What a dead unit costs the others behind its gateway.
@Suite struct GatewayProbeTests {
    private static func gateway(_ units: Int, rows: [SamplePlant.Row] = SamplePlant.words(0..<20)) -> Plant {
        SamplePlant.plant(
            (1...units).map { .init(name: "U\($0)", unit: UInt8($0), timeout: .milliseconds(400), rows: rows) })
    }

    @Test func aDeadUnitIsAskedForOneValueEachTimeAfterTenSecondsToFiveMinutes() {
        let rows = SamplePlant.words(0..<20) + SamplePlant.words(100..<120) + SamplePlant.words(50..<60, scan: "fast")
        let rehearsal = Rehearsal(Self.gateway(3, rows: rows), ringCells: 1 << 20)
        rehearsal.link.read = { request, at in
            request.unit == 2 && at > 10_000 ? .init(milliseconds: 400, error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 3_600_000)
        let tries = rehearsal.link.requests(2, from: 10_001)
        let waits = zip(tries, tries.dropFirst()).map { Double($1.at - $0.replied) / 1e9 }
        for (wait, base) in zip(waits, [10.0, 20, 40, 80, 160, 240, 240]) {
            #expect(wait >= base && wait <= base * 1.25 + 1, "one request each time: \(waits)")
        }
        #expect(waits.count >= 12 && waits.allSatisfy { $0 <= 301 })
        #expect(tries.dropFirst().allSatisfy { $0.request.range.count == 1 })
        #expect(Set(tries.map(\.range)).count > 3, "another value each time, in case it is that one alone")
        for group in rehearsal.status.groups where group.name.hasPrefix("U1") || group.name.hasPrefix("U3") {
            #expect(group.skipped == 0 && group.failed == 0, "\(group.name)")
        }
        for unit in rehearsal.status.controllers where unit.name != "U2" { #expect(unit.fault == nil) }
    }

    @Test(arguments: [UInt8(10), 11])
    func theGatewaysWordHitsTheUnitAndKeepsTheConnection(code: UInt8) throws {
        let rehearsal = Rehearsal(Self.gateway(3), ringCells: 1 << 20)
        rehearsal.link.read = { request, at in
            request.unit == 2 && at > 10_000 && at < 1_000_000 ? .init(error: .exception(code)) : .init()
        }
        rehearsal.run(milliseconds: 1_400_000)
        #expect(rehearsal.link.connects.count == 1)
        let losses = rehearsal.blocks.filter { !$0.header.loss.isGood }
        #expect(losses.map(\.header.group) == [1] && losses[0].header.loss == .exception(code))
        #expect((6...9).contains(rehearsal.link.requests(2, from: 10_001, to: 1_000_000).count))
        #expect(rehearsal.status.groups[0].scans >= 1399 && rehearsal.status.groups[2].scans >= 1399)
        let back = try #require(rehearsal.blocks.last { $0.header.group == 1 })
        #expect(back.header.loss.isGood, "it is probed within five minutes")
        #expect(rehearsal.notices.all.map(\.subject) == ["U2", "U2"])
    }

    @Test func aUnitThatWasWellIsProbedSoonAgainWhenItDies() {
        let rehearsal = Rehearsal(Self.gateway(2), ringCells: 1 << 20)
        let isDead = { (at: Int64) in (10_000..<400_000).contains(at) || at >= 1_000_000 }
        rehearsal.link.read = { request, at in
            request.unit == 2 && isDead(at) ? .init(milliseconds: 400, error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 1_100_000)
        for death in [10_000, 1_000_000] as [Int64] {
            let tries = rehearsal.link.requests(2, from: death, to: death + 60_000)
            let waits = zip(tries, tries.dropFirst()).map { Double($1.at - $0.replied) / 1e9 }
            #expect(waits.count >= 2)
            for (wait, base) in zip(waits, [10.0, 20]) { #expect(wait >= base && wait <= base * 1.25 + 1) }
        }
    }

    /// A gateway that answers for everybody with the same exception is still one loss for each, and no reconnects.
    @Test func aGatewayWithoutItsBusKeepsTheConnection() {
        let rehearsal = Rehearsal(Self.gateway(4))
        rehearsal.link.read = { _, at in at > 5000 ? .init(error: .exception(11)) : .init() }
        rehearsal.run(milliseconds: 120_000)
        #expect(rehearsal.link.connects.count == 1)
        #expect(rehearsal.blocks.filter { !$0.header.loss.isGood }.map(\.header.group).sorted() == [0, 1, 2, 3])
    }

    @Test(arguments: 1...3)
    func whoeverIsDeadFromTheBeginningTheOthersAreRead(dead: Int) {
        let rehearsal = Rehearsal(Self.gateway(4))
        rehearsal.link.read = { request, _ in
            Int(request.unit) <= dead ? .init(milliseconds: 400, error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 120_000)
        for unit in (dead + 1)...4 { #expect(rehearsal.link.reads(UInt8(unit)).count > 100, "unit \(unit)") }
        #expect(rehearsal.status.controllers.map { $0.fault == nil } == (1...4).map { $0 > dead })
    }

    /// A group without a register asks nothing, so it shows nothing either.
    @Test func aGroupThatIsOnlyComputedSaysNothingOfItsController() {
        var computed = SamplePlant.Row(name: "sum", registers: SamplePlant.range(.holding, 0), type: .float64)
        computed.formula = Formula(text: "1", root: .number(1))
        computed.scan = "fast"
        let rehearsal = Rehearsal(Self.gateway(2, rows: SamplePlant.words(0..<2) + [computed]))
        rehearsal.link.read = { request, at in
            request.unit == 2 && at > 5000 ? .init(milliseconds: 400, error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 300_000)
        #expect(rehearsal.status.controllers.map(\.fault) == [nil, "timeout"])
        #expect((4...6).contains(rehearsal.link.requests(2, from: 5001).count))
        #expect(rehearsal.notices.all.count == 1)
    }
}
