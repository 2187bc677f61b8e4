import TestSupport
import Testing

@testable import Chunks

@Suite struct RiceTests {
    private func coded(_ numbers: [UInt64]) -> (rice: Rice, bytes: [UInt8]) {
        numbers.withUnsafeBufferPointer { numbers in
            let rice = Rice(numbers)
            var writer = BitWriter(bits: rice.bits)
            rice.write(numbers, &writer)
            return (rice, writer.finish())
        }
    }

    private func read(_ bytes: [UInt8], _ count: Int) throws -> [UInt64] {
        var numbers = [UInt64](repeating: 7, count: count)
        try bytes.withUnsafeBytes { bytes in
            var reader = BitReader(bytes, from: 0)
            try numbers.withUnsafeMutableBufferPointer { try Rice.read(&reader, into: $0) }
        }
        return numbers
    }

    @Test func everyWidthComesBackInAsManyBitsAsForetold() throws {
        for seed in UInt64(0)..<300 {
            var random = SeededRandom(seed: seed)
            let width = random.next() % 65
            let numbers = (0..<(1 + Int(random.next() % 200))).map { _ in
                random.chance(5) ? random.next() : random.next() >> (64 - width)
            }
            let (rice, bytes) = coded(numbers)
            try #require(bytes.count == (rice.bits + 7) / 8, "seed \(seed)")
            try #require(try read(bytes, numbers.count) == numbers, "seed \(seed)")
        }
    }

    /// No other parameter takes fewer bits for blocks without outliers.
    @Test(arguments: 0..<20)
    func theParameterIsTheBest(_ width: UInt64) {
        var random = SeededRandom(seed: width)
        let numbers = (0..<64).map { _ in random.next() >> (63 - width) & random.next() }
        let all = (0...Rice.parameterMax).map { parameter in
            numbers.reduce(0) { bits, number in
                let ones = number >> UInt64(parameter)
                return bits + (ones < 20 ? Int(ones) + 1 + parameter : 26 + 64 - number.leadingZeroBitCount)
            }
        }
        #expect(coded(numbers).rice.bits == 6 + (all.min() ?? 0))
    }

    @Test func zerosTakeOnlyTheirParameters() {
        #expect(coded([UInt64](repeating: 0, count: 130)).rice.bits == 18)
    }

    /// Parameter 0 as `000000`, then 3 as `1110`, 0 as `0`, 1 as `10` and 2 as `110`.
    @Test func bytes() {
        #expect(coded([3, 0, 1, 2]).bytes == [0b0000_0011, 0b1001_0110])
    }

    /// Parameter 0, 63 zeros, then twenty ones, 40 as the width less one, 41 bits.
    @Test func bytesOfAnOutlier() {
        let numbers = [UInt64](repeating: 0, count: 63) + [1 << 40]
        let expected = [UInt8](repeating: 0, count: 8) + [0x07, 0xFF, 0xFF, 0b1101_0001, 0, 0, 0, 0, 0]
        #expect(coded(numbers).bytes == expected)
    }

    @Test func stopsAtItsLimit() {
        let numbers = [UInt64](repeating: 1000, count: 640)
        let rice = numbers.withUnsafeBufferPointer { Rice($0, limit: 1000) }
        #expect(rice.bits > 1000 && rice.parameters.count < 10)
    }

    @Test func whatIsMissingIsDamage() throws {
        let (_, bytes) = coded((0..<200).map { UInt64($0) })
        for length in 0..<bytes.count {
            #expect(throws: ChunkError.self) { try read(Array(bytes[..<length]), 200) }
        }
    }
}
