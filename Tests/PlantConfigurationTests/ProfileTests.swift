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

    /// A plant with one controller, C-1, of a profile, and with keys of its own such as `max_registers: 2`.
    static func load(_ profile: String, own: String = "") throws -> LoadedConfiguration {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/profiles", withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: "\(Self.folder)/\(profile).yaml", toPath: "\(folder)/profiles/\(profile).yaml")
        let text = """
            plant: {name: Test}
            controllers:
              - name: C-1
                address: "127.0.0.1:502"
                unit: 1
                profile: \(profile)
            """ + own.split(separator: "\n").map { "\n    \($0)" }.joined()
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

/// What the profiles' opening comments tell an engineer to write under the controller.
extension ProfileTests {
    @Test(arguments: [
        (
            "eurotherm-3504", "loop_1_pv_float", 1450.5, 1450.5,
            """
            max_registers: 2
            tags: [{name: loop_1_pv_float, register: "holding:0x8002", type: float32, order: abcd, unit: degC}]
            """
        ),
        (
            "omron-e5cc", "pv", 14505, 1450.5,
            """
            tags:
              - {name: pv, register: "holding:0x0000", type: int32, order: abcd, unit: degC, scale: 0.1, scan: fast,
                 quality_from: {tag: status, bad_bits: [2, 6]}}
            """
        ),
        (
            "ea-psb10000", "voltage", 26214, 30,
            """
            tags:
              - {name: voltage, register: "holding:507", type: uint16, linear: {raw: [0, 52428], value: [0, 60]}, unit: V,
                 scan: fast}
            """
        ),
        (
            "advantech-adam-6024", "ai_0", 65535, 10,
            """
            tags:
              - {name: ai_0, register: "40001", type: uint16, linear: {raw: [0, 65535], value: [-10, 10]}, unit: V,
                 quality_from: {tag: ai_0_status, good: [0]}}
            """
        ),
        (
            "advantech-adam-6024", "ai_1", 13107, 0,
            """
            tags: [{name: ai_1, register: "40002", type: uint16, loop: {raw: [13107, 65535], value: [0, 16]}, unit: bar}]
            """
        ),
        (
            "wago-750", "water_in", 215, 21.5,
            """
            tags:
              - {name: water_in, register: "input:0x0000", type: int16, scale: 0.1, unit: degC}
              - {name: door_closed, register: "discrete:0x0000", type: bool}
              - {name: valve, register: "coil:0x0200", type: bool}
            """
        ),
    ])
    func aControllerAdaptsItAsTheFileProposes(
        profile: String, name: String, raw: Double, value: Double, own: String
    ) throws {
        let loaded = try Self.load(profile, own: own)
        #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
        let tag = try Self.tag(name, of: loaded.plant)
        #expect(abs(raw * tag.scale + tag.offset - value) < 1e-9)
    }

    /// 4 mA of a module set to 0-20 mA: a broken wire is seen, because the codes go below the measurement.
    @Test func aBrokenWireIsToldFromALowValueWhenTheModuleMeasuresFromZero() throws {
        let own = "tags: [{name: ai_1, register: \"40002\", type: uint16, loop: {raw: [13107, 65535], value: [0, 16]}}]"
        let tag = try Self.tag("ai_1", of: Self.load("advantech-adam-6024", own: own).plant)
        let loop = try #require(tag.rules.loop)
        #expect(loop.quality(of: 0) == .failLow)
        #expect(loop.quality(of: 13107) == .good)
    }
}
