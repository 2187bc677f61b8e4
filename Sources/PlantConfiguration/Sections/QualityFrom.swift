import Plant

/// `quality_from` as it is written: which values and bits of a status tag make a value bad or doubtful. They are
/// understood only with that tag.
struct QualityFrom {
    let tag: Located<String>
    private let tests: [Test]

    private struct Test {
        let values: [Value]
        let kind: Kind
        let quality: Quality

        enum Kind { case isOne, isNone, anyBit, anyBitClear }
    }

    enum Key: String, SectionKey {
        case tag, bad, uncertain, good
        case badBits = "bad_bits"
        case badBitsClear = "bad_bits_clear"
        case uncertainBits = "uncertain_bits"
        case badAs = "bad_as"
        case uncertainAs = "uncertain_as"
    }

    enum Bad: String, CaseIterable {
        case sensorFault = "sensor-fault"
        case failLow = "fail-low"
        case failHigh = "fail-high"
        case invalidValue = "invalid-value"
        case outOfRange = "out-of-range"

        var quality: Quality {
            switch self {
            case .sensorFault: .sensorFault
            case .failLow: .failLow
            case .failHigh: .failHigh
            case .invalidValue: .invalidValue
            case .outOfRange: .outOfRange
            }
        }
    }

    enum Uncertain: String, CaseIterable {
        case doubtful
        case weakSignal = "weak-signal"
        case clamped, frozen, stale

        var quality: Quality {
            switch self {
            case .doubtful: .doubtful
            case .weakSignal: .weakSignal
            case .clamped: .clamped
            case .frozen: .frozen
            case .stale: .stale
            }
        }
    }

    init?(_ value: Value) {
        let form = "a status tag and its values such as {tag: pv_status, good: [0]}"
        guard let section = value.section(Key.self, form) else { return nil }
        let tagOf = section.required(.tag, "the name of a tag of the same controller")
        let tag = tagOf?.text("the name of a tag").map { Located(value: $0, place: tagOf?.place ?? section.place) }
        let bad = section.read(.badAs, default: Bad.sensorFault) { $0.choice(Bad.self) }.quality
        let uncertain = section.read(.uncertainAs, default: Uncertain.doubtful) { $0.choice(Uncertain.self) }.quality
        // The order of the tests is the order of precedence that operators are told.
        let plan: [(key: Key, kind: Test.Kind, quality: Quality)] = [
            (.bad, .isOne, bad), (.badBits, .anyBit, bad), (.badBitsClear, .anyBitClear, bad),
            (.uncertain, .isOne, uncertain), (.uncertainBits, .anyBit, uncertain), (.good, .isNone, bad),
        ]
        tests = plan.compactMap { key, kind, quality in
            guard let list = section[key], let values = list.list("a list such as [0, 1]") else { return nil }
            guard values.isEmpty else { return Test(values: values, kind: kind, quality: quality) }
            list.reject(found: "an empty list", expected: "at least one value")
            return nil
        }
        let judges = plan.filter { section.contains($0.key) }
        guard !judges.isEmpty else {
            value.reject(found: "no test", expected: "one of \(plan.map(\.key.rawValue).asChoice)")
            return nil
        }
        if !judges.contains(where: \.quality.isBad) {
            section[.badAs]?.reject(expected: "none: nothing here is bad")
        }
        if !judges.contains(where: \.quality.isUncertain) {
            section[.uncertainAs]?.reject(expected: "none: nothing here is uncertain")
        }
        guard let tag else { return nil }
        self.tag = tag
    }

    /// The tests on the raw values of the status tag; `nil` when a value is none of its, which is reported.
    func tests(of status: TagDraft) -> [StatusRule.Test]? {
        let kind = RawKind(type: status.type, bits: status.type == .bool ? nil : status.bits)
        var seen: [UInt64: Value] = [:]
        var resolved: [StatusRule.Test] = []
        for test in tests {
            switch test.kind {
            case .isOne, .isNone:
                let raws = test.values.compactMap { value -> UInt64? in
                    guard let raw = Self.raw(value, kind, status.traits.states) else { return nil }
                    guard seen.updateValue(value, forKey: raw) == nil else {
                        value.reject(found: "\(value.found) again", expected: "each value in one list")
                        return nil
                    }
                    return raw
                }
                guard raws.count == test.values.count else { return nil }
                resolved.append(
                    StatusRule.Test(test.kind == .isOne ? .isOne(of: raws) : .isNone(of: raws), test.quality))
            case .anyBit, .anyBitClear:
                let bits = test.values.compactMap { Self.bit($0, kind, status) }
                guard bits.count == test.values.count else { return nil }
                let mask = bits.reduce(0 as UInt64) { $0 | 1 << UInt64($1) }
                resolved.append(
                    StatusRule.Test(test.kind == .anyBit ? .anyBit(of: mask) : .anyBitClear(of: mask), test.quality))
            }
        }
        return resolved
    }

    /// A raw value by its number, or by the name that the status tag gives it.
    private static func raw(_ value: Value, _ kind: RawKind, _ states: [Int: String]) -> UInt64? {
        if value.plain == .text {
            let named = states.filter { $0.value == value.word }.keys
            if let raw = named.first, named.count == 1 { return UInt64(bitPattern: Int64(raw)) }
            let names = states.sorted { $0.key < $1.key }.map(\.value)
            value.reject(expected: (["a whole number"] + names).asChoice)
            return nil
        }
        guard let number = value.raw(of: kind) else { return nil }
        if case .integer(let exact) = value.plain { return UInt64(bitPattern: Int64(exact)) }
        // Beyond the whole numbers of 64 bits with a sign, as far as a double tells them apart.
        return kind.type.isSigned
            ? UInt64(bitPattern: Int64(exactly: number) ?? .max) : UInt64(exactly: number) ?? .max
    }

    private static func bit(_ value: Value, _ kind: RawKind, _ status: TagDraft) -> Int? {
        guard let width = kind.bitWidth else {
            value.reject(found: "a bit of \(status.name), a \(status.type.word)", expected: "a status of whole bits")
            return nil
        }
        return value.integer(in: 0...width - 1)
    }
}
