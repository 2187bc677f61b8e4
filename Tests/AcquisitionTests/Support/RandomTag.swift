import Plant

import struct Plant.Tag

@testable import Acquisition

/// Tags of every kind with rules of every kind, and bytes that are as likely as not at an edge.
enum RandomTag {
    private static let types: [ValueType] = [
        .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .bcd16, .bcd32, .signmag16,
        .signmag32, .string(registers: 1), .string(registers: 9),
    ]

    /// One to twenty tags of registers, one after the other, some of them counters, stuck, or judged by another.
    static func block(using random: inout some RandomNumberGenerator) -> [Tag] {
        var tags: [Tag] = []
        let count = Int.random(in: 1...20, using: &random)
        var end = 0
        while tags.count < count, end < 110 {
            var rules = TagRules()
            rules.isCounter = Bool.random(using: &random)
            rules.stuckAfter = Bool.random(using: &random) ? .seconds(2) : nil
            if Bool.random(using: &random) {
                rules.status = StatusRule(
                    tag: Int.random(in: 0...tags.count, using: &random),
                    tests: [.init(.isNone(of: [0]), .sensorFault), .init(.anyBit(of: 0xF0), .doubtful)])
            }
            let tag = make(at: end, in: .holding, rules: rules, using: &random)
            end = tag.registers?.end ?? end
            tags.append(tag)
        }
        return tags
    }

    static func make(
        at start: Int = 0, in fixed: RegisterTable? = nil, rules own: TagRules = TagRules(),
        using random: inout some RandomNumberGenerator
    ) -> Tag {
        let type = types.randomElement(using: &random) ?? .uint16
        let table: RegisterTable = fixed ?? (type == .bool && Bool.random(using: &random) ? .coil : .holding)
        var bits: ClosedRange<Int>?
        if table == .holding, type == .bool || type == .int16 || type == .uint16, Bool.random(using: &random) {
            let low = Int.random(in: 0...15, using: &random)
            bits = low...(type == .bool ? low : Int.random(in: low...15, using: &random))
        }
        var rules = own
        rules.clamps = Bool.random(using: &random)
        if Int.random(in: 0..<3, using: &random) == 0 { rules.loop = CurrentLoop(raw: 0...20_000) }
        let low = Double.random(in: -1e5...1e5, using: &random)
        let range = low...(low + Double.random(in: 0...2e5, using: &random))
        return .at(
            start, type, in: table, bits: bits, order: WordOrder.allCases.randomElement(using: &random) ?? .abcd,
            packing: TextPacking.allCases.randomElement(using: &random) ?? .highLow,
            scale: [1, 0.1, -2, 1e300].randomElement(using: &random) ?? 1,
            offset: [0, -5, 1e3].randomElement(using: &random) ?? 0, unit: "u",
            range: Bool.random(using: &random) ? range : nil,
            invalid: Bool.random(using: &random) ? [0, -32_768, 65_535] : [],
            expect: Int.random(in: 0..<8, using: &random) == 0 ? 1 : nil, rules: rules)
    }

    static func wire(for tag: Tag, using random: inout some RandomNumberGenerator) -> [UInt8] {
        let edges: [UInt8] = [0, 0, 1, 0x20, 0x41, 0x7F, 0x80, 0x99, 0xC0, 0xF0, 0xFF]
        let bytes = tag.registers?.table.isBits == true ? 1 : tag.type.registers * 2
        let onlyEdges = Bool.random(using: &random)
        return (0..<bytes).map { _ in
            onlyEdges ? edges.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
        }
    }
}
