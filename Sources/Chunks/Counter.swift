public import Plant

/// How far a count that only grows has gone up between two readings.
public enum Counter {
    /// - Returns: the difference, or after a fall: across the end of the type's range when it fell from the top quarter
    ///   of the range to the bottom quarter (a wrap), else the new value (a reset, counting up from zero since).
    public static func increase(from: Double, to: Double, type: ValueType) -> Double {
        guard to < from else { return to - from }
        guard let range = type.countingRange else { return to }
        let numbers = range.upperBound - range.lowerBound
        guard from >= range.upperBound - numbers / 4, to < range.lowerBound + numbers / 4 else { return to }
        return (range.upperBound - from) + (to - range.lowerBound)
    }
}

extension ValueType {
    /// The least raw number, and the one behind the greatest: where a counter runs over.
    var countingRange: Range<Double>? {
        switch self {
        case .int16: -0x1p15..<0x1p15
        case .uint16: 0..<0x1p16
        case .int32: -0x1p31..<0x1p31
        case .uint32: 0..<0x1p32
        case .int64: -0x1p63..<0x1p63
        case .uint64: 0..<0x1p64
        case .bcd16: 0..<10_000
        case .bcd32: 0..<100_000_000
        case .signmag16: -32_767..<32_768
        case .signmag32: -2_147_483_647..<2_147_483_648
        case .bool, .float32, .float64, .string: nil
        }
    }
}
