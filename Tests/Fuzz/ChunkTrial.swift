import Chunks
import Plant

/// Reads a scenario's bytes in every way there is, and holds what comes back against the scenario and against itself.
struct ChunkTrial {
    /// What the decoders said.
    enum Event: Hashable, CaseIterable {
        case span, damagedSpan, column, damagedColumn, statistics, noStatistics, damagedStatistics
    }

    let scenario: ChunkScenario

    func run() throws(Trial.Broken) -> [Event] {
        let span = ChunkTrial.exactly(scenario.spanBytes, readSpan)
        let chunk = ChunkTrial.exactly(scenario.chunkBytes, readChunk)
        return try span.get() + chunk.get()
    }

    /// Calls with a block of memory that ends where the bytes end, so that a read beyond is seen.
    private static func exactly(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(Trial.Broken) -> [Event]
    ) -> Result<[Event], Trial.Broken> {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        return Result { () throws(Trial.Broken) in try body(UnsafeRawBufferPointer(memory)) }
    }

    private func readSpan(_ data: UnsafeRawBufferPointer) throws(Trial.Broken) -> [Event] {
        let count = scenario.count
        var times: [Int64] = [1, 2, 3]
        let hasTimes = (try? SpanColumns.decodeTimes(data, count: count, into: &times)) != nil
        let losses = try? SpanColumns.decodeLosses(data, count: count)
        guard let span = try? SpanColumns(decoding: data, count: count) else {
            try hold(!scenario.isFaithful, "a span that nothing was done to is damaged")
            return [.damagedSpan]
        }
        try hold(hasTimes && times == span.times, "the times alone are others than those of the span")
        try hold(losses == span.losses, "the losses alone are others than those of the span")
        let counts = [span.times.count, span.took.count, span.sequences.count, span.ordinals.count]
        try hold(counts.allSatisfy { $0 == count }, "a span with other columns than scans")
        if scenario.isFaithful {
            var expected = scenario.span
            if expected.losses.allSatisfy(\.isGood) { expected.losses = [] }
            try hold(span == expected, "another span than was written")
        }
        return [.span]
    }

    private func readChunk(_ data: UnsafeRawBufferPointer) throws(Trial.Broken) -> [Event] {
        let (count, type) = (scenario.count, scenario.type)
        var traits = scenario.traits
        traits.type = type
        var events: [Event] = []
        do {
            let statistics = try Chunk.statistics(data, count: count, start: .max, traits: traits)
            events.append(statistics == nil ? .noStatistics : .statistics)
        } catch {
            events.append(.damagedStatistics)
        }
        var column = TagColumn(bits: [1, 2, 3], texts: ["left over"], qualities: [.stale])
        do {
            try Chunk.decode(data, count: count, type: type, into: &column)
        } catch {
            try hold(!scenario.isFaithful, "a chunk that nothing was done to: \(error)")
            return events + [.damagedColumn]
        }
        try hold(events != [.damagedStatistics], "a column behind damaged statistics")
        try hold((type.isString ? column.texts.count : column.bits.count) == count, "a value too many or too few")
        try hold((type.isString ? column.bits.count : column.texts.count) == 0, "texts and numbers")
        try hold(column.qualities.isEmpty || column.qualities.count == count, "qualities of other scans")
        if scenario.isFaithful { try compare(column) }
        return events + [.column]
    }

    /// What was bad or lost has no value; all others have theirs.
    private func compare(_ column: TagColumn) throws(Trial.Broken) {
        let (own, losses) = (scenario.column, scenario.span.losses)
        for index in 0..<scenario.count {
            var quality = own.qualities.isEmpty ? .good : own.qualities[index]
            if !losses.isEmpty, !losses[index].isGood { quality = losses[index] }
            try hold((column.qualities.isEmpty ? .good : column.qualities[index]) == quality, "another quality")
            if scenario.type.isString {
                let text = quality.isBad ? "" : own.texts[index]
                try hold(column.texts[index].utf8.elementsEqual(text.utf8), "another text")
            } else {
                try hold(column.bits[index] == (quality.isBad ? 0 : own.bits[index]), "another number")
            }
        }
    }

    private func hold(_ condition: Bool, _ what: String) throws(Trial.Broken) {
        guard condition else { throw Trial.Broken(what: what) }
    }
}
