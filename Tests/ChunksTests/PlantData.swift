import Chunks
import Glibc
import Plant
import TestSupport

/// A plant as it is: scans of 50 tags a second, of which 40 % are temperatures, 20 % flows, 10 % totalisers, 5 % a purity
/// that is measured anew every ten minutes, 15 % setpoints, 5 % modes and 5 % booleans.
struct PlantData {
    enum Kind: CaseIterable {
        case temperature, flow, totaliser, purity, setpoint, mode, boolean

        init(tag: Int) {
            self =
                switch tag % 20 {
                case 0..<8: .temperature
                case 8..<12: .flow
                case 12..<14: .totaliser
                case 14: .purity
                case 15..<18: .setpoint
                case 18: .mode
                default: .boolean
                }
        }

        func traits(period: Int64) -> ChunkTraits {
            switch self {
            case .temperature, .flow: ChunkTraits(type: .int16, isStepped: false, isCounter: false, period: period)
            case .totaliser: ChunkTraits(type: .uint32, isStepped: true, isCounter: true, period: period)
            case .purity: ChunkTraits(type: .int32, isStepped: false, isCounter: false, period: period)
            case .setpoint, .mode: ChunkTraits(type: .uint16, isStepped: true, isCounter: false, period: period)
            case .boolean: ChunkTraits(type: .bool, isStepped: true, isCounter: false, period: period)
            }
        }
    }

    static let tagsPerGroup = 50
    static let period: Int64 = 1000
    /// 2026-01-01T00:00:00Z
    static let start: Int64 = 1_767_225_600_000

    struct Group {
        var span: SpanColumns
        var columns: [(kind: Kind, column: TagColumn)]
    }

    private var random: SeededRandom
    private var tags: [Signal]

    init(groups: Int, seed: UInt64) {
        random = SeededRandom(seed: seed)
        tags = []
        for tag in 0..<(groups * PlantData.tagsPerGroup) { tags.append(Signal(tag, &random)) }
    }

    private var second: Int64 = 0
    private var sequence: UInt64 = 1
    private var ordinal: Int64 = 1

    /// The next so many scans of every group.
    mutating func next(_ scans: Int) -> [Group] {
        let count = tags.count / PlantData.tagsPerGroup
        var groups = (0..<count).map { group in
            let own = group * PlantData.tagsPerGroup..<(group + 1) * PlantData.tagsPerGroup
            return Group(span: SpanColumns(), columns: own.map { (Kind(tag: $0), TagColumn()) })
        }
        for _ in 0..<scans {
            for group in groups.indices {
                var jitter = random.normal().magnitude * 1.5
                if random.unit() < 0.01 { jitter += random.unit() * 60 }
                let time = PlantData.start + second * 1000 + Int64(group * 40) + Int64(jitter)
                groups[group].span.times.append(time)
                groups[group].span.took.append(6 + Int64(jitter))
                groups[group].span.sequences.append(sequence)
                groups[group].span.ordinals.append(ordinal)
                ordinal += 1
                for slot in 0..<PlantData.tagsPerGroup {
                    let raw = tags[group * PlantData.tagsPerGroup + slot].next(second, &random)
                    groups[group].columns[slot].column.bits.append(UInt64(bitPattern: raw))
                }
            }
            second += 1
            sequence += 1
        }
        return groups
    }
}

/// One tag's raw numbers.
private struct Signal {
    private let kind: PlantData.Kind
    private let tag: Int
    private var (base, amplitude, turn, noise, walk, rate) = (0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    private var drift = 0.0
    private var held: Int64 = 0

    init(_ tag: Int, _ random: inout SeededRandom) {
        (kind, self.tag) = (PlantData.Kind(tag: tag), tag)
        switch kind {
        case .temperature:
            (base, amplitude) = (200 + random.unit() * 1500, 50 + random.unit() * 250)
            (turn, noise, walk) = (1200 + random.unit() * 4200, 0.8 + random.unit() * 2.2, 0.05)
        case .flow:
            (base, amplitude) = (500 + random.unit() * 6000, 20 + random.unit() * 200)
            (turn, noise, walk) = (300 + random.unit() * 3000, 2 + random.unit() * 6, 0.3)
        case .totaliser:
            held = Int64(random.unit() * 1e6)
            rate = 0.2 + random.unit() * random.unit() * 20
        case .purity: held = 99_200 + Int64(random.unit() * 750)
        case .setpoint: held = Int64(random.unit() * 2000)
        case .mode: held = Int64(random.unit() * 8)
        case .boolean: held = Int64(random.unit() * 2)
        }
    }

    mutating func next(_ second: Int64, _ random: inout SeededRandom) -> Int64 {
        switch kind {
        case .temperature, .flow:
            drift += random.normal() * walk
            let wave = amplitude * sin(2 * .pi * Double(second) / turn + Double(tag))
            return Int64((base + wave + drift + random.normal() * noise).rounded())
        case .totaliser: held += random.poisson(rate)
        case .purity: if second % 600 == Int64(tag * 7 % 600) { held = 99_200 + Int64(random.unit() * 750) }
        case .setpoint: if random.unit() < 1 / 900 { held = Int64(random.unit() * 2000) }
        case .mode: if random.unit() < 1 / 120 { held = Int64(random.unit() * 8) }
        case .boolean: if random.unit() < 1 / 120 { held = 1 - held }
        }
        return held
    }
}

extension SeededRandom {
    /// 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
    /// Mean 0, deviation 1 (Box, Muller 1958).
    mutating func normal() -> Double { sqrt(-2 * log(unit() + 0x1p-60)) * cos(2 * .pi * unit()) }

    /// Events of a period that has so many of them in the mean (Knuth's method).
    mutating func poisson(_ mean: Double) -> Int64 {
        let limit = exp(-mean)
        var (count, product) = (Int64(0), unit())
        while product > limit {
            count += 1
            product *= unit()
        }
        return count
    }
}
