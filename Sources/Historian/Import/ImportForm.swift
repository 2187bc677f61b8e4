import Plant

/// How imported values of a tag are kept: as raw numbers of a type, with what makes engineering values of them.
///
/// The tag's own form is preferred where it gives the same values back: then an imported reading is the very reading
/// that was exported, is as small, and wraps where the register does.
struct ImportForm: Hashable {
    var type: ValueType
    /// `nil` when the raw number is the value.
    var scale: Double?
    var offset: Double = 0

    static let integer = ImportForm(type: .int64)
    static let unsigned = ImportForm(type: .uint64)
    static let real = ImportForm(type: .float64)
    /// The longest text that one request can read; only a name here, since texts are kept whole.
    static let text = ImportForm(type: .string(registers: 125))
    /// Whatever a value is, one of these keeps it.
    static let all = [integer, unsigned, real, text]

    /// The raw bits that are read as exactly this value; `nil` when no bits are.
    func bits(of value: ImportedValue) -> UInt64? {
        if case .none = value { return 0 }
        if type.isString { if case .text(let text) = value { return UInt64(text.utf8.count) } else { return nil } }
        guard let number = value.number else { return nil }
        guard let scale else { return unscaled(value, number) }
        let raw = (number - offset) / scale
        guard let bits = nearest(raw) else { return nil }
        return (type.rawNumber(bits) * scale + offset).toFifteenDigits == number ? bits : nil
    }

    private func unscaled(_ value: ImportedValue, _ number: Double) -> UInt64? {
        switch type {
        case .float32:
            let register = Float(number)
            // Its shortest decimal is what people see and files hold.
            return register.isFinite && Double(register.description) == number ? UInt64(register.bitPattern) : nil
        case .float64:
            if case .integer(let integer) = value { return Int64(exactly: number) == integer ? number.bitPattern : nil }
            if case .unsigned(let integer) = value {
                return UInt64(exactly: number) == integer ? number.bitPattern : nil
            }
            return number.bitPattern
        default:
            switch value {
            case .integer(let integer): return bits(integer)
            case .unsigned(let integer): return type == .uint64 ? integer : nil
            case .real: return Int64(exactly: number).flatMap(bits)
            case .none, .text: return nil
            }
        }
    }

    private func nearest(_ raw: Double) -> UInt64? {
        switch type {
        case .float32: UInt64(Float(raw).bitPattern)
        case .float64: raw.bitPattern
        default: Int64(exactly: raw.rounded()).flatMap(bits)
        }
    }

    private func bits(_ integer: Int64) -> UInt64? {
        guard let whole = type.wholeNumbers, integer >= whole.least else { return nil }
        return integer < 0 || UInt64(integer) <= whole.greatest ? UInt64(bitPattern: integer) : nil
    }
}
