import Plant

/// A place in a register table as a person writes it, turned into the zero-based wire address.
struct RegisterText: Equatable {
    let table: RegisterTable
    /// 0...65 535.
    let address: Int
    let bit: Int?
    /// What `holding:40011` would be if it were a Modicon number, `holding:10`: some instruments have such registers,
    /// but more often the notation was lost.
    let modiconMeaning: String?

    static func form(_ notation: AddressNotation) -> String {
        switch notation {
        case .zeroBased: "a register such as \"holding:10\", \"input:0x1F\" or, for a bit, \"holding:7.3\""
        case .oneBased: "a register counted from 1 such as \"holding:11\" or, for a bit, \"holding:8.3\""
        case .modicon: "a Modicon number such as \"40011\", \"300001\" or, for a bit, \"40008.3\""
        }
    }

    init(_ text: String, notation: AddressNotation) throws(Expected) {
        switch notation {
        case .zeroBased: try self.init(tabular: text, base: 0, notation: notation)
        case .oneBased: try self.init(tabular: text, base: 1, notation: notation)
        case .modicon: try self.init(modicon: text)
        }
    }

    /// `table:address` or `table:address.bit`.
    private init(tabular text: String, base: Int, notation: AddressNotation) throws(Expected) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 1, let modicon = try? RegisterText(modicon: text) {
            throw Expected(
                "\"\(modicon.table.rawValue):\(modicon.address + base)\(modicon.bit.map { ".\($0)" } ?? "")\", "
                    + "for Modicon numbers need notation: modicon")
        }
        guard parts.count == 2 else { throw Expected(Self.form(notation)) }
        let name = String(parts[0])
        guard let table = RegisterTable(rawValue: name) else {
            throw Expected(RegisterTable.allCases.map(\.rawValue).asChoice(near: name), found: "table \(name.quoted)")
        }
        let (number, bit) = try Self.numberAndBit(parts[1], table: table, form: Self.form(notation))
        guard (base...65_535 + base).contains(number) else {
            throw Expected("a register from \(base) to \(65_535 + base)", found: "register \(number)")
        }
        (self.table, address, self.bit) = (table, number - base, bit)
        let isModicon = !table.isBits && number / 10_000 == table.modiconDigit && number % 10_000 > 0
        let isDecimal = !parts[1].hasPrefix("0x")
        modiconMeaning = isModicon && isDecimal ? "\(table.rawValue):\(number % 10_000 - 1 + base)" : nil
    }

    /// Five digits with the table in front, or six for the registers beyond 9999.
    private init(modicon text: String) throws(Expected) {
        let form = Self.form(.modicon)
        let digits = text.prefix { $0 != "." }
        guard digits.count == 5 || digits.count == 6, digits.allSatisfy(\.isASCIIDigit) else { throw Expected(form) }
        guard let table = RegisterTable.allCases.first(where: { digits.hasPrefix("\($0.modiconDigit)") }) else {
            throw Expected("the first digit 0 (coil), 1 (discrete), 3 (input) or 4 (holding)")
        }
        let (number, bit) = try Self.numberAndBit(text.dropFirst(), table: table, form: form, decimal: true)
        guard (1...65_536).contains(number) else {
            throw Expected("a register from 1 to 65536 behind the table's digit", found: text.quoted)
        }
        (self.table, address, self.bit, modiconMeaning) = (table, number - 1, bit, nil)
    }

    private static func numberAndBit(
        _ text: Substring, table: RegisterTable, form: String, decimal: Bool = false
    ) throws(Expected) -> (number: Int, bit: Int?) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isHex = !decimal && parts[0].hasPrefix("0x")
        let digits = isHex ? parts[0].dropFirst(2) : parts[0]
        let isNumber = !digits.isEmpty && digits.allSatisfy { isHex ? $0.isHexDigit && $0.isASCII : $0.isASCIIDigit }
        guard parts.count <= 2, isNumber, digits.count <= 8, let number = Int(digits, radix: isHex ? 16 : 10) else {
            throw Expected(form)
        }
        guard parts.count == 2 else { return (number, nil) }
        guard !table.isBits else {
            throw Expected(
                "no bit: each address of a \(table.rawValue) table is one bit", found: "bit \(String(parts[1]).quoted)")
        }
        guard !parts[1].isEmpty, parts[1].allSatisfy(\.isASCIIDigit), let bit = Int(parts[1]), bit <= 15 else {
            throw Expected("a bit from 0 (lowest) to 15", found: "bit \(String(parts[1]).quoted)")
        }
        return (number, bit)
    }
}
