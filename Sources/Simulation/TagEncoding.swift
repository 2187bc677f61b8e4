public import Plant

// From an engineering value to the registers: the inverse of what a reader of the controller does.

extension ValueType {
    /// The raw bits nearest to a raw number, as `rawNumber(_:)` reads them back.
    ///
    /// Integers round and saturate, as the output of an instrument does. A number that is not one has no integer: it
    /// becomes 0x8000... where that is the lowest value, else all ones, the two marks that instruments use for it.
    public func bits(nearest raw: Double) -> UInt64 {
        switch self {
        case .bool: raw == 0 || raw.isNaN ? 0 : 1
        case .int16: Self.signed(Int16.self, raw)
        case .int32: Self.signed(Int32.self, raw)
        case .int64: Self.signed(Int64.self, raw)
        case .uint16: Self.unsigned(UInt16.self, raw)
        case .uint32: Self.unsigned(UInt32.self, raw)
        case .uint64: Self.unsigned(UInt64.self, raw)
        case .float32: UInt64(Float(raw).bitPattern)
        case .float64: raw.bitPattern
        case .string: 0
        }
    }

    private static func signed<I: FixedWidthInteger & SignedInteger>(_: I.Type, _ raw: Double) -> UInt64 {
        UInt64(bitPattern: Int64(raw.isNaN ? .min : saturated(raw) as I))
    }

    private static func unsigned<I: FixedWidthInteger & UnsignedInteger>(_: I.Type, _ raw: Double) -> UInt64 {
        UInt64(raw.isNaN ? .max : saturated(raw) as I)
    }

    private static func saturated<I: FixedWidthInteger>(_ raw: Double) -> I {
        let whole = raw.rounded()
        return I(exactly: whole) ?? (whole < 0 ? .min : .max)
    }
}

extension Tag {
    /// The raw bits whose engineering value is nearest to `value`.
    public func bits(nearest value: Double) -> UInt64 {
        type.bits(nearest: isUnscaled ? value : (value - offset) / scale)
    }

    /// The registers that hold raw bits, in wire order. Strings have their own form; see `words(text:)`.
    public func words(of bits: UInt64) -> [UInt16] {
        let count = type.registers
        var words = (0..<count).map { UInt16(truncatingIfNeeded: bits >> (16 * UInt64(count - 1 - $0))) }
        // An order is one of the parts of a value that spans registers; a single register is always big-endian.
        guard count > 1 else { return words }
        if order.wordsReversed { words.reverse() }
        if order.bytesSwapped { words = words.map(\.byteSwapped) }
        return words
    }

    /// The registers of a text: two bytes each, high byte first, what is left over zero, what is too long cut off.
    public func words(text: String) -> [UInt16] {
        var words = [UInt16](repeating: 0, count: type.registers)
        for (index, byte) in text.utf8.prefix(words.count * 2).enumerated() {
            words[index / 2] |= UInt16(byte) << (index.isMultiple(of: 2) ? 8 : 0)
        }
        return words
    }

    /// True for the temperature that the unit is controlled by: the one a sensor break or an excursion shows in.
    var isControlTemperature: Bool {
        switch localName {
        case "melt_temp", "bath_temp", "pv", "pv_float", "temperature": true
        default: false
        }
    }

    /// What the register shows when the thermocouple is open: upscale, beyond anything the sensor could report.
    var upscale: Double {
        guard let range else { return .nan }
        return range.upperBound + 0.05 * (range.upperBound - range.lowerBound)
    }
}
