import Plant
import Testing

import struct Plant.Tag

@testable import Acquisition

@Suite struct RawOrderTests {
    struct Row: Sendable {
        let type: ValueType
        let scale: Double
        let offset: Double
        let range: ClosedRange<Double>
        /// The raw numbers nearest to the ends, inside; `nil` when there is none.
        let ends: ClosedRange<Double>?
        var bits: ClosedRange<Int>?
        /// The raw number of the low end is the larger one.
        var falls = false
    }

    static let rows: [Row] = [
        Row(type: .int16, scale: 0.1, offset: -5, range: 0...20, ends: 50...250),
        Row(type: .int16, scale: 1, offset: 0, range: -0.5...3.7, ends: 0...3),
        Row(type: .int16, scale: -0.5, offset: 0, range: -10...10, ends: -20...20, falls: true),
        Row(type: .uint16, scale: 1, offset: 0, range: -10...100_000, ends: 0...65_535),
        Row(type: .uint16, scale: 1, offset: 0, range: 0.2...0.4, ends: nil),
        Row(type: .uint16, scale: 1, offset: 0, range: -10 ... -5, ends: nil),
        Row(type: .uint16, scale: 1, offset: 0, range: 1...99, ends: 1...3, bits: 9...10),
        Row(type: .bcd16, scale: 1, offset: 0, range: 7.5...1e9, ends: 8...9999),
        Row(type: .signmag16, scale: 1, offset: 0, range: -1e9...1e9, ends: -32_767...32_767),
        Row(type: .int64, scale: 1, offset: 0, range: -3...3, ends: -3...3),
        Row(type: .float64, scale: 1, offset: 0, range: -1.5...1.5, ends: -1.5...1.5),
        Row(type: .float32, scale: 2, offset: 1, range: 0...100, ends: -0.5...49.5),
    ]

    @Test(arguments: rows)
    func theEndsAreTheNearestRawNumbersInside(_ row: Row) throws {
        let wire = WireValue(.at(0, row.type, bits: row.bits), payloadFrom: 0)
        let ends = wire.ends(of: row.range, scale: row.scale, offset: row.offset)
        guard let expected = row.ends else {
            #expect(ends == nil)
            return
        }
        let found = try #require(ends)
        let numbers = [wire.number(found.low), wire.number(found.high)]
        #expect(
            numbers
                == (row.falls
                    ? [expected.upperBound, expected.lowerBound] : [expected.lowerBound, expected.upperBound]))
    }

    /// 0.1 as a float32 lies above 0.1: the end must be the float before.
    @Test func aFloatThatRoundsOutOfTheRangeIsNotAnEnd() throws {
        let wire = WireValue(.at(0, .float32), payloadFrom: 0)
        let ends = try #require(wire.ends(of: 0...0.1, scale: 1, offset: 0))
        #expect(Float(bitPattern: UInt32(ends.high)) == Float(0.1).nextDown)
    }

    @Test(arguments: 0..<200)
    func theEndsLieInsideAndTheirNeighboursDoNot(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let type =
            [ValueType.int16, .uint16, .int32, .uint32, .int64, .float32, .float64, .bcd32, .signmag16]
            .randomElement(using: &random) ?? .int16
        let scale = Double.random(in: -3...3, using: &random)
        let offset = Double.random(in: -1000...1000, using: &random)
        let low = Double.random(in: -40_000...40_000, using: &random)
        let range = low...(low + Double.random(in: 0...50_000, using: &random))
        let wire = WireValue(.at(0, type), payloadFrom: 0)
        guard let ends = wire.ends(of: range, scale: scale, offset: offset) else { return }
        let value = { (bits: UInt64) in wire.number(bits) * scale + offset }
        #expect(range.contains(value(ends.low)) && range.contains(value(ends.high)), "seed \(seed)")
        guard !type.isFloat else { return }
        let (first, last) = (wire.number(wire.extent.lowest), wire.number(wire.extent.highest))
        let outwards: Double = scale > 0 ? 1 : -1
        for (end, step) in [(ends.low, -outwards), (ends.high, outwards)] {
            let next = wire.number(end) + step
            guard next >= first, next <= last else { continue }
            #expect(!range.contains(next * scale + offset), "seed \(seed): \(type) \(next)")
        }
    }
}
