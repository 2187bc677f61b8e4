import Chunks
import Plant

/// A span and a tag's column as bytes, and what can become of them on a disk.
struct ChunkScenario {
    static let types: [ValueType] = [
        .bool, .int16, .uint16, .int32, .int64, .uint64, .float32, .float64, .string(registers: 4),
    ]
    /// Around the ends of a block of 64.
    private static let counts = [1, 2, 3, 5, 63, 64, 65, 66, 130, 200]

    let span: SpanColumns
    let column: TagColumn
    let traits: ChunkTraits
    private(set) var spanBytes: [UInt8]
    private(set) var chunkBytes: [UInt8]
    /// With how many scans the bytes are read, and as what.
    let count: Int
    let type: ValueType
    /// Nothing was changed, and the bytes are read as what they are.
    let isFaithful: Bool

    init(_ choices: inout Choices) {
        let own = ChunkScenario.types[choices.below(ChunkScenario.types.count)]
        span = ChunkScenario.span(ChunkScenario.counts[choices.below(ChunkScenario.counts.count)], &choices)
        traits = ChunkTraits(
            type: own, isStepped: choices.chance(in: 2), isCounter: choices.chance(in: 4), period: 1000)
        column = ChunkScenario.column(own, span, &choices)
        spanBytes = span.encoded()
        chunkBytes = Chunk.encode(column, span, traits)
        isFaithful = choices.chance(in: 4)
        let isAsIs = isFaithful || choices.chance(in: 2)
        type = isAsIs ? own : ChunkScenario.types[choices.below(ChunkScenario.types.count)]
        count = isAsIs ? span.count : [span.count + 1, span.count - 1, 900, 0, Chunk.scansMax + 1][choices.below(5)]
        guard !isFaithful else { return }
        ChunkScenario.damage(&spanBytes, &choices)
        ChunkScenario.damage(&chunkBytes, &choices)
    }

    private static func span(_ count: Int, _ choices: inout Choices) -> SpanColumns {
        var span = SpanColumns()
        let most = choices.chance(in: 3) ? 60_000 : 3
        var time = Int64(choices.below(60_000)) << 24
        for index in 0..<count {
            time += 1000 + Int64(choices.below(most))
            span.times.append(time)
            span.took.append(Int64(choices.below(most)))
            span.sequences.append(UInt64(index))
            span.ordinals.append(Int64(index * 20 + choices.below(2)))
        }
        if choices.chance(in: 4) {
            span.losses = [Quality](repeating: .good, count: count)
            for _ in 0..<5 { span.losses[choices.below(count)] = .timeout }
        }
        return span
    }

    private static func column(_ type: ValueType, _ span: SpanColumns, _ choices: inout Choices) -> TagColumn {
        let count = span.count
        var column = TagColumn()
        if choices.chance(in: 4) {
            column.qualities = [Quality](repeating: .good, count: count)
            for _ in 0..<5 { column.qualities[choices.below(count)] = Quality(rawValue: choices.byte()) }
        }
        if type.isString {
            let some = ["", "a", "é", "e\u{301}", "lot 4711"]
            let step = 1 + choices.below(count)
            column.texts = (0..<count).map { some[$0 / step % some.count] }
            return column
        }
        var bits = UInt64(choices.below(60_000))
        let shape = choices.below(5)
        let move = UInt64(choices.below(1000))
        for index in 0..<count {
            switch shape {
            case 0: break
            case 1: bits &+= UInt64(choices.below(7))
            case 2: bits = bits &* 0xD129_0FF3_1C2B_6A4D &+ move
            case 3: if index % 31 == 30 { bits &+= move }
            default: bits = index % 50 == 49 ? .max : move &+ UInt64(index)
            }
            let number = Double(bits % 100_000) / 8
            switch type {
            case .float32: column.bits.append(shape == 2 ? bits >> 32 : UInt64(Float(number).bitPattern))
            case .float64: column.bits.append(shape == 2 ? bits : number.bitPattern)
            default: column.bits.append(bits)
            }
        }
        return column
    }

    private static func damage(_ bytes: inout [UInt8], _ choices: inout Choices) {
        // The first bytes say how all others are read.
        let near = min(bytes.count, choices.chance(in: 2) ? 6 : .max)
        switch choices.below(8) {
        case 0: break
        case 1: for _ in 0...choices.below(3) { bytes[choices.below(near)] = choices.byte() }
        case 2: bytes[choices.below(near)] ^= 1 << UInt8(choices.below(8))
        case 3: bytes.removeLast(1 + choices.below(bytes.count))
        case 4: bytes.removeFirst(1 + choices.below(bytes.count))
        case 5: bytes.insert(choices.byte(), at: choices.below(near + 1))
        case 6: bytes += bytes
        default: bytes = (0..<choices.below(60)).map { _ in choices.byte() }
        }
    }
}
