import Plant

extension TagDraft {
    enum Key: String, SectionKey {
        case name, description, register, expr, type, length, packing, order, scale, offset, linear, loop, clamp, unit
        case range, invalid, states, expect, scan, counter, step, resolution
        case stuckAfter = "stuck_after"
        case qualityFrom = "quality_from"
    }

    /// Reads every key, also when the outcome is `nil`, so that all faults show.
    init?(_ section: Section<Key>, name: String?, notation: AddressNotation) {
        let scan = section[.scan].flatMap { value in value.name().map { Located(value: $0, place: value.place) } }
        let found = section.contains(.expr) ? Self.computed(section) : Self.read(section, notation)
        guard let found, let name else { return nil }
        self.init(
            name: name, namePlace: section[.name]?.place ?? section.place, source: found.source,
            type: found.type, traits: found.traits,
            scan: scan ?? Located(value: ScanClasses.unnamed, place: section.place))
    }

    private typealias Found = (source: TagSource, type: ValueType, traits: TagTraits)

    private static func computed(_ section: Section<Key>) -> Found? {
        if let type = section[.type], type.word != "\(ValueType.float64)" {
            type.reject(expected: "float64, or none: a computed tag has no other type")
        }
        let traits = TagTraits(section, .computed)
        guard let value = section[.expr], let formula = value.text(FormulaText.form, as: FormulaText.init) else {
            return nil
        }
        return (TagSource(formula, at: value.place), .float64, traits)
    }

    private static func read(_ section: Section<Key>, _ notation: AddressNotation) -> Found? {
        let type = type(section)
        let form = RegisterText.form(notation)
        let value = section.required(.register, section.contains(.type) ? form : "\(form), or expr")
        let register = value?.text(form) { text throws(Expected) in try RegisterText(text, notation: notation) }
        guard let type else {
            _ = TagTraits(section, .unknown)
            return nil
        }
        let traits = TagTraits(section, .raw(RawKind(type: type, bits: type == .bool ? nil : register?.bits?.range)))
        guard let value, let register, let registers = registers(value, register, type) else { return nil }
        return (TagSource(registers, bits: register.bits?.range, at: value.place), type, traits)
    }

    enum TypeName: String, CaseIterable {
        case bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, bcd16, bcd32, signmag16, signmag32
        case string
    }

    private static func type(_ section: Section<Key>) -> ValueType? {
        let expected = TypeName.allCases.map(\.rawValue).asChoice
        guard let value = section.required(.type, expected), let name = value.choice(TypeName.self) else { return nil }
        if name != .string {
            section[.length]?.reject(expected: "none: only a string has a length")
            section[.packing]?.reject(expected: "none: only a string has a packing")
        }
        switch name {
        case .bool: return .bool
        case .int16: return .int16
        case .uint16: return .uint16
        case .int32: return .int32
        case .uint32: return .uint32
        case .int64: return .int64
        case .uint64: return .uint64
        case .float32: return .float32
        case .float64: return .float64
        case .bcd16: return .bcd16
        case .bcd32: return .bcd32
        case .signmag16: return .signmag16
        case .signmag32: return .signmag32
        case .string:
            let length = section.required(.length, "the registers of the string")
            return length?.integer(in: Limits.registers).map { .string(registers: $0) }
        }
    }

    private static func registers(_ value: Value, _ register: RegisterText, _ type: ValueType) -> RegisterRange? {
        let (found, table) = (value.found, register.table)
        if table.isBits, type != .bool {
            value.reject(found: "\(found) with type \(type)", expected: "type bool in a \(table.rawValue) table")
            return nil
        }
        if type == .bool, !table.isBits, register.bits.map(\.isField) ?? true {
            value.reject(
                found: "\(found) with type bool", expected: "the bit of the register, such as \"\(table.rawValue):7.3\""
            )
            return nil
        }
        if let bits = register.bits, !table.isBits, !allows(bits, type) {
            let fields = "bits such as 9-10 of an int16 or uint16"
            value.reject(
                found: "\(bits.isField ? "bits" : "bit") \(bits) with type \(type)",
                expected: "type bool with one bit, \(fields), or no bit")
            return nil
        }
        if let meant = register.modiconMeaning {
            value.warn("\(found) is taken as it is written; as a Modicon number it would be \"\(meant)\"")
        }
        guard let range = RegisterRange(table: table, start: register.address, count: type.registers) else {
            value.reject(
                found: "\(type.registers) registers from \(register.address) on", expected: "none beyond register 65535"
            )
            return nil
        }
        return range
    }

    /// One bit without a minus is a flag, and more often a slip than a number of one bit.
    private static func allows(_ bits: BitsText, _ type: ValueType) -> Bool {
        type == .bool || bits.isField && (type == .int16 || type == .uint16)
    }
}
