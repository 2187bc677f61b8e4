import Plant
import TestSupport
import Testing

@testable import Chunks

@Suite struct DecimalsTests {
    @Test(arguments: [
        ([1502.3, 1502.25, 7], 2), ([0, 5, -3], 0), ([0.1, 0.000_000_001], 9), ([1e15], 0), ([-273.15], 2),
    ])
    func theFewestPlacesAreFound(_ numbers: [Double], _ places: Int) throws {
        let (decimals, integers) = try #require(Decimals.find(.float64, numbers.map(\.bitPattern)))
        #expect(decimals.places == places)
        #expect(integers.map(decimals.bits) == numbers.map(\.bitPattern))
    }

    @Test(
        arguments: [[.nan], [.infinity], [-0.0], [1.0 / 3], [1e16], [1e300], [0x1p-1074], [0.1 + 0.2], [1, 1e-10]]
            as [[Double]])
    func whatIsNoDecimalIsNone(_ numbers: [Double]) {
        #expect(Decimals.find(.float64, ([2.5] + numbers).map(\.bitPattern)) == nil)
    }

    @Test func aSingleIsTheNearestToItsDecimal() throws {
        let bits = [Float(1502.3), 0.7, -12.1].map { UInt64($0.bitPattern) }
        let (decimals, integers) = try #require(Decimals.find(.float32, bits))
        #expect(decimals.places == 1 && integers == [15_023, 7, -121])
        #expect(integers.map(decimals.bits) == bits)
        #expect(Decimals.find(.float32, [UInt64((-Float(0)).bitPattern)]) == nil)
    }
}

@Suite struct FloatBitsTests {
    @Test(arguments: [ValueType.float32, .float64])
    func everyBitComesBackAndNumbersKeepTheirOrder(_ type: ValueType) {
        let order = FloatBits(type, shift: 0)
        let extremes = RandomColumns.extremes(type)
        #expect(extremes.map { order.bits(order.integer($0)) } == extremes)
        let numbers = extremes.filter { !type.rawNumber($0).isNaN }
            .sorted { order.integer($0) < order.integer($1) }.map(type.rawNumber)
        #expect(numbers == numbers.sorted())
        let minusZero: UInt64 = type == .float32 ? 1 << 31 : 1 << 63
        #expect(order.integer(minusZero) == -1 && order.integer(0) == 0 && order.integer(1) == 1)
    }

    @Test func zerosAtTheEndAreLeftOut() {
        let bits = [Double(Float(0.1)), -2.5].map(\.bitPattern)
        let order = FloatBits(.float64, common: bits)
        #expect(order.shift == 29)
        #expect(bits.map { order.bits(order.integer($0)) } == bits)
        #expect(FloatBits(.float32, common: [1 << 31]).shift == 0)
    }
}

@Suite struct ExclusiveCodeTests {
    @Test func everyColumnComesBack() throws {
        for seed in UInt64(0)..<200 {
            var source = RandomColumns(seed: seed)
            let type: ValueType = source.random.chance(50) ? .float32 : .float64
            let values = source.numbers(
                1 + Int(source.random.next() % 300), type, source.random.pick(RandomColumns.Shape.allCases))
            let bytes = try #require(ExclusiveCode.encode(values, limit: 1 << 40))
            var back = [UInt64](repeating: 7, count: values.count)
            try bytes.withUnsafeBytes { bytes in
                var reader = ByteReader(bytes)
                try back.withUnsafeMutableBufferPointer { try ExclusiveCode.read(&reader, into: $0) }
                try reader.checkEnd()
            }
            try #require(back == values, "seed \(seed)")
            try #require(ExclusiveCode.encode(values, limit: bytes.count * 8 - 8) == nil, "seed \(seed)")
        }
    }

    /// 1, then no change (`0`), then bit 1 in a window of one bit (`11`, 62 zeros, width 1, `1`), then in the same
    /// window (`10`, `1`).
    @Test func bytes() {
        let expected: [UInt8] = [1, 0b0111_1111, 0b0000_0001, 0b1010_0000]
        #expect(ExclusiveCode.encode([1, 1, 3, 1], limit: 1000) == expected)
    }
}
