public import Plant

/// Two neighbouring words that look like one float32.
public struct FloatGuess: Sendable, Hashable {
    public let place: RegisterRange
    public let order: WordOrder
    public let value: Float

    /// Pairs of a sane size that must follow each other. Of random words a fifth have one (50 of 256 exponents), so that
    /// three in a row are rarely chance; of measurements in the right order nearly all have one.
    static let convincing = 3

    /// The pairs of some areas, without overlap, all in the one order that most of them speak for.
    public static func all(in areas: [Survey.Area]) -> [FloatGuess] {
        let candidates = WordOrder.short.map { order in areas.flatMap { guesses(in: $0, order) } }
        // The first of equals: `WordOrder.short` begins with the most common.
        return candidates.reduce([]) { $1.count > $0.count ? $1 : $0 }
    }

    private static func guesses(in area: Survey.Area, _ order: WordOrder) -> [FloatGuess] {
        guard !area.range.table.isBits else { return [] }
        var found: [FloatGuess] = []
        var run: [FloatGuess] = []
        var index = 0
        while index + 1 < area.values.count {
            let (first, second) = (area.values[index], area.values[index + 1])
            if let value = value(first, second, order),
                let place = RegisterRange(table: area.range.table, start: Int(area.range.start) + index, count: 2)
            {
                run.append(FloatGuess(place: place, order: order, value: value))
                index += 2
            } else if first == 0, second == 0, !run.isEmpty {
                // A measurement of 0 among others says nothing.
                index += 2
            } else {
                if run.count >= convincing { found += run }
                run = []
                index += 1
            }
        }
        return run.count >= convincing ? found + run : found
    }

    private static func value(_ first: UInt16, _ second: UInt16, _ order: WordOrder) -> Float? {
        let (high, low) = order.swapsWords ? (second, first) : (first, second)
        let words = order.swapsBytes ? (high.byteSwapped, low.byteSwapped) : (high, low)
        let value = Float(bitPattern: UInt32(words.0) << 16 | UInt32(words.1))
        return Meaning.saneMagnitudes.contains(Double(value.magnitude)) ? value : nil
    }
}
