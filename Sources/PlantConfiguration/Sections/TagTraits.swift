import Plant

/// The optional keys of a tag: how its raw value becomes a measurement, and which raw values are none.
struct TagTraits {
    var order = WordOrder.abcd
    var scale = 1.0
    var offset = 0.0
    var unit: String?
    var description: String?
    var range: ClosedRange<Double>?
    var invalid: [Double] = []
    var states: [Int: String] = [:]
    var expect: Double?

    /// `type` is nil when it was wrong: then nothing that depends on it is checked.
    init(_ section: Section<TagDraft.Key>, type: ValueType? = nil) {
        description = section[.description].flatMap { $0.text() }
        unit = section[.unit].flatMap { $0.text("a unit such as degC") }
        order = section.read(.order, default: order) { $0.choice(WordOrder.self) }
        scale = section.read(.scale, default: scale) { $0.number("a number other than 0") { $0 != 0 } }
        offset = section.read(.offset, default: offset) { $0.number() }
        range = section[.range].flatMap(Self.range)
        invalid = section.read(.invalid, default: []) { value in
            value.list("a list of raw values such as [0, 65535]")?.compactMap { Self.raw($0, type) }
        }
        states = section.read(.states, default: [:]) { Self.states($0, type) }
        expect = section[.expect].flatMap { Self.raw($0, type) }
        if let type { refuseMisplaced(section, type) }
    }

    private func refuseMisplaced(_ section: Section<TagDraft.Key>, _ type: ValueType) {
        let numeric: [TagDraft.Key] = [.scale, .offset, .range]
        let raw: [TagDraft.Key] = [.invalid, .expect]
        let refused: [TagDraft.Key] =
            switch type {
            case .string: numeric + raw + [.states]
            case .bool: numeric
            case .float32, .float64: [.states]
            case .int16, .uint16, .int32, .uint32, .int64, .uint64, .bcd16, .bcd32, .signmag16, .signmag32: []
            }
        for key in refused { section[key]?.reject(expected: "none: type \(type.word) has no \(key.rawValue)") }
        // A state is one raw value; alarms compare engineering values, which must then be the same.
        if !states.isEmpty, !refused.contains(.states), scale != 1 || offset != 0 {
            section[.states]?.reject(found: "states on a scaled value", expected: "scale 1 and offset 0")
        }
    }

    private static func range(_ value: Value) -> ClosedRange<Double>? {
        let expected = "two numbers, the lower first, such as [0, 1600]"
        guard let items = value.list(expected) else { return nil }
        guard items.count == 2 else {
            value.reject(found: "a list of \(items.count)", expected: expected)
            return nil
        }
        let numbers = items.compactMap { $0.number() }
        guard numbers.count == 2 else { return nil }
        guard numbers[0] < numbers[1] else {
            value.reject(
                found: "[\(items[0].found), \(items[1].found)]", expected: "the lower limit below the upper one")
            return nil
        }
        return numbers[0]...numbers[1]
    }

    /// A raw value that the type can hold: a reserved value of `65535` on an `int16` would never be met.
    private static func raw(_ value: Value, _ type: ValueType?) -> Double? {
        if type == .bool, case .flag(let flag) = value.plain {
            return flag ? 1 : 0
        }
        guard let type, let holds = type.rawRange else { return value.number() }
        return value.number("a whole number that type \(type) holds, \(type.rawRangeText)") {
            $0 == $0.rounded() && holds.contains($0)
        }
    }

    private static func states(_ value: Value, _ type: ValueType?) -> [Int: String]? {
        guard let entries = value.entries("names of raw values such as {0: idle, 70: soak}") else { return nil }
        var states: [Int: String] = [:]
        for entry in entries {
            guard case .integer(let raw) = PlainScalar(plain: entry.key), type.canHold(Double(raw)) else {
                let holds = type.map { ", \($0.rawRangeText)" } ?? ""
                value.document.findings.report(
                    "states: found \(entry.key.quoted), expected a whole number\(holds)", at: entry.place)
                continue
            }
            guard let name = entry.value.text("the name of a state") else { continue }
            guard states.updateValue(name, forKey: raw) == nil else {
                value.document.findings.report(
                    "states: found \(raw) again, expected each value once", at: entry.place)
                continue
            }
        }
        return states
    }
}

extension ValueType? {
    /// A type that is not known holds anything: its own fault is reported already.
    fileprivate func canHold(_ number: Double) -> Bool { self?.rawRange?.contains(number) ?? true }
}

extension ValueType {
    /// The raw numbers an integer or bool can hold, the 64-bit ones as far as a double tells them apart.
    var rawRange: ClosedRange<Double>? {
        switch self {
        case .bool: 0...1
        case .int16: -0x8000...0x7FFF
        case .uint16: 0...0xFFFF
        case .int32: -0x8000_0000...0x7FFF_FFFF
        case .uint32: 0...0xFFFF_FFFF
        case .int64: -0x1p63...0x1p63
        case .uint64: 0...0x1p64
        case .bcd16: 0...9999
        case .bcd32: 0...99_999_999
        case .signmag16: -0x7FFF...0x7FFF
        case .signmag32: -0x7FFF_FFFF...0x7FFF_FFFF
        case .float32, .float64, .string: nil
        }
    }

    var rawRangeText: String {
        switch self {
        case .bool: "0 or 1"
        case .int16: "-32768 to 32767"
        case .uint16: "0 to 65535"
        case .int32: "-2147483648 to 2147483647"
        case .uint32: "0 to 4294967295"
        case .int64: "-2^63 to 2^63 - 1"
        case .uint64: "0 to 2^64 - 1"
        case .bcd16: "0 to 9999"
        case .bcd32: "0 to 99999999"
        case .signmag16: "-32767 to 32767"
        case .signmag32: "-2147483647 to 2147483647"
        case .float32, .float64: "any number"
        case .string: "no number"
        }
    }

    /// The type without its length.
    var word: String { isString ? "string" : description }
}
