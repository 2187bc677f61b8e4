import Plant
import Testing

import struct Plant.Tag

/// One published fact of a register map.
struct PublishedFact: Sendable, CustomTestStringConvertible {
    let profile: String
    let tag: String
    let table: RegisterTable
    /// On the wire, from 0.
    let address: Int
    let bits: ClosedRange<Int>?
    let type: ValueType
    let order: WordOrder
    let scale: Double

    init(
        _ profile: String, _ tag: String, _ table: RegisterTable, _ address: Int, bits: ClosedRange<Int>? = nil,
        _ type: ValueType, _ order: WordOrder = .abcd, scale: Double = 1
    ) {
        (self.profile, self.tag, self.table, self.address) = (profile, tag, table, address)
        (self.bits, self.type, self.order, self.scale) = (bits, type, order, scale)
    }

    var testDescription: String { "\(profile) \(tag)" }
}

/// What a status register says about a value, by the codes of its source.
struct PublishedStatus: Sendable, CustomTestStringConvertible {
    let profile: String
    let tag: String
    let raw: UInt64
    let quality: Quality

    init(_ profile: String, _ tag: String, _ raw: UInt64, _ quality: Quality) {
        (self.profile, self.tag, self.raw, self.quality) = (profile, tag, raw, quality)
    }

    var testDescription: String { "\(profile) \(tag) under \(raw)" }
}

/// Spot checks: addresses, types, orders and codes as the sources print them, with wire addresses from 0.
@Suite struct ProfileFactTests {
    static let facts: [PublishedFact] = [
        // DiamondLightSource/eurothermModbus 12ef339, templates L1, L2, Prog.
        .init("eurotherm-3504", "loop_1_pv", .holding, 1, .int16, scale: 0.1),
        .init("eurotherm-3504", "loop_2_working_sp", .holding, 1029, .int16, scale: 0.1),
        .init("eurotherm-3504", "loop_1_manual", .holding, 273, bits: 0...0, .bool),
        .init("eurotherm-3504", "program_status", .holding, 5195, bits: 0...4, .uint16),
        // EPICS IOC eurotherm_rtc, EPC3016_modbus.cmd; alarm n at 2113 + 24 (n - 1).
        .init("eurotherm-epc3016", "input_1_status", .holding, 1932, .uint16),
        .init("eurotherm-epc3016", "input_1_pv", .holding, 289, .int16, scale: 0.1),
        .init("eurotherm-epc3016", "alarm_6_status", .holding, 2233, .uint16),
        // ornl-epics/eurotherm 06d2986: 0x8000 + 2 x 256, 2 x 643, 2 x 5730.
        .init("eurotherm-nanodac", "channel_1", .holding, 33280, .float32),
        .init("eurotherm-nanodac", "channel_4_status", .holding, 269, .uint16),
        .init("eurotherm-nanodac", "loop_2_working_sp", .holding, 34054, .float32),
        .init("eurotherm-nanodac", "loop_1_sp_rate", .holding, 44228, .float32),
        // Eurotherm HA026230 issue 3.
        .init("eurotherm-2400", "pv", .holding, 0x8002, .float32),
        .init("eurotherm-2400", "working_sp", .holding, 0x800A, .float32),
        .init("eurotherm-2400", "sensor_break", .holding, 75, bits: 5...5, .bool),
        .init("eurotherm-2400", "program_time_left", .holding, 0x8074, .uint32, scale: 0.001),
        // Eurotherm HA028651 issue 7 pages 81-82.
        .init("eurotherm-3200", "timer_status", .holding, 23, .uint16),
        .init("eurotherm-3200", "autotune", .holding, 75, bits: 15...15, .bool),
        .init("eurotherm-3200", "load_current", .holding, 80, .int16),
        // EspecNorthAmerica/ChamberConnectLibrary 1d2deb8, Map 1: low word first, loops 160 apart.
        .init("watlow-f4t", "loop_1_pv", .holding, 2820, .float32, .cdab),
        .init("watlow-f4t", "loop_2_pv", .holding, 2980, .float32, .cdab),
        .init("watlow-f4t", "temperature_unit", .holding, 6730, .uint16),
        .init("watlow-f4t", "cascade_1_outer_pv", .holding, 4180, .float32, .cdab),
        // mbmd fb8f9c2 iem3000.go, which cites DOCA0005: register 3000 is wire 2999.
        .init("schneider-iem3000", "current_1", .holding, 2999, .float32),
        .init("schneider-iem3000", "power", .holding, 3059, .float32),
        .init("schneider-iem3000", "energy_import", .holding, 3203, .int64, scale: 0.001),
        // Arup PM5100 script.
        .init("schneider-pm5100", "voltage_12", .holding, 3019, .float32),
        .init("schneider-pm5100", "energy", .holding, 3203, .uint64, scale: 0.001),
        .init("schneider-pm5100", "current_distortion_1", .holding, 21299, .float32),
        // PSB 10000 CVI header: the state is 505 and 506, its mode mask 0x0600.
        .init("ea-psb10000", "current", .holding, 508, .uint16, scale: 100.0 / 52428),
        .init("ea-psb10000", "regulation", .holding, 506, bits: 9...10, .uint16),
        .init("ea-psb10000", "control_location", .holding, 506, bits: 0...4, .uint16),
        // aggsoft.com lists: from register 6 on the two devices differ.
        .init("kraftpowercon-flexkraft-single", "voltage", .holding, 4, .int16),
        .init("kraftpowercon-flexkraft-single", "process_time", .holding, 6, .uint32),
        .init("kraftpowercon-flexkraft-single", "ampere_hours", .holding, 8, .uint32),
        .init("kraftpowercon-flexkraft-dual", "voltage_a", .holding, 4, .int16),
        .init("kraftpowercon-flexkraft-dual", "voltage_b", .holding, 6, .int16),
        .init("kraftpowercon-flexkraft-dual", "ampere_hours_b", .holding, 12, .uint32),
        // Vaisala M210704EN-F tables 36 and 37: register 7 is wire 6.
        .init("vaisala-dmt340", "dew_point", .holding, 6, .float32, .cdab),
        .init("vaisala-dmt340", "water_by_mass", .holding, 64, .float32, .cdab),
        .init("vaisala-dmt340", "online_status", .holding, 513, .uint16),
        .init("vaisala-dmt340", "error_code", .holding, 515, .uint32, .cdab),
        // Michell Optidew 97551 issue 1 pages 49-51.
        .init("michell-optidew", "dew_point", .holding, 6, .float32),
        .init("michell-optidew", "operating_mode", .holding, 33, .uint16),
        .init("michell-optidew", "mirror_contaminated", .holding, 39, bits: 9...9, .bool),
        // Servomex 4100 appendix B: 30001 + 7 (n - 1), units text at + 5.
        .init("servomex-4100", "measurement_4", .input, 21, .float32),
        .init("servomex-4100", "external_2", .input, 63, .float32),
        .init("servomex-4100", "measurement_2_units", .input, 12, .string(registers: 2)),
        // Servomex OxyDetect A3 pages 68, 74 and 75: register 1 is wire 0.
        .init("servomex-oxydetect", "float_order_swapped", .coil, 0, .bool),
        .init("servomex-oxydetect", "alarm_2_level", .holding, 152, .float32),
        .init("servomex-oxydetect", "service_in_progress", .discrete, 1104, .bool),
        // Endress+Hauser BA02195C table 5-1: addresses as they are on the wire, low word first.
        .init("endress-oxy5500", "oxygen", .holding, 4909, .float32, .cdab),
        .init("endress-oxy5500", "clock", .holding, 8231, .uint32, .cdab),
        .init("endress-oxy5500", "serial_number", .holding, 1063, .string(registers: 8)),
        // MG15 driver: three registers a channel; emission k at 149 + 17 (k - 5).
        .init("prevac-mg15", "pressure_7", .holding, 18, .float32),
        .init("prevac-mg15", "pressure_1_state", .holding, 2, .uint16),
        .init("prevac-mg15", "emission_7", .holding, 183, .uint16),
        // Raytek MI3 revision G page 101: head n at 1000 n.
        .init("raytek-mi3", "target_temperature", .input, 1080, .float32),
        .init("raytek-mi3", "object_out_of_range", .discrete, 1006, .bool),
        .init("raytek-mi3", "emissivity", .holding, 1200, .float32),
        // Omron H175 sections 3-2 and 5-1.
        .init("omron-e5cc", "pv", .holding, 0, .int32),
        .init("omron-e5cc", "status", .holding, 2, .uint32),
        .init("omron-e5cc", "input_error", .holding, 3, bits: 6...6, .bool),
        .init("omron-e5cc", "output_heating", .holding, 0x2004, .int16, scale: 0.1),
        // C# driver Ulee.Device.Connection.Yokogawa.
        .init("yokogawa-ut55a", "pv", .holding, 2, .int16),
        .init("yokogawa-ut55a", "sp", .holding, 300, .int16),
        .init("yokogawa-ut55a", "output", .holding, 4, .int16, scale: 0.1),
        // WAGO 750 ETHERNET manual pages 160-161.
        .init("wago-750", "constant_1234", .holding, 0x2002, .uint16),
        .init("wago-750", "led_error_code", .holding, 0x1020, .uint16),
        .init("wago-750", "tcp_connections", .holding, 0x102A, .uint16),
        // Advantech ADAM-6000 appendix B.2.4 page 258: 40001 is wire 0, 00017 coil 16.
        .init("advantech-adam-6024", "ai_5", .holding, 5, .uint16, scale: 100.0 / 65535),
        .init("advantech-adam-6024", "ai_0_status", .holding, 20, .uint16),
        .init("advantech-adam-6024", "do_0", .coil, 16, .bool),
        // Layout version 1.
        .init("plc-furnace", "melt_temp", .holding, 10, .float32),
        .init("plc-furnace", "trip_over_temperature", .holding, 8, bits: 2...2, .bool),
        .init("plc-furnace", "first_out", .holding, 9, .uint16),
        .init("plc-furnace", "ca_ppm", .holding, 60, .float32),
    ]

    static let statuses: [PublishedStatus] = [
        // 0 is presumed to be good.
        .init("eurotherm-epc3016", "pv", 0, .good), .init("eurotherm-epc3016", "pv", 1, .sensorFault),
        // nd.template: 0 good, 4 hardware error, 9 no data; loop sensor break 1.
        .init("eurotherm-nanodac", "channel_1", 0, .good), .init("eurotherm-nanodac", "channel_1", 4, .sensorFault),
        .init("eurotherm-nanodac", "virtual_2", 9, .sensorFault), .init("eurotherm-nanodac", "loop_2_pv", 0, .good),
        .init("eurotherm-nanodac", "loop_2_pv", 1, .sensorFault),
        // HA026230 and HA028651: bit 5 sensor break, bit 10 out of range.
        .init("eurotherm-2400", "pv", 0b1001_0000, .good), .init("eurotherm-2400", "pv", 1 << 5, .sensorFault),
        .init("eurotherm-2400", "pv", 1 << 10, .clamped), .init("eurotherm-3200", "pv", 1 << 5 | 1 << 10, .sensorFault),
        // ChamberConnectLibrary: 15 degC, 30 degF.
        .init("watlow-f4t", "loop_1_pv", 15, .good), .init("watlow-f4t", "loop_1_pv", 30, .invalidValue),
        // M210704EN-F table 37: 1 online.
        .init("vaisala-dmt340", "dew_point", 1, .good), .init("vaisala-dmt340", "dew_point", 0, .sensorFault),
        // Optidew page 50: 6 DCC, 8 measure, 9 standby, 13 failure; fault bits 3 and 6.
        .init("michell-optidew", "dew_point", 8, .good), .init("michell-optidew", "dew_point", 6, .frozen),
        .init("michell-optidew", "water_by_volume", 9, .invalidValue),
        .init("michell-optidew", "wet_bulb", 13, .invalidValue),
        .init("michell-optidew", "ambient_temperature", 1 << 3, .sensorFault),
        .init("michell-optidew", "pressure", 1 << 6, .sensorFault), .init("michell-optidew", "pressure", 1 << 3, .good),
        // MG15 driver: 0 ok, 15 no hardware, 19 sensor break.
        .init("prevac-mg15", "pressure_1", 0, .good), .init("prevac-mg15", "pressure_7", 15, .sensorFault),
        .init("prevac-mg15", "pressure_3", 19, .sensorFault),
        // MI3 revision G page 101: bits of the head status.
        .init("raytek-mi3", "target_temperature", 0, .good), .init("raytek-mi3", "target_temperature", 1, .outOfRange),
        // H175 page 3-25: bit 2 converter, bit 6 input error, bit 24 stopped.
        .init("omron-e5cc", "pv", 1 << 24, .good), .init("omron-e5cc", "pv", 1 << 6, .sensorFault),
        .init("omron-e5cc", "pv", 1 << 2, .sensorFault),
        // ADAM page 258: 0 normal, 1 over, 2 under.
        .init("advantech-adam-6024", "ai_0", 0, .good), .init("advantech-adam-6024", "ai_5", 2, .sensorFault),
    ]

    @Test(arguments: facts)
    func aTagIsWhereItsSourceSays(fact: PublishedFact) throws {
        let tag = try ProfileTests.tag(fact.tag, of: ProfileTests.plant(fact.profile))
        let place = RegisterRange(table: fact.table, start: fact.address, count: fact.type.registers)
        #expect(tag.registers == place)
        #expect(tag.bits == fact.bits)
        #expect(tag.type == fact.type)
        #expect(tag.order == fact.order)
        #expect(abs(tag.scale - fact.scale) < 1e-12 && tag.offset == 0)
    }

    @Test func everyProfileIsCheckedAgainstItsSource() {
        let checked = Dictionary(grouping: Self.facts, by: \.profile)
        for profile in ProfileTests.names { #expect((checked[profile]?.count ?? 0) >= 3, "\(profile)") }
    }

    @Test(arguments: statuses)
    func aStatusMeansWhatItsSourceSays(fact: PublishedStatus) throws {
        let tag = try ProfileTests.tag(fact.tag, of: ProfileTests.plant(fact.profile))
        #expect(try #require(tag.rules.status).quality(under: fact.raw) == fact.quality)
    }
}
