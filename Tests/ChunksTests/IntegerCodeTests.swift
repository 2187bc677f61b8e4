import TestSupport
import Testing

@testable import Chunks

@Suite struct IntegerCodeTests {
    private func read(_ code: IntegerCode, _ bytes: [UInt8], _ count: Int) throws -> [Int64] {
        var numbers = [UInt64](repeating: 7, count: count)
        try bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            try numbers.withUnsafeMutableBufferPointer { try IntegerCode.read(code.coding, &reader, into: $0) }
            try reader.checkEnd()
        }
        return numbers.map(Int64.init(bitPattern:))
    }

    static let noise: [Int64] = {
        var random = SeededRandom(seed: 1)
        return (0..<300).map { _ in Int64(random.next() % 16) }
    }()

    /// Each coding has data that it is the shortest for.
    @Test(
        arguments: [
            (Coding.constant, [5, 5, 5]), (.constant, [.min]), (.progression, [5, 7, 9]), (.progression, [.max, .min]),
            (.runs, (0..<300).map { $0 < 200 ? 4 : 90 }), (.line, noise),
            (.line, noise.indices.map { noise[$0] + Int64($0) * 1000 }),
            (.difference, noise.indices.map { noise[...$0].reduce(0) { $0 + $1 - 8 } * 3 }),
            (.difference, noise.indices.map { noise[...$0].reduce(0) { $0 + $1 + 500 } }),
            (.secondDifference, noise.indices.map { Int64($0 * $0 * 50) + noise[$0] / 12 }),
        ] as [(Coding, [Int64])])
    func theShortestCodingIsFound(_ coding: Coding, _ values: [Int64]) throws {
        let code = IntegerCode(values, slopes: [1000])
        #expect(code.coding == coding)
        let bytes = code.encoded(values)
        #expect(bytes.count == (code.bits + 7) / 8)
        #expect(try read(code, bytes, values.count) == values)
    }

    /// The whole range of 64 bits lies between neighbours.
    @Test(arguments: [[.min, .max, .min, 0, .max], [0, .min, .max, 1], [.max, -1, .min, .min, 0]] as [[Int64]])
    func arithmeticWraps(_ values: [Int64]) throws {
        for repeats in [1, 50] {
            let values = Array(repeatElement(values, count: repeats).joined())
            let code = IntegerCode(values)
            #expect(try read(code, code.encoded(values), values.count) == values)
        }
    }

    @Test(arguments: [Coding.line, .difference, .secondDifference])
    func everyCodingWraps(_ coding: Coding) throws {
        var random = SeededRandom(seed: 2)
        let values = (0..<130).map { _ in Int64(bitPattern: random.next()) }
        let (first, step) = (values[0], coding == .line ? 77 : coding == .difference ? .min : values[1] &- values[0])
        let numbers = Residuals(values, coding, first, step).numbers
        let code = IntegerCode(coding, first, step, numbers.withUnsafeBufferPointer { Rice($0) })
        #expect(try read(code, code.encoded(values), values.count) == values)
    }
}
