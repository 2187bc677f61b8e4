import Plant

/// Which raw numbers a tag can have: by its type, and by its bits where it is a field of a register.
struct RawKind {
    let type: ValueType
    /// The field of an `int16` or `uint16`.
    let bits: ClosedRange<Int>?

    /// The raw numbers an integer or bool can hold, the 64-bit ones as far as a double tells them apart.
    var range: ClosedRange<Double>? {
        if let bits {
            let values = Double(1 << bits.count)
            return type.isSigned ? -values / 2...values / 2 - 1 : 0...values - 1
        }
        switch type {
        case .bool: return 0...1
        case .int16: return -0x8000...0x7FFF
        case .uint16: return 0...0xFFFF
        case .int32: return -0x8000_0000...0x7FFF_FFFF
        case .uint32: return 0...0xFFFF_FFFF
        case .int64: return -0x1p63...0x1p63
        case .uint64: return 0...0x1p64
        case .bcd16: return 0...9999
        case .bcd32: return 0...99_999_999
        case .signmag16: return -0x7FFF...0x7FFF
        case .signmag32: return -0x7FFF_FFFF...0x7FFF_FFFF
        case .float32, .float64, .string: return nil
        }
    }

    /// In the words of a message.
    var rangeText: String {
        switch type {
        case .bool: return "0 or 1"
        case .int64: return "-2^63 to 2^63 - 1"
        case .uint64: return "0 to 2^64 - 1"
        case .float32, .float64: return "any number"
        case .string: return "no number"
        case .int16, .uint16, .int32, .uint32, .bcd16, .bcd32, .signmag16, .signmag32:
            return range.map { "\(Int($0.lowerBound)) to \(Int($0.upperBound))" } ?? ""
        }
    }

    /// A whole number whose bits have a meaning of their own; `nil` when it is none.
    var bitWidth: Int? {
        switch type {
        case .bool: 1
        case .int16, .uint16, .int32, .uint32, .int64, .uint64: bits?.count ?? type.registers * 16
        case .bcd16, .bcd32, .signmag16, .signmag32, .float32, .float64, .string: nil
        }
    }

    func canHold(_ number: Double) -> Bool { range?.contains(number) ?? true }
}

extension ValueType {
    /// The type without its length.
    var word: String { isString ? "string" : description }
}
