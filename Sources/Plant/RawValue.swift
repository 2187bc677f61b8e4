import Glibc

/// A number as the registers hold it, before scale and offset, in the 64 bits that travel with a reading.
///
/// Signed integers are sign-extended, unsigned ones and booleans zero-extended; a binary-coded decimal and a sign with
/// its magnitude have become such an integer when they were decoded. `float32` keeps its 32 bits in the low
/// half, `float64` all 64. A string keeps its length in bytes here and its text in the cells behind it.
extension ValueType {
    /// The raw number as a double. Integers beyond 2^53 lose their last digits; `rawText` does not.
    @inlinable
    public func rawNumber(_ bits: UInt64) -> Double {
        switch self {
        case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: Double(bitPattern: bits)
        case .int16, .int32, .int64, .signmag16, .signmag32: Double(Int64(bitPattern: bits))
        case .bool, .uint16, .uint32, .uint64, .bcd16, .bcd32: Double(bits)
        case .string: .nan
        }
    }

    /// The shortest decimal text that gives the same raw number back: exact for every type but strings.
    public func rawText(_ bits: UInt64) -> String {
        switch self {
        case .float32: Float(bitPattern: UInt32(truncatingIfNeeded: bits)).description
        case .float64: Double(bitPattern: bits).description
        case .int16, .int32, .int64, .signmag16, .signmag32: Int64(bitPattern: bits).description
        case .bool, .uint16, .uint32, .uint64, .bcd16, .bcd32: bits.description
        case .string: ""
        }
    }
}

extension Tag {
    /// The engineering value of raw bits: raw x scale + offset.
    @inlinable
    public func engineering(_ bits: UInt64) -> Double {
        let raw = type.rawNumber(bits)
        return isUnscaled ? raw : raw * scale + offset
    }
}

extension Tag {
    /// An engineering value as the double nearest to its shortest decimal text: a float32 register that holds 1487.0675
    /// is that, and not the 1487.06750488281 of its binary digits.
    public func decimal(_ value: Double) -> Double {
        guard type == .float32, isUnscaled, value.isFinite else { return value }
        return Double(Float(value).description) ?? value
    }

    /// A number without the noise of binary fractions: 73.4, not 73.40000000000001.
    ///
    /// - Parameter digits: significant decimal digits; 15 survive any double, fewer are for the eye.
    public static func shown(_ value: Double, digits: Int = 15) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : value.description }
        let places = digits - 1 - Int(log10(abs(value)).rounded(.down))
        guard (0...22).contains(places) else { return Double(value).description }
        let factor = pow(10.0, Double(places))
        let text = ((value * factor).rounded() / factor).description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension Double {
    /// A double holds 15 decimal digits; a raw value times a scale of 0.1 shows 17.
    public var toFifteenDigits: Double {
        guard isFinite, self != 0 else { return self }
        let digits = 14 - Int(log10(magnitude).rounded(.down))
        guard digits >= 0, digits <= 22 else { return self }
        // Powers of ten up to 10^22 are exact, so only the division rounds.
        let factor = pow(10.0, Double(digits))
        let rounded = (self * factor).rounded() / factor
        return rounded.isFinite ? rounded : self
    }
}
