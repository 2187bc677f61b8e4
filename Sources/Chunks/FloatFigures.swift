import Plant

/// Statistics of floats, and of integers too large for exact sums.
struct FloatFigures {
    /// Its times are milliseconds since the first scan.
    private var figures: ChunkStatistics

    /// `nil` when one of them is not finite.
    init?(_ bits: [UInt64], _ times: [Int64], _ traits: ChunkTraits) {
        let numbers = bits.map(traits.type.rawNumber)
        let count = numbers.count
        var (least, greatest, sum) = (0, 0, 0.0)
        for index in 0..<count {
            if numbers[index] < numbers[least] { least = index }
            if numbers[index] > numbers[greatest] { greatest = index }
            sum += numbers[index]
        }
        let mean = sum / Double(count)
        var squares = 0.0
        for number in numbers { squares += (number - mean) * (number - mean) }
        var (area, rise) = (0.0, 0.0)
        for index in 1..<max(1, count) {
            let (from, to) = (numbers[index - 1], numbers[index])
            area += (traits.isStepped ? from : (from + to) / 2) * Double(times[index] - times[index - 1])
            if traits.isCounter { rise += Counter.increase(from: from, to: to, type: traits.type) }
        }
        // A number that is not finite makes the sum so.
        guard [sum, squares, area, rise].allSatisfy(\.isFinite) else { return nil }
        figures = ChunkStatistics(
            first: numbers[0], last: numbers[count - 1], min: numbers[least], max: numbers[greatest],
            minTime: times[least] - times[0], maxTime: times[greatest] - times[0], sum: sum, squares: squares,
            area: area, rise: traits.isCounter ? rise : nil)
    }

    func write(_ writer: inout ByteWriter, isSingle: Bool) {
        for number in [figures.first, figures.last, figures.min, figures.max] {
            if isSingle { writer.fixed(Float(number).bitPattern) } else { writer.fixed(number.bitPattern) }
        }
        writer.varint(UInt64(figures.minTime))
        writer.varint(UInt64(figures.maxTime))
        for number in [figures.sum, figures.squares, figures.area] { writer.fixed(number.bitPattern) }
        if let rise = figures.rise { writer.fixed(rise.bitPattern) }
    }

    init(_ reader: inout ByteReader, isSingle: Bool, isCounter: Bool) throws(ChunkError) {
        figures = ChunkStatistics(
            first: try FloatFigures.number(&reader, isSingle), last: try FloatFigures.number(&reader, isSingle),
            min: try FloatFigures.number(&reader, isSingle), max: try FloatFigures.number(&reader, isSingle),
            minTime: Int64(truncatingIfNeeded: try reader.varint()),
            maxTime: Int64(truncatingIfNeeded: try reader.varint()),
            sum: try FloatFigures.number(&reader, false), squares: try FloatFigures.number(&reader, false),
            area: try FloatFigures.number(&reader, false),
            rise: isCounter ? try FloatFigures.number(&reader, false) : nil)
    }

    private static func number(_ reader: inout ByteReader, _ isSingle: Bool) throws(ChunkError) -> Double {
        isSingle
            ? Double(Float(bitPattern: try reader.fixed(UInt32.self)))
            : Double(bitPattern: try reader.fixed(UInt64.self))
    }

    func statistics(start: Int64) -> ChunkStatistics {
        var figures = figures
        figures.minTime &+= start
        figures.maxTime &+= start
        return figures
    }
}
