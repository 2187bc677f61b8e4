import Plant

/// Writes the values of a scan as the JSON array that its row keeps.
///
/// Raw numbers, exact for every type: integers as they are, floats as the shortest decimal that gives the same bits
/// in their own type again, text as JSON strings, `null` where there is no value. A `uint64` above `Int64.max` is a
/// JSON string, because SQLite would make a double of it and lose its last digits.
extension [UInt8] {
    mutating func append(values readings: [RawReading], types: [ValueType], texts: [Int: [UInt8]]) {
        append(UInt8(ascii: "["))
        for (slot, reading) in readings.enumerated() {
            if slot > 0 { append(UInt8(ascii: ",")) }
            if reading.quality.isBad {
                appendNull()
            } else {
                append(value: reading, type: types[slot], text: texts[slot])
            }
        }
        append(UInt8(ascii: "]"))
    }

    /// The qualities of a scan that are not good, `{"3":145}`. Nothing is written when all are good.
    ///
    /// - Returns: whether something was written.
    mutating func append(qualities readings: [RawReading]) -> Bool {
        var any = false
        for (slot, reading) in readings.enumerated() where !reading.quality.isGood {
            append(UInt8(ascii: any ? "," : "{"))
            any = true
            append(UInt8(ascii: "\""))
            append(decimal: UInt64(slot))
            append(UInt8(ascii: "\""))
            append(UInt8(ascii: ":"))
            append(decimal: UInt64(reading.quality.rawValue))
        }
        if any { append(UInt8(ascii: "}")) }
        return any
    }

    private mutating func append(value reading: RawReading, type: ValueType, text: [UInt8]?) {
        switch type {
        case .bool, .uint16, .uint32, .bcd16, .bcd32:
            append(decimal: reading.bits)
        case .uint64:
            let quoted = reading.bits > UInt64(Int64.max)
            if quoted { append(UInt8(ascii: "\"")) }
            append(decimal: reading.bits)
            if quoted { append(UInt8(ascii: "\"")) }
        case .int16, .int32, .int64, .signmag16, .signmag32:
            let number = Int64(bitPattern: reading.bits)
            if number < 0 { append(UInt8(ascii: "-")) }
            append(decimal: number.magnitude)
        case .float32:
            let number = Float(bitPattern: UInt32(truncatingIfNeeded: reading.bits))
            append(float: number.description, isFinite: number.isFinite)
        case .float64:
            let number = Double(bitPattern: reading.bits)
            append(float: number.description, isFinite: number.isFinite)
        case .string:
            append(string: text ?? [])
        }
    }

    private mutating func appendNull() { append(contentsOf: StaticText.null) }

    /// JSON has no word for NaN. A line calls such a register bad long before; this only keeps the row readable.
    private mutating func append(float text: String, isFinite: Bool) {
        if isFinite { append(contentsOf: text.utf8) } else { appendNull() }
    }

    /// Decimal digits without an intermediate string: a third of a scan's cost otherwise.
    mutating func append(decimal number: UInt64) {
        if number < 10 { return append(UInt8(ascii: "0") + UInt8(number)) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number
            var first = 20
            while rest > 0 {
                first -= 1
                digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            append(contentsOf: digits[first...])
        }
    }

    /// A JSON string. Bytes that are no UTF-8 become U+FFFD: the database must stay readable for every program.
    mutating func append(string bytes: [UInt8]) {
        append(UInt8(ascii: "\""))
        for byte in String(decoding: bytes, as: UTF8.self).utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20, 0x7F:
                append(contentsOf: StaticText.escape)
                append(StaticText.hexadecimal[Int(byte >> 4)])
                append(StaticText.hexadecimal[Int(byte & 15)])
            default:
                append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}

private enum StaticText {
    static let null = Array("null".utf8)
    static let escape = Array("\\u00".utf8)
    static let hexadecimal = Array("0123456789abcdef".utf8)
}
