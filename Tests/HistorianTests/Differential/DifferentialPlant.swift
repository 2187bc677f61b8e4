import Plant

@testable import Historian

/// Tags of every kind, on two groups, in two versions of the plant: with another scale, another period and a tag that
/// moved.
enum DifferentialPlant {
    struct Form {
        var name: String
        var type: ValueType
        var scale = 1.0
        var offset = 0.0
        var states: [Int: String] = [:]
        var isCounter = false
        var isStepped = false

        var holdsItsValue: Bool { isStepped || isCounter || type == .bool || type.isString || !states.isEmpty }
        /// Whether it makes sense to ask how long each of its values stood.
        var isDiscrete: Bool { type == .bool || !states.isEmpty }
        var isScaled: Bool { scale != 1 || offset != 0 }
    }

    static let versions: [[[Form]]] = [
        [
            [
                Form(name: "temp", type: .int16, scale: 0.1, offset: -40), Form(name: "flow", type: .float32),
                Form(name: "count", type: .uint16, isCounter: true), Form(name: "big", type: .uint64),
                Form(name: "moved", type: .int32), Form(name: "note", type: .string(registers: 8)),
            ],
            [
                Form(name: "on", type: .bool), Form(name: "phase", type: .uint16, states: [1: "melt", 2: "soak"]),
                Form(name: "level", type: .float64), Form(name: "target", type: .int16, scale: 0.5, isStepped: true),
            ],
        ],
        [
            [
                Form(name: "flow", type: .float32), Form(name: "temp", type: .int16, scale: 0.2, offset: 3),
                Form(name: "big", type: .uint64), Form(name: "count", type: .uint16, isCounter: true),
                Form(name: "note", type: .string(registers: 8)),
            ],
            [
                Form(name: "on", type: .bool), Form(name: "moved", type: .int32),
                Form(name: "phase", type: .uint16, states: [1: "melt", 2: "soak"]),
                Form(name: "level", type: .float64), Form(name: "target", type: .int16, scale: 0.5, isStepped: true),
            ],
        ],
    ]

    /// Milliseconds, by version and group.
    static let periods: [[Int64]] = [[1000, 500], [2000, 500]]

    static let names = versions[0].flatMap { $0.map(\.name) }.sorted()

    static func plant(version: Int) -> Plant {
        var tags: [Tag] = []
        var groups: [ScanGroup] = []
        for (group, forms) in versions[version].enumerated() {
            let first = tags.count
            for (slot, form) in forms.enumerated() {
                tags.append(
                    Tag(
                        id: tags.count, name: form.name, localName: form.name, controller: 0, registers: nil,
                        type: form.type, scale: form.scale, offset: form.offset, states: form.states,
                        rules: TagRules(isCounter: form.isCounter), group: group, slot: slot,
                        isStepped: form.isStepped))
            }
            groups.append(
                ScanGroup(
                    id: group, controller: 0, scan: "s\(group)", name: "C/s\(group)",
                    period: .milliseconds(periods[version][group]), tags: Array(first..<tags.count)))
        }
        let controller = Controller(
            id: 0, name: "C", endpoint: Endpoint(host: "127.0.0.1", port: 1502), unit: 1)
        return Plant(
            name: "test", site: "here", timeZone: "Europe/Berlin", controllers: [controller], groups: groups,
            tags: tags)
    }
}
