import Plant

/// The optional keys of a tag: how its raw value becomes a measurement, and when that is less than good.
struct TagTraits {
    var order = WordOrder.abcd
    var packing = TextPacking.highLow
    var scaling: TagScaling
    var unit: String?
    var description: String?
    var range: ClosedRange<Double>?
    var invalid: [Double] = []
    var states: [Int: String] = [:]
    var expect: Double?
    var clamps = false
    var loop: CurrentLoop?
    var isCounter = false
    var isStepped = false
    var resolution: Double?
    var stuckAfter: Located<Duration>?
    var qualityFrom: QualityFrom?

    /// What the keys belong to. Of an `unknown` type, whose own fault is reported, nothing that depends on it is
    /// checked.
    enum Kind {
        case raw(RawKind)
        case computed
        case unknown

        var raw: RawKind? { if case .raw(let kind) = self { kind } else { nil } }
    }

    init(_ section: Section<TagDraft.Key>, _ kind: Kind) {
        let raw = kind.raw
        description = section[.description].flatMap { $0.text() }
        unit = section[.unit].flatMap { $0.text("a unit such as degC") }
        order = section.read(.order, default: order) { WordOrder(configured: $0, type: raw?.type) }
        packing = section.read(.packing, default: packing) { $0.choice(TextPacking.self) }
        let loop = section[.loop].flatMap { LoopDraft($0, raw) }
        self.loop = loop?.loop
        scaling = TagScaling(section, loop: loop)
        range = section[.range].flatMap { $0.range("[0, 1600]") }
        invalid = section.read(.invalid, default: []) { value in
            value.list("a list of raw values such as [0, 65535]")?.compactMap { $0.raw(of: raw) }
        }
        states = section.read(.states, default: [:]) { Self.states($0, raw) }
        expect = section[.expect].flatMap { $0.raw(of: raw) }
        clamps = section.read(.clamp, default: false) { $0.flag() }
        isCounter = section.read(.counter, default: false) { $0.flag() }
        isStepped = section.read(.step, default: false) { $0.flag() }
        resolution = section[.resolution].flatMap { value in
            value.number("a step in engineering units, 1e-9 to 1e6") { Limits.resolution.contains($0) }
        }
        stuckAfter = section[.stuckAfter].flatMap { value in
            value.duration(in: Limits.standstill).map { Located(value: $0, place: value.place) }
        }
        qualityFrom = section[.qualityFrom].flatMap { QualityFrom($0) }
        refuseMisplaced(section, kind)
        if !kind.refused.contains(.clamp) { refuseUnreachable(section, raw) }
    }

    /// Keys that would do nothing, or nothing that makes sense.
    private func refuseMisplaced(_ section: Section<TagDraft.Key>, _ kind: Kind) {
        let owner: String
        switch kind {
        case .raw(let raw): owner = "type \(raw.type.word)"
        case .computed: owner = "a computed tag"
        case .unknown: return
        }
        for key in kind.refused {
            section[key]?.reject(expected: "none: \(owner) has no \(key.rawValue)")
        }
        // A state is one raw value; alarms compare engineering values, which must then be the same.
        if !states.isEmpty, !kind.refused.contains(.states), !scaling.isNone {
            section[.states]?.reject(found: "states on a scaled value", expected: "scale 1 and offset 0")
        }
    }

    /// A clamp pins the raw value, so that some raw value must lie within the range.
    private func refuseUnreachable(_ section: Section<TagDraft.Key>, _ raw: RawKind?) {
        guard clamps, let value = section[.clamp] else { return }
        guard let range else {
            if !section.contains(.range) {
                value.reject(found: "clamp without a range", expected: "the range that it is clamped to")
            }
            return
        }
        guard let raw, let holds = raw.range else { return }
        let ends = [range.lowerBound, range.upperBound].map { ($0 - scaling.offset) / scaling.scale }.sorted()
        let (low, high) = (max(ends[0].rounded(.up), holds.lowerBound), min(ends[1].rounded(.down), holds.upperBound))
        guard low > high else { return }
        value.reject(
            found:
                "clamp to \(range.lowerBound.short) to \(range.upperBound.short), where type \(raw.type) has no value",
            expected: "a range that its raw values, \(raw.rangeText), can reach")
    }

    private static func states(_ value: Value, _ kind: RawKind?) -> [Int: String]? {
        guard let entries = value.entries("names of raw values such as {0: idle, 70: soak}") else { return nil }
        var states: [Int: String] = [:]
        for entry in entries {
            guard case .integer(let raw) = PlainScalar(plain: entry.key), kind?.canHold(Double(raw)) ?? true else {
                let holds = kind.map { ", \($0.rangeText)" } ?? ""
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

extension TagTraits.Kind {
    /// The keys it cannot have.
    fileprivate var refused: [TagDraft.Key] {
        let scaled: [TagDraft.Key] = [.scale, .offset, .linear, .loop, .clamp]
        let raw: [TagDraft.Key] = [.order, .invalid, .states, .expect, .counter, .qualityFrom]
        switch self {
        case .unknown: return []
        case .computed: return [.register, .length, .packing] + scaled + raw
        case .raw(let kind):
            switch kind.type {
            case .string: return scaled + raw + [.range, .stuckAfter, .step, .resolution]
            case .bool: return scaled + [.range, .order, .counter, .step, .resolution]
            // A float rounds as it grows, and a sign has no place in a count.
            case .float32, .float64: return [.states, .counter]
            // Integers are kept as they are, exactly; only a float has digits that mean nothing.
            case .signmag16, .signmag32: return [.counter, .resolution]
            case .int16, .uint16, .int32, .uint32, .int64, .uint64, .bcd16, .bcd32: return [.resolution]
            }
        }
    }
}

extension Value {
    /// A raw value that the type can hold: a reserved value of `65535` on an `int16` would never be met.
    func raw(of kind: RawKind?) -> Double? {
        if kind?.type == .bool, case .flag(let flag) = plain { return flag ? 1 : 0 }
        guard let kind, let holds = kind.range else { return number() }
        return number("a whole number that type \(kind.type) holds, \(kind.rangeText)") {
            $0 == $0.rounded() && holds.contains($0)
        }
    }
}

extension WordOrder {
    /// Values of 64 bits have eight orders, with four or eight letters; shorter ones have the four short ones.
    fileprivate init?(configured value: Value, type: ValueType?) {
        let orders = type.map { $0.registers == 4 } ?? true ? Self.allCases : Self.short
        let isLong = orders.count > Self.short.count
        let words = orders.map(\.rawValue) + (isLong ? Self.short.map(\.longName) : [])
        guard value.plain == .text, let word = value.word,
            let order = orders.first(where: { $0.rawValue == word || isLong && $0.longName == word })
        else {
            value.reject(expected: words.asChoice(near: value.word))
            return nil
        }
        self = order
    }
}
