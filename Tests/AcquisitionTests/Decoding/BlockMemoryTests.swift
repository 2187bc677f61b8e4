import Plant
import Testing

import struct Plant.Tag

@testable import Acquisition

@Suite struct BlockMemoryTests {
    // MARK: Counters

    struct Fall: Sendable {
        let type: ValueType
        let last: [UInt16]
        let next: [UInt16]
        let quality: Quality
        var bits: ClosedRange<Int>?
    }

    static let falls: [Fall] = [
        Fall(type: .uint16, last: [100], next: [101], quality: .good),
        Fall(type: .uint16, last: [100], next: [100], quality: .good),
        Fall(type: .uint16, last: [65_535], next: [0], quality: .wrapped),
        // The quarters begin at 49 152 and end before 16 384.
        Fall(type: .uint16, last: [49_152], next: [16_383], quality: .wrapped),
        Fall(type: .uint16, last: [49_151], next: [16_383], quality: .reset),
        Fall(type: .uint16, last: [49_152], next: [16_384], quality: .reset),
        Fall(type: .uint16, last: [100], next: [0], quality: .reset),
        Fall(type: .int16, last: [0x7FFF], next: [0x8000], quality: .wrapped),
        Fall(type: .int16, last: [0x7FFF], next: [0], quality: .reset),
        Fall(type: .uint32, last: [0xFFFF, 0xFFFF], next: [0, 3], quality: .wrapped),
        Fall(type: .uint64, last: [0xFFFF, 0, 0, 0], next: [0, 0, 0, 1], quality: .wrapped),
        // One less than before, which no double can tell.
        Fall(
            type: .uint64, last: [0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF], next: [0x7FFF, 0xFFFF, 0xFFFF, 0xFFFE],
            quality: .reset),
        Fall(type: .bcd16, last: [0x9998], next: [0x0001], quality: .wrapped),
        Fall(type: .bcd16, last: [0x7499], next: [0x0001], quality: .reset),
        Fall(type: .uint16, last: [0x0600], next: [0], quality: .wrapped, bits: 9...10),
        // A float never comes to its end one by one: 3.4e38, then 1.
        Fall(type: .float32, last: [0x7F7F, 0xFFFF], next: [0x3F80, 0], quality: .reset),
        Fall(type: .float32, last: [0, 0], next: [0x8000, 0], quality: .good),
    ]

    @Test(arguments: falls)
    func aCounterThatFallsHasWrappedOrWasReset(_ row: Fall) {
        var block = DecodedBlock([.at(0, row.type, bits: row.bits, rules: TagRules(isCounter: true))])
        #expect(block.read(words: row.last).qualities == [.good])
        let fallen = block.read(words: row.next)
        #expect(fallen.qualities == [row.quality])
        #expect(block.read(words: row.next).qualities == [.good], "only on that one reading")
        #expect(fallen.bits == block.read(words: row.next).bits, "and it keeps its number")
    }

    @Test func aCounterIsComparedWithItsLastGoodValue() {
        let counter = Tag.at(0, .uint16, invalid: [0xFFFF], rules: TagRules(isCounter: true))
        var block = DecodedBlock([counter])
        #expect(block.read(words: [100]).qualities == [.good])
        #expect(block.read(words: [0xFFFF]).qualities == [.invalidValue])
        #expect(block.read(words: [0], refused: [.exception(2)]).qualities == [.exception(2)])
        #expect(block.read(words: [5], doubt: .layoutMismatch).qualities == [.layoutMismatch])
        #expect(block.read(words: [101]).qualities == [.good])
        #expect(block.read(words: [50], doubt: .frozen).qualities == [.reset], "a doubt is no other instrument")
    }

    // MARK: Values that stand still

    private static let stuck = TagRules(stuckAfter: .seconds(10))

    @Test func aValueThatStandsStillForTooLongIsFrozen() {
        var block = DecodedBlock([.at(0, .uint16, rules: Self.stuck), .at(1, .uint16)])
        for (second, word, quality) in [
            (0, 5, Quality.good), (10, 5, .good), (11, 5, .frozen), (12, 6, .good), (22, 6, .good), (23, 6, .frozen),
            (24, 5, .good),
        ] {
            let seen = block.read(words: [UInt16(word), 5], at: second)
            #expect(seen.qualities == [quality, .good], "at \(second) s")
            #expect(seen.bits[0] == UInt64(word), "it keeps its number")
        }
    }

    @Test func aValueThatIsPinnedMovesWithItsRegister() {
        var rules = Self.stuck
        rules.clamps = true
        var block = DecodedBlock([.at(0, .uint16, range: 0...100, rules: rules)])
        #expect(block.read(words: [200], at: 0).qualities == [.clamped])
        #expect(block.read(words: [201], at: 20).qualities == [.clamped])
        #expect(block.read(words: [90], at: 40).qualities == [.good])
        #expect(block.read(words: [90], at: 60).qualities == [.frozen])
    }

    @Test func aBadValueThatComesAndGoesIsAMovement() {
        var block = DecodedBlock([.at(0, .uint16, invalid: [0], rules: Self.stuck)])
        let words: [UInt16] = [5, 0, 5, 5]
        let seen = words.enumerated().map { block.read(words: [$1], at: $0 * 9).qualities[0] }
        #expect(seen == [.good, .invalidValue, .good, .good])
    }

    @Test func whatIsNotAnsweredIsNeitherAMovementNorAStandstill() {
        var block = DecodedBlock([.at(0, .uint16, rules: Self.stuck), .at(1, .uint16)])
        _ = block.read(words: [5, 0], at: 0)
        #expect(block.read(words: [9, 0], refused: [.exception(2), .good], at: 5).qualities[0] == .exception(2))
        #expect(block.read(words: [9, 0], doubt: .layoutMismatch, at: 6).qualities[0] == .layoutMismatch)
        #expect(block.read(words: [5, 0], at: 60).qualities[0] == .frozen, "it had the same value on both sides")
    }

    @Test func aTextThatStandsStillIsFrozenToo() {
        var block = DecodedBlock([.at(0, .string(registers: 1), rules: Self.stuck)])
        let words: [(Int, UInt16)] = [(0, 0x4142), (11, 0x4142), (12, 0x4143), (13, 0x4143)]
        #expect(words.map { block.read(words: [$1], at: $0).qualities[0] } == [.good, .frozen, .good, .good])
    }

    // MARK: Blocks that stand still

    @Test func aBlockThatStandsStillInEveryBitIsFrozen() {
        var block = DecodedBlock(
            [.at(0, .uint16), .at(2, .uint16, range: 0...10), .at(3, .uint16)], unchangedAfter: .seconds(60))
        #expect(block.read(words: [1, 0, 2, 3], at: 0).qualities == [.good, .good, .good])
        #expect(block.read(words: [1, 0, 2, 3], at: 60).qualities == [.good, .good, .good])
        #expect(block.read(words: [1, 0, 2, 3], at: 61).qualities == [.frozen, .frozen, .frozen])
        #expect(
            block.read(words: [1, 1, 2, 3], at: 62).qualities == [.good, .good, .good], "a register of no tag counts")
        #expect(block.read(words: [1, 1, 11, 3], at: 63).qualities == [.good, .outOfRange, .good])
        #expect(
            block.read(words: [1, 1, 11, 3], at: 124).qualities == [.frozen, .outOfRange, .frozen], "bad stays bad")
    }

    @Test func aControllerWhoseBlocksMayStandStillIsNotAsked() {
        var block = DecodedBlock([.at(0, .uint16)])
        for second in [0, 100_000] { #expect(block.read(words: [1], at: second).qualities == [.good]) }
    }

    @Test func theHolesOfABlockSayNothingAboutIt() {
        var block = DecodedBlock([.at(0, .uint16), .at(1, .uint16)], unchangedAfter: .seconds(60))
        let refused: [Quality] = [.good, .exception(2)]
        _ = block.read(words: [1, 2], at: 0)
        #expect(block.read(words: [1, 77], refused: refused, at: 30).qualities == [.good, .exception(2)])
        #expect(block.read(words: [1, 78], refused: refused, at: 61).qualities == [.frozen, .exception(2)])
        #expect(block.read(words: [2, 78], refused: refused, at: 62).qualities == [.good, .exception(2)])
        #expect(
            block.read(words: [2, 78], refused: [.exception(2), .exception(2)], at: 200).qualities[0] == .exception(2))
        #expect(block.read(words: [2, 2], at: 201).qualities == [.frozen, .frozen])
    }

    @Test(arguments: [[.exception(2), .exception(2)], [.good, .exception(2)]] as [[Quality]])
    func whatIsReadForTheFirstTimeHasNotStoodStill(refused: [Quality]) {
        for isWhole in [true, false] {
            var block = DecodedBlock([.at(0, .uint16), .at(1, .uint16)], unchangedAfter: .seconds(60))
            _ = block.read(words: [0, 0], refused: refused, at: 0)
            let all: [Quality] = isWhole ? [] : [.good, .good]
            #expect(block.read(words: [0, 0], refused: all, at: 61).qualities == [.good, .good])
            #expect(block.read(words: [0, 0], refused: all, at: 122).qualities == [.frozen, .frozen])
        }
    }

    @Test func theHolesOfABitTableSayNothingEither() {
        var block = DecodedBlock(
            (0..<3).map { .at($0, .bool, in: .coil) }, unchangedAfter: .seconds(60))
        let refused: [Quality] = [.good, .exception(2), .good]
        _ = block.read([0b101], at: 0)
        #expect(block.read([0b111], refused: refused, at: 61).qualities == [.frozen, .exception(2), .frozen])
        #expect(block.read([0b011], refused: refused, at: 62).qualities == [.good, .exception(2), .good])
    }

    @Test func whatAnotherInstrumentSaysIsForgotten() {
        var block = DecodedBlock([.at(0, .uint16)], unchangedAfter: .seconds(60))
        _ = block.read(words: [1], at: 0)
        _ = block.read(words: [2], doubt: .layoutMismatch, at: 30)
        #expect(block.read(words: [1], at: 61).qualities == [.frozen])
    }

    @Test func aFrozenControllerAndAFrozenBlockAreOneDoubt() {
        var block = DecodedBlock([.at(0, .uint16)], unchangedAfter: .seconds(60))
        _ = block.read(words: [1], at: 0)
        #expect(block.read(words: [1], doubt: .frozen, at: 61).qualities == [.frozen])
        #expect(block.read(words: [1], doubt: .layoutMismatch, at: 62).qualities == [.layoutMismatch])
    }
}
