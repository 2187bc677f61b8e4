public import Plant

extension Chunk {
    /// The statistics alone, from the first bytes; `nil` when the chunk has none.
    ///
    /// - Parameters:
    ///   - count: scans of the span.
    ///   - start: the time of its first scan.
    ///   - traits: those it was encoded with.
    public static func statistics(
        _ data: UnsafeRawBufferPointer, count: Int, start: Int64, traits: ChunkTraits
    ) throws(ChunkError) -> ChunkStatistics? {
        try check(count: count)
        var reader = ByteReader(data)
        let header = try ChunkHeader(try reader.byte())
        guard header.hasStatistics else { return nil }
        switch try Figures(header, &reader, isSingle: traits.type == .float32) {
        case .wholes(let figures): return figures.statistics(count: count, start: start)
        case .floats(let figures): return figures.statistics(start: start)
        case .constant(let milliseconds):
            let value = try constant(header, &reader, traits.type)
            return ChunkStatistics(
                constant: traits.type.rawNumber(value), count: count, start: start, milliseconds: milliseconds,
                isCounter: header.annex == .counterStatistics)
        }
    }

    /// The value of a chunk that has only one.
    private static func constant(
        _ header: ChunkHeader, _ reader: inout ByteReader, _ type: ValueType
    ) throws(ChunkError) -> UInt64 {
        var bits: UInt64 = 0
        try withUnsafeMutablePointer(to: &bits) { pointer throws(ChunkError) in
            try NumberCode.read(header, type, &reader, into: UnsafeMutableBufferPointer(start: pointer, count: 1))
        }
        return bits
    }

    /// The column, in the memory it already has where that is enough.
    ///
    /// - Parameters:
    ///   - count: scans of the span.
    ///   - type: the one it was encoded with.
    ///   - column: what it holds after an error has no meaning.
    public static func decode(
        _ data: UnsafeRawBufferPointer, count: Int, type: ValueType, into column: inout TagColumn
    ) throws(ChunkError) {
        try check(count: count)
        var reader = ByteReader(data)
        let header = try ChunkHeader(try reader.byte())
        column.qualities.removeAll(keepingCapacity: true)
        var present = count
        if header.annex == .qualities {
            try QualityRuns.read(&reader, count: count, into: &column.qualities)
            present = column.qualities.count { !$0.isBad }
        } else if header.hasStatistics {
            _ = try Figures(header, &reader, isSingle: type == .float32)
        }
        column.texts.removeAll(keepingCapacity: true)
        if type.isString {
            column.bits.removeAll(keepingCapacity: true)
            try decodeTexts(header, &reader, count: count, present: present, &column)
        } else {
            column.bits.resize(to: count)
            try decodeNumbers(header, &reader, type, present: present, &column)
        }
        try reader.checkEnd()
    }

    private static func decodeNumbers(
        _ header: ChunkHeader, _ reader: inout ByteReader, _ type: ValueType, present: Int, _ column: inout TagColumn
    ) throws(ChunkError) {
        guard header.coding != .texts else { throw .damaged("texts where values of type \(type) are expected") }
        if present > 0 {
            try column.bits.withUnsafeMutableBufferPointer { bits throws(ChunkError) in
                let values = UnsafeMutableBufferPointer(rebasing: bits[..<present])
                try NumberCode.read(header, type, &reader, into: values)
            }
        }
        guard present < column.bits.count else { return }
        var next = present
        for index in column.bits.indices.reversed() {
            if column.qualities[index].isBad {
                column.bits[index] = 0
            } else {
                next -= 1
                column.bits[index] = column.bits[next]
            }
        }
    }

    private static func decodeTexts(
        _ header: ChunkHeader, _ reader: inout ByteReader, count: Int, present: Int, _ column: inout TagColumn
    ) throws(ChunkError) {
        guard present > 0 else {
            column.texts.append(contentsOf: repeatElement("", count: count))
            return
        }
        guard header.coding == .texts else { throw .damaged("numbers where texts are expected") }
        try TextCode.read(&reader, count: present, into: &column.texts)
        guard present < count else { return }
        var next = present
        column.texts.append(contentsOf: repeatElement("", count: count - present))
        for index in column.texts.indices.reversed() {
            if column.qualities[index].isBad {
                column.texts[index] = ""
            } else {
                next -= 1
                column.texts.swapAt(index, next)
            }
        }
    }
}
