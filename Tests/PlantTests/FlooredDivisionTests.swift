import Plant
import Testing

struct FlooredDivisionTests {
    @Test(
        arguments: [
            (7, 3, 2, 1), (6, 3, 2, 0), (0, 3, 0, 0), (-1, 3, -1, 2), (-3, 3, -1, 0), (-4, 3, -2, 2),
            (Int64.min, 1, Int64.min, 0), (Int64.max, Int64.max, 1, 0),
        ] as [(Int64, Int64, Int64, Int64)])
    func roundsTowardsMinusInfinity(number: Int64, divisor: Int64, quotient: Int64, remainder: Int64) {
        let parts = number.flooredQuotientAndRemainder(dividingBy: divisor)
        #expect(parts == (quotient, remainder))
        #expect(number.flooredQuotient(dividingBy: divisor) == quotient)
        #expect(number.floored(to: divisor) == quotient * divisor)
    }
}
