import TestSupport
import Testing

@testable import Detection

@Suite struct DecimalNumberTests {
    /// Ten-thousandths as integers are exact; the register of 32 bits holds seven digits of them.
    @Test(arguments: [7, 8, 9] as [UInt64])
    func `rounding is that of the written number, from 64 bits and from 32`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            // Every second one is a half exactly.
            let count = Int(random.next() % 20_000) * 50 + (random.chance(50) ? 0 : Int(random.next() % 50))
            let sign = random.chance(50) ? -1 : 1
            let (whole, rest) = count.quotientAndRemainder(dividingBy: 100)
            let hundredths = whole + (rest > 50 || rest == 50 && whole % 2 == 1 ? 1 : 0)
            let expected = try #require(Double("\(sign * hundredths)e-2"))
            let written = try #require(Double("\(sign * count)e-4"))
            #expect(DecimalNumber(written).rounded(to: 2).value == expected, "seed \(seed), \(written)")
            let single = Double(try #require(Float("\(sign * count)e-4")))
            #expect(DecimalNumber(single).rounded(to: 2).value == expected, "seed \(seed), \(single)")
            #expect(DecimalNumber(written).value == written, "seed \(seed), \(written)")
        }
    }

    @Test func `sums are those of the written numbers`() {
        #expect((DecimalNumber(0.1) + DecimalNumber(0.2)).value == 0.3)
        #expect((DecimalNumber(99.9) + -DecimalNumber(0.05)).value == 99.85)
        #expect((DecimalNumber(1e300) + DecimalNumber(1)).value == 1e300)
        #expect((DecimalNumber(1) + DecimalNumber(-1e-300)).value == 1)
    }

    @Test(arguments: [
        (99.9, "99.9"), (100, "100"), (-0.5, "-0.5"), (0, "0"), (1.0e16, "1e+16"), (Double(Float(99.71)), "99.71"),
        (.infinity, "inf"),
    ])
    func `numbers are written for people`(number: Double, text: String) {
        #expect(plain(number) == text)
    }
}
