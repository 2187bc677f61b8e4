import Chunks
import Plant
import Store

/// Chunks one by one: there, unharmed, decodable, and at one with their own statistics.
struct ChunkCheck {
    private let check: HistoryCheck
    private let chunk: PlainStatement
    /// Used again for every chunk.
    private var column = TagColumn()

    init(of check: HistoryCheck) throws(StoreError) {
        self.check = check
        chunk = try check.connection.statement("SELECT crc, data FROM chunk WHERE key = ?")
    }

    /// - Parameter columns: of the span, when they are sound.
    mutating func look(
        at slot: StoredNames.Slot, span: Int64, _ range: ClosedRange<Int64>, _ count: Int, _ columns: SpanColumns?,
        _ report: inout VerifyReport
    ) throws(StoreError) {
        let key = ChunkKey.of(tag: slot.tag, span: span)
        let name = check.names.name(ofTag: slot.tag)
        func tell(_ kind: Finding.Kind, _ text: String, _ report: inout VerifyReport) {
            report.add(check.finding(kind, name, range.lowerBound, range.upperBound, text))
        }
        chunk.bind(key, at: 1)
        defer { chunk.reset() }
        do throws(StoreError) {
            guard try chunk.step() else {
                let isSalvaged = check.explanations.cover(
                    range.lowerBound, range.upperBound, ["salvaged"], subjects: [name])
                if !isSalvaged { tell(.missing, "\(count) readings have no chunk (span \(span))", &report) }
                return
            }
        } catch {
            tell(.structure, "\(count) readings cannot be read: \(error.finding)", &report)
            return
        }
        report.counts.chunks += 1
        report.counts.readings += Int64(count)
        let data = chunk.bytes(1)
        guard CRC32C.of(key: key, data) == UInt32(truncatingIfNeeded: chunk.integer(0)) else {
            tell(.damaged, "\(count) readings fail their checksum (span \(span))", &report)
            return
        }
        guard check.depth > .quick || key % Verify.sampleEvery == 0, let columns else { return }
        do throws(ChunkError) {
            try decode(data, slot, columns)
            report.counts.decoded += Int64(count)
        } catch {
            tell(.wrong, "span \(span): \(error)", &report)
            return
        }
        if let difference = difference(data, slot, columns) { tell(.wrong, "span \(span): \(difference)", &report) }
    }

    private mutating func decode(
        _ data: UnsafeRawBufferPointer, _ slot: StoredNames.Slot, _ columns: SpanColumns
    ) throws(ChunkError) {
        try Chunk.decode(data, count: columns.times.count, type: slot.type, into: &column)
        let values = slot.type.isString ? column.texts.count : column.bits.count
        guard values == columns.times.count, column.qualities.isEmpty || column.qualities.count == values else {
            throw .damaged("\(values) values, expected \(columns.times.count)")
        }
        for (index, loss) in columns.losses.enumerated() where !loss.isGood {
            guard !column.qualities.isEmpty, column.qualities[index] == loss else {
                throw .damaged("scan \(index) was lost, and has a value")
            }
        }
    }

    /// What the chunk says of its values, beside what they give.
    private func difference(
        _ data: UnsafeRawBufferPointer, _ slot: StoredNames.Slot, _ columns: SpanColumns
    ) -> String? {
        let start = columns.times[0]
        let count = columns.times.count
        let stored = try? Chunk.statistics(data, count: count, start: start, traits: slot.traits)
        let again = Chunk.encode(column, columns, slot.traits)
        let given = again.withUnsafeBytes {
            try? Chunk.statistics($0, count: count, start: start, traits: slot.traits)
        }
        guard stored != given else { return nil }
        return "its statistics are \(text(stored)), its values give \(text(given))"
    }

    private func text(_ statistics: ChunkStatistics?) -> String {
        guard let statistics else { return "none" }
        return "first \(statistics.first), last \(statistics.last), least \(statistics.min), greatest "
            + "\(statistics.max), sum \(statistics.sum), area \(statistics.area)"
    }
}
