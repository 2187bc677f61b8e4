/// A number as a person wrote it, not the binary fraction nearest to it.
///
/// A specification says 99.9 and an assay says 99.85; neither is a `Double`. The number that was meant is the shortest
/// one that a `Float` register can have brought, or else the value to 15 significant digits, which every `Double`
/// holds and which swallows the noise of a scale factor (9985 * 0.01).
struct DecimalNumber: Hashable, Sendable {
    private let digits: Int128
    private let exponent: Int

    private init(digits: Int128, exponent: Int) { (self.digits, self.exponent) = (digits, exponent) }

    /// - Parameter value: finite.
    init(_ value: Double) {
        let single = Float(value)
        let isSingle = Double(single) == value && value != value.rounded()
        let read = Self.read(isSingle ? single.description : value.description)
        let count = String(read.digits.magnitude).count
        self = count > 15 ? read.dropping(count - 15) : read
    }

    /// Reads what Swift prints: `-99.85`, `1e-05`, `1.5e+16`.
    private static func read(_ text: String) -> DecimalNumber {
        let parts = text.split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        var digits: Int128 = 0
        var isFraction = false
        for character in (parts.first ?? "0").utf8 {
            if character == UInt8(ascii: ".") { isFraction = true }
            let digit = character &- UInt8(ascii: "0")
            guard digit < 10 else { continue }
            digits = digits * 10 + Int128(digit)
            if isFraction { exponent -= 1 }
        }
        return DecimalNumber(digits: text.hasPrefix("-") ? -digits : digits, exponent: exponent)
    }

    /// The rounding method of ASTM E29: a half goes to the even digit, so that rounding favours neither side.
    func rounded(to decimals: Int) -> DecimalNumber {
        let excess = -decimals - exponent
        return excess > 0 ? dropping(excess) : self
    }

    private func dropping(_ count: Int) -> DecimalNumber {
        guard count <= Self.longest else { return DecimalNumber(digits: 0, exponent: 0) }
        let unit = Self.powerOfTen(count)
        let (whole, rest) = digits.quotientAndRemainder(dividingBy: unit)
        let twice = rest.magnitude * 2
        let isUp = twice > unit.magnitude || twice == unit.magnitude && whole % 2 != 0
        return DecimalNumber(digits: whole + (isUp ? digits.signum() : 0), exponent: exponent + count)
    }

    static func + (a: DecimalNumber, b: DecimalNumber) -> DecimalNumber {
        let least = min(a.exponent, b.exponent)
        // Beyond that the smaller one is less than any digit of the larger one.
        guard max(a.exponent, b.exponent) - least <= 20 else { return a.value.magnitude > b.value.magnitude ? a : b }
        let sum =
            a.digits * powerOfTen(a.exponent - least) + b.digits * powerOfTen(b.exponent - least)
        return DecimalNumber(digits: sum, exponent: least)
    }

    static prefix func - (a: DecimalNumber) -> DecimalNumber {
        DecimalNumber(digits: -a.digits, exponent: a.exponent)
    }

    /// The nearest `Double`: the same one that reading the decimal number anywhere else gives, so that equal numbers
    /// compare equal.
    var value: Double { Double("\(digits)e\(exponent)") ?? .nan }

    /// 10 to the 37th and twice that fit into 128 bits.
    private static let longest = 37
    private static func powerOfTen(_ exponent: Int) -> Int128 {
        (0..<exponent).reduce(into: 1) { power, _ in power *= 10 }
    }
}

/// `99.71`, without a fraction that says nothing.
func plain(_ number: Double) -> String {
    guard number.isFinite else { return "\(number)" }
    let text = "\(DecimalNumber(number).value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// For people: rounded, and without zeros at the end.
func plain(_ number: Double, decimals: Int) -> String {
    number.isFinite ? plain(DecimalNumber(number).rounded(to: decimals).value) : "\(number)"
}

func lotName(_ lot: Double) -> String { plain(lot) }
