import Foundation
import Testing

@testable import PlantConfiguration

/// Register maps that come with the package, and a plant's own.
@Suite struct InstalledProfileTests {
    /// Loads a controller with a profile, of a plant that has the profiles `own`, on a system with `furnace` and `dryer`.
    private func load(_ profile: String, own: [String]) throws -> LoadedConfiguration {
        var system = try HostSystem.fake()
        let (plant, installed) = (try temporaryFolder(), try temporaryFolder())
        system.installedProfiles = installed
        defer {
            system.remove()
            for folder in [plant, installed] { try? FileManager.default.removeItem(atPath: folder) }
        }
        try FileManager.default.createDirectory(atPath: plant + "/profiles", withIntermediateDirectories: true)
        for (folder, names) in [(plant + "/profiles", own), (installed, ["dryer", "furnace"])] {
            for name in names {
                let model = folder == installed ? "the package's" : "the plant's"
                try """
                model: \(model)
                tags:
                  - {name: pv, register: "holding:1", type: int16}
                """.write(toFile: "\(folder)/\(name).yaml", atomically: false, encoding: .utf8)
            }
        }
        try """
        plant: {name: Test}
        controllers:
          - {name: C-1, address: 127.0.0.1:502, unit: 1, profile: \(profile)}
        """.write(toFile: plant + "/cupel.yaml", atomically: false, encoding: .utf8)
        return try loadConfiguration(plant, on: system)
    }

    @Test func whatThePlantDoesNotHaveComesFromThePackage() throws {
        #expect(try load("furnace", own: []).profiles.map(\.model) == ["the package's"])
        #expect(try load("dryer", own: ["furnace"]).profiles.map(\.model) == ["the package's"])
    }

    @Test func thePlantsOwnComesFirst() throws {
        #expect(try load("furnace", own: ["furnace"]).profiles.map(\.model) == ["the plant's"])
    }

    @Test func oneThatIsNowhere() throws {
        let error = try #require(throws: ConfigurationError.self) { try load("furnance", own: ["oven"]) }
        #expect(error.description.contains("expected dryer, furnace or oven") || error.description.contains("furnace"))
        #expect(error.description.contains("profile: found \"furnance\""))
    }
}
