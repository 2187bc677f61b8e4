import Plant
import Testing

@testable import Simulation

@Suite struct SimulatedControllerTests {
    private func controller(
        _ name: String, seed: UInt64 = 1, faults: [ScheduledFault] = [], step: Double = 0.1
    ) throws -> SimulatedController {
        let plant = SamplePlant.plant
        let controller = try #require(plant.controllers.first { $0.name == name })
        return SimulatedController(
            controller: controller, tags: plant.tags.filter { $0.controller == controller.id }, start: .soak,
            faults: faults, seed: seed, step: step)
    }

    private func fault(_ fault: Fault, at: Int = 10, for lasting: Int? = 20) -> ScheduledFault {
        ScheduledFault(at: .seconds(at), controller: "", fault: fault, lasting: lasting.map { .seconds($0) })
    }

    private func advance(_ controller: inout SimulatedController, to time: Double) {
        var notices: [SimulationNotice] = []
        controller.advance(to: time, notices: &notices)
    }

    @Test(arguments: SamplePlant.names) func theSameSeedGivesTheSameRegistersHoweverTheClockTicks(name: String) throws {
        var coarse = try controller(name, seed: 42)
        var fine = try controller(name, seed: 42)
        var other = try controller(name, seed: 43)
        for second in 1...60 { advance(&fine, to: Double(second)) }
        advance(&coarse, to: 60)
        advance(&other, to: 60)
        #expect(coarse.image == fine.image)
        #expect(coarse.image != other.image)
    }

    @Test func heartbeatCountsStepsAndWraps() throws {
        var furnace = try controller("F-01")
        advance(&furnace, to: 5)
        #expect(furnace.value(tag: "heartbeat") == 50)
        advance(&furnace, to: 6553.7)
        #expect(furnace.value(tag: "heartbeat") == 1)
    }

    @Test func layoutIsTheExpectedOne() throws {
        #expect(try controller("F-01").value(tag: "layout") == 1)
    }

    @Test func frozenHeartbeatStandsStillAndComesBack() throws {
        var furnace = try controller("F-01", faults: [fault(.heartbeatFrozen)])
        advance(&furnace, to: 10.05)
        let image = furnace.image
        advance(&furnace, to: 29)
        #expect(furnace.image == image)
        advance(&furnace, to: 31)
        #expect(furnace.image != image)
        #expect(furnace.value(tag: "heartbeat") != image[.holding].words.first.map(Double.init))
    }

    @Test func openThermocoupleReadsAboveItsRange() throws {
        var furnace = try controller("F-01", faults: [fault(.thermocoupleOpen)])
        advance(&furnace, to: 9)
        #expect((1440...1460).contains(furnace.value(tag: "melt_temp") ?? 0))
        advance(&furnace, to: 11)
        #expect(furnace.value(tag: "melt_temp") == 1890)
        #expect((1440...1460).contains(furnace.value(tag: "melt_temp_2") ?? 0))
        advance(&furnace, to: 31)
        #expect((1440...1460).contains(furnace.value(tag: "melt_temp") ?? 0))
    }

    @Test func openThermocoupleOfAnInstrumentSetsItsBreakBitAndIsNoNumberWithoutARange() throws {
        var instrument = try controller("TC-07", faults: [fault(.thermocoupleOpen)])
        advance(&instrument, to: 9)
        #expect(instrument.value(tag: "sensor_break") == 0)
        advance(&instrument, to: 11)
        #expect(instrument.value(tag: "sensor_break") == 1)
        #expect(instrument.value(tag: "pv") == 1680)
        #expect(instrument.value(tag: "pv_float")?.isNaN == true)
    }

    @Test func linkFaultsAreTheLinksAlone() throws {
        var furnace = try controller(
            "F-01", faults: [fault(.controllerDead), fault(.controllerSilent, at: 20, for: 20)])
        var links: [SimulatedController.Link] = []
        for time in [5.0, 15, 25, 35, 45] {
            advance(&furnace, to: time)
            links.append(furnace.link)
        }
        #expect(links == [.up, .dead, .dead, .silent, .up])
        #expect(furnace.value(tag: "heartbeat") == 450)
    }

    @Test func processFaultsReachTheProcess() throws {
        var furnace = try controller(
            "F-01", faults: [fault(.overTemperature(kelvin: 60)), fault(.waterLoss, at: 60, for: 10)])
        advance(&furnace, to: 29)
        #expect((furnace.value(tag: "melt_temp") ?? 0) > 1500)
        advance(&furnace, to: 59)
        #expect((furnace.value(tag: "melt_temp") ?? 0) < 1460)
        advance(&furnace, to: 63)
        #expect(furnace.value(tag: "trip_water_flow") == 1)
        #expect((furnace.value(tag: "water_flow") ?? 99) < 5)
        var cell = try controller("EC-01", faults: [fault(.feedStop, at: 0, for: nil)], step: 1)
        advance(&cell, to: 3600)
        #expect((cell.value(tag: "cell_voltage") ?? 0) > 14)
        #expect((cell.value(tag: "oxide_feed") ?? 1) < 0.2)
    }

    @Test func aSleepIsSkippedNotCaughtUpWith() throws {
        var instrument = try controller("TC-07")
        let night = 0.1 * Double(SimulatedController.mostSteps + 1000)
        advance(&instrument, to: night)
        #expect(instrument.skippedSteps == 1000)
        let after = instrument.time
        advance(&instrument, to: night + 1)
        #expect(abs(instrument.time - after - 1) < 1e-6)
        #expect(instrument.skippedSteps == 1000)
    }

    @Test(arguments: SamplePlant.names) func everyNumberStaysInTheRangeOfItsTag(name: String) throws {
        var subject = try controller(name, step: 1)
        let plant = SamplePlant.plant
        for second in stride(from: 10.0, to: 12_000, by: 10) {
            advance(&subject, to: second)
            for tag in plant.tags where tag.controller == subject.controller.id {
                guard let range = tag.range else { continue }
                let value = subject.value(tag: tag.localName) ?? .nan
                #expect(range.contains(value), "\(tag.localName) = \(value) after \(second) s")
            }
        }
    }
}
