public import Archive

/// Readings on their way to a file of another program: tag after tag in the order asked for, each in the order of time.
public struct Export: Sendable {
    /// Bytes gathered before they are handed on.
    static let chunk = 1 << 16

    let reader: HistoryReader
    let tags: [StoredTag]
    /// UTC milliseconds.
    let range: Range<Int64>

    public init(_ reader: HistoryReader, tags: [StoredTag], from start: Int64, to end: Int64) {
        (self.reader, self.tags, range) = (reader, tags, start..<max(start, end))
    }

    /// Writes text, in pieces and with constant memory.
    ///
    /// - Parameters:
    ///   - progress: told with each piece; what it throws ends the export.
    ///   - sink: takes a piece.
    /// - Returns: how many readings there were.
    @discardableResult
    public func write(
        _ format: ExportFormat, progress: (ExportProgress) throws -> Void = { _ in }, to sink: ([UInt8]) throws -> Void
    ) throws -> Int {
        var text = ExportText(format)
        text.begin()
        var state = ExportProgress()
        for (index, tag) in tags.enumerated() {
            text.begin(tag)
            try reader.readings(tag: tag.name, from: range.lowerBound, to: range.upperBound) { reading in
                text.append(reading)
                state.rows += 1
                guard text.bytes.count >= Export.chunk else { return }
                try sink(text.bytes)
                text.clear()
                state.fraction = fraction(index, reading.time)
                try progress(state)
            }
        }
        if !text.bytes.isEmpty { try sink(text.bytes) }
        state.fraction = 1
        try progress(state)
        return state.rows
    }

    func fraction(_ tag: Int, _ time: Int64) -> Double {
        let width = Double(range.upperBound) - Double(range.lowerBound)
        let part = width > 0 ? (Double(time) - Double(range.lowerBound)) / width : 1
        return (Double(tag) + part) / Double(max(tags.count, 1))
    }
}
