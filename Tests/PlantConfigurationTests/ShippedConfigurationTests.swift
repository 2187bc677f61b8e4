import Foundation
import Plant
import PlantConfiguration
import Testing

/// The files people start from.
@Suite struct ShippedConfigurationTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "config").path

    @Test func loadsWithoutWarnings() throws {
        let loaded = try loadConfiguration(Self.folder)
        // Who starts from it puts his own program there.
        #expect(loaded.warnings.allSatisfy { $0.message == "exec: /usr/local/bin/page-operator is not there" })
        #expect(loaded.advice.isEmpty)
        #expect(loaded.files == [Self.folder + "/cupel.yaml", Self.folder + "/profiles/plc-furnace.yaml"])
        #expect(loaded.plant.controllers.map(\.name) == ["F-01", "F-02", "EC-01", "TC-07"])
        #expect(loaded.plant.controllers.map(\.endpoint.port) == [15021, 15024, 15022, 15023])
        let furnace = try #require(loaded.plant.controllers.first)
        #expect(furnace.heartbeat == loaded.plant.tag(named: "F-01.heartbeat")?.id)
        #expect((furnace.maxRegisters, furnace.maxGap) == (125, 8))
        let power = try #require(loaded.plant.tag(named: "F-02.power"))
        #expect(power.registers == RegisterRange(table: .holding, start: 22, count: 2))
    }

    @Test func loadsAsAFileToo() throws {
        let loaded = try loadConfiguration(Self.folder + "/cupel.yaml")
        #expect(loaded.files.first == Self.folder + "/cupel.yaml")
    }

    @Test func expandsItsAlarms() throws {
        let plant = try loadConfiguration(Self.folder).plant
        #expect(
            plant.alarms.filter { $0.rule != "late-scans" }.map(\.name) == [
                "melt-temperature-high:F-01.melt_temp", "melt-temperature-high:F-02.melt_temp",
                "melt-temperature-low:F-01.melt_temp", "melt-temperature-low:F-02.melt_temp",
                "melt-temperature-sensor:F-01.melt_temp", "melt-temperature-sensor:F-02.melt_temp",
                "melt-temperature-sensor:EC-01.melt_temp", "argon-oxygen-high:F-01.argon_o2",
                "argon-oxygen-high:F-02.argon_o2", "anode-effect:EC-01.cell_voltage", "purity-low:F-01.purity",
                "purity-low:F-02.purity", "purity-low:EC-01.purity", "water-trip:F-01.trip_water_flow",
                "water-trip:F-02.trip_water_flow", "water-trip:EC-01.trip_water_flow", "cooling-lost:F-01",
                "cooling-lost:F-02", "comms:F-01", "comms:F-02", "comms:EC-01", "comms:TC-07", "phase-unknown:F-01",
                "phase-unknown:F-02", "storage:history", "storage:log", "storage:journal", "sink:floor", "sink:pager",
                "sink:manager", "sink:journald",
            ])
        let low = plant.alarms[3]
        let when = try #require(low.activity.when)
        #expect(when.root == .isOne(plant.tag(named: "F-02.phase")?.id ?? -1, of: [70, 80]))
        #expect(when.text == "F-02.phase in (soak, cast)")
        #expect(low.qualification.maxGap == .milliseconds(1500))
    }

    @Test func tellsTheShortestEventThatIsSeen() throws {
        let plant = try loadConfiguration(Self.folder).plant
        let events = plant.alarms.map { "\($0.name) \(plant.shortestEvent(of: $0).map { "\($0)" } ?? "-")" }
        #expect(events.contains("melt-temperature-high:F-01.melt_temp 2.5 seconds"))
        #expect(events.contains("water-trip:F-01.trip_water_flow 0.5 seconds"))
        #expect(events.contains("purity-low:EC-01.purity 10.0 seconds"))
        #expect(events.contains("cooling-lost:F-01 -"))
        #expect(events.contains("comms:F-01 -"))
        #expect(events.contains("sink:pager -"))
    }

    @Test func itsPuritiesDependOnTheProduct() throws {
        let plant = try loadConfiguration(Self.folder).plant
        func levels(_ name: String) -> Levels? {
            guard case .levels(let levels)? = plant.alarms.first(where: { $0.name == name })?.detector else {
                return nil
            }
            return levels
        }
        let strip = try #require(levels("purity-low:F-01.purity"))
        #expect(strip.product == .fixed("NdFeB") && !strip.isInclusive)
        #expect(strip.sets.map(\.product) == ["NdFeB"])
        let cell = try #require(levels("purity-low:EC-01.purity"))
        #expect(cell.product == .heat(2))
        #expect(cell.sets.map(\.product) == ["Nd", "NdPr"])
        #expect(cell.sets.flatMap(\.limits).map(\.limit) == [99.5, 99])
        #expect(plant.products == ["Nd", "NdFeB", "NdPr"])
        #expect(plant.supervision == Supervision())
    }

    /// A profile that no controller names is never read, so each is tried with a controller of its own.
    @Test func everyProfileLoads() throws {
        let profiles = try FileManager.default.contentsOfDirectory(atPath: Self.folder + "/profiles")
        #expect(!profiles.isEmpty)
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.copyItem(atPath: Self.folder + "/profiles", toPath: folder + "/profiles")
        for profile in profiles {
            let name = profile.replacing(".yaml", with: "")
            let text = """
                plant: {name: Test}
                controllers: [{name: C-1, address: 127.0.0.1:502, unit: 1, profile: \(name)}]
                """
            try text.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
            #expect(try !loadConfiguration(folder).plant.tags.isEmpty, "\(name)")
        }
    }
}

/// Tags across the plant keep what the rest of the program counts on.
@Suite struct PlantNumberingTests {
    @Test func idsAreIndicesAndSlotsAreInRegisterOrder() throws {
        let plant = try loadConfiguration(ShippedConfigurationTests.folder).plant
        #expect(plant.tags.map(\.id) == Array(plant.tags.indices))
        #expect(plant.groups.map(\.id) == Array(plant.groups.indices))
        #expect(plant.controllers.map(\.id) == Array(plant.controllers.indices))
        #expect(plant.alarms.map(\.id) == Array(plant.alarms.indices))
        #expect(plant.groups.map(\.tags.count).reduce(0, +) == plant.tags.count)
        for group in plant.groups {
            let tags = group.tags.map { plant.tags[$0] }
            #expect(tags.map(\.slot) == Array(tags.indices))
            #expect(tags.allSatisfy { $0.group == group.id && $0.controller == group.controller })
            let places = tags.compactMap { tag in
                tag.registers.map { (Int($0.table.function), Int($0.start), tag.bits?.lowerBound ?? -1) }
            }
            #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
        }
    }
}
