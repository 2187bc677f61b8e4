import Plant
import Testing

import struct Plant.Tag

@testable import Acquisition

@Suite struct NumberRulesTests {
    struct Row: Sendable {
        let tag: Tag
        let words: [UInt16]
        let quality: Quality
        /// The raw number that is published.
        var number: Double = 0

        init(_ tag: Tag, _ words: [UInt16], _ quality: Quality, _ number: Double = 0) {
            (self.tag, self.words, self.quality, self.number) = (tag, words, quality, number)
        }
    }

    /// A signal in microamperes, so that every edge of a band is a raw value.
    private static func loop(_ loop: CurrentLoop = CurrentLoop(raw: 4000...20_000), clamps: Bool = false) -> Tag {
        .at(0, .uint16, scale: 100.0 / 16_000, offset: -25, rules: TagRules(clamps: clamps, loop: loop))
    }

    /// NAMUR NE 43: 3.8-20.5 mA measures, at and below 3.6 and at and above 21.0 mA is a failure. At the very limit
    /// the signal is still taken for the end of the range.
    static let currents: [Row] = [
        Row(loop(), [0], .failLow), Row(loop(), [3599], .failLow), Row(loop(), [3600], .clamped, 3600),
        Row(loop(), [3799], .clamped, 3799), Row(loop(), [3800], .good, 3800), Row(loop(), [4000], .good, 4000),
        Row(loop(), [20_500], .good, 20_500), Row(loop(), [20_501], .clamped, 20_501),
        Row(loop(), [21_000], .clamped, 21_000), Row(loop(), [21_001], .failHigh), Row(loop(), [65_535], .failHigh),
    ]

    /// The bands of a plant that has its own.
    static let ownCurrents: [Row] = [
        (2999, .failLow), (3000, .clamped), (3500, .good), (20_800, .good), (20_801, .clamped), (21_500, .clamped),
        (21_501, .failHigh),
    ].map { (raw: UInt16, quality: Quality) in
        let bands = CurrentLoop(raw: 4000...20_000, failLow: 3, measures: 3.5...20.8, failHigh: 21.5)
        return Row(loop(bands), [raw], quality, quality.isBad ? 0 : Double(raw))
    }

    /// Microamperes above 4 mA: a raw value below zero is a current below 4 mA.
    static let signedCurrents: [Row] = [
        Row(.at(0, .int16, rules: TagRules(loop: CurrentLoop(raw: 0...16_000))), [UInt16(bitPattern: -401)], .failLow),
        Row(
            .at(0, .int16, rules: TagRules(loop: CurrentLoop(raw: 0...16_000))), [UInt16(bitPattern: -400)], .clamped,
            -400),
    ]

    @Test(arguments: currents + ownCurrents + signedCurrents)
    func aLiveZeroSignalTellsItsFailures(_ row: Row) { check(row) }

    static let clamps: [Row] = {
        let tenths = Tag.at(0, .int16, scale: 0.1, offset: -5, range: 0...20, rules: TagRules(clamps: true))
        let falling = Tag.at(0, .int16, scale: -1, range: -10...10, rules: TagRules(clamps: true))
        let float = Tag.at(0, .float32, range: 0...100, rules: TagRules(clamps: true))
        let empty = Tag.at(0, .int16, range: 0.2...0.4, rules: TagRules(clamps: true))
        let both = Tag.at(
            0, .uint16, scale: 100.0 / 16_000, offset: -25, range: 0...100,
            rules: TagRules(clamps: true, loop: CurrentLoop(raw: 4000...20_000)))
        return [
            Row(tenths, [50], .good, 50), Row(tenths, [49], .clamped, 50), Row(tenths, [0x8000], .clamped, 50),
            Row(tenths, [250], .good, 250), Row(tenths, [251], .clamped, 250), Row(tenths, [0x7FFF], .clamped, 250),
            Row(falling, [11], .clamped, 10), Row(falling, [UInt16(bitPattern: -11)], .clamped, -10),
            // 100.5 and -1 as float32; NaN and infinity have no end to be pinned to.
            Row(float, [0x42C9, 0], .clamped, 100), Row(float, [0xBF80, 0], .clamped, 0),
            Row(float, [0x7FC0, 0], .notANumber), Row(float, [0x7F80, 0], .notANumber),
            // No raw value lies inside.
            Row(empty, [0], .outOfRange), Row(empty, [1], .outOfRange),
            // 20.2 mA is a measurement of 101.25 %; 3.7 mA is the end of the range twice over.
            Row(both, [20_200], .clamped, 20_000), Row(both, [3700], .clamped, 4000), Row(both, [3599], .failLow),
        ]
    }()

    @Test(arguments: clamps)
    func aValueBeyondItsRangeIsPinnedToTheNearestRawInside(_ row: Row) { check(row) }

    static let orders: [Row] = {
        // Everything is wrong with 40 000 and more; what is looked at first says so.
        let loop = CurrentLoop(raw: 0...16_000)
        let rules = TagRules(loop: loop)
        return [
            Row(.at(0, .uint16, range: 0...1, invalid: [40_000], expect: 1, rules: rules), [40_000], .unexpected),
            Row(.at(0, .uint16, range: 0...1, invalid: [40_000], rules: rules), [40_000], .invalidValue),
            Row(.at(0, .uint16, range: 0...1, rules: rules), [40_000], .failHigh),
            // 20.6 mA is uncertain by itself; out of range is bad.
            Row(.at(0, .uint16, range: 0...1, rules: rules), [16_600], .outOfRange),
            Row(.at(0, .uint16, rules: rules), [16_600], .clamped, 16_600),
            Row(.at(0, .bcd16, range: 0...1, expect: 1), [0xFFFF], .unexpected),
            Row(.at(0, .bcd16, range: 0...1, invalid: [9999]), [0xFFFF], .notDecimal),
            Row(.at(0, .bcd16, range: 0...1, invalid: [9999]), [0x9999], .invalidValue),
        ]
    }()

    @Test(arguments: orders)
    func theFirstRuleThatIsBrokenGivesTheCause(_ row: Row) { check(row) }

    static let exact: [Row] = [
        // 2^53 + 1 is no double, and 2^53 is: only the one that is written is invalid.
        Row(.at(0, .uint64, invalid: [9_007_199_254_740_992]), [0x20, 0, 0, 0], .invalidValue),
        Row(.at(0, .uint64, invalid: [9_007_199_254_740_992]), [0x20, 0, 0, 1], .good, 9_007_199_254_740_992),
        // The lowest int64 is a double; the highest is not, and the double next to it is no int64.
        Row(.at(0, .int64, invalid: [-9_223_372_036_854_775_808]), [0x8000, 0, 0, 0], .invalidValue),
        Row(.at(0, .int64, invalid: [-9_223_372_036_854_775_808]), [0x8000, 0, 0, 1], .good, -9.223372036854775807e18),
        Row(
            .at(0, .int64, invalid: [9.223372036854775807e18]), [0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF], .good,
            9.223372036854775807e18),
        Row(.at(0, .uint64, expect: 9_007_199_254_740_992), [0x20, 0, 0, 1], .unexpected),
        Row(.at(0, .int16, expect: 1.5), [1], .unexpected),
        // A float32 is written as its shortest decimal: 0.1 is 0x3DCCCCCD, and both zeros are zero.
        Row(.at(0, .float32, invalid: [0.1]), [0x3DCC, 0xCCCD], .invalidValue),
        Row(.at(0, .float32, expect: 0.1), [0x3DCC, 0xCCCD], .good, Double(Float(0.1))),
        Row(.at(0, .float32, invalid: [0]), [0x8000, 0], .invalidValue),
        Row(.at(0, .int16, bits: 12...15, invalid: [-1]), [0xF123], .invalidValue),
    ]

    @Test(arguments: exact)
    func rawValuesAreComparedToTheLastDigit(_ row: Row) { check(row) }

    /// EA PSB 10000, register 507: 52 428 (0xCCCC) is 100 % of the nominal voltage, and the full scale of 53 477 is
    /// 102 % (public PSB 10000 CVI header; scale from a public EA client that cites KE220).
    @Test func theScaleOfARectifierGivesItsNominalVoltage() {
        let tag = Tag.at(0, .uint16, scale: 60.0 / 52_428, unit: "V", range: 0...61.21)
        var block = DecodedBlock([tag])
        #expect(abs(tag.engineering(block.read(words: [52_428]).bits[0]) - 60) < 1e-9)
        #expect(abs(tag.engineering(block.read(words: [53_477]).bits[0]) - 61.2) < 1e-3)
        #expect(block.read(words: [53_500]).qualities == [.outOfRange])
    }

    /// Vaisala DMT340 sends NaN for what is unavailable, low word first (M210704EN-F, table 36).
    @Test func aFloatThatIsUnavailableIsNotANumberInItsOwnOrder() {
        var block = DecodedBlock([.at(0, .float32, order: .cdab)])
        #expect(block.read(words: [0x0000, 0x7FC0]).qualities == [.notANumber])
        #expect(block.read(words: [0x7FC0, 0x0000]).qualities == [.good], "in the other order it would be a number")
    }

    private func check(_ row: Row) {
        var block = DecodedBlock([row.tag])
        let reading = block.read(words: row.words).readings[0]
        #expect(reading.quality == row.quality)
        #expect(row.tag.type.rawNumber(reading.bits) == row.number)
    }
}
