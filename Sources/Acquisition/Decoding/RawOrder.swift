import Plant

// Raw bits as numbers on a line, so that they can be compared, and searched, without the rounding of a double.
extension WireValue {
    private var isSigned: Bool {
        switch shape {
        case .signedField, .signed16, .signed32, .signed64, .magnitude16, .magnitude32: true
        case .packedBit, .registerFlag, .unsignedField, .unsigned16, .unsigned32, .unsigned64, .float32, .float64,
            .decimal16, .decimal32, .text:
            false
        }
    }

    private var isFloat: Bool { shape == .float32 || shape == .float64 }

    /// The raw bits of a number that somebody wrote down; `nil` when the type cannot hold it.
    func bits(of number: Double) -> UInt64? {
        if shape == .float64 { return number.bitPattern }
        // Nobody writes all the digits of a float32.
        if shape == .float32 { return UInt64(Float(number).bitPattern) }
        return isSigned ? Int64(exactly: number).map { UInt64(bitPattern: $0) } : UInt64(exactly: number)
    }

    /// True for the same number: integers to the last digit, and the two zeros of a float alike.
    func isSame(_ one: UInt64, _ other: UInt64) -> Bool {
        isFloat ? number(one) == number(other) : one == other
    }

    func isLess(_ one: UInt64, than other: UInt64) -> Bool {
        isFloat ? number(one) < number(other) : position(one) < position(other)
    }

    /// The smallest and the largest raw bits that are a number.
    var extent: (lowest: UInt64, highest: UInt64) {
        switch shape {
        case .packedBit, .registerFlag: (0, 1)
        case .unsignedField, .unsigned16, .unsigned32, .unsigned64: (0, .max >> UInt64(64 - width))
        case .signedField, .signed16, .signed32, .signed64:
            (UInt64(bitPattern: -1 << Int64(width - 1)), (1 << UInt64(width - 1)) &- 1)
        case .float32:
            (
                UInt64((-Float.greatestFiniteMagnitude).bitPattern),
                UInt64(Float.greatestFiniteMagnitude.bitPattern)
            )
        case .float64:
            ((-Double.greatestFiniteMagnitude).bitPattern, Double.greatestFiniteMagnitude.bitPattern)
        case .decimal16: (0, 9999)
        case .decimal32: (0, 99_999_999)
        case .magnitude16: (UInt64(bitPattern: -0x7FFF), 0x7FFF)
        case .magnitude32: (UInt64(bitPattern: -0x7FFF_FFFF), 0x7FFF_FFFF)
        case .text: (0, 0)
        }
    }

    /// Where the top quarter of an integer's numbers begins, and where the bottom quarter ends.
    var quarters: (top: Double, bottom: Double) {
        // A float never reaches its end one by one.
        if isFloat { return (.infinity, -.infinity) }
        let (lowest, highest) = (number(extent.lowest), number(extent.highest) + 1)
        return (highest - (highest - lowest) / 4, lowest + (highest - lowest) / 4)
    }

    /// The raw bits nearest to the ends of a range of engineering values that still lie inside; `nil` when none does.
    ///
    /// A search, because raw x scale + offset rounds: what the inverse gives may lie just outside.
    func ends(of range: ClosedRange<Double>, scale: Double, offset: Double) -> (low: UInt64, high: UInt64)? {
        let value = { (position: UInt64) in number(bits(at: position)) * scale + offset }
        let (first, last) = (position(extent.lowest), position(extent.highest))
        let rises = scale > 0
        let entry = search(first, last) { rises ? value($0) >= range.lowerBound : value($0) <= range.upperBound }
        let beyond = search(first, last) { rises ? value($0) > range.upperBound : value($0) < range.lowerBound }
        guard let entry, range.contains(value(entry)) else { return nil }
        let exit = beyond.map { $0 - 1 } ?? last
        return rises ? (bits(at: entry), bits(at: exit)) : (bits(at: exit), bits(at: entry))
    }

    /// The first position at which something holds that then holds for good.
    private func search(_ first: UInt64, _ last: UInt64, _ holds: (UInt64) -> Bool) -> UInt64? {
        guard holds(last) else { return nil }
        var (low, high) = (first, last)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Raw bits as a place on the line of all of them, the smallest number first.
    private func position(_ bits: UInt64) -> UInt64 {
        switch shape {
        case .float32:
            UInt64(
                UInt32(truncatingIfNeeded: bits) >> 31 == 1
                    ? ~UInt32(truncatingIfNeeded: bits)
                    : UInt32(truncatingIfNeeded: bits) | 1 << 31)
        case .float64: bits >> 63 == 1 ? ~bits : bits | 1 << 63
        default: isSigned ? bits ^ 1 << 63 : bits
        }
    }

    private func bits(at position: UInt64) -> UInt64 {
        switch shape {
        case .float32:
            UInt64(
                position >> 31 == 1
                    ? UInt32(truncatingIfNeeded: position) & .max >> 1
                    : ~UInt32(truncatingIfNeeded: position))
        case .float64: position >> 63 == 1 ? position & .max >> 1 : ~position
        default: isSigned ? position ^ 1 << 63 : position
        }
    }
}
