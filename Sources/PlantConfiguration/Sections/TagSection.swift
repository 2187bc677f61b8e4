import Plant

/// One tag as a file describes it, before it belongs to a controller.
struct TagDraft {
    let name: String
    let namePlace: Place
    let registerPlace: Place
    let registers: RegisterRange
    let bit: Int?
    let type: ValueType
    var order = WordOrder.abcd
    var scale = 1.0
    var offset = 0.0
    var unit: String?
    var description: String?
    var range: ClosedRange<Double>?
    var invalid: [Double] = []
    var states: [Int: String] = [:]
    var expect: Double?
    /// The scan class and where it is named.
    let scan: Located<String>
}

/// The tags of one list. A tag that could not be understood is still known by its name, so that what refers to it is
/// not called unknown as well.
struct TagList {
    var tags: [TagDraft] = []
    var brokenNames: Set<String> = []
    /// Some tag has not even a name.
    var isIncomplete = false

    init() {}

    init(_ value: Value, notation: AddressNotation) {
        guard let items = value.list("a list of tags such as {name: pv, register: \"holding:1\", type: int16}") else {
            isIncomplete = true
            return
        }
        var seen: [String: Place] = [:]
        for item in items {
            guard
                let section = item.section(
                    TagDraft.Key.self, "a tag such as {name: pv, register: \"holding:1\", type: int16}")
            else {
                isIncomplete = true
                continue
            }
            let name = section.required(.name, "the tag's name")?.uniqueName(among: &seen, what: "tag")
            let draft = TagDraft(section, name: name, notation: notation)
            switch (draft, name) {
            case (let draft?, _): tags.append(draft)
            case (nil, let name?): brokenNames.insert(name)
            case (nil, nil): isIncomplete = true
            }
        }
    }

    /// These tags with those of a controller: one of the same name takes the place of the other, the rest follow.
    func overridden(by own: TagList) -> TagList {
        var merged = self
        let indices = Dictionary(tags.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        for tag in own.tags {
            if let index = indices[tag.name] { merged.tags[index] = tag } else { merged.tags.append(tag) }
        }
        merged.tags.removeAll { own.brokenNames.contains($0.name) }
        merged.brokenNames.formUnion(own.brokenNames)
        merged.isIncomplete = isIncomplete || own.isIncomplete
        return merged
    }
}

extension TagDraft {
    enum Key: String, SectionKey {
        case name, description, register, type, length, order, scale, offset, unit, range, invalid, states, expect, scan
    }

    private enum TypeName: String, CaseIterable {
        case bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string
    }

    private enum OrderName: String, CaseIterable { case abcd, cdab, badc, dcba }

    /// Reads every key, also when the outcome is `nil`, so that all faults show.
    fileprivate init?(_ section: Section<Key>, name: String?, notation: AddressNotation) {
        let type = Self.type(section)
        let registerValue = section.required(.register, RegisterText.form(notation))
        let register = registerValue?.text(RegisterText.form(notation)) { text throws(Expected) in
            try RegisterText(text, notation: notation)
        }
        let scan = section[.scan].flatMap { value in value.name().map { Located(value: $0, place: value.place) } }
        let traits = type.map { TagTraits(section, type: $0) } ?? TagTraits(section)
        guard let type, let registerValue, let register,
            let registers = Self.registers(registerValue, register, type), let name
        else { return nil }
        self.init(
            name: name, namePlace: section[.name]?.place ?? section.place, registerPlace: registerValue.place,
            registers: registers, bit: register.bit, type: type, order: traits.order, scale: traits.scale,
            offset: traits.offset, unit: traits.unit, description: traits.description, range: traits.range,
            invalid: traits.invalid, states: traits.states, expect: traits.expect,
            scan: scan ?? Located(value: ScanClasses.unnamed, place: section.place))
    }

    private static func type(_ section: Section<Key>) -> ValueType? {
        let expected = TypeName.allCases.map(\.rawValue).asChoice
        guard let value = section.required(.type, expected), let name = value.choice(TypeName.self) else { return nil }
        if name != .string, let length = section[.length] {
            length.reject(expected: "none: only a string has a length")
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
        case .string:
            let length = section.required(.length, "the registers of the string, two characters each")
            return length?.integer(in: Limits.registers).map { .string(registers: $0) }
        }
    }

    private static func registers(_ value: Value, _ register: RegisterText, _ type: ValueType) -> RegisterRange? {
        let found = value.found
        if register.table.isBits, type != .bool {
            value.reject(
                found: "\(found) with type \(type)", expected: "type bool in a \(register.table.rawValue) table")
            return nil
        }
        if type == .bool, !register.table.isBits, register.bit == nil {
            value.reject(
                found: "\(found) with type bool",
                expected: "the bit of the register, such as \"\(register.table.rawValue):7.3\"")
            return nil
        }
        if type != .bool, let bit = register.bit {
            value.reject(found: "bit \(bit) with type \(type)", expected: "type bool, or no bit")
            return nil
        }
        if let meant = register.modiconMeaning {
            value.warn("\(found) is taken as it is written; as a Modicon number it would be \"\(meant)\"")
        }
        guard let range = RegisterRange(table: register.table, start: register.address, count: type.registers) else {
            value.reject(
                found: "\(type.registers) registers from \(register.address) on", expected: "none beyond register 65535"
            )
            return nil
        }
        return range
    }
}
