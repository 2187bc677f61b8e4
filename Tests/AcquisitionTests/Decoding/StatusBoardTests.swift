import Plant
import Testing

import struct Plant.Tag

@testable import Acquisition

@Suite struct StatusBoardTests {
    struct Row: Sendable {
        let status: UInt32
        let quality: Quality
    }

    // MARK: Published status words

    /// Omron E5CC, 32 bits at 0x0002: bit 6 input error, bit 2 A/D converter error, bit 24 stopped, bit 12 alarm 1
    /// (H175, sections 3-2 and 5-1).
    @Test(arguments: [
        Row(status: 0, quality: .good), Row(status: 1 << 6, quality: .sensorFault),
        Row(status: 1 << 2, quality: .sensorFault), Row(status: 1 << 24, quality: .doubtful),
        Row(status: 1 << 24 | 1 << 6, quality: .sensorFault), Row(status: 1 << 12, quality: .good),
    ])
    func aStatusWordOfATemperatureController(_ row: Row) {
        let rule = StatusRule(
            tag: 1,
            tests: [
                .init(.anyBit(of: 1 << 6 | 1 << 2), .sensorFault), .init(.anyBit(of: 1 << 24), .doubtful),
            ])
        var block = DecodedBlock([.at(0, .int32, rules: TagRules(status: rule)), .at(2, .uint32)])
        let seen = block.read(words: [0, 1234, UInt16(row.status >> 16), UInt16(row.status & 0xFFFF)])
        #expect(seen.qualities == [row.quality, .good])
        #expect(seen.bits[0] == (row.quality.isBad ? 0 : 1234))
    }

    /// Prevac MG15, state beside each pressure: 0 is good, 12 and 13 out of range, 18 degassing, 19 sensor break, and
    /// only 0 is a measurement (public MG15 driver).
    @Test(arguments: [
        Row(status: 0, quality: .good), Row(status: 19, quality: .sensorFault), Row(status: 12, quality: .outOfRange),
        Row(status: 13, quality: .outOfRange), Row(status: 18, quality: .doubtful),
        Row(status: 14, quality: .sensorFault), Row(status: 77, quality: .sensorFault),
    ])
    func aStateOfAVacuumGauge(_ row: Row) {
        let rule = StatusRule(
            tag: 1,
            tests: [
                .init(.isOne(of: [12, 13]), .outOfRange), .init(.isOne(of: [18]), .doubtful),
                .init(.isNone(of: [0]), .sensorFault),
            ])
        var block = DecodedBlock([.at(0, .float32, rules: TagRules(status: rule)), .at(2, .uint16)])
        #expect(block.read(words: [0x3F80, 0, UInt16(row.status)]).qualities == [row.quality, .good])
    }

    /// Advantech ADAM-6024, channel status: 0 normal, 1 over high, 2 over low (manual, appendix B.2.4).
    @Test(arguments: [
        Row(status: 0, quality: .good), Row(status: 1, quality: .failHigh), Row(status: 2, quality: .failLow),
        Row(status: 3, quality: .sensorFault),
    ])
    func aStatusOfAnInputModule(_ row: Row) {
        let rule = StatusRule(
            tag: 1,
            tests: [
                .init(.isOne(of: [1]), .failHigh), .init(.isOne(of: [2]), .failLow),
                .init(.isNone(of: [0]), .sensorFault),
            ])
        var block = DecodedBlock([.at(0, .uint16, rules: TagRules(status: rule)), .at(20, .uint16)])
        let words = [UInt16(40_000)] + Array(repeating: 0, count: 19) + [UInt16(row.status)]
        #expect(block.read(words: words).qualities == [row.quality, .good])
    }

    // MARK: What is known of a status

    private static let onlyZero = StatusRule(tag: 1, tests: [.init(.isNone(of: [0]), .sensorFault)])

    /// Two requests of one controller that share a board.
    private func pair(_ status: Tag) -> (value: DecodedBlock, status: DecodedBlock) {
        let tags = [Tag.at(0, .uint16, rules: TagRules(status: Self.onlyZero)), status]
        return (DecodedBlock([0], of: tags), DecodedBlock([1], of: tags))
    }

    @Test func aStatusInAnotherRequestCountsFromWhenItWasRead() {
        var (value, status) = pair(.at(500, .uint16))
        #expect(value.read(words: [7]).qualities == [.statusUnknown])
        _ = status.read(words: [0])
        value.board = status.board
        let seen = value.read(words: [7])
        #expect(seen.qualities == [.good] && seen.bits == [7])
        _ = status.read(words: [5])
        value.board = status.board
        #expect(value.read(words: [7]).qualities == [.sensorFault])
        value.board.forget()
        let forgotten = value.read(words: [7])
        #expect(forgotten.qualities == [.statusUnknown] && forgotten.bits == [0])
    }

    @Test func aStatusThatIsBadItselfIsUnknown() {
        var (value, status) = pair(.at(500, .uint16, range: 0...10, invalid: [9]))
        for (word, quality) in [(0, Quality.good), (9, .statusUnknown), (0, .good), (11, .statusUnknown)] {
            _ = status.read(words: [UInt16(word)])
            value.board = status.board
            #expect(value.read(words: [7]).qualities == [quality], "status \(word)")
        }
    }

    @Test func aStatusThatWasNotAnsweredIsUnknown() {
        var (value, status) = pair(.at(500, .uint16))
        _ = status.read(words: [0])
        _ = status.read(words: [0], refused: [.exception(2)])
        value.board = status.board
        #expect(value.read(words: [7]).qualities == [.statusUnknown])
        _ = status.read(words: [0])
        status.decoder.forgetStatuses(&status.board)
        value.board = status.board
        #expect(value.read(words: [7]).qualities == [.statusUnknown])
        _ = status.read(words: [0])
        _ = status.read([0])
        value.board = status.board
        #expect(value.read(words: [7]).qualities == [.statusUnknown], "a payload that is too short")
    }

    @Test func aClampedStatusIsTakenAsItCame() {
        let rule = StatusRule(tag: 1, tests: [.init(.isOne(of: [200]), .doubtful)])
        var block = DecodedBlock([
            .at(0, .uint16, rules: TagRules(status: rule)),
            .at(1, .uint16, range: 0...100, rules: TagRules(clamps: true)),
        ])
        #expect(block.read(words: [7, 200]).qualities == [.doubtful, .clamped])
    }

    @Test func aStatusWhoseOwnStatusIsBadIsUnknown() {
        let rules = (1...2).map {
            TagRules(status: StatusRule(tag: $0, tests: [.init(.isNone(of: [0]), .sensorFault)]))
        }
        var block = DecodedBlock([
            .at(0, .uint16, rules: rules[0]), .at(1, .uint16, rules: rules[1]), .at(2, .uint16),
        ])
        #expect(block.read(words: [7, 0, 0]).qualities == [.good, .good, .good])
        #expect(block.read(words: [7, 0, 1]).qualities == [.statusUnknown, .sensorFault, .good])
        #expect(block.read(words: [7, 1, 0]).qualities == [.sensorFault, .good, .good])
    }

    @Test func aWordMayCarryItsOwnFaultBitAndACircleEnds() {
        let own = TagRules(status: StatusRule(tag: 0, tests: [.init(.anyBit(of: 0x8000), .sensorFault)]))
        var one = DecodedBlock([.at(0, .uint16, rules: own)])
        #expect(one.read(words: [0x7FFF]).qualities == [.good])
        #expect(one.read(words: [0x8001]).qualities == [.sensorFault])

        let circle = [1, 0].map { TagRules(status: StatusRule(tag: $0, tests: [.init(.isOne(of: [9]), .doubtful)])) }
        var two = DecodedBlock([.at(0, .uint16, rules: circle[0]), .at(1, .uint16, rules: circle[1])])
        #expect(two.read(words: [9, 1]).qualities == [.good, .doubtful])
    }

    @Test func aValueThatIsBadByItselfKeepsItsOwnCause() {
        let rule = StatusRule(tag: 1, tests: [.init(.isOne(of: [1]), .sensorFault), .init(.isOne(of: [2]), .doubtful)])
        let loop = CurrentLoop(raw: 4000...20_000)
        var block = DecodedBlock([
            .at(0, .uint16, range: 0...30_000, rules: TagRules(loop: loop, status: rule)), .at(1, .uint16),
        ])
        #expect(block.read(words: [100, 1]).qualities[0] == .failLow)
        #expect(block.read(words: [20_600, 2]).qualities[0] == .clamped, "of two doubts the first")
        #expect(block.read(words: [20_600, 1]).qualities[0] == .sensorFault, "bad wins over uncertain")
    }

    @Test(arguments: 0..<100)
    func theFlatTablesSayWhatTheRuleSays(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let values = { (random: inout SplitMix) in
            (0..<Int.random(in: 0...3, using: &random)).map { _ in UInt64.random(in: 0...7, using: &random) }
        }
        let tests = (0..<Int.random(in: 0...4, using: &random)).map { _ -> StatusRule.Test in
            let quality = Quality(rawValue: UInt8.random(in: 64...155, using: &random))
            let mask = UInt64.random(in: 0...7, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: return .init(.isOne(of: values(&random)), quality)
            case 1: return .init(.isNone(of: values(&random)), quality)
            case 2: return .init(.anyBit(of: mask), quality)
            default: return .init(.anyBitClear(of: mask), quality)
            }
        }
        let rule = StatusRule(tag: 3, tests: tests)
        let judge = StatusJudge(rule, statuses: [3])
        for status in UInt64(0)...8 {
            #expect(judge.quality(under: status) == rule.quality(under: status), "seed \(seed)")
        }
    }
}
