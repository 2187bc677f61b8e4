import Plant
import Testing

import struct Plant.Tag

@testable import Acquisition

@Suite struct TextFieldTests {
    struct Row: Sendable {
        let bytes: [UInt8]
        let packing: TextPacking
        let text: String

        init(_ bytes: String, _ packing: TextPacking, _ text: String) {
            (self.bytes, self.packing, self.text) = (Array(bytes.utf8), packing, text)
        }
    }

    static let rows: [Row] = [
        Row("AB12\0\0", .highLow, "AB12"), Row("ABCDEF", .highLow, "ABCDEF"), Row("\0ABC", .highLow, ""),
        Row("BA21\0\0", .lowHigh, "AB12"), Row("BADCFE", .lowHigh, "ABCDEF"), Row("BA\0C", .lowHigh, "ABC"),
        // One a register: what is in the other byte does not count.
        Row("A\0B\0C\0", .high, "ABC"), Row("AxBx\0x", .high, "AB"),
        Row("\0A\0B\0C", .low, "ABC"), Row("xAxBx\0", .low, "AB"),
        // Spaces pad, at the end only.
        Row("AB    ", .highLow, "AB"), Row(" A B  ", .highLow, " A B"), Row("AB  \0x", .highLow, "AB"),
        Row("      ", .highLow, ""), Row("BA    ", .lowHigh, "AB"),
        Row("0123456789abcdefX\0", .highLow, "0123456789abcdefX"),
        Row("0123456789abcdef  ", .highLow, "0123456789abcdef"),
        Row("Nd-Fe \u{2192} B\0", .highLow, "Nd-Fe \u{2192} B"),
    ]

    @Test(arguments: rows)
    func aTextIsReadInEveryPacking(_ row: Row) {
        var block = DecodedBlock([
            .at(0, .uint16), .at(1, .string(registers: row.bytes.count / 2), packing: row.packing),
        ])
        let seen = block.read([0xAA, 0xAA] + row.bytes)
        #expect(seen.qualities == [.good, .good])
        #expect(seen.bits[1] == UInt64(row.text.utf8.count))
        #expect(seen.texts[1] ?? "" == row.text)
        #expect(seen.rests[1]?.allSatisfy { $0 == 0 } ?? true, "unused bytes are zero")
    }

    @Test(arguments: [[0xFF, 0xFE], [0xC3, 0x28], [0x41, 0xC3], [0xED, 0xA0, 0x80, 0x41]] as [[UInt8]])
    func whatIsNoTextIsBad(bytes: [UInt8]) {
        var block = DecodedBlock([.at(0, .string(registers: bytes.count / 2))])
        let seen = block.read(bytes)
        #expect(seen.qualities == [.notText] && seen.bits == [0] && seen.texts.isEmpty)
    }

    @Test func aBadTextLeavesThePlaceOfTheNextValue() {
        var block = DecodedBlock([
            .at(0, .string(registers: 10)), .at(10, .uint16), .at(11, .string(registers: 1)), .at(12, .uint16),
        ])
        let seen = block.read(words: Array(repeating: 0xFFFF, count: 10) + [5, 0x4142, 6])
        #expect(seen.qualities == [.notText, .good, .good, .good])
        #expect(seen.bits == [0, 5, 2, 6] && seen.texts == [2: "AB"])
    }

    @Test func aFrozenControllerKeepsItsTextsAndAnotherLayoutTakesThem() {
        var block = DecodedBlock([.at(0, .string(registers: 1))])
        let frozen = block.read(words: [0x4142], doubt: .frozen)
        #expect(frozen.qualities == [.frozen] && frozen.texts == [0: "AB"])
        let taken = block.read(words: [0x4142], doubt: .layoutMismatch)
        #expect(taken.qualities == [.layoutMismatch] && taken.bits == [0] && taken.texts.isEmpty)
    }
}
