import Plant

/// A plant for tests: a furnace, a cell and an instrument that has nothing but a pair of process values.
enum SamplePlant {
    static let names = ["F-01", "EC-01", "TC-07"]

    static let plant: Plant = {
        var builder = Builder()
        builder.add("F-01", description: "NdFeB strip-casting furnace", port: 15_021, unit: 1, maxGap: 8) {
            plcTags(&$0)
        }
        builder.add("EC-01", description: "Nd electrolysis cell", port: 15_022, unit: 1, maxGap: 8) { plcTags(&$0) }
        builder.add("TC-07", description: "furnace zone controller", port: 15_023, unit: 1, maxRegisters: 32) {
            $0.tag("pv", 1, .int16, scale: 0.1, unit: "degC", range: 0...1600)
            $0.tag("setpoint", 2, .int16, scale: 0.1, unit: "degC")
            $0.tag("sensor_break", 75, .bool, bit: 5)
            $0.tag("pv_float", 0x8002, .float32, unit: "degC")
        }
        return builder.plant
    }()

    /// The register map that furnaces and cells share.
    static func plcTags(_ map: inout Builder) {
        map.heartbeat("heartbeat", 0, .uint16)
        map.tag("layout", 1, .uint16, expect: 1)
        map.tag("batch_seq", 2, .uint32)
        map.tag("phase", 4, .uint16, states: [0: "idle", 10: "charge", 60: "melt", 70: "soak", 80: "cast"])
        map.tag("phase_elapsed", 5, .uint32, unit: "s")
        map.tag("permit_water", 7, .bool, bit: 0)
        map.tag("permit_vacuum", 7, .bool, bit: 1)
        map.tag("trip_water_flow", 8, .bool, bit: 0)
        map.tag("trip_over_temperature", 8, .bool, bit: 2)
        map.tag("melt_temp", 10, .float32, unit: "degC", range: 0...1800)
        map.tag("melt_temp_2", 12, .float32, unit: "degC", range: 0...1800)
        map.tag("wall_temp", 14, .float32, unit: "degC", range: 0...1400)
        map.tag("cell_current", 16, .float32, unit: "A", range: 0...6000)
        map.tag("cell_voltage", 18, .float32, unit: "V", range: 0...25)
        map.tag("ampere_hours", 20, .uint32, unit: "Ah")
        let floats = [
            "power", "energy", "chamber_pressure", "argon_o2", "argon_dew_point", "water_flow", "water_in",
            "water_out", "oxide_feed", "offgas_co", "tap_weight", "wheel_speed", "tundish_temp",
        ]
        for (index, name) in floats.enumerated() {
            let at = name == "power" ? 22 : 22 + 2 * index
            map.tag(name, at, .float32)
        }
        map.tag("assay_seq", 48, .uint32)
        map.tag("sample_id", 50, .uint32)
        map.tag("purity", 52, .float32, unit: "wt%", range: 0...100)
        for (index, name) in ["fe_ppm", "c_ppm", "o_ppm", "ca_ppm"].enumerated() {
            map.tag(name, 54 + 2 * index, .float32, unit: "ppm")
        }
    }

    /// Collects controllers and tags with the indices a plant wants.
    struct Builder {
        private var controllers: [Controller] = []
        private var tags: [Tag] = []
        private var heartbeat: Tag.ID?

        var plant: Plant {
            Plant(
                name: "Test", site: "T", timeZone: "UTC", controllers: controllers,
                groups: controllers.map { controller in
                    ScanGroup(
                        id: controller.id, controller: controller.id, scan: "fast", name: "\(controller.name)/fast",
                        period: .seconds(1), tags: tags.filter { $0.controller == controller.id }.map(\.id))
                }, tags: tags)
        }

        mutating func add(
            _ name: String, description: String? = nil, host: String = "127.0.0.1", port: UInt16, unit: UInt8,
            maxRegisters: Int = 125, maxGap: Int = 0, tags: (inout Builder) -> Void
        ) {
            heartbeat = nil
            tags(&self)
            controllers.append(
                Controller(
                    id: controllers.count, name: name, description: description,
                    endpoint: Endpoint(host: host, port: port), unit: unit, maxRegisters: maxRegisters,
                    maxGap: maxGap, heartbeat: heartbeat))
        }

        mutating func heartbeat(_ name: String, _ start: Int, _ type: ValueType) {
            heartbeat = tags.count
            tag(name, start, type)
        }

        mutating func tag(
            _ name: String, _ start: Int, _ type: ValueType, table: RegisterTable = .holding, bit: Int? = nil,
            order: WordOrder = .abcd, scale: Double = 1, offset: Double = 0, unit: String? = nil,
            range: ClosedRange<Double>? = nil, states: [Int: String] = [:], expect: Double? = nil
        ) {
            guard let registers = RegisterRange(table: table, start: start, count: type.registers) else { return }
            tags.append(
                Tag(
                    id: tags.count, name: "\(controllers.count).\(name)", localName: name, unit: unit,
                    controller: controllers.count, registers: registers, bit: bit, type: type, order: order,
                    scale: scale, offset: offset, range: range, states: states, expect: expect,
                    group: controllers.count, slot: 0))
        }
    }
}

/// One tag without a plant around it.
func sampleTag(
    _ name: String = "x", type: ValueType, table: RegisterTable = .holding, start: Int = 0, bit: Int? = nil,
    order: WordOrder = .abcd, scale: Double = 1, offset: Double = 0, unit: String? = nil,
    range: ClosedRange<Double>? = nil, states: [Int: String] = [:]
) -> Tag {
    var builder = SamplePlant.Builder()
    builder.add("X", port: 1, unit: 1) {
        $0.tag(
            name, start, type, table: table, bit: bit, order: order, scale: scale, offset: offset, unit: unit,
            range: range, states: states)
    }
    return builder.plant.tags[0]
}
