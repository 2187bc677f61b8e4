import Plant
import struct Plant.Tag
import Simulation
import Testing

@Suite struct TagEncodingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let type: ValueType
        let value: Double
        let words: [WordOrder: [UInt16]]
        var testDescription: String { "\(type) \(value)" }
    }

    // Worked by hand from the IEEE 754 and two's complement forms: 1234.5 is 449A5000, -2 is FFFF...FE.
    static let cases: [Case] = [
        .init(type: .uint16, value: 4660, words: [.abcd: [0x1234], .cdab: [0x1234], .badc: [0x1234], .dcba: [0x1234]]),
        .init(type: .int16, value: -2, words: [.abcd: [0xfffe], .dcba: [0xfffe]]),
        .init(
            type: .uint32, value: 305_419_896,
            words: [
                .abcd: [0x1234, 0x5678], .cdab: [0x5678, 0x1234], .badc: [0x3412, 0x7856], .dcba: [0x7856, 0x3412],
            ]),
        .init(type: .int32, value: -2, words: [.abcd: [0xffff, 0xfffe], .cdab: [0xfffe, 0xffff]]),
        .init(
            type: .float32, value: 1234.5,
            words: [
                .abcd: [0x449a, 0x5000], .cdab: [0x5000, 0x449a], .badc: [0x9a44, 0x0050], .dcba: [0x0050, 0x9a44],
            ]),
        .init(
            type: .uint64, value: 1_311_768_467_463_790_336,  // 0x123456789ABCDF00
            words: [
                .abcd: [0x1234, 0x5678, 0x9abc, 0xdf00], .cdab: [0xdf00, 0x9abc, 0x5678, 0x1234],
                .badc: [0x3412, 0x7856, 0xbc9a, 0x00df], .dcba: [0x00df, 0xbc9a, 0x7856, 0x3412],
                .cdabghef: [0x5678, 0x1234, 0xdf00, 0x9abc], .efghabcd: [0x9abc, 0xdf00, 0x1234, 0x5678],
                .dcbahgfe: [0x7856, 0x3412, 0x00df, 0xbc9a], .fehgbadc: [0xbc9a, 0x00df, 0x3412, 0x7856],
            ]),
        .init(type: .bcd16, value: 1234, words: [.abcd: [0x1234]]),
        .init(type: .bcd32, value: 98_765_432, words: [.abcd: [0x9876, 0x5432], .cdab: [0x5432, 0x9876]]),
        .init(type: .signmag16, value: -5, words: [.abcd: [0x8005]]),
        .init(type: .signmag32, value: -65_537, words: [.abcd: [0x8001, 0x0001]]),
        .init(type: .int64, value: -2, words: [.abcd: [0xffff, 0xffff, 0xffff, 0xfffe]]),
        .init(
            type: .float64, value: 1234.5,
            words: [
                .abcd: [0x4093, 0x4a00, 0, 0], .cdab: [0, 0, 0x4a00, 0x4093], .badc: [0x9340, 0x004a, 0, 0],
                .dcba: [0, 0, 0x004a, 0x9340],
            ]),
    ]

    @Test(arguments: cases) func everyTypeInEveryOrder(_ example: Case) {
        for (order, words) in example.words {
            let tag = sampleTag(type: example.type, order: order)
            #expect(tag.words(of: tag.bits(nearest: example.value)) == words, "\(order)")
        }
    }

    @Test func integersRoundAndSaturate() {
        #expect(ValueType.int16.bits(nearest: 12.6) == 13)
        #expect(ValueType.int16.bits(nearest: 40_000) == 0x7fff)
        #expect(ValueType.int16.bits(nearest: -40_000) == UInt64(bitPattern: -0x8000))
        #expect(ValueType.uint16.bits(nearest: -1) == 0)
        #expect(ValueType.uint16.bits(nearest: 1e9) == 0xffff)
        #expect(ValueType.uint32.bits(nearest: 1e12) == 0xffff_ffff)
        #expect(ValueType.int64.bits(nearest: 1e30) == UInt64(Int64.max))
        #expect(ValueType.uint64.bits(nearest: .infinity) == .max)
        #expect(ValueType.int32.bits(nearest: -.infinity) == UInt64(bitPattern: -0x8000_0000))
    }

    @Test func whatIsNotANumberBecomesTheInstrumentsMarkForIt() {
        #expect(ValueType.int16.bits(nearest: .nan) == UInt64(bitPattern: -0x8000))
        #expect(ValueType.uint16.bits(nearest: .nan) == 0xffff)
        #expect(Float(bitPattern: UInt32(ValueType.float32.bits(nearest: .nan))).isNaN)
        #expect(ValueType.bool.bits(nearest: .nan) == 0)
    }

    @Test func scaleAndOffsetAreUndone() {
        let tag = sampleTag(type: .int16, scale: 0.1, offset: -50)
        // (23.4 + 50) / 0.1 = 734.
        #expect(tag.bits(nearest: 23.4) == 734)
        #expect(abs(tag.engineering(734) - 23.4) < 1e-9)
    }

    @Test func textIsTwoBytesARegisterHighByteFirst() {
        let tag = sampleTag(type: .string(registers: 3))
        #expect(tag.words(text: "F-1") == [0x462d, 0x3100, 0])
        #expect(tag.words(text: "ABCDEFGH") == [0x4142, 0x4344, 0x4546])
        #expect(tag.words(text: "") == [0, 0, 0])
    }

    @Test(arguments: [
        (TextPacking.highLow, [0x462d, 0x3100, 0] as [UInt16]), (.lowHigh, [0x2d46, 0x0031, 0]),
        (.high, [0x4600, 0x2d00, 0x3100]), (.low, [0x0046, 0x002d, 0x0031]),
    ])
    func textLiesAsItsPackingSays(packing: TextPacking, words: [UInt16]) {
        let tag = Tag(
            id: 0, name: "C.t", localName: "t", controller: 0,
            registers: RegisterRange(table: .holding, start: 0, count: 3), type: .string(registers: 3),
            packing: packing, group: 0, slot: 0)
        #expect(tag.words(text: "F-1") == words)
    }

    /// Reads words back as the letters of an order's name say: the first byte of the value is where the `a` is.
    private func read(_ words: [UInt16], _ order: WordOrder) -> UInt64 {
        let bytes = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        guard words.count > 1 else { return bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        let letters = Array(words.count == 2 ? order.rawValue : order.longName)
        return "abcdefgh".prefix(bytes.count).reduce(0) { value, letter in
            value << 8 | UInt64(bytes[letters.firstIndex(of: letter) ?? 0])
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func anyBitsComeBack(seed: UInt64) {
        var noise = Noise(seed: seed)
        let types: [ValueType] = [.int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64]
        for _ in 0..<500 {
            let bits = noise.next()
            for type in types {
                let width = UInt64(type.registers) * 16
                let kept = width == 64 ? bits : bits & ((1 << width) - 1)
                for order in type.registers > 2 ? WordOrder.allCases : WordOrder.short {
                    let tag = sampleTag(type: type, order: order)
                    #expect(read(tag.words(of: kept), order) == kept, "seed \(seed) \(type) \(order)")
                }
            }
        }
    }

    @Test func everyInt16ComesBackThroughItsEngineeringValue() {
        let tag = sampleTag(type: .int16, scale: 0.1, offset: 3)
        for raw in Int16.min...Int16.max {
            let bits = UInt64(bitPattern: Int64(raw))
            if tag.bits(nearest: tag.engineering(bits)) != bits { Issue.record("raw \(raw)") }
        }
    }
}
