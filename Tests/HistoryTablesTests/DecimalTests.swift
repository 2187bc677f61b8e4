import TestSupport
import Testing

@testable import HistoryTables

@Suite("Registers as numbers of SQL")
struct DecimalTests {
    @Test(
        arguments: [
            (0.1, 0.1), (1472.9, 1472.9), (-0.001, -0.001), (0, 0), (16_777_216, 16_777_216),
            (3.4028235e38, 3.4028234663852886e38),
            (1e-7, 1e-7), (1234.5678, 1234.5677), (0.33333334, 0.33333334), (1e10, 1e10), (-.infinity, -.infinity),
        ] as [(Float, Double)])
    func digits(_ register: Float, _ number: Double) {
        #expect(Decimal.double(register) == number)
    }

    @Test(
        arguments: [
            (564 * 0.1, 56.4), (3 * 0.1, 0.3), (-1234 * 0.01, -12.34), (0, 0), (5, 5), (32767 * 0.05 - 40, 1598.35),
            (1.0 / 3, 1.0 / 3), (.infinity, .infinity), (1e300, 1e300),
        ] as [(Double, Double)])
    func products(_ product: Double, _ number: Double) {
        #expect(Decimal.scaled(product) == number)
    }

    /// Whatever the raw number, what people write is found.
    @Test func anyProduct() {
        for raw in stride(from: -32768, through: 32767, by: 7) {
            for (scale, digits) in [(0.1, 10.0), (0.01, 100), (0.001, 1000), (0.25, 4)] {
                #expect(Decimal.scaled(Double(raw) * scale) == Double(raw) / digits, "\(raw) times \(scale)")
            }
        }
    }

    /// It is always the same float, and where a float has few digits the double of these digits.
    @Test func anyFloat() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<200_000 {
            let bits = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            guard bits.isFinite else { continue }
            #expect(Float(Decimal.double(bits)) == bits)
            let written = Float(Int64(random.next() % 20_000_000) - 10_000_000) / random.pick([1, 10, 100, 1000])
            #expect(Decimal.double(written) == Double(written.description), "\(written)")
        }
    }
}
