import Chunks
import Plant

extension Archive {
    /// The times of a span's scans, decoded once for all tags that are asked for one after another.
    func times(of span: SpanRow) throws(ArchiveError) -> [Int64] {
        if let known = timeCache.times(of: span) { return known }
        var times = timeCache.memory()
        try withSpanData(span) { (data) throws(ChunkError) in
            try SpanColumns.decodeTimes(data, count: span.count, into: &times)
        }
        timeCache.add(span, times)
        return times
    }

    /// All that the tags of a span share.
    func columns(of span: SpanRow) throws(ArchiveError) -> SpanColumns {
        var columns = SpanColumns()
        try withSpanData(span) { (data) throws(ChunkError) in
            columns = try SpanColumns(decoding: data, count: span.count)
        }
        return columns
    }

    private func withSpanData(
        _ span: SpanRow, _ body: (UnsafeRawBufferPointer) throws(ChunkError) -> Void
    ) throws(ArchiveError) {
        let statement = try statements[.spanData]
        defer { statement.reset() }
        statement.bind(span.id)
        guard try statement.step() else { throw damaged(span, nil, "its row is gone") }
        let data = statement.blob(0)
        guard statement.int(1) == Int64(CRC32C.of(key: span.id, data)) else {
            throw damaged(span, nil, "the checksum of its times is wrong")
        }
        do { try body(data) } catch { throw damaged(span, nil, "\(error)") }
    }

    func decode(_ span: SpanRow, _ slot: SlotFormat, into column: inout TagColumn) throws(ArchiveError) {
        let statement = try chunk(span, slot)
        defer { statement.reset() }
        do {
            try Chunk.decode(statement.blob(0), count: span.count, type: slot.type, into: &column)
        } catch {
            throw damaged(span, slot, "\(error)")
        }
    }

    /// One reading of a span.
    func reading(_ span: SpanRow, _ slot: SlotFormat, _ index: Int, time: Int64) throws(ArchiveError) -> StoredReading {
        var column = spareColumns(1)[0]
        try decode(span, slot, into: &column)
        defer { recycle(column) }
        return slot.reading(column, index, time: time)
    }

    /// What the first bytes of a chunk say of it; `nil` when it has no statistics.
    func statistics(_ span: SpanRow, _ slot: SlotFormat) throws(ArchiveError) -> ChunkStatistics? {
        let statement = try chunk(span, slot)
        defer { statement.reset() }
        do {
            return try Chunk.statistics(
                statement.blob(0), count: span.count, start: span.first, traits: slot.traits)
        } catch {
            throw damaged(span, slot, "\(error)")
        }
    }

    /// The row of a chunk whose checksum is right.
    private func chunk(_ span: SpanRow, _ slot: SlotFormat) throws(ArchiveError) -> Statement {
        let key = slot.tag << Archive.spanBits | span.id
        let statement = try statements[.chunk]
        statement.bind(key)
        guard try statement.step() else {
            statement.reset()
            throw damaged(span, slot, "its chunk is missing")
        }
        guard statement.int(1) == Int64(CRC32C.of(key: key, statement.blob(0))) else {
            statement.reset()
            throw damaged(span, slot, "the checksum is wrong")
        }
        return statement
    }

    /// Of a chunk's key, the bits of the span's number; those of the tag are above.
    static let spanBits: Int64 = 36

    private func damaged(_ span: SpanRow, _ slot: SlotFormat?, _ detail: String) -> ArchiveError {
        var name: String?
        if let slot { name = (try? self.name(of: slot.tag)) ?? "tag \(slot.tag)" }
        return .damagedChunk(tag: name, from: span.first, to: span.last, detail: detail)
    }

    private func name(of tag: Int64) throws(ArchiveError) -> String? {
        let statement = try prepare("SELECT name FROM tag WHERE id = ?1")
        statement.bind(tag)
        return try statement.step() ? statement.string(0) : nil
    }
}

/// The newest few decoded time columns.
struct TimeCache {
    /// A plant of 100 groups asks for one or two spans of each in turn; 256 of 900 scans are 2 MB.
    static let limit = 256

    private var order: [Int64] = []
    private var known: [Int64: (span: SpanRow, times: [Int64])] = [:]
    private var next = 0

    func times(of span: SpanRow) -> [Int64]? {
        guard let found = known[span.id] else { return nil }
        // A number can come again after the newest span was deleted.
        return found.span.first == span.first && found.span.count == span.count ? found.times : nil
    }

    /// Memory of the column that is forgotten next, if nobody else holds it.
    mutating func memory() -> [Int64] {
        guard order.count == TimeCache.limit else { return [] }
        return known.removeValue(forKey: order[next])?.times ?? []
    }

    mutating func add(_ span: SpanRow, _ times: [Int64]) {
        if known.updateValue((span, times), forKey: span.id) != nil { return }
        if order.count < TimeCache.limit {
            order.append(span.id)
        } else {
            known[order[next]] = nil
            order[next] = span.id
            next = (next + 1) % TimeCache.limit
        }
    }
}
