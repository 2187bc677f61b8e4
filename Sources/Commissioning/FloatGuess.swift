public import Plant

/// Two neighbouring words that look like one float32.
public struct FloatGuess: Sendable, Hashable {
    public let place: RegisterRange
    public let order: WordOrder
    public let value: Float

    /// Pairs of a sane size that must agree. Of random words a fifth have one (50 of 256 exponents), of small integers
    /// none, and of measurements in the right order nearly all.
    static let convincing = 3

    /// The pairs of some areas, without overlap, all in the one order that most of them speak for.
    ///
    /// - Returns: nothing when fewer than `convincing` pairs agree: one or two may look so by chance.
    public static func all(in areas: [Survey.Area]) -> [FloatGuess] {
        let candidates = WordOrder.short.map { order in areas.flatMap { guesses(in: $0, order) } }
        // The first of equals: the order of `WordOrder.short` is that of how common they are.
        let best = candidates.max { $0.count < $1.count } ?? []
        let first = candidates.first { $0.count == best.count } ?? []
        return first.count >= convincing ? first : []
    }

    private static func guesses(in area: Survey.Area, _ order: WordOrder) -> [FloatGuess] {
        guard !area.range.table.isBits else { return [] }
        var found: [FloatGuess] = []
        var index = 0
        while index + 1 < area.values.count {
            if let value = value(area.values[index], area.values[index + 1], order),
                let place = RegisterRange(table: area.range.table, start: Int(area.range.start) + index, count: 2)
            {
                found.append(FloatGuess(place: place, order: order, value: value))
                index += 2
            } else {
                index += 1
            }
        }
        return found
    }

    private static func value(_ first: UInt16, _ second: UInt16, _ order: WordOrder) -> Float? {
        let (high, low) = order.swapsWords ? (second, first) : (first, second)
        let words = order.swapsBytes ? (high.byteSwapped, low.byteSwapped) : (high, low)
        let value = Float(bitPattern: UInt32(words.0) << 16 | UInt32(words.1))
        return Meaning.saneMagnitudes.contains(Double(value.magnitude)) ? value : nil
    }
}
