import Foundation
import Plant
import PlantConfiguration
import Testing

import struct Plant.Tag

/// The instruments that Cupel knows: each profile loads, says where its facts come from, and has the facts that were
/// published. The numbers are typed from the sources named beside them, not from the files.
@Suite struct ProfileTests {
    static let folder = ShippedConfigurationTests.folder + "/profiles"

    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// A plant with one controller, C-1, of a profile.
    static func load(_ profile: String) throws -> LoadedConfiguration {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/profiles", withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: "\(Self.folder)/\(profile).yaml", toPath: "\(folder)/profiles/\(profile).yaml")
        let text = """
            plant: {name: Test}
            controllers: [{name: C-1, address: "127.0.0.1:502", unit: 1, profile: \(profile)}]
            """
        try text.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
        return try loadConfiguration(folder)
    }

    static func plant(_ profile: String) throws -> Plant { try load(profile).plant }

    /// What an instrument sends: no formulas, and none of Cupel's own counters.
    static func tags(_ plant: Plant) -> [Tag] { plant.tags.filter { $0.registers != nil } }

    static func tag(_ name: String, of plant: Plant) throws -> Tag {
        try #require(plant.tag(named: "C-1.\(name)"), "\(name)")
    }

    @Test func thereAreAtLeastFourteenInstrumentsAndThePLC() {
        #expect(Self.names.contains("plc-furnace"))
        #expect(Self.names.count > 14)
    }

    @Test(arguments: names)
    func loadsWithoutWarningsAndSaysWhereItsFactsComeFrom(profile: String) throws {
        let loaded = try Self.load(profile)
        #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
        #expect(!Self.tags(loaded.plant).isEmpty)
        let summary = try #require(loaded.profiles.first)
        #expect(summary.name == profile)
        #expect(summary.model?.isEmpty == false)
        #expect(!summary.sources.isEmpty && summary.sources.allSatisfy { !$0.isEmpty })
        #expect(summary.grade != nil)
    }

    @Test(arguments: names)
    func everyTagHasAPlaceOfItsOwnThatFitsIntoOneRequest(profile: String) throws {
        let plant = try Self.plant(profile)
        let tags = Self.tags(plant)
        #expect(Set(tags.map(\.placeText)).count == tags.count)
        let limit = try #require(plant.controllers.first).maxRegisters
        for tag in tags { #expect((tag.registers?.count ?? 0) <= limit, "\(tag.name)") }
    }

    /// A status that is read more seldom than its value decides about readings it has never seen.
    @Test(arguments: names)
    func aStatusIsReadAtLeastAsOftenAsTheValueItDecidesAbout(profile: String) throws {
        let plant = try Self.plant(profile)
        for tag in plant.tags {
            guard let status = tag.rules.status.map({ plant.tags[$0.tag] }) else { continue }
            #expect(plant.groups[status.group].period <= plant.groups[tag.group].period, "\(tag.name)")
        }
    }

    /// Grade C has seen no manual and no instrument: whoever reads a tag's description must know.
    @Test func whatAThirdPartyListedIsMarkedAsUnconfirmed() throws {
        for profile in Self.names {
            let loaded = try Self.load(profile)
            guard loaded.profiles.first?.grade == .list else { continue }
            for tag in Self.tags(loaded.plant) {
                #expect(tag.description?.contains("(verify)") == true, "\(profile) \(tag.name)")
            }
        }
    }
}

/// Values that are read in one request, and registers that show the map to be the right one.
extension ProfileTests {
    @Test(arguments: 1...7)
    func aGaugeComesWithItsState(channel: Int) throws {
        let plant = try Self.plant("prevac-mg15")
        let pressure = try Self.tag("pressure_\(channel)", of: plant)
        let state = try Self.tag("pressure_\(channel)_state", of: plant)
        #expect(pressure.together != nil && pressure.together == state.together)
        #expect(pressure.rules.status?.tag == state.id)
        #expect(pressure.registers?.end == state.registers.map { Int($0.start) })
    }

    @Test(arguments: [("omron-e5cc", ["pv", "status"]), ("ea-psb10000", ["voltage", "current", "power"])])
    func whatBelongsTogetherIsReadTogether(profile: String, names: [String]) throws {
        let plant = try Self.plant(profile)
        let groups = try names.map { try Self.tag($0, of: plant).together }
        #expect(groups.first != nil && Set(groups).count == 1 && groups[0] != nil)
    }

    /// The WAGO constant (750 ETHERNET manual, pages 160-161), units set to degC (Optidew 97551 page 49, MI3 revision G
    /// page 101), the order of words (OxyDetect A3 page 75), and our own layout.
    @Test(arguments: [
        ("wago-750", "constant_1234", 4660.0), ("michell-optidew", "temperature_unit", 0),
        ("raytek-mi3", "head_unit_fahrenheit", 0), ("servomex-oxydetect", "float_order_swapped", 0),
        ("plc-furnace", "layout", 1),
    ])
    func aKnownConstantShowsTheMapToFit(profile: String, name: String, value: Double) throws {
        #expect(try Self.tag(name, of: Self.plant(profile)).expect == value)
    }

    @Test(arguments: [("plc-furnace", "heartbeat"), ("endress-oxy5500", "clock")])
    func aCounterOrClockShowsTheControllerToLive(profile: String, name: String) throws {
        let plant = try Self.plant(profile)
        #expect(try plant.controllers.first?.heartbeat == Self.tag(name, of: plant).id)
    }

    /// The drivers of these three ask for one item at a time.
    @Test(arguments: ["eurotherm-3504", "eurotherm-epc3016", "yokogawa-ut55a"])
    func anInstrumentOfWhichNoBlockWasSeenIsAskedForOneItemAtATime(profile: String) throws {
        let controller = try #require(try Self.plant(profile).controllers.first)
        #expect((controller.maxRegisters, controller.maxGap) == (1, 0))
    }

    /// 52428 is 100 % of nominal (EA client citing KE220 revision 15).
    @Test func theSupplysValuesAreSharesOfItsNominalOnes() throws {
        let voltage = try Self.tag("voltage", of: Self.plant("ea-psb10000"))
        #expect(abs(voltage.engineering(52428) - 100) < 1e-9)
        #expect(voltage.engineering(0) == 0)
        #expect(voltage.range?.contains(voltage.engineering(53477)) == true)
        #expect(voltage.range?.contains(voltage.engineering(53500)) == false)
    }
}
