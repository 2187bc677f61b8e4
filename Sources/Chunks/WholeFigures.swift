import Plant

/// Statistics of whole numbers, exact: each is a varint, most of them of one to three bytes.
struct WholeFigures {
    private var first: Int64 = 0
    private var last: Int64 = 0
    private var min: Int64 = 0
    private var max: Int64 = 0
    private var minAfter: Int64 = 0
    private var maxAfter: Int64 = 0
    /// The sum of value - first.
    private var excess: Int64 = 0
    /// The sum of (value - m)², m being the mean without its fraction, rounded down.
    private var scatter: Int64 = 0
    /// Twice the area, since half of an odd number is none.
    private var doubleArea: Int64 = 0
    /// Rise - (last - first): what wraps and resets add.
    private var turns: Int64?

    /// What every sum stays below, so that none overflows.
    private static let sumMax = 0x1p60

    /// `nil` when a sum could overflow.
    init?(_ values: [Int64], _ times: [Int64], _ traits: ChunkTraits) {
        let count = values.count
        (first, last, min, max) = (values[0], values[count - 1], values[0], values[0])
        for value in values {
            min = Swift.min(min, value)
            max = Swift.max(max, value)
        }
        let largest = Double(Swift.max(min.magnitude, max.magnitude))
        let (range, duration) = (Double(max) - Double(min), Double(times[count - 1] - times[0]))
        guard largest < WholeFigures.largestExact,
            largest * Swift.max(2 * duration, Double(count)) < WholeFigures.sumMax,
            range * range * Double(count) < WholeFigures.sumMax
        else { return nil }

        for value in values { excess += value - first }
        let (mean, _) = WholeFigures.meanAndRest(first, excess, count)
        for value in values { scatter += (value - mean) * (value - mean) }
        for index in 1..<count {
            let (from, to, passed) = (values[index - 1], values[index], times[index] - times[index - 1])
            doubleArea += (traits.isStepped ? 2 * from : from + to) * passed
        }
        minAfter = values.firstIndex(of: min).map { times[$0] - times[0] } ?? 0
        maxAfter = values.firstIndex(of: max).map { times[$0] - times[0] } ?? 0
        if traits.isCounter { turns = WholeFigures.turns(values, traits.type) }
    }

    /// Whole numbers up to here are exact as doubles, so that the least of them is the least double too.
    private static let largestExact = 0x1p53

    private static func turns(_ values: [Int64], _ type: ValueType) -> Int64 {
        var turns: Int64 = 0
        for index in 1..<values.count where values[index] < values[index - 1] {
            let (from, to) = (values[index - 1], values[index])
            turns += Int64(Counter.increase(from: Double(from), to: Double(to), type: type)) - (to - from)
        }
        return turns
    }

    /// The mean rounded down, and how much of the sum that leaves. Wraps, since damaged figures come here too.
    private static func meanAndRest(_ first: Int64, _ excess: Int64, _ count: Int) -> (mean: Int64, rest: Int64) {
        let count = Int64(count)
        let (whole, rest) = excess.quotientAndRemainder(dividingBy: count)
        return rest < 0 ? (first &+ whole &- 1, rest + count) : (first &+ whole, rest)
    }

    func write(_ writer: inout ByteWriter) {
        writer.signed(first)
        writer.signed(last - first)
        writer.varint(UInt64(first - min))
        writer.varint(UInt64(max - first))
        writer.varint(UInt64(minAfter))
        writer.varint(UInt64(maxAfter))
        writer.signed(excess)
        writer.varint(UInt64(scatter))
        writer.signed(doubleArea)
        if let turns { writer.signed(turns) }
    }

    init(_ reader: inout ByteReader, isCounter: Bool) throws(ChunkError) {
        first = try reader.signed()
        last = first &+ (try reader.signed())
        min = first &- Int64(truncatingIfNeeded: try reader.varint())
        max = first &+ Int64(truncatingIfNeeded: try reader.varint())
        minAfter = Int64(truncatingIfNeeded: try reader.varint())
        maxAfter = Int64(truncatingIfNeeded: try reader.varint())
        excess = try reader.signed()
        scatter = Int64(truncatingIfNeeded: try reader.varint())
        doubleArea = try reader.signed()
        if isCounter { turns = try reader.signed() }
    }

    func statistics(count: Int, start: Int64) -> ChunkStatistics {
        let (_, rest) = WholeFigures.meanAndRest(first, excess, count)
        return ChunkStatistics(
            first: Double(first), last: Double(last), min: Double(min), max: Double(max),
            minTime: start &+ minAfter, maxTime: start &+ maxAfter,
            sum: Double(first &* Int64(count) &+ excess),
            squares: Double(scatter) - Double(rest) * Double(rest) / Double(count), area: Double(doubleArea) / 2,
            rise: turns.map { Double(last &- first &+ $0) })
    }
}
