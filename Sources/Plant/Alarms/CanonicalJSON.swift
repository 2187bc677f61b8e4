/// A JSON value with one text only: keys sorted, no whitespace, numbers in their shortest form, no `null`.
package enum JSON: Hashable, Sendable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case list([JSON])
    /// What is `nil` is left out.
    indirect case object([String: JSON?])

    package static func count(_ count: Int) -> JSON { .number(Double(count)) }
    /// Seconds.
    static func time(_ time: Duration) -> JSON { .number(Double(time.nanoseconds) / 1e9) }
    /// A set of numbers: in ascending order, whatever the order they were written in.
    static func numbers(_ numbers: [Double]) -> JSON { .list(numbers.sorted().map(JSON.number)) }
    /// Bits, hexadecimal: a JSON number would not hold 64 of them.
    static func mask(_ mask: UInt64) -> JSON { .text("0x" + String(mask, radix: 16)) }

    package var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .text(let string): JSON.write(string, to: &text)
        case .number(let number): text += JSON.shortest(number)
        case .flag(let flag): text += flag ? "true" : "false"
        case .list(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            var isFirst = true
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                guard let value else { continue }
                if !isFirst { text += "," }
                isFirst = false
                JSON.write(key, to: &text)
                text += ":"
                value.write(to: &text)
            }
            text += "}"
        }
    }

    /// `1500`, `0.25`, `1e-07`; the few that JSON has no number for are texts. Zero has one sign.
    private static func shortest(_ number: Double) -> String {
        guard number.isFinite else { return "\"\(number)\"" }
        if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 { return String(whole) }
        return number.description
    }

    /// RFC 8259, section 7.
    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(stringLiteral text: String) { self = .text(text) }
    package init(arrayLiteral values: JSON...) { self = .list(values) }
    package init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(Dictionary(uniqueKeysWithValues: members.map { ($0, $1) }))
    }
}
