import Plant

/// What a tag can say, after the registers it is read from now.
///
/// Registers of whole numbers hold nothing else. A scaled register has steps, and a value between two of them is taken
/// all the same, as a number of its own: what a laboratory or another system measured is finer than the register. The
/// ends of its range count for that value too, since nothing beyond them was ever that tag's.
struct ImportBounds {
    private let form: ImportForm
    /// Of engineering values; `nil` for whole numbers, which are told apart exactly, and for text.
    private let range: ClosedRange<Double>?

    /// From here on a decimal with a point or an exponent may be another whole number than the one that was meant.
    private static let exact = 0x1p53

    init(_ form: ImportForm) {
        self.form = form
        range = form.type.isFloat || form.scale != nil ? ImportBounds.range(of: form) : nil
    }

    private static func range(of form: ImportForm) -> ClosedRange<Double>? {
        guard let raw = form.type.rawRange else { return nil }
        let ends = [raw.lowerBound, raw.upperBound].map { end in
            min(max(end * (form.scale ?? 1) + form.offset, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
        }
        let all = ends + ends.map(\.toFifteenDigits)
        return (all.min() ?? 0)...(all.max() ?? 0)
    }

    /// The value as the tag holds it, and whether its registers could; `nil` when it is beyond them.
    func taken(_ value: ImportedValue) -> (value: ImportedValue, fits: Bool)? {
        switch value {
        case .none: return (value, true)
        case .text(let text):
            guard case .string(let registers) = form.type, text.utf8.count <= 2 * registers else { return nil }
            return (value, true)
        case .real(let number) where range == nil && number.magnitude >= ImportBounds.exact: return nil
        case .integer, .unsigned, .real:
            let fits = form.bits(of: value) != nil
            guard let range else { return fits ? (value, true) : nil }
            guard let number = value.number, isInside(number, range) else { return nil }
            return (fits ? value : .real(number), fits)
        }
    }

    private var isPlainFloat: Bool { form.type == .float32 && form.scale == nil }

    private func isInside(_ number: Double, _ range: ClosedRange<Double>) -> Bool {
        // The shortest decimal of the greatest float lies a little beyond it.
        if isPlainFloat { return Float(number).isFinite }
        return range.contains(number)
    }

    /// What belongs behind "expected".
    var description: String {
        if case .string(let registers) = form.type { return "text in UTF-8 of at most \(2 * registers) bytes" }
        if let range {
            if range.upperBound == .greatestFiniteMagnitude { return "a finite number" }
            if isPlainFloat { return "a number between ±\(Float.greatestFiniteMagnitude)" }
            return "a number from \(Tag.shown(range.lowerBound)) to \(Tag.shown(range.upperBound))"
        }
        guard let whole = form.type.wholeNumbers else { return "a number" }
        return "a whole number from \(whole.least) to \(whole.greatest)"
    }
}

extension ValueType {
    /// The whole numbers that fit; `nil` for types of other things.
    var wholeNumbers: (least: Int64, greatest: UInt64)? {
        switch self {
        case .bool: (0, 1)
        case .int16: (-0x8000, 0x7FFF)
        case .uint16: (0, 0xFFFF)
        case .int32: (-0x8000_0000, 0x7FFF_FFFF)
        case .uint32: (0, 0xFFFF_FFFF)
        case .int64: (.min, UInt64(Int64.max))
        case .uint64: (0, .max)
        case .bcd16: (0, 9999)
        case .bcd32: (0, 99_999_999)
        case .signmag16: (-0x7FFF, 0x7FFF)
        case .signmag32: (-0x7FFF_FFFF, 0x7FFF_FFFF)
        case .float32, .float64, .string: nil
        }
    }

    /// The raw numbers; `nil` for text.
    fileprivate var rawRange: ClosedRange<Double>? {
        switch self {
        case .float32: -Double(Float.greatestFiniteMagnitude)...Double(Float.greatestFiniteMagnitude)
        case .float64: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
        case .string: nil
        case .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bcd16, .bcd32, .signmag16, .signmag32:
            wholeNumbers.map { Double($0.least)...Double($0.greatest) }
        }
    }
}
