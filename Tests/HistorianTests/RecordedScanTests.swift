import Archive
import Plant
import struct Plant.Tag
import TestSupport
import Testing

@testable import Historian

@Suite struct RecordedScanTests {
    /// What is written for a number is read back to its last bit, for every type.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func numbersComeBackToTheLastBit(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let types: [ValueType] = [
            .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .bcd32, .signmag32,
        ]
        for _ in 0..<2_000 {
            let type = random.pick(types)
            let bits = RecordedScanTests.bits(type, &random)
            var text: [UInt8] = []
            text.append(values: [RawReading(bits: bits, slot: 0, quality: .good)], types: [type], texts: [:])
            let shown = String(decoding: text, as: UTF8.self)
            text.append(0)
            // Behind the bracket, and behind the quotation mark of what SQLite would make a double of.
            let found = text.withUnsafeBufferPointer { text -> UInt64? in
                let start = text[1] == UInt8(ascii: "\"") ? 2 : 1
                return text.baseAddress.flatMap { RawNumber.bits(of: type, at: $0 + start)?.bits }
            }
            #expect(found == bits, "seed \(seed): \(type) \(shown)")
        }
    }

    private static func bits(_ type: ValueType, _ random: inout SeededRandom) -> UInt64 {
        let bits = random.next()
        switch type {
        case .bool: return bits & 1
        case .uint16: return bits & 0xFFFF
        case .uint32, .bcd32: return bits & 0xFFFF_FFFF
        case .int16: return UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: bits)))
        case .int32, .signmag32: return UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: bits)))
        case .float32:
            let wild = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
            let tame = Float(Int64(bitPattern: bits) % 2_000_000) / 100
            let number = random.chance(50) && wild.isFinite ? wild : tame
            return UInt64(number.bitPattern)
        case .float64:
            let wild = Double(bitPattern: bits)
            let tame = Double(Int64(bitPattern: bits) % 2_000_000_000) / 1000
            return (random.chance(50) && wild.isFinite ? wild : tame).bitPattern
        default: return bits
        }
    }

    /// Only the tags in question, with their qualities, and over texts with anything in them.
    @Test func slotsAreFoundInOnePass() throws {
        let plant = try Plant.test([
            [
                SlotSpec(name: "a", type: .float32), SlotSpec(name: "s", type: .string(registers: 8)),
                SlotSpec(name: "b", type: .int16, scale: 0.1, offset: 5), SlotSpec(name: "c", type: .uint64),
                SlotSpec(name: "d", type: .uint16),
            ]
        ])
        let rig = try Rig(plant)
        rig.scan(
            0,
            [
                .float(1450.1), .string("x\",]\\ ü"), .int(-25), Sample(bits: .max),
                .bad(.outOfRange),
            ])
        rig.clock.advance(milliseconds: 1000)
        rig.lose(0, .timeout)
        rig.stop()
        var scans: [RecordedScan] = []
        try rig.reader().scans(of: [1, 2, 3, 4].map { plant.tags[$0] }, from: 0, to: .max) { scans.append(copy $0) }
        #expect(scans.map(\.group) == ["C1/fast", "C1/fast"])
        #expect(scans.map(\.tags) == [[1, 2, 3, 4], [1, 2, 3, 4]])
        #expect(scans[0].took == 3)
        #expect(scans[0].texts == [1: "x\",]\\ ü"])
        #expect(scans[0].readings.map(\.bits).dropFirst() == [UInt64(bitPattern: -25), .max, 0])
        #expect(scans[0].readings[1].value == -25 * 0.1 + 5)
        #expect(scans[0].readings.map(\.quality) == [.good, .good, .good, .outOfRange])
        #expect(scans[1].loss == .timeout && scans[1].readings.isEmpty)
    }

    /// The order is that of completion, the range that of the times, at its very ends too.
    @Test func scansComeInTheOrderOfTheirRows() throws {
        let rig = try Rig(Plant.small())
        let begin = rig.clock.now
        // The first group's scan begins first and is complete last, so its row is the second.
        rig.publish(group: 0, sequence: rig.next[0], [0: .float(1)], block: 0, blocks: 2)
        rig.clock.advance(milliseconds: 40)
        rig.scan(1, [.int(7)])
        rig.clock.advance(milliseconds: -40)
        rig.publish(group: 0, sequence: rig.next[0], [1: .int(2)], block: 1, blocks: 2, took: 90)
        rig.stop()
        func times(_ from: Int64, _ to: Int64) throws -> [Int64] {
            var times: [Int64] = []
            try rig.reader().scans(of: rig.plant.tags, from: from, to: to) { times.append($0.time) }
            return times
        }
        #expect(try times(begin, begin + 41) == [begin + 40, begin])
        #expect(try times(begin + 1, begin + 41) == [begin + 40])
        #expect(try times(begin, begin + 40) == [begin])
        #expect(try times(begin + 41, .max) == [])
    }

    /// A new scale is what a replay may be about; other registers are not.
    @Test func thePresentScaleCountsWhereTheRegistersAreTheSame() throws {
        let rig = try Rig(Plant.test([[SlotSpec(name: "flow", type: .int16, scale: 0.1, offset: 5)]]))
        rig.scan(0, [.int(50)])
        rig.stop()
        func value(_ type: ValueType, _ scale: Double) throws -> [Double] {
            let plant = try Plant.test([[SlotSpec(name: "flow", type: type, scale: scale)]])
            var values: [Double] = []
            try rig.reader().scans(of: plant.tags, from: 0, to: .max) { values += $0.readings.map(\.value) }
            return values
        }
        #expect(try value(.int16, 2) == [100])
        #expect(try value(.float32, 2) == [50 * 0.1 + 5])
    }
}
