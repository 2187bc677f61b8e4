import Glibc
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
        case .bcd16: Self.decimal(raw, digits: 4)
        case .bcd32: Self.decimal(raw, digits: 8)
        case .signmag16: Self.symmetric(raw, 0x7FFF)
        case .signmag32: Self.symmetric(raw, 0x7FFF_FFFF)
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

    private static func decimal(_ raw: Double, digits: Int) -> UInt64 {
        UInt64(max(0, min(raw.isNaN ? 0 : raw.rounded(), pow(10, Double(digits)) - 1)))
    }

    private static func symmetric(_ raw: Double, _ largest: Double) -> UInt64 {
        UInt64(bitPattern: Int64(raw.isNaN ? 0 : max(-largest, min(raw.rounded(), largest))))
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
        let wire = wireBits(of: bits)
        var words = (0..<count).map { UInt16(truncatingIfNeeded: wire >> (16 * UInt64(count - 1 - $0))) }
        // An order is one of the parts of a value that spans registers; a single register is always big-endian.
        guard count > 1 else { return words }
        if order.swapsHalves, count == 4 { words = Array(words[2...] + words[..<2]) }
        if order.swapsWords { for first in stride(from: 0, to: count, by: 2) { words.swapAt(first, first + 1) } }
        if order.swapsBytes { words = words.map(\.byteSwapped) }
        return words
    }

    /// The raw bits as the registers code them.
    private func wireBits(of bits: UInt64) -> UInt64 {
        switch type {
        case .bcd16, .bcd32:
            (0..<UInt64(type.registers * 4)).reduce((coded: UInt64(0), rest: bits)) { state, digit in
                (state.coded | (state.rest % 10) << (digit * 4), state.rest / 10)
            }.coded
        case .signmag16, .signmag32:
            Int64(bitPattern: bits).magnitude
                | (Int64(bitPattern: bits) < 0 ? 1 << UInt64(type.registers * 16 - 1) : 0)
        case .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .string: bits
        }
    }

    /// The registers of a text, in its packing: what is left over zero, what is too long cut off.
    public func words(text: String) -> [UInt16] {
        var words = [UInt16](repeating: 0, count: type.registers)
        let perWord = packing == .highLow || packing == .lowHigh ? 2 : 1
        for (index, byte) in text.utf8.prefix(words.count * perWord).enumerated() {
            let isHigh =
                switch packing {
                case .highLow: index.isMultiple(of: 2)
                case .lowHigh: !index.isMultiple(of: 2)
                case .high: true
                case .low: false
                }
            words[index / perWord] |= UInt16(byte) << (isHigh ? 8 : 0)
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
