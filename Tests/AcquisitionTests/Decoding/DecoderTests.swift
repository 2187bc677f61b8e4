import Modbus
import Plant
import Testing

@testable import Acquisition

@Suite struct DecoderTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let type: ValueType
        let order: WordOrder
        let bytes: [UInt8]
        let text: String
        var testDescription: String { "\(type) \(order) \(text)" }

        init(_ type: ValueType, _ order: WordOrder, _ bytes: [UInt8], _ text: String) {
            (self.type, self.order, self.bytes, self.text) = (type, order, bytes, text)
        }
    }

    /// 1234.5 is 0x449A5000 and 0x40934A0000000000 (IEEE 754); the orders move the bytes A B C D E F G H.
    static let rows: [Row] = [
        Row(.uint16, .abcd, [0xFF, 0xFE], "65534"), Row(.int16, .abcd, [0xFF, 0xFE], "-2"),
        Row(.int16, .abcd, [0x80, 0x00], "-32768"), Row(.int16, .abcd, [0x7F, 0xFF], "32767"),
        // One register has no order among words, whatever the profile says.
        Row(.uint16, .dcba, [0x12, 0x34], "4660"), Row(.int16, .badc, [0xFF, 0xFE], "-2"),
        Row(.uint32, .abcd, [0x01, 0x02, 0x03, 0x04], "16909060"),
        Row(.uint32, .cdab, [0x03, 0x04, 0x01, 0x02], "16909060"),
        Row(.uint32, .badc, [0x02, 0x01, 0x04, 0x03], "16909060"),
        Row(.uint32, .dcba, [0x04, 0x03, 0x02, 0x01], "16909060"),
        Row(.uint32, .abcd, [0xFF, 0xFF, 0xFF, 0xFF], "4294967295"),
        // {1, -2} as two int16: libmodbus 3.1.6's macro gives 65534 (measured).
        Row(.int32, .abcd, [0x00, 0x01, 0xFF, 0xFE], "131070"), Row(.int32, .abcd, [0xFF, 0xFF, 0xFF, 0xFE], "-2"),
        Row(.int32, .cdab, [0xFF, 0xFE, 0xFF, 0xFF], "-2"), Row(.int32, .badc, [0xFF, 0xFF, 0xFE, 0xFF], "-2"),
        Row(.int32, .dcba, [0xFE, 0xFF, 0xFF, 0xFF], "-2"),
        Row(.float32, .abcd, [0x44, 0x9A, 0x50, 0x00], "1234.5"),
        Row(.float32, .cdab, [0x50, 0x00, 0x44, 0x9A], "1234.5"),
        Row(.float32, .badc, [0x9A, 0x44, 0x00, 0x50], "1234.5"),
        Row(.float32, .dcba, [0x00, 0x50, 0x9A, 0x44], "1234.5"),
        Row(.float32, .abcd, [0x00, 0x00, 0x00, 0x01], "1e-45"), Row(.float32, .abcd, [0x80, 0, 0, 0], "-0.0"),
        Row(.uint64, .abcd, [1, 2, 3, 4, 5, 6, 7, 8], "72623859790382856"),
        Row(.uint64, .cdab, [7, 8, 5, 6, 3, 4, 1, 2], "72623859790382856"),
        Row(.uint64, .badc, [2, 1, 4, 3, 6, 5, 8, 7], "72623859790382856"),
        Row(.uint64, .dcba, [8, 7, 6, 5, 4, 3, 2, 1], "72623859790382856"),
        Row(.uint64, .abcd, Array(repeating: 0xFF, count: 8), "18446744073709551615"),
        Row(.int64, .abcd, Array(repeating: 0xFF, count: 7) + [0xFE], "-2"),
        Row(.int64, .cdab, [0xFF, 0xFE] + Array(repeating: 0xFF, count: 6), "-2"),
        Row(.float64, .abcd, [0x40, 0x93, 0x4A, 0, 0, 0, 0, 0], "1234.5"),
        Row(.float64, .cdab, [0, 0, 0, 0, 0x4A, 0, 0x40, 0x93], "1234.5"),
        Row(.float64, .badc, [0x93, 0x40, 0, 0x4A, 0, 0, 0, 0], "1234.5"),
        Row(.float64, .dcba, [0, 0, 0, 0, 0, 0x4A, 0x93, 0x40], "1234.5"),
    ]

    @Test(arguments: rows)
    func everyTypeIsReadInEveryOrder(_ row: Row) throws {
        // Two other registers in front: the place counts, not the beginning.
        let reading = try one(row.type, [0xAA, 0xAA, 0xAA, 0xAA] + row.bytes, at: 2) { $0.order = row.order }
        #expect(reading.quality == .good)
        #expect(row.type.rawText(reading.bits) == row.text)
    }

    @Test(arguments: 0..<16)
    func aBitOfARegisterIsCountedFromTheLeastSignificant(bit: Int) throws {
        let word = UInt16(1) << UInt16(bit)
        for (value, expected) in [(word, UInt64(1)), (~word, 0)] {
            let reading = try one(.bool, [UInt8(value >> 8), UInt8(value & 0xFF)], at: 0) { $0.bit = bit }
            #expect(reading.bits == expected && reading.quality == .good)
        }
    }

    @Test(arguments: [(UInt16(0), UInt64(0)), (1, 1), (0x0100, 1), (0xFFFF, 1)])
    func aRegisterWithoutABitIsTrueWhenItIsNotZero(word: UInt16, expected: UInt64) throws {
        let reading = try one(.bool, [UInt8(word >> 8), UInt8(word & 0xFF)], at: 0)
        #expect(reading.bits == expected)
    }

    @Test func packedBitsAreCountedFromTheLowest() throws {
        let rows = (5..<25).map {
            SamplePlant.Row(name: "b\($0)", registers: SamplePlant.range(.coil, $0), type: .bool)
        }
        let plant = SamplePlant.plant([.init(rows: rows)])
        let bits: [UInt8] = [0b1010_0001, 0b0000_0001, 0b1000]
        let readings = try decode(plant, bits)
        #expect(readings.map(\.bits) == [1, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    }

    // MARK: Quality

    struct Verdict: Sendable {
        let bytes: [UInt8]
        let type: ValueType
        let quality: Quality
        var change: @Sendable (inout SamplePlant.Row) -> Void = { _ in }
    }

    static let verdicts: [Verdict] = [
        Verdict(bytes: [0x7F, 0xC0, 0, 0], type: .float32, quality: .notANumber),
        Verdict(bytes: [0x7F, 0x80, 0, 0], type: .float32, quality: .notANumber),
        Verdict(bytes: [0xFF, 0x80, 0, 0], type: .float32, quality: .notANumber),
        Verdict(bytes: [0x7F, 0xF8, 0, 0, 0, 0, 0, 0], type: .float64, quality: .notANumber),
        Verdict(bytes: [0x7F, 0xF0, 0, 0, 0, 0, 0, 0], type: .float64, quality: .notANumber),
        // 250 x 0.1 - 5 = 20, just at the end of what the sensor can report; 251 is beyond.
        Verdict(bytes: [0, 250], type: .int16, quality: .good) { ($0.scale, $0.offset, $0.range) = (0.1, -5, 0...20) },
        Verdict(bytes: [0, 251], type: .int16, quality: .outOfRange) {
            ($0.scale, $0.offset, $0.range) = (0.1, -5, 0...20)
        },
        Verdict(bytes: [0, 49], type: .int16, quality: .outOfRange) {
            ($0.scale, $0.offset, $0.range) = (0.1, -5, 0...20)
        },
        // Eurotherm's way to say "no measurement" among raw values, although it lies within the range.
        Verdict(bytes: [0x80, 0], type: .int16, quality: .invalidValue) {
            ($0.invalid, $0.range) = ([1, -32768], -40000...40000)
        },
        Verdict(bytes: [0x80, 0], type: .uint16, quality: .good) { $0.invalid = [1, -32768] },
        Verdict(bytes: [0, 1], type: .int16, quality: .invalidValue) { $0.invalid = [1, -32768] },
        Verdict(bytes: [0, 2], type: .uint16, quality: .unexpected) { $0.expect = 1 },
        Verdict(bytes: [0, 1], type: .uint16, quality: .good) { $0.expect = 1 },
        // The largest double times ten is no number that a sensor reports.
        Verdict(bytes: [0x7F, 0xEF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], type: .float64, quality: .outOfRange) {
            $0.scale = 10
        },
    ]

    @Test(arguments: verdicts)
    func whatCannotBeBelievedHasNoNumber(_ row: Verdict) throws {
        let reading = try one(row.type, row.bytes, at: 0, row.change)
        #expect(reading.quality == row.quality)
        #expect(row.quality.isGood || reading.bits == 0)
    }

    @Test func anotherLayoutTakesEveryNumberButSaysWhichTagShowedIt() throws {
        var expected = SamplePlant.words(0..<1)[0]
        expected.expect = 7
        var limited = SamplePlant.words(1..<2)[0]
        limited.range = 0...1
        let plant = SamplePlant.plant([.init(rows: [expected, limited] + SamplePlant.words(2..<3))])
        let readings = try decode(plant, [0, 9, 0, 5, 0, 6], doubt: .layoutMismatch)
        #expect(readings.map(\.quality) == [.unexpected, .layoutMismatch, .layoutMismatch])
        #expect(readings.allSatisfy { $0.bits == 0 })
    }

    @Test func aFrozenControllerKeepsItsNumbersButNotTheirQuality() throws {
        var limited = SamplePlant.words(0..<1)[0]
        limited.range = 0...1
        let plant = SamplePlant.plant([.init(rows: [limited] + SamplePlant.words(1..<2))])
        let readings = try decode(plant, [0, 9, 0, 5], doubt: .frozen)
        #expect(readings.map(\.quality) == [.outOfRange, .frozen])
        #expect(readings.map(\.bits) == [0, 5])
    }

    @Test func aRefusedBlockIsBadTagByTag() throws {
        let plant = SamplePlant.plant([.init(rows: SamplePlant.words(0..<3))])
        let decoder = try decoder(plant)
        var cells = [Cell](repeating: Cell(), count: decoder.cells)
        let count = cells.withUnsafeMutableBufferPointer { decoder.refuse(.exception(2), into: $0) }
        let readings = cells[..<count].map(RawReading.init)
        #expect(readings.map(\.slot) == [0, 1, 2])
        #expect(readings.allSatisfy { $0.quality == .exception(2) && $0.bits == 0 })
    }

    @Test func aPartOfABlockThatIsRefusedTakesNothingFromTheRest() {
        var block = DecodedBlock([.at(0, .uint16), .at(1, .string(registers: 2)), .at(3, .uint16)])
        let seen = block.read(words: [7, 0x4142, 0x4344, 9], refused: [.good, .exception(2), .good])
        #expect(seen.qualities == [.good, .exception(2), .good])
        #expect(seen.bits == [7, 0, 9] && seen.texts.isEmpty)
    }

    @Test func whatIsRefusedShowsNoLayoutAndNoBeat() {
        var block = DecodedBlock([.at(0, .uint16, expect: 1), .at(1, .uint16), .at(2, .uint16)], heartbeat: 1)
        #expect(block.read(words: [1, 5, 6]).qualities == [.good, .good, .good])
        let hole = block.read(words: [0, 5, 6], refused: [.exception(3), .exception(3), .good], at: 60)
        #expect(
            hole.qualities == [.exception(3), .exception(3), .frozen],
            "a hole is no other layout, but a heartbeat that nobody sees does not beat")
        #expect(block.read(words: [1, 5, 6], at: 61).qualities == [.frozen, .frozen, .frozen])
    }

    @Test func aRefusedPartKeepsItsCauseWhileTheLayoutIsInDoubt() {
        var block = DecodedBlock([.at(0, .uint16), .at(1, .uint16)])
        let seen = block.read(words: [7, 8], refused: [.exception(2), .good], doubt: .layoutMismatch)
        #expect(seen.qualities == [.exception(2), .layoutMismatch])
    }

    @Test func aPayloadThatIsTooShortIsABadReply() {
        var block = DecodedBlock([.at(0, .uint16, expect: 1), .at(1, .uint32)])
        let seen = block.read([0, 1, 0, 0, 0])
        #expect(seen.qualities == [.badReply, .badReply] && seen.bits == [0, 0])
        #expect(block.trust.doubt == .layoutMismatch, "it shows nothing either")
    }

    /// Whatever comes, whatever is refused and whatever is doubted: each tag has one reading, in order, and a bad one
    /// has no number.
    @Test(arguments: 0..<300)
    func everyTagHasOneReadingWhateverComes(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let tags = RandomTag.block(using: &random)
        var block = DecodedBlock(tags, heartbeat: 0, unchangedAfter: seed.isMultiple(of: 2) ? .seconds(3) : nil)
        let registers = tags.compactMap { $0.registers?.end }.max() ?? 0
        var payload = [UInt8](repeating: 0, count: registers * 2)
        for second in 0..<40 {
            for index in payload.indices where Int.random(in: 0..<4, using: &random) == 0 {
                payload[index] = [0, 1, 0x80, 0xFF].randomElement(using: &random) ?? 0
            }
            let refused: [Quality] =
                Bool.random(using: &random)
                ? [] : tags.map { _ in Bool.random(using: &random) ? .good : .exception(2) }
            let doubts: [Quality] = [.good, .frozen, .layoutMismatch]
            let doubt = doubts.randomElement(using: &random) ?? .good
            let isCut = Int.random(in: 0..<10, using: &random) == 0
            let seen = block.read(
                isCut ? Array(payload.dropLast()) : payload, refused: refused, doubt: doubt, at: second)
            #expect(seen.readings.map { Int($0.slot) } == Array(tags.indices), "seed \(seed)")
            for (slot, reading) in seen.readings.enumerated() where reading.quality.isBad {
                #expect(reading.bits == 0 && reading.continuation == 0, "seed \(seed)")
                guard !isCut, !refused.isEmpty, !refused[slot].isGood else { continue }
                #expect(reading.quality == refused[slot], "seed \(seed)")
            }
            if doubt == .layoutMismatch { #expect(seen.qualities.allSatisfy { $0.isBad }, "seed \(seed)") }
        }
    }

    // MARK: -

    private func one(
        _ type: ValueType, _ bytes: [UInt8], at start: Int, _ change: (inout SamplePlant.Row) -> Void = { _ in }
    ) throws -> RawReading {
        var row = SamplePlant.Row(
            name: "t", registers: SamplePlant.range(.holding, start, type.registers), type: type)
        change(&row)
        let rows = start == 0 ? [row] : SamplePlant.words(0..<start) + [row]
        return try #require(try decode(SamplePlant.plant([.init(rows: rows)]), bytes).last)
    }

    private func decoder(_ plant: Plant) throws -> Decoder {
        let request = try #require(ScanPlan(plant: plant).lines[0].groups[0].requests.first)
        let expectations = plant.tags.filter { $0.expect != nil }.map(\.id)
        return Decoder(
            request, controller: plant.controllers[0], expectations: expectations, statuses: [], tags: plant.tags)
    }

    private func decode(_ plant: Plant, _ bytes: [UInt8], doubt: Quality? = nil) throws -> [RawReading] {
        let decoder = try decoder(plant)
        var memory = decoder.memory()
        var cells = [Cell](repeating: Cell(), count: decoder.cells)
        let count = bytes.withUnsafeBufferPointer { payload in
            cells.withUnsafeMutableBufferPointer {
                decoder.decode(
                    payload, refused: [], doubt: doubt, statuses: StatusBoard(count: 0), memory: &memory, at: 0,
                    into: $0)
            }
        }
        return cells[..<count].map(RawReading.init)
    }
}
