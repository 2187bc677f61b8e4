import ArgumentParser
import FoundationEssentials
import Plant
import PlantConfiguration
import Simulation

struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves every controller of the configuration on its address, with physics and faults.")

    @OptionGroup var place: PlaceOptions
    @Option(help: "Simulated seconds a second, 1 to 600.") var speed = 1.0
    @Option(help: "The seed of all noise: equal seeds, equal plants.") var seed: UInt64 = 1
    @Option(help: "A file of faults, a line each: at 20s F-01 over-temperature 60 for 40s.") var script: String?

    func run() async throws {
        let plant = try place.load().plant
        var faults = FaultScript()
        if let script {
            guard let text = try? String(contentsOfFile: script, encoding: .utf8) else {
                Output.complain("cupel: cannot read \(script)")
                throw ExitCode.io
            }
            do {
                faults = try FaultScript(parsing: text)
            } catch {
                Output.complain("\(script): \(error)")
                throw ExitCode.data
            }
        }
        try await simulate(plant, SimulationOptions(seed: seed, speed: speed, script: faults))
    }
}

/// Serves until SIGINT or SIGTERM.
func simulate(_ plant: Plant, _ options: SimulationOptions) async throws {
    let simulator = Simulator(plant: plant, options: options) { Output.complain("\($0)") }
    do {
        try simulator.start()
    } catch {
        Output.complain("cupel: \(error)")
        throw ExitCode.cannotCreate
    }
    for controller in plant.controllers {
        Output.complain("serving \(controller.name) unit \(controller.unit) on \(controller.endpoint)")
    }
    await untilInterrupted()
    simulator.stop()
}
