import Modbus
import Plant
import Testing

@testable import Acquisition

/// A line's own figures as ordinary scans.
@Suite struct LineDiagnosticsTests {
    private static func plant(_ rows: [SamplePlant.Row] = SamplePlant.words(0..<3)) -> Plant {
        SamplePlant.plant([.init(name: "F-01", timeout: .seconds(1), rows: rows)], diagnostics: .seconds(10))
    }

    /// The figures of one period by name.
    private func figures(_ block: SeenBlock, _ plant: Plant) -> [String: Double] {
        var figures: [String: Double] = [:]
        for reading in block.readings where reading.quality == .good {
            let tag = plant.tags[plant.groups[Int(block.header.group)].tags[Int(reading.slot)]]
            figures[tag.localName] = tag.engineering(reading.bits)
        }
        return figures
    }

    private func group(_ name: String, of plant: Plant) throws -> UInt32 {
        UInt32(try #require(plant.groups.first { $0.name == name }?.id))
    }

    @Test func everyFigureComesEachPeriodWithItsValue() throws {
        let plant = Self.plant()
        let rehearsal = Rehearsal(plant, firstSequence: [1: 500])
        rehearsal.link.read = { _, _ in .init(milliseconds: 20) }
        rehearsal.run(milliseconds: 60_500)
        let line = try group("@line/F-01", of: plant)
        let told = rehearsal.blocks.filter { $0.header.group == line }
        #expect(told.map(\.header.sequence) == (500...505).map { UInt64($0) })
        #expect(told.map { rehearsal.time($0) } == (1...6).map { Int64($0) * 10_000 })
        #expect(told.allSatisfy { $0.header.blocks == 1 && $0.header.wallOffset == ManualClock.wallOffset })
        let last = try figures(#require(told.last), plant)
        #expect(last["connected"] == 1 && last["connects"] == 1 && last["ok"] == 60 && last["requests_per_s"] == 1)
        #expect(last["rtt_min_ms"] == 20 && last["rtt_p99_ms"] == 20 && last["busy_pct"] == 2)
        #expect(last["bytes_per_s"] == 6 && last["timeouts"] == 0)
        let scans = try figures(
            #require(rehearsal.blocks.last { $0.header.group == (try? group("@group/F-01/normal", of: plant)) }), plant)
        #expect(scans["requested_per_s"] == 1 && scans["achieved_per_s"] == 1 && scans["overload_pct"] == 0)
    }

    @Test func theyComeOnWhileNothingCanBeReadAndSayNothingOfTheController() throws {
        let plant = Self.plant()
        let rehearsal = Rehearsal(plant)
        rehearsal.link.connect = { _ in .init(error: .refused) }
        rehearsal.run(milliseconds: 600_500)
        for name in ["@line/F-01", "@unit/F-01", "@group/F-01/normal"] {
            let own = try group(name, of: plant)
            let told = rehearsal.blocks.filter { $0.header.group == own }
            #expect(told.map(\.header.sequence) == (1...60).map { UInt64($0) }, "\(name)")
            #expect(told.allSatisfy { $0.header.loss.isGood }, "\(name) is never lost")
        }
        let line = try group("@line/F-01", of: plant)
        let last = try #require(rehearsal.blocks.last { $0.header.group == line })
        #expect(figures(last, plant)["connected"] == 0 && figures(last, plant)["rtt_p99_ms"] == nil)
        #expect(figures(last, plant)["refusals"] == Double(rehearsal.link.connects.count))
        let p99 = try #require(plant.tag(named: "@line/F-01.rtt_p99_ms"))
        #expect(last[p99.slot]?.quality == .neverRead, "what has no value in this period is bad")
        #expect(rehearsal.status.controllers[0].fault == "refused")
    }

    @Test func faultsAndWhatIsQuarantinedAreCountedByCause() throws {
        let plant = Self.plant(SamplePlant.words(0..<8))
        let rehearsal = Rehearsal(plant)
        rehearsal.link.read = { request, at in
            if at >= 20_000, at < 21_000 { return .init(milliseconds: 1000, error: .timeout) }
            return RefusingDevice(refused: [3: 2]).reply(to: request.range) == .values
                ? .init() : .init(error: .exception(2))
        }
        rehearsal.run(milliseconds: 40_500)
        let unit = try group("@unit/F-01", of: plant)
        let told = rehearsal.blocks.filter { $0.header.group == unit }.map { figures($0, plant) }
        #expect(told.map { $0["quarantined"] } == [1, 1, 1, 1])
        #expect(told.map { $0["timeouts"] } == [0, 0, 1, 1])
        #expect(told[0]["exception_2"] == 4, "8, 4, 2 and 1 registers were refused")
        #expect(told[0]["exceptions"] == 4)
    }

    @Test func aGroupThatCannotKeepItsPeriodShowsItsOverload() throws {
        let plant = Self.plant()
        let rehearsal = Rehearsal(plant)
        rehearsal.link.read = { _, _ in .init(milliseconds: 1500) }
        rehearsal.run(milliseconds: 60_500)
        let own = try group("@group/F-01/normal", of: plant)
        let last = try #require(rehearsal.blocks.last { $0.header.group == own })
        let overload = try #require(figures(last, plant)["overload_pct"])
        #expect(overload >= 25 && overload <= 45, "every third scan is left out: \(overload)")
        let status = rehearsal.status.groups[0]
        #expect(status.requested_per_s == 1 && abs(status.achieved_per_s - 0.66) < 0.03)
        #expect(status.pass_expected_ms == 1500 && status.pass_mean_ms == 1500)
    }
}
