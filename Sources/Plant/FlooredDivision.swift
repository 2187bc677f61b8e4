/// Division of times, some of which lie before 1970, rounding towards minus infinity: Swift's own rounds towards zero.
/// Divisors are positive.
extension Int64 {
    @inlinable
    public func flooredQuotientAndRemainder(dividingBy divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    @inlinable
    public func flooredQuotient(dividingBy divisor: Int64) -> Int64 {
        flooredQuotientAndRemainder(dividingBy: divisor).quotient
    }

    /// The greatest multiple of `step` that is not above.
    @inlinable
    public func floored(to step: Int64) -> Int64 { self - flooredQuotientAndRemainder(dividingBy: step).remainder }
}
