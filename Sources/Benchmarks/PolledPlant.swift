import Plant

import struct Plant.Tag

/// A plant in memory, for lines that are measured without a daemon around them.
struct PolledPlant {
    /// Where the controllers are.
    enum Place {
        /// Each at an endpoint of its own, unit 1.
        case ports([Int])
        /// So many units behind one endpoint, unit 1 first.
        case gateway(port: Int, units: Int)
    }

    /// The values of each controller, one behind the other from register 0 on.
    var types: [ValueType]
    var period: Duration
    var maxRegisters = 125
    var maxInFlight = 1

    /// Blocks that are as long as a request allows: 62 float32 and an uint16 are 125 registers.
    static func fullBlocks(_ count: Int) -> [ValueType] {
        let block = [ValueType](repeating: .float32, count: 62) + [.uint16]
        return (0..<count).flatMap { _ in block }
    }

    func plant(_ place: Place) -> Plant {
        let addresses =
            switch place {
            case .ports(let ports): ports.map { (port: $0, unit: 1) }
            case .gateway(let port, let units): (1...units).map { (port: port, unit: $0) }
            }
        let controllers = addresses.enumerated().map { id, address in
            Controller(
                id: id, name: "C-\(id)", endpoint: Endpoint(host: "127.0.0.1", port: UInt16(address.port)),
                unit: UInt8(address.unit), maxRegisters: maxRegisters, pacing: Pacing(maxInFlight: maxInFlight))
        }
        let tags = controllers.flatMap { self.tags(of: $0) }
        return Plant(
            name: "Benchmark", site: "BENCH", timeZone: "UTC", controllers: controllers,
            groups: controllers.map { controller in
                let first = controller.id * types.count
                return ScanGroup(
                    id: controller.id, controller: controller.id, scan: "normal", name: "\(controller.name)/normal",
                    period: period, tags: Array(first..<first + types.count))
            }, tags: tags)
    }

    private func tags(of controller: Controller) -> [Tag] {
        var start = 0
        return types.enumerated().map { slot, type in
            defer { start += type.registers }
            return Tag(
                id: controller.id * types.count + slot, name: "\(controller.name).t\(slot)", localName: "t\(slot)",
                controller: controller.id,
                registers: RegisterRange(table: .holding, start: start, count: type.registers), type: type,
                group: controller.id, slot: slot)
        }
    }
}
