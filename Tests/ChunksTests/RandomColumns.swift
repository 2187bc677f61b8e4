import Chunks
import Plant
import TestSupport

/// Columns of every type and shape, from a seed.
struct RandomColumns {
    enum Shape: CaseIterable {
        case constant, walk, noise, ramp, runs, extremes, jumps, anyBits, counter
    }

    static let types: [ValueType] = [
        .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .bcd16, .bcd32, .signmag16,
        .signmag32, .string(registers: 8),
    ]
    static let counts = [1, 2, 3, 4, 63, 64, 65, 66, 67, 127, 128, 129, 130, 600, 900]

    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func span(_ count: Int, withLosses: Bool = true) -> SpanColumns {
        var time = Int64(truncatingIfNeeded: random.next() % 4_000_000_000_000)
        var (ordinal, sequence) = (Int64(random.next() % 1_000_000_000), random.next() % 1_000_000)
        var span = SpanColumns()
        let isOdd = random.chance(20)
        for _ in 0..<count {
            span.times.append(time)
            span.took.append(Int64(random.next() % 40))
            span.sequences.append(sequence)
            span.ordinals.append(ordinal)
            time &+= isOdd ? Int64(random.next() % 100_000) : 995 + Int64(random.next() % 10)
            sequence &+= random.chance(1) ? 2 : 1
            ordinal += 1 + Int64(random.next() % 5)
        }
        if withLosses, random.chance(30) { span.losses = qualities(count, of: [.good, .timeout, .refused]) }
        return span
    }

    /// Runs of some of these.
    mutating func qualities(_ count: Int, of some: [Quality]) -> [Quality] {
        var all: [Quality] = []
        while all.count < count {
            let run = 1 + Int(random.next() % (random.chance(50) ? 3 : 300))
            all += [Quality](repeating: random.pick(some), count: min(run, count - all.count))
        }
        return all
    }

    /// A column in the form in which it comes back: 0 or no text where the reading is bad or lost, no qualities when
    /// all are good.
    mutating func column(_ type: ValueType, _ shape: Shape, _ span: SpanColumns) -> TagColumn {
        let count = span.count
        var column = TagColumn()
        var qualities = [Quality](repeating: .good, count: count)
        switch random.next() % 6 {
        case 0: qualities = self.qualities(count, of: [.good, .good, .stale, .timeout, .exception(2)])
        case 1 where random.chance(30): qualities = [Quality](repeating: .notANumber, count: count)
        default: break
        }
        for index in span.losses.indices where !span.losses[index].isGood { qualities[index] = span.losses[index] }
        if type.isString {
            column.texts = texts(count)
            for index in 0..<count where qualities[index].isBad { column.texts[index] = "" }
        } else {
            column.bits = numbers(count, type, shape)
            for index in 0..<count where qualities[index].isBad { column.bits[index] = 0 }
        }
        if !qualities.allSatisfy(\.isGood) { column.qualities = qualities }
        return column
    }

    private mutating func texts(_ count: Int) -> [String] {
        let some = [
            "", "a", "lot 4711", "é", "e\u{301}", "🔥 furnace", "\u{0}", String(repeating: "long ", count: 100),
        ]
        return random.chance(20)
            ? (0..<count).map { "\($0 % 7) of \(random.next() % 1000)" }
            : (0..<count).map { _ in random.chance(90) ? some[3] : random.pick(some) }
    }

    mutating func numbers(_ count: Int, _ type: ValueType, _ shape: Shape) -> [UInt64] {
        var values: [UInt64] = []
        var (integer, number) = (Int64(random.next() % 20_000) - 10_000, 1000 * random.unit())
        let step = Int64(random.next() % 9) - 4
        for _ in 0..<count {
            let extreme = random.pick(RandomColumns.extremes(type))
            switch shape {
            case .constant: break
            case .walk:
                integer += Int64(random.next() % 7) - 3
                number += random.normal()
            case .noise:
                integer = 5000 + Int64(30 * random.normal())
                number = (14_500 + (2 * random.normal()).rounded()) / 10
            case .ramp:
                integer += step
                number += Double(step) / 8
            case .runs:
                if random.chance(4) { integer = Int64(random.next() % 1000) }
                if random.chance(4) { number = 1000 * random.unit() }
            case .extremes, .jumps, .anyBits: break
            case .counter:
                integer = (integer &+ Int64(random.next() % 900)) % 70_000
                number += Double(random.next() % 3)
            }
            switch shape {
            case .extremes: values.append(extreme)
            case .jumps where random.chance(3): values.append(extreme)
            case .anyBits: values.append(RandomColumns.fitted(random.next(), type))
            case _ where type == .float32: values.append(UInt64(Float(number).bitPattern))
            case _ where type == .float64: values.append(number.bitPattern)
            default: values.append(RandomColumns.fitted(UInt64(bitPattern: integer), type))
            }
        }
        return values
    }

    /// The bits as the type has them.
    static func fitted(_ bits: UInt64, _ type: ValueType) -> UInt64 {
        switch type {
        case .bool: bits & 1
        case .int16: UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: bits)))
        case .uint16: bits & 0xFFFF
        case .int32: UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: bits)))
        case .uint32, .float32: bits & 0xFFFF_FFFF
        case .bcd16: bits % 10_000
        case .bcd32: bits % 100_000_000
        case .signmag16: UInt64(bitPattern: Int64(bitPattern: bits) % 32_768)
        case .signmag32: UInt64(bitPattern: Int64(bitPattern: bits) % 2_147_483_648)
        case .int64, .uint64, .float64, .string: bits
        }
    }

    static func extremes(_ type: ValueType) -> [UInt64] {
        switch type {
        case .float32:
            [
                0x7FC0_1234, 0xFFA0_0001, 0x8000_0000, 0, 0x7F80_0000, 0xFF80_0000, 1, 0x8000_0001,
                UInt64(Float.greatestFiniteMagnitude.bitPattern), UInt64(Float(1502.3).bitPattern),
            ]
        case .float64:
            [
                0x7FF8_0000_0000_1234, 0xFFF4_0000_0000_0001, 1 << 63, 0, Double.infinity.bitPattern,
                (-Double.infinity).bitPattern, 1, 1 << 63 | 1, Double.greatestFiniteMagnitude.bitPattern,
                0.1.bitPattern,
            ]
        default:
            [0, 1, .max, 1 << 63, UInt64(Int64.max), 32_768, UInt64(bitPattern: -32_768)].map { fitted($0, type) }
        }
    }
}

/// What the bytes give back.
func decoded(_ bytes: [UInt8], count: Int, _ type: ValueType) throws -> TagColumn {
    var column = TagColumn()
    try bytes.withUnsafeBytes { data in
        try Chunk.decode(data, count: count, type: type, into: &column)
    }
    return column
}

func statistics(
    _ bytes: [UInt8], count: Int, start: Int64, _ traits: ChunkTraits
) throws -> ChunkStatistics? {
    try bytes.withUnsafeBytes { data in
        try Chunk.statistics(data, count: count, start: start, traits: traits)
    }
}

func traits(_ type: ValueType, isStepped: Bool = false, isCounter: Bool = false) -> ChunkTraits {
    ChunkTraits(type: type, isStepped: isStepped, isCounter: isCounter, period: 1000)
}

/// Scans once a second.
func evenSpan(_ count: Int, from start: Int64 = 0) -> SpanColumns {
    SpanColumns(
        times: (0..<count).map { start + Int64($0) * 1000 }, took: [Int64](repeating: 7, count: count),
        sequences: (0..<count).map { UInt64($0) + 1 }, ordinals: (0..<count).map { Int64($0) * 20 })
}
