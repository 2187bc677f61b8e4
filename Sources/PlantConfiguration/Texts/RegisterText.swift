import Plant

/// A place in a register table as a person writes it, turned into the zero-based wire address.
///
/// `4x00011` and `holding:0x000A` say themselves how they count and are read alike in every notation; `holding:10` and
/// `40011` are read in the notation of their file.
struct RegisterText: Equatable {
    let table: RegisterTable
    /// 0...65 535.
    let address: Int
    let bits: BitsText?
    /// What `holding:40011` would be if it were a Modicon number, `holding:10`: some instruments have such registers,
    /// but more often the notation was lost.
    let modiconMeaning: String?

    static func form(_ notation: AddressNotation) -> String {
        switch notation {
        case .zeroBased:
            "a register such as \"holding:10\", \"input:0x1F\", \"4x00011\" or, for a bit, \"holding:7.3\""
        case .oneBased:
            "a register counted from 1 such as \"holding:11\", \"4x00011\" or, for a bit, \"holding:8.3\""
        case .modicon:
            "a Modicon number such as \"40011\", \"300001\", \"4x00011\" or, for a bit, \"40008.3\""
        }
    }

    init(_ text: String, notation: AddressNotation) throws(Expected) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1 where text.dropFirst().first == "x": try self.init(withX: text, form: Self.form(notation))
        case 1: try self.init(digits: text, notation: notation)
        case 2: try self.init(table: String(parts[0]), number: parts[1], notation: notation)
        default: throw Expected(Self.form(notation))
        }
    }

    private init(_ table: RegisterTable, _ address: Int, _ bits: BitsText?, modiconMeaning: String? = nil) {
        (self.table, self.address, self.bits, self.modiconMeaning) = (table, address, bits, modiconMeaning)
    }

    /// `holding:10`, `hr:0x0A`. A hexadecimal number is what a protocol analyser shows, so it is the wire address.
    private init(table name: String, number text: Substring, notation: AddressNotation) throws(Expected) {
        guard let table = RegisterTable(configured: name) else {
            throw Expected(RegisterTable.allCases.map(\.rawValue).asChoice(near: name), found: "table \(name.quoted)")
        }
        let form = Self.form(notation)
        if text.hasPrefix("0x") {
            let (number, bits) = try Self.numberAndBits(text.dropFirst(2), radix: 16, table: table, form: form)
            guard number <= 0xFFFF else {
                throw Expected("a register from 0x0 to 0xFFFF", found: "register \(String(text).quoted)")
            }
            self.init(table, number, bits)
            return
        }
        let base =
            switch notation {
            case .zeroBased: 0
            case .oneBased: 1
            // Counted from 0 or from 1: in a file of Modicon numbers nothing tells.
            case .modicon: throw Expected(form)
            }
        let (number, bits) = try Self.numberAndBits(text, radix: 10, table: table, form: form)
        guard (base...65_535 + base).contains(number) else {
            throw Expected("a register from \(base) to \(65_535 + base)", found: "register \(number)")
        }
        let isModicon = !table.isBits && number / 10_000 == table.modiconDigit && number % 10_000 > 0
        self.init(
            table, number - base, bits,
            modiconMeaning: isModicon ? "\(table.rawValue):\(number % 10_000 - 1 + base)" : nil)
    }

    /// `40011` or `465536`: five digits with the table in front, or six for the registers beyond 9999.
    private init(digits text: String, notation: AddressNotation) throws(Expected) {
        let form = Self.form(notation)
        let digits = text.prefix { $0 != "." }
        guard digits.count == 5 || digits.count == 6, digits.allSatisfy(\.isASCIIDigit) else { throw Expected(form) }
        let modicon = try RegisterText(modiconDigit: text.prefix(1), number: text.dropFirst(), text, form: form)
        let base: Int? =
            switch notation {
            case .zeroBased: 0
            case .oneBased: 1
            case .modicon: nil
            }
        if let base {
            let bits = modicon.bits.map { ".\($0)" } ?? ""
            throw Expected(
                "\"\(modicon.table.rawValue):\(modicon.address + base)\(bits)\", for bare Modicon numbers need "
                    + "notation: modicon")
        }
        self = modicon
    }

    /// `4x00011`: a Modicon number that cannot be taken for anything else.
    private init(withX text: String, form: String) throws(Expected) {
        guard text.first != "0" else {
            throw Expected(
                "a table in front, such as \"coil:0x0009\", for 0x alone may begin a coil or a hexadecimal number")
        }
        guard let digits = text.dropFirst(2).split(separator: ".").first, (1...6).contains(digits.count) else {
            throw Expected(form)
        }
        try self.init(modiconDigit: text.prefix(1), number: text.dropFirst(2), text, form: form)
    }

    private init(
        modiconDigit digit: Substring, number: Substring, _ text: String, form: String
    ) throws(Expected) {
        guard let table = RegisterTable.allCases.first(where: { digit == "\($0.modiconDigit)" }) else {
            throw Expected("the first digit 0 (coil), 1 (discrete), 3 (input) or 4 (holding)")
        }
        let (number, bits) = try Self.numberAndBits(number, radix: 10, table: table, form: form)
        guard (1...65_536).contains(number) else {
            throw Expected("a register from 1 to 65536 behind the table's digit", found: text.quoted)
        }
        self.init(table, number - 1, bits)
    }

    private static func numberAndBits(
        _ text: Substring, radix: Int, table: RegisterTable, form: String
    ) throws(Expected) -> (number: Int, bits: BitsText?) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let digits = parts[0]
        let isNumber = digits.allSatisfy { radix == 16 ? $0.isHexDigit && $0.isASCII : $0.isASCIIDigit }
        guard parts.count <= 2, isNumber, (1...8).contains(digits.count), let number = Int(digits, radix: radix) else {
            throw Expected(form)
        }
        guard parts.count == 2 else { return (number, nil) }
        guard !table.isBits else {
            throw Expected(
                "no bit: each address of a \(table.rawValue) table is one bit", found: "bit \(String(parts[1]).quoted)")
        }
        return (number, try BitsText(parts[1]))
    }
}

/// The bits of a register behind its number: `3`, or `9-10` for a field of several.
struct BitsText: Equatable, CustomStringConvertible {
    let range: ClosedRange<Int>
    /// Written with a minus: a number in some bits, however few.
    let isField: Bool

    init(_ text: Substring) throws(Expected) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = ends.compactMap { $0.allSatisfy(\.isASCIIDigit) ? Int($0) : nil }.filter { $0 <= 15 }
        let expected = "a bit from 0 (lowest) to 15, or bits such as 9-10"
        guard ends.count <= 2, numbers.count == ends.count, let low = numbers.first, let high = numbers.last else {
            throw Expected(expected, found: "bit \(String(text).quoted)")
        }
        guard low <= high else { throw Expected("the lowest bit first", found: "bits \(String(text).quoted)") }
        (range, isField) = (low...high, ends.count == 2)
    }

    var description: String { isField ? "\(range.lowerBound)-\(range.upperBound)" : "\(range.lowerBound)" }
}

extension RegisterTable {
    /// Its name, or the short one of protocol analysers.
    fileprivate init?(configured name: String) {
        let short: [String: RegisterTable] = ["c": .coil, "di": .discrete, "ir": .input, "hr": .holding]
        guard let table = RegisterTable(rawValue: name) ?? short[name] else { return nil }
        self = table
    }
}

extension Tag {
    /// The register in the notation of its file, so that reading it there gives the same place. Modicon numbers have
    /// their x, and coils are hexadecimal: a spreadsheet would take the zeros off `00001` and off `40010.10`.
    func registerText(_ notation: AddressNotation) -> String? {
        guard let registers else { return nil }
        let (table, start) = (registers.table, Int(registers.start))
        let place =
            switch notation {
            case .zeroBased: "\(table.rawValue):\(start)"
            case .oneBased: "\(table.rawValue):\(start + 1)"
            case .modicon where table == .coil: "\(table.rawValue):0x\(start.padded(to: 4, radix: 16))"
            case .modicon: "\(table.modiconDigit)x\((start + 1).padded(to: 5, radix: 10))"
            }
        guard let bits else { return place }
        return type == .bool ? "\(place).\(bits.lowerBound)" : "\(place).\(bits.lowerBound)-\(bits.upperBound)"
    }
}

extension Int {
    fileprivate func padded(to width: Int, radix: Int) -> String {
        let digits = String(self, radix: radix, uppercase: true)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
