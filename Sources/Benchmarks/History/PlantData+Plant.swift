import Plant

/// How the controllers of a `PlantData` hold what they measure.
enum Registers: String, CaseIterable {
    /// Integers with a scale, as most controllers do.
    case integers
    /// Temperatures and flows as float32 with all the noise of the last bit.
    case floats
    /// The same, kept to the resolution of the instruments: what `resolution:` asks for.
    case roundedFloats

    /// What one reading puts into a ring.
    func bits(_ scan: PlantData.Scan, slot: Int, _ kind: PlantData.Kind) -> UInt64 {
        switch self {
        case .floats where kind.isAnalog, .roundedFloats where kind.isAnalog:
            UInt64(Float(scan.exact[slot] * kind.scale).bitPattern)
        case .integers, .floats, .roundedFloats: UInt64(bitPattern: Int64(scan.raw[slot]))
        }
    }

    fileprivate func type(of kind: PlantData.Kind) -> ValueType {
        switch kind {
        case .temperature, .flow: self == .integers ? .int16 : .float32
        case .counter, .purity: .uint32
        case .setPoint, .mode, .valve: .uint16
        }
    }

    fileprivate func scale(of kind: PlantData.Kind) -> Double { type(of: kind) == .float32 ? 1 : kind.scale }
}

extension PlantData.Kind {
    /// Engineering units a count of the register.
    var scale: Double {
        switch self {
        case .temperature, .setPoint: 0.1
        case .flow: 0.01
        case .purity: 0.001
        case .counter, .mode, .valve: 1
        }
    }

    private var prefix: String {
        switch self {
        case .temperature: "TIC"
        case .flow: "FIC"
        case .counter: "CT"
        case .purity: "AIC"
        case .setPoint: "SP"
        case .mode: "MODE"
        case .valve: "XV"
        }
    }

    private var unit: String? {
        switch self {
        case .temperature, .setPoint: "degC"
        case .flow: "m3/h"
        case .counter: "pcs"
        case .purity: "%"
        case .mode, .valve: nil
        }
    }

    private var states: [Int: String] {
        switch self {
        case .mode: Dictionary(uniqueKeysWithValues: (0..<8).map { ($0, "mode \($0)") })
        case .valve: [0: "shut", 1: "open"]
        case .temperature, .flow, .counter, .purity, .setPoint: [:]
        }
    }

    fileprivate func tag(_ id: Tag.ID, _ controller: Controller, _ registers: Registers) -> Tag {
        let (type, slot) = (registers.type(of: self), id % PlantData.tagsOfController)
        let name = "\(prefix)-\(String(id + 1000).dropFirst())"
        return Tag(
            id: id, name: "\(controller.name).\(name)", localName: name, unit: unit, controller: controller.id,
            registers: RegisterRange(table: .holding, start: slot * 2, count: type.registers), type: type,
            scale: registers.scale(of: self), states: states, rules: TagRules(isCounter: self == .counter),
            group: controller.id, slot: slot, isStepped: self == .setPoint || self == .purity,
            resolution: registers == .roundedFloats && isAnalog ? scale : nil)
    }
}

extension PlantData {
    /// The plant whose history the numbers make: a scan group a controller.
    func plant(_ registers: Registers, history: HistorySettings) -> Plant {
        let controllers = (0..<controllerCount).map { id in
            Controller(
                id: id, name: "U" + String(id + 100).dropFirst(), endpoint: Endpoint(host: "127.0.0.1", port: 502),
                unit: 1)
        }
        let tags = (0..<tagCount).map { id in
            Kind(ofTag: id).tag(id, controllers[id / PlantData.tagsOfController], registers)
        }
        let groups = controllers.map { controller in
            ScanGroup(
                id: controller.id, controller: controller.id, scan: "normal", name: "\(controller.name)/normal",
                period: .seconds(1), tags: tags.indices.filter { tags[$0].controller == controller.id })
        }
        return Plant(
            name: "Benchmark", site: "BENCH", timeZone: "Asia/Seoul", controllers: controllers, groups: groups,
            tags: tags, history: history)
    }
}
