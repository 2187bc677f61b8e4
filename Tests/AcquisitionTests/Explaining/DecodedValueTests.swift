import Plant
import Testing

import struct Plant.Tag

@testable import Acquisition

@Suite struct DecodedValueTests {
    struct Row: Sendable {
        let tag: Tag
        let wire: [UInt8]
        let steps: [String]
    }

    static let rows: [Row] = [
        Row(
            tag: .at(0, .float32, order: .cdab, unit: "degC", range: 0...2000), wire: [0x50, 0, 0x44, 0x9A],
            steps: ["bytes 50 00 44 9A", "order cdab", "raw 1234.5 (float32)", "value 1234.5 degC"]),
        Row(
            tag: .at(0, .int16, scale: 0.1, offset: -5, unit: "degC", range: 0...20), wire: [0, 251],
            steps: [
                "bytes 00 FB", "raw 251 (int16)", "value 251 x 0.1 + -5 = 20.1 degC",
                "bad:out-of-range: found 20.1, expected 0 to 20 degC",
            ]),
        Row(
            tag: .at(0, .int16, scale: 0.1, offset: -5, unit: "degC", range: 0...20, rules: TagRules(clamps: true)),
            wire: [0, 251],
            steps: [
                "bytes 00 FB", "raw 251 (int16)", "value 251 x 0.1 + -5 = 20.1 degC",
                "pinned to raw 250: value 250 x 0.1 + -5 = 20 degC",
                "uncertain:clamped: found 20.1, expected 0 to 20 degC",
            ]),
        // EA PSB 10000, register 506, mask 0x0600: 2 is constant current (public PSB 10000 CVI header).
        Row(
            tag: .at(0, .uint16, bits: 9...10, states: [2: "CC"]), wire: [0x04, 0x81],
            steps: ["bytes 04 81", "bits 9-10", "raw 2 (uint16)", "value 2 (CC)"]),
        Row(
            tag: .at(0, .bool, bits: 5...5), wire: [0, 0x20],
            steps: ["bytes 00 20", "bit 5", "raw 1 (bool)", "value 1"]),
        Row(
            tag: .at(0, .bool, in: .coil), wire: [1], steps: ["bytes 01", "raw 1 (bool)", "value 1"]),
        Row(
            tag: .at(
                0, .uint16, scale: 100.0 / 16_000, offset: -25, unit: "%",
                rules: TagRules(loop: CurrentLoop(raw: 4000...20_000))), wire: [0x0D, 0xAC],
            steps: [
                "bytes 0D AC", "raw 3500 (uint16)", "loop current 3.5 mA", "value 3500 x 0.00625 + -25 = -3.125 %",
                "bad:fail-low: found 3.5 mA, expected at least 3.6 mA",
            ]),
        Row(
            tag: .at(0, .bcd32, order: .badc), wire: [0, 0x1F, 0, 0],
            steps: [
                "bytes 00 1F 00 00", "order badc",
                "bad:not-decimal: found a digit above 9, expected 0 to 9 in each four bits",
            ]),
        Row(
            tag: .at(0, .int16, invalid: [1, -32_768]), wire: [0x80, 0],
            steps: [
                "bytes 80 00", "raw -32768 (int16)", "value -32768",
                "bad:invalid-value: found raw -32768, expected none of 1, -32768",
            ]),
        Row(
            tag: .at(0, .uint16, expect: 1), wire: [0, 2],
            steps: ["bytes 00 02", "raw 2 (uint16)", "value 2", "bad:unexpected: found raw 2, expected 1"]),
        Row(
            tag: .at(0, .uint64, order: .cdab), wire: [0, 1, 0, 0, 0, 0, 0, 0],
            steps: ["bytes 00 01 00 00 00 00 00 00", "order ghefcdab", "raw 1 (uint64)", "value 1"]),
        Row(
            tag: .at(0, .string(registers: 2), packing: .lowHigh), wire: Array("BA C".utf8),
            steps: ["bytes 42 41 20 43", "packing low-high", "text \"ABC\", 3 bytes"]),
        Row(
            tag: .at(0, .uint32), wire: [0, 2],
            steps: ["bytes 00 02", "bad:bad-reply: found 2 bytes, expected 4"]),
    ]

    @Test(arguments: rows)
    func theStepsTellAPersonWhatHappened(_ row: Row) { #expect(row.tag.decoded(row.wire).steps == row.steps) }

    @Test func aTagThatIsNotReadHasNothingToDecode() {
        let tag = Tag(
            id: 0, name: "@line/C-01.ok", localName: "ok", controller: 0, registers: nil, type: .uint64,
            diagnostic: .ok, group: 0, slot: 0)
        let value = tag.decoded([1, 2, 3, 4, 5, 6, 7, 8])
        #expect(value.quality == .neverRead && value.bits == 0)
        #expect(value.steps == ["no register: diagnostic"])
    }

    /// One truth: whatever the tag and the bytes, a scan and an explanation say the same, and nothing that is bad has
    /// a number.
    @Test(arguments: 0..<2000)
    func aScanSaysTheSame(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let tag = RandomTag.make(using: &random)
        for _ in 0..<20 {
            let wire = RandomTag.wire(for: tag, using: &random)
            let told = tag.decoded(wire)
            var block = DecodedBlock([tag])
            let seen = block.read(wire, doubt: .good)
            #expect(seen.qualities == [told.quality], "seed \(seed): \(told.steps)")
            #expect(seen.bits == [told.bits], "seed \(seed): \(told.steps)")
            #expect(seen.texts[0] ?? (tag.type.isString && !told.quality.isBad ? "" : nil) == told.text, "seed \(seed)")
            #expect(!told.quality.isBad || told.bits == 0, "seed \(seed): \(told.steps)")
            #expect(
                told.steps.last?.hasPrefix(told.quality.name) == !told.quality.isGood, "seed \(seed): \(told.steps)")
            if !told.quality.isBad, !tag.type.isString {
                let value = tag.type.rawNumber(told.bits) * tag.scale + tag.offset
                #expect(value.isFinite && tag.range?.contains(value) != false, "seed \(seed): \(told.steps)")
            }
        }
    }
}
