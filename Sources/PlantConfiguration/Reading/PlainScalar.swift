import Yams

/// What a scalar says. These are the rules of the YAML 1.2 core schema, made stricter: `yes`, `on` and `off` are words,
/// `010` is neither ten nor eight, and `.nan` is no number. Anything in quotes is text.
enum PlainScalar: Equatable {
    case nothing
    case flag(Bool)
    case integer(Int)
    case number(Double)
    /// Digits that two readers could read differently, or that no register can hold.
    case doubtfulNumber
    case text

    init(_ scalar: Node.Scalar) {
        guard scalar.style == .plain || scalar.style == .any else {
            self = .text
            return
        }
        self.init(plain: scalar.string)
    }

    init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .nothing
        case "true": self = .flag(true)
        case "false": self = .flag(false)
        case ".inf", "-.inf", "+.inf", ".nan", ".NaN", ".Inf": self = .doubtfulNumber
        default: self = Self.number(text)
        }
    }

    private static func number(_ text: String) -> PlainScalar {
        let sign = text.hasPrefix("-") ? -1 : 1
        let body = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        if body.hasPrefix("0x"), let value = Int(body.dropFirst(2), radix: 16),
            body.dropFirst(2).allSatisfy(\.isHexDigit)
        {
            return .integer(sign * value)
        }
        guard let first = body.first, first.isASCIIDigit || first == "." else { return .text }
        guard body.allSatisfy({ $0.isASCIIDigit || ".eE+-".contains($0) }), let value = Double(text) else {
            return body.hasPrefix("0o") ? .doubtfulNumber : .text
        }
        if first == "0", body.dropFirst().first?.isASCIIDigit == true { return .doubtfulNumber }
        if !value.isFinite { return .doubtfulNumber }
        if let integer = Int(text) { return .integer(integer) }
        return .number(value)
    }
}

extension Character {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
    var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
