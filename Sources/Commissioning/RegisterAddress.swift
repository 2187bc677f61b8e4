public import Plant

/// A register as a person writes it on a command line, turned into the zero-based wire address.
///
/// `4x00011` and `holding:0x000A` say themselves what they mean; for `holding:10` and `40011` the notation decides.
public struct RegisterAddress: Hashable, Sendable {
    public let table: RegisterTable
    /// 0...65 535.
    public let address: Int

    /// What was found, and what could have stood there.
    public struct Mistake: Error, Hashable, CustomStringConvertible {
        public let description: String

        init(_ text: String, expected: String) { description = "found \"\(text)\", expected \(expected)" }
    }

    private static let prefixes: [String: RegisterTable] = [
        "coil": .coil, "c": .coil, "discrete": .discrete, "di": .discrete, "input": .input, "ir": .input,
        "holding": .holding, "hr": .holding,
    ]

    private static let form =
        "a register such as holding:10, hr:10, holding:0x000A, 4x00011, or 40011 with notation modicon"

    public init(_ text: String, notation: AddressNotation = .zeroBased) throws(Mistake) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: try self.init(modicon: text, notation: notation)
        case 2: try self.init(table: parts[0], number: parts[1], text, notation: notation)
        default: throw Mistake(text, expected: Self.form)
        }
    }

    private init(table name: Substring, number: Substring, _ text: String, notation: AddressNotation) throws(Mistake) {
        guard let table = Self.prefixes[name.lowercased()] else {
            throw Mistake(text, expected: "a table: holding (hr), input (ir), coil (c) or discrete (di)")
        }
        let isHex = number.lowercased().hasPrefix("0x")
        let base = !isHex && notation == .oneBased ? 1 : 0
        guard let value = Self.whole(isHex ? number.dropFirst(2) : number, radix: isHex ? 16 : 10) else {
            throw Mistake(text, expected: Self.form)
        }
        guard (base...65_535 + base).contains(value) else {
            throw Mistake(text, expected: "a register from \(base) to \(65_535 + base)")
        }
        (self.table, address) = (table, value - base)
    }

    /// `4x00011`, or five or six digits.
    private init(modicon text: String, notation: AddressNotation) throws(Mistake) {
        guard let first = text.first, let digit = first.wholeNumberValue,
            let table = RegisterTable.allCases.first(where: { $0.modiconDigit == digit })
        else { throw Mistake(text, expected: Self.form) }
        let hasMark = text.dropFirst().first.map { $0 == "x" || $0 == "X" } == true
        // A bare 0x10 is somebody's hexadecimal 16, and only 0x00010 the coil.
        let hasForm = hasMark ? digit > 0 || text.count > 6 : text.count == 5 || text.count == 6
        guard hasForm,
            let number = Self.whole(text.dropFirst(hasMark ? 2 : 1), radix: 10)
        else { throw Mistake(text, expected: Self.form) }
        guard (1...65_536).contains(number) else {
            throw Mistake(text, expected: "a register from 1 to 65536 behind the table's digit")
        }
        guard hasMark || notation == .modicon else {
            throw Mistake(
                text,
                expected: "\(table.rawValue):\(number - 1) or \(digit)x\(Self.padded(number)), or notation modicon")
        }
        (self.table, address) = (table, number - 1)
    }

    private static func padded(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 5 - String(number).count)) + String(number)
    }

    /// Digits only: no sign, no fraction, never a float.
    private static func whole(_ text: some StringProtocol, radix: Int) -> Int? {
        guard (1...6).contains(text.count), text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        return Int(text, radix: radix)
    }
}
