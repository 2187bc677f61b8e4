import Plant

/// Engineering value = raw x scale + offset, given as such or by two points.
struct TagScaling {
    var scale = 1.0
    var offset = 0.0

    var isNone: Bool { scale == 1 && offset == 0 }

    /// From `scale` and `offset`, `linear`, or the values of a loop: one of them, or none.
    init(_ section: Section<TagDraft.Key>, loop: LoopDraft?) {
        scale = section.read(.scale, default: scale) { $0.number("a number other than 0") { $0 != 0 } }
        offset = section.read(.offset, default: offset) { $0.number() }
        let linear = section[.linear].flatMap { TwoPoints($0) }
        if loop?.points != nil {
            Self.refuse([.scale, .offset, .linear], of: section, "the loop's value gives it")
        } else if section.contains(.linear) {
            Self.refuse([.scale, .offset], of: section, "linear gives it")
        }
        guard let points = loop?.points ?? linear else { return }
        (scale, offset) = (points.scale, points.offset)
    }

    private static func refuse(_ keys: [TagDraft.Key], of section: Section<TagDraft.Key>, _ reason: String) {
        for key in keys { section[key]?.reject(expected: "none: \(reason)") }
    }
}

/// Two raw values and the engineering values they stand for: a straight line that is neither level nor upright.
struct TwoPoints {
    let scale: Double
    let offset: Double

    enum Key: String, SectionKey { case raw, value }

    /// `{raw: [r0, r1], value: [v0, v1]}`.
    init?(_ linear: Value) {
        guard let section = linear.section(Key.self, "two points such as {raw: [0, 27648], value: [0, 100]}") else {
            return nil
        }
        let raw = section.required(.raw, "two raw values")?.ends("two raw values such as [0, 27648]")
        let valueOf = section.required(.value, "the two values they stand for")
        let value = valueOf?.ends("the two values they stand for such as [0, 100]")
        guard let raw, let valueOf, let value else { return nil }
        self.init(raw: raw, value: value, of: valueOf)
    }

    init?(raw: (Double, Double), value: (Double, Double), of place: Value) {
        scale = (value.1 - value.0) / (raw.1 - raw.0)
        offset = value.0 - raw.0 * scale
        guard scale.isFinite, offset.isFinite, scale != 0 else {
            place.reject(found: "two points without a line between them", expected: "numbers nearer to each other")
            return nil
        }
    }
}

/// A live-zero signal as it is written, with the line that its values give.
struct LoopDraft {
    let loop: CurrentLoop
    let points: TwoPoints?

    enum Key: String, SectionKey {
        case raw, value, measures
        case failLow = "fail_low"
        case failHigh = "fail_high"
    }

    /// `{raw: [3277, 16384], value: [0, 1600]}`, and the bands in milliamperes where they are not those of NE 43.
    init?(_ value: Value, _ kind: RawKind?) {
        let form = "a 4-20 mA signal such as {raw: [3277, 16384], value: [0, 1600]}"
        guard let section = value.section(Key.self, form) else { return nil }
        let rawOf = section.required(.raw, "the raw values at 4 and 20 mA")
        let raw = rawOf?.range("[3277, 16384]")
        let ends = section[.value]?.ends("the values at 4 and 20 mA such as [0, 1600]")
        let measures = section.read(.measures, default: CurrentLoop.measures) { $0.range("[3.8, 20.5]") }
        let failLow = section.read(.failLow, default: CurrentLoop.failLow) { $0.number() }
        let failHigh = section.read(.failHigh, default: CurrentLoop.failHigh) { $0.number() }
        guard measures.lowerBound <= 4, measures.upperBound >= 20 else {
            (section[.measures] ?? value).reject(
                found: "measures from \(measures.lowerBound.short) to \(measures.upperBound.short) mA",
                expected: "a band with 4 and 20 in it")
            return nil
        }
        guard (0...measures.lowerBound).contains(failLow) else {
            (section[.failLow] ?? value).reject(
                found: "\(failLow.short) mA", expected: "0 to \(measures.lowerBound.short), where it measures from")
            return nil
        }
        guard failHigh >= measures.upperBound else {
            (section[.failHigh] ?? value).reject(
                found: "\(failHigh.short) mA",
                expected: "at least \(measures.upperBound.short), up to where it measures")
            return nil
        }
        guard let raw, let rawOf else { return nil }
        if let kind, !kind.canHold(raw.lowerBound) || !kind.canHold(raw.upperBound) {
            rawOf.reject(
                found: "[\(raw.lowerBound.short), \(raw.upperBound.short)]",
                expected: "raw values that type \(kind.type) holds, \(kind.rangeText)")
            return nil
        }
        loop = CurrentLoop(raw: raw, failLow: failLow, measures: measures, failHigh: failHigh)
        guard let valueOf = section[.value] else {
            points = nil
            return
        }
        guard let ends, let line = TwoPoints(raw: (raw.lowerBound, raw.upperBound), value: ends, of: valueOf) else {
            return nil
        }
        points = line
        Self.warnOfBlindEnds(loop, kind, rawOf)
    }

    /// A converter that gives 0 at 4 mA in an unsigned register shows a broken wire as the lower end of the range.
    private static func warnOfBlindEnds(_ loop: CurrentLoop, _ kind: RawKind?, _ raw: Value) {
        guard let holds = kind?.range else { return }
        if loop.quality(of: holds.lowerBound) != .failLow {
            raw.warn("no raw value shows a current below \(loop.failLow.short) mA, so a broken wire cannot be told")
        }
    }
}

extension Value {
    /// Two numbers that differ.
    fileprivate func ends(_ expected: String) -> (Double, Double)? {
        guard let (first, last) = pair(expected) else { return nil }
        guard first != last else {
            reject(found: "[\(first.short), \(last.short)]", expected: "two values that differ")
            return nil
        }
        return (first, last)
    }
}
