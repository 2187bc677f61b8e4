import ArgumentParser
import Foundation
import Testing

@testable import cupel_bench

@Suite
struct AlarmsCommandTests {
    private func command(_ arguments: String...) throws -> AlarmsCommand {
        try AlarmsCommand.parse(["--cupel", "/bin/true"] + arguments)
    }

    @Test func allPartsAreTakenUnlessSomeAreNamed() throws {
        #expect(try command().parts == [.latency, .burst, .sustained, .isolation])
        #expect(try command("--parts", "burst", "isolation").parts == [.burst, .isolation])
    }

    @Test(arguments: ["--rate", "--seconds", "--stuck-seconds", "--storms", "--steps"])
    func nothingIsMeasuredOfNothing(option: String) {
        #expect(throws: (any Error).self) { try command(option, "0") }
    }

    /// Each alarm is seen up and down several times in each wave, or some would not be raised.
    @Test func theFastestWaveIsSlowerThanTheScans() throws {
        let usual = try command()
        let period = StormRun.period(of: usual.rate, alarms: usual.storms * usual.tags)
        #expect(period / 2 > 4 * Int64(StormPlant.stormPeriod) * 1_000_000)
    }

    @Test func thePlantHasItsSinksAndItsStorm() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("storm-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try StormPlant(quiet: 2, storms: 1, tags: 3).write(
            to: folder, ports: [11, 12, 13], places: .init(file: "/f", fifo: "/p", webhook: 14))
        let text = try String(contentsOfFile: folder + "/cupel.yaml", encoding: .utf8)
        for part in ["127.0.0.1:11", "name: S-0, address: \"127.0.0.1:13\"", "fifo: \"/p\"", "127.0.0.1:14"] {
            #expect(text.contains(part), "\(part) in\n\(text)")
        }
    }
}
