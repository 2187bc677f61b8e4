public import Plant

/// A byte that says whether scans were lost, the losses as runs, then times, took, sequences and ordinals, each behind a
/// byte with its coding.
extension SpanColumns {
    private static let hasLosses: UInt8 = 1

    /// As bytes, without the number of scans.
    public func encoded() -> [UInt8] {
        precondition((1...Chunk.scansMax).contains(count), "\(count) scans, expected 1...\(Chunk.scansMax)")
        precondition(
            took.count == count && sequences.count == count && ordinals.count == count
                && (losses.isEmpty || losses.count == count), "columns of different lengths")
        var writer = ByteWriter()
        let isWhole = losses.allSatisfy(\.isGood)
        writer.byte(isWhole ? 0 : SpanColumns.hasLosses)
        if !isWhole { QualityRuns.write(losses, &writer) }
        for column in [times, took, sequences.map(Int64.init(bitPattern:)), ordinals] {
            let code = IntegerCode(column, slopes: SpanColumns.slopes(column))
            writer.byte(code.coding.rawValue)
            writer.append(code.encoded(column))
        }
        return writer.bytes
    }

    /// How fast a column usually rises: its most common step, and the mean one.
    private static func slopes(_ column: [Int64]) -> [Int64] {
        guard column.count > 1 else { return [] }
        var steps: [Int64] = []
        steps.reserveCapacity(column.count)
        for index in 1..<column.count { steps.append(column[index] &- column[index - 1]) }
        let mean = Int64(exactly: (steps.reduce(0.0) { $0 + Double($1) } / Double(steps.count)).rounded())
        steps.sort()
        var (common, longest, start) = (steps[0], 0, 0)
        for index in steps.indices {
            if steps[index] != steps[start] { start = index }
            if index - start >= longest { (common, longest) = (steps[index], index - start + 1) }
        }
        return mean == common ? [common] : [common, mean ?? 0]
    }

    /// - Parameter count: scans of the span.
    public init(decoding data: UnsafeRawBufferPointer, count: Int) throws(ChunkError) {
        try Chunk.check(count: count)
        var reader = ByteReader(data)
        self.init()
        if try SpanColumns.readFlags(&reader) { try QualityRuns.read(&reader, count: count, into: &losses) }
        times = try SpanColumns.column(&reader, count)
        took = try SpanColumns.column(&reader, count)
        sequences = try SpanColumns.column(&reader, count).map(UInt64.init(bitPattern:))
        ordinals = try SpanColumns.column(&reader, count)
        try reader.checkEnd()
    }

    /// Only the times, into memory that is used again.
    ///
    /// - Parameter times: what it holds after an error has no meaning.
    public static func decodeTimes(
        _ data: UnsafeRawBufferPointer, count: Int, into times: inout [Int64]
    ) throws(ChunkError) {
        try Chunk.check(count: count)
        var reader = ByteReader(data)
        if try readFlags(&reader) { try QualityRuns.skip(&reader, count: count) }
        try column(&reader, count, into: &times)
    }

    /// Only the losses; empty when no scan was lost.
    public static func decodeLosses(_ data: UnsafeRawBufferPointer, count: Int) throws(ChunkError) -> [Quality] {
        try Chunk.check(count: count)
        var reader = ByteReader(data)
        var losses: [Quality] = []
        if try readFlags(&reader) { try QualityRuns.read(&reader, count: count, into: &losses) }
        return losses
    }

    private static func readFlags(_ reader: inout ByteReader) throws(ChunkError) -> Bool {
        let flags = try reader.byte()
        guard flags <= hasLosses else { throw .damaged("flags \(flags) of a span, expected 0 or \(hasLosses)") }
        return flags == hasLosses
    }

    private static func column(_ reader: inout ByteReader, _ count: Int) throws(ChunkError) -> [Int64] {
        var values: [Int64] = []
        try column(&reader, count, into: &values)
        return values
    }

    private static func column(
        _ reader: inout ByteReader, _ count: Int, into values: inout [Int64]
    ) throws(ChunkError) {
        let byte = try reader.byte()
        guard let coding = Coding(rawValue: byte) else { throw .damaged("coding \(byte) of a column") }
        values.resize(to: count)
        try values.withUnsafeMutableBufferPointer { values throws(ChunkError) in
            try values.withMemoryRebound(to: UInt64.self) { values throws(ChunkError) in
                try IntegerCode.read(coding, &reader, into: values)
            }
        }
    }
}
