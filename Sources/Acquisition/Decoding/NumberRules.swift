import Plant

/// What a number is worth by itself: everything that needs no other reading to be seen.
struct NumberRules: Sendable {
    private let wire: WireValue
    private let scale: Double
    private let offset: Double
    /// Never infinite: a product that overflows is no value of any sensor.
    let low: Double
    let high: Double
    private let hasExpect: Bool
    /// The expected raw bits; `nil` when the type cannot hold them, and then nothing meets it.
    private let expect: UInt64?
    /// Where its invalid values lie in a list that many share: an array of its own would be counted in and out with
    /// each reading.
    private let invalid: Range<Int>
    private let loop: CurrentLoop?
    /// What is published for a value beyond an end of the range; `nil` when such a value is bad.
    private let ends: (low: UInt64, high: UInt64)?

    /// - Parameter list: takes the tag's invalid values.
    init(_ tag: Tag, _ wire: WireValue, invalid list: inout [UInt64]) {
        self.wire = wire
        scale = tag.scale
        offset = tag.offset
        low = max(tag.range?.lowerBound ?? -.infinity, -.greatestFiniteMagnitude)
        high = min(tag.range?.upperBound ?? .infinity, .greatestFiniteMagnitude)
        hasExpect = tag.expect != nil
        expect = tag.expect.flatMap(wire.bits(of:))
        let first = list.count
        list += tag.invalid.compactMap(wire.bits(of:))
        invalid = first..<list.count
        loop = tag.rules.loop
        ends = tag.rules.clamps ? tag.range.flatMap { wire.ends(of: $0, scale: tag.scale, offset: tag.offset) } : nil
    }

    /// True when `low...high` is all there is to look at in a finite number.
    var areLimitsOnly: Bool {
        !hasExpect && invalid.isEmpty && loop == nil && wire.shape != .decimal16 && wire.shape != .decimal32
    }

    /// True when the raw bits are what the tag's `expect` asks for.
    func meetsExpectation(_ bits: UInt64) -> Bool { expect.map { wire.isSame($0, bits) } ?? !hasExpect }

    /// What raw bits are worth, and what is left of them: nothing of a bad number, the end of the range of a clamped
    /// one.
    ///
    /// - Parameter list: the one that took its invalid values.
    func judge(_ bits: UInt64, invalid list: [UInt64]) -> (quality: Quality, bits: UInt64) {
        if hasExpect, !meetsExpectation(bits) { return (.unexpected, 0) }
        if bits == WireValue.notDecimal, wire.shape == .decimal16 || wire.shape == .decimal32 {
            return (.notDecimal, 0)
        }
        let number = wire.number(bits)
        if !number.isFinite { return (.notANumber, 0) }
        for index in invalid where wire.isSame(list[index], bits) { return (.invalidValue, 0) }
        let current = loop?.quality(of: number) ?? .good
        if current.isBad { return (current, 0) }
        let value = number * scale + offset
        if value >= low, value <= high { return (current, bits) }
        // A value that is not a number is at neither end.
        guard let ends, !value.isNaN else { return (.outOfRange, 0) }
        return (.clamped, value < low ? ends.low : ends.high)
    }
}
