import Plant

/// The statistics of a chunk as they are written, times as milliseconds since its first scan.
enum Figures {
    /// Everything follows from the value and how long the chunk lasts.
    case constant(milliseconds: Int64)
    case wholes(WholeFigures)
    case floats(FloatFigures)

    /// `nil` when the chunk has none: a scan came late or before the one before it, or a number is not finite.
    init?(_ bits: [UInt64], _ times: [Int64], _ code: NumberCode, _ traits: ChunkTraits) {
        let late = ChunkTraits.latePeriods.multipliedReportingOverflow(by: max(1, traits.period))
        let longest = late.overflow ? Int64.max : late.partialValue
        for index in 1..<max(1, times.count) {
            let (passed, overflows) = times[index].subtractingReportingOverflow(times[index - 1])
            guard !overflows, passed >= 0, passed <= longest else { return nil }
        }
        let (duration, overflows) = times[times.count - 1].subtractingReportingOverflow(times[0])
        guard !overflows else { return nil }
        if code.coding == .constant {
            let number = traits.type.rawNumber(bits[0])
            guard number.isFinite, (number * Double(duration)).isFinite, (number * Double(bits.count)).isFinite else {
                return nil
            }
            self = .constant(milliseconds: duration)
        } else if let figures = code.wholes.flatMap({ WholeFigures($0, times, traits) }) {
            self = .wholes(figures)
        } else if let figures = FloatFigures(bits, times, traits) {
            self = .floats(figures)
        } else {
            return nil
        }
    }

    /// - Parameter isSingle: the numbers are float32, which take half the bytes.
    func write(_ writer: inout ByteWriter, isSingle: Bool) {
        switch self {
        case .constant(let milliseconds): writer.varint(UInt64(milliseconds))
        case .wholes(let figures): figures.write(&writer)
        case .floats(let figures): figures.write(&writer, isSingle: isSingle)
        }
    }

    init(_ header: ChunkHeader, _ reader: inout ByteReader, isSingle: Bool) throws(ChunkError) {
        let isCounter = header.annex == .counterStatistics
        if header.coding == .constant {
            self = .constant(milliseconds: Int64(truncatingIfNeeded: try reader.varint()))
        } else if header.hasFloatStatistics {
            self = .floats(try FloatFigures(&reader, isSingle: isSingle, isCounter: isCounter))
        } else {
            self = .wholes(try WholeFigures(&reader, isCounter: isCounter))
        }
    }
}

extension ChunkStatistics {
    /// Those of a chunk of one value.
    init(constant value: Double, count: Int, start: Int64, milliseconds: Int64, isCounter: Bool) {
        self.init(
            first: value, last: value, min: value, max: value, minTime: start, maxTime: start,
            sum: value * Double(count), squares: 0, area: value * Double(milliseconds), rise: isCounter ? 0 : nil)
    }
}
