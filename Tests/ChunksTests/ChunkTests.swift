import Chunks
import Plant
import TestSupport
import Testing

@Suite struct ChunkTests {
    @Test(arguments: RandomColumns.types)
    func everyColumnComesBack(_ type: ValueType) throws {
        var reused = TagColumn()
        for seed in UInt64(0)..<120 {
            var source = RandomColumns(seed: seed)
            let span = source.span(source.random.pick(RandomColumns.counts))
            let column = source.column(type, source.random.pick(RandomColumns.Shape.allCases), span)
            let bytes = Chunk.encode(column, span, traits(type, isCounter: source.random.chance(20)))
            try bytes.withUnsafeBytes { try Chunk.decode($0, count: span.count, type: type, into: &reused) }
            try #require(reused == column, "seed \(seed), \(span.count) scans")
            // Equal texts can differ in their bytes.
            try #require(reused.texts.map { Array($0.utf8) } == column.texts.map { Array($0.utf8) }, "seed \(seed)")
        }
    }

    @Test(arguments: RandomColumns.types)
    func extremesComeBack(_ type: ValueType) throws {
        for count in [1, 2, 3, 64, 200] {
            let extremes = RandomColumns.extremes(type)
            for first in extremes {
                for second in extremes where !type.isString {
                    let column = TagColumn(bits: (0..<count).map { $0 % 2 == 0 ? first : second })
                    let bytes = Chunk.encode(column, evenSpan(count), traits(type))
                    #expect(try decoded(bytes, count: count, type) == column, "\(first), \(second), \(count) scans")
                }
            }
        }
    }

    @Test func aLossIsABadReadingOfTheTag() throws {
        var span = evenSpan(4)
        span.losses = [.good, .timeout, .good, .refused]
        let column = TagColumn(bits: [5, 99, 6, 98], qualities: [.stale, .good, .good, .good])
        let back = try decoded(Chunk.encode(column, span, traits(.int16)), count: 4, .int16)
        #expect(back == TagColumn(bits: [5, 0, 6, 0], qualities: [.stale, .timeout, .good, .refused]))
    }

    @Test(arguments: [ValueType.int32, .float32, .string(registers: 4)])
    func aColumnWithoutAValueTakesFourBytes(_ type: ValueType) throws {
        var column = TagColumn(qualities: [Quality](repeating: .timeout, count: 900))
        if type.isString {
            column.texts = [String](repeating: "", count: 900)
        } else {
            column.bits = [UInt64](repeating: 0, count: 900)
        }
        let bytes = Chunk.encode(column, evenSpan(900), traits(type))
        #expect(bytes.count == 4)
        #expect(try decoded(bytes, count: 900, type) == column)
        #expect(try statistics(bytes, count: 900, start: 0, traits(type)) == nil)
    }

    @Test func memoryIsUsedAgain() throws {
        let span = evenSpan(900)
        let column = TagColumn(bits: (0..<900).map { UInt64($0 * $0 % 97) })
        let bytes = Chunk.encode(column, span, traits(.uint16))
        var reused = TagColumn()
        try bytes.withUnsafeBytes { try Chunk.decode($0, count: 900, type: .uint16, into: &reused) }
        let before = reused.bits.withUnsafeBufferPointer(\.baseAddress)
        try bytes.withUnsafeBytes { try Chunk.decode($0, count: 900, type: .uint16, into: &reused) }
        #expect(reused.bits.withUnsafeBufferPointer(\.baseAddress) == before)
        #expect(reused == column)
    }

    @Test func theLongestSpanComesBack() throws {
        let count = Chunk.scansMax
        let column = TagColumn(bits: (0..<count).map { UInt64($0 &* 2_654_435_761) & 0xFFFF })
        let span = evenSpan(count)
        #expect(try decoded(Chunk.encode(column, span, traits(.uint16)), count: count, .uint16) == column)
        #expect(throws: ChunkError.self) { try decoded([0, 0], count: count + 1, .uint16) }
        #expect(throws: ChunkError.self) { try decoded([0, 0], count: 0, .uint16) }
        #expect(throws: ChunkError.self) { try decoded([0, 0], count: -1, .uint16) }
    }

    /// The bytes themselves: what a reader in another language has to read.
    @Test(arguments: [
        // Constant with statistics: 2000 ms, then 70 as a signed varint.
        (ValueType.int16, [70, 70, 70] as [UInt64], [0x40, 0xD0, 0x0F, 0x8C, 0x01] as [UInt8]),
        // A progression by 2 from 1: first 1, last +4, min -0, max +4, at 0 and 2000, sum - 3 x 1 = 6,
        // squares about 3 = 8, twice the area = 12 000, then first and step.
        (.int16, [1, 3, 5], [0x41, 2, 8, 0, 4, 0, 0xD0, 0x0F, 12, 8, 0xC0, 0xBB, 0x01, 2, 4]),
        // 1.5 as a decimal with one place: 15.
        (
            .float64, [1.5, 1.5].map(\.bitPattern), [0x48, 0xE8, 0x07, 1, 30]
        ),
        (.bool, [1], [0x40, 0, 2]),
    ])
    func bytes(_ type: ValueType, _ bits: [UInt64], _ expected: [UInt8]) {
        #expect(Chunk.encode(TagColumn(bits: bits), evenSpan(bits.count), traits(type)) == expected)
    }

    /// Each coding without annex, by hand; the Rice codes have parameter 0 (`000000`), then 1 as `10`, 2 as `110`.
    @Test(
        arguments: [
            (ValueType.int16, [0x02, 2, 10, 1, 5], [5, 5, 2]),
            (.int16, [0x03, 0xC8, 0x01, 20, 0b0000_0001, 0b0110_0000], [100, 109, 121]),
            (.int16, [0x04, 0xC8, 0x01, 20, 0b0000_0010, 0b1100_0000], [100, 109, 120]),
            (.int16, [0x05, 0xC8, 0x01, 20, 0b0000_0010], [100, 110, 119]),
            (.float32, [0x10, 22, 0xFE, 0x03], [0x3FC0_0000, 0x3FC0_0000, 0x3FC0_0000]),
            (.float32, [0x10, 22, 0xFF, 0x03], [0xBFC0_0000, 0xBFC0_0000, 0xBFC0_0000]),
            (.float32, [0x09, 1, 2, 4], [0x3DCC_CCCD, 0x3E99_999A, 0x3F00_0000]),
        ] as [(ValueType, [UInt8], [UInt64])])
    func valuesOfBytes(_ type: ValueType, _ bytes: [UInt8], _ bits: [UInt64]) throws {
        #expect(try decoded(bytes, count: 3, type).bits == bits)
    }

    @Test func bytesOfTexts() {
        let column = TagColumn(
            texts: ["ab", "", "ab", "c"], qualities: [.good, .timeout, .stale, .good])
        let bytes = Chunk.encode(column, evenSpan(4), traits(.string(registers: 1)))
        // Texts with qualities: good 1, timeout 1, stale 1, good 1; two texts "ab" and "c"; runs 2 x 0, 1 x 1.
        #expect(bytes == [0x27, 0, 1, 129, 1, 65, 1, 0, 1, 2, 2, 97, 98, 1, 99, 2, 0, 1, 1])
    }
}
