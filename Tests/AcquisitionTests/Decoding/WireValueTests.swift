import Plant
import Testing

import struct Plant.Tag

@testable import Acquisition

@Suite struct WireValueTests {
    private static let wide: [ValueType] = [.int64, .uint64, .float64]
    private static let double: [ValueType] = [.int32, .uint32, .float32]

    /// The bytes of `value` where the letters of an order's name say: `a` is the most significant.
    private func wire(_ value: UInt64, _ letters: String, bytes: Int) -> [UInt8] {
        letters.utf8.map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (bytes - 1 - Int($0 - UInt8(ascii: "a"))))) }
    }

    @Test(arguments: WordOrder.allCases, wide)
    func sixtyFourBitsComeBackInEveryOrder(order: WordOrder, type: ValueType) {
        for value in [0x0102_0304_0506_0708, 0xFEDC_BA98_7654_3210, 0, .max] as [UInt64] {
            var block = DecodedBlock([.at(0, .uint16), .at(1, type, order: order)])
            // What is NaN is not lost here: the bits alone are looked at.
            let payload = [0xAA, 0xAA] + wire(value, order.longName, bytes: 8)
            let seen = block.read(payload)
            if seen.readings[1].quality.isGood { #expect(seen.bits[1] == value) }
            #expect(seen.readings[1].quality.isGood || type == .float64)
        }
    }

    @Test(arguments: WordOrder.short, double)
    func thirtyTwoBitsComeBackInEveryOrder(order: WordOrder, type: ValueType) {
        for value in [0x0102_0304, 0x7654_3210, 0] as [UInt64] {
            var block = DecodedBlock([.at(0, type, order: order)])
            #expect(block.read(wire(value, order.rawValue, bytes: 4)).bits == [value])
        }
    }

    struct Row: Sendable {
        let type: ValueType
        let words: [UInt16]
        /// `nil` where there is no number.
        let number: Double?
        var order = WordOrder.abcd
    }

    static let coded: [Row] = [
        Row(type: .bcd16, words: [0x1234], number: 1234), Row(type: .bcd16, words: [0x9999], number: 9999),
        Row(type: .bcd16, words: [0], number: 0), Row(type: .bcd16, words: [0x123A], number: nil),
        Row(type: .bcd16, words: [0xA000], number: nil), Row(type: .bcd16, words: [0xFFFF], number: nil),
        Row(type: .bcd32, words: [0x1234, 0x5678], number: 12_345_678),
        Row(type: .bcd32, words: [0x5678, 0x1234], number: 12_345_678, order: .cdab),
        Row(type: .bcd32, words: [0x3412, 0x7856], number: 12_345_678, order: .badc),
        Row(type: .bcd32, words: [0x7856, 0x3412], number: 12_345_678, order: .dcba),
        Row(type: .bcd32, words: [0x9999, 0x9999], number: 99_999_999),
        Row(type: .bcd32, words: [0x0F00, 0], number: nil), Row(type: .bcd32, words: [0, 0x000A], number: nil),
        Row(type: .signmag16, words: [0x7FFF], number: 32_767), Row(type: .signmag16, words: [0xFFFF], number: -32_767),
        Row(type: .signmag16, words: [0x8001], number: -1),
        // The negative zero of a magnitude is zero.
        Row(type: .signmag16, words: [0x8000], number: 0),
        Row(type: .signmag32, words: [0x8000, 0x0001], number: -1),
        Row(type: .signmag32, words: [0x0001, 0x8000], number: -1, order: .cdab),
        Row(type: .signmag32, words: [0xFFFF, 0xFFFF], number: -2_147_483_647),
    ]

    @Test(arguments: coded)
    func codedNumbersBecomeNumbersOrNothing(_ row: Row) {
        var block = DecodedBlock([.at(0, row.type, order: row.order)])
        let reading = block.read(words: row.words).readings[0]
        #expect(reading.quality == (row.number == nil ? .notDecimal : .good))
        #expect(row.type.rawNumber(reading.bits) == row.number ?? 0)
    }

    struct Field: Sendable {
        let type: ValueType
        let bits: ClosedRange<Int>
        let word: UInt16
        let number: Double
    }

    static let fields: [Field] = [
        // EA PSB 10000, register 506: mask 0x0600 is the regulation mode, 0 CV, 1 CR, 2 CC, 3 CP; mask 0x001F who
        // controls it, 1 local (public PSB 10000 CVI header).
        Field(type: .uint16, bits: 9...10, word: 0x0400, number: 2),
        Field(type: .uint16, bits: 9...10, word: 0x0681, number: 3),
        Field(type: .uint16, bits: 9...10, word: ~0x0600, number: 0),
        Field(type: .uint16, bits: 0...4, word: 0x0681, number: 1),
        Field(type: .uint16, bits: 0...15, word: 0xFFFF, number: 65_535),
        Field(type: .uint16, bits: 15...15, word: 0x8000, number: 1),
        Field(type: .int16, bits: 9...10, word: 0x0600, number: -1),
        Field(type: .int16, bits: 9...10, word: 0x0200, number: 1),
        Field(type: .int16, bits: 0...15, word: 0x8000, number: -32_768),
        Field(type: .int16, bits: 12...15, word: 0x8FFF, number: -8),
        Field(type: .int16, bits: 4...7, word: 0x0070, number: 7),
    ]

    @Test(arguments: fields)
    func aFieldOfARegisterIsANumberOfItsOwn(_ row: Field) {
        var block = DecodedBlock([.at(0, row.type, bits: row.bits)])
        let reading = block.read(words: [row.word]).readings[0]
        #expect(reading.quality == .good)
        #expect(row.type.rawNumber(reading.bits) == row.number)
    }
}
