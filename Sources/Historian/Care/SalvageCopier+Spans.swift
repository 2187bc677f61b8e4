import Chunks
import Plant
import Store

/// Spans and chunks are taken whole or not at all, by their checksums.
extension SalvageCopier {
    mutating func takeSpans(_ progress: (CareProgress) -> Void) throws(StoreError) {
        let names = try StoredNames(copy)
        let columns = """
            id, scan_group, layout, n, t0, t1, first_ordinal, last_ordinal, first_sequence, last_sequence, crc, data
            """
        let insert = try copy.statement("INSERT OR IGNORE INTO span(\(columns)) VALUES (\(marks(columns)))")
        let last = (try? source.integer("SELECT max(id) FROM span")) ?? 1
        var taken: [(id: Int64, columns: SpanColumns, layout: StoredNames.Layout)] = []
        var count = 0
        let walk = TableWalk(source, table: "(SELECT \(columns) FROM span)", key: "id")
        let unreadable = try walk.run { (rows) throws(StoreError) in
            let (id, data) = (rows.integer(0), rows.bytes(12))
            guard let layout = names.layouts[rows.integer(3)], !layout.slots.isEmpty,
                CRC32C.of(key: id, data) == UInt32(truncatingIfNeeded: rows.integer(11)),
                let span = try? SpanColumns(decoding: data, count: Int(clamping: rows.integer(4)))
            else {
                losses.append(SalvageCopier.lost(rows, names))
                return
            }
            for column in 1...12 { insert.bind(column: column, of: rows, at: column) }
            // What the columns say twice is taken from where the checksum covers it.
            insert.bind(layout.group, at: 2)
            for (index, number) in [
                Int64(span.times.count), span.times.min() ?? 0, span.times.max() ?? 0, span.ordinals.min() ?? 0,
                span.ordinals.max() ?? 0, Int64(bitPattern: span.sequences.min() ?? 0),
                Int64(bitPattern: span.sequences.max() ?? 0),
            ].enumerated() { insert.bind(number, at: index + 4) }
            try insert.run()
            count += 1
            taken.append((id, span, layout))
            // The columns of the spans of one batch are memory enough.
            guard taken.count == SalvageCopier.batchSpans else { return }
            try takeChunks(of: taken, names)
            taken.removeAll(keepingCapacity: true)
            progress(CareProgress(.salvaging, file: CareProgress.name(source.path), done: id, total: max(id, last)))
        }
        try takeChunks(of: taken, names)
        kept["span"] = count
        for keys in unreadable { holes.append(SalvageHole(table: "span", owner: nil, keys: keys)) }
    }

    /// A span whose times cannot be trusted; its row still says about when it was, and of whom.
    private static func lost(_ rows: PlainStatement, _ names: StoredNames) -> Salvage.Loss {
        let (start, end) = (min(rows.integer(5), rows.integer(6)), max(rows.integer(5), rows.integer(6)))
        return Salvage.Loss(
            subject: names.groups.first { $0.id == rows.integer(2) }?.name, start: start,
            end: end.addingReportingOverflow(1).partialValue, text: "\(rows.integer(4)) scans whose times were damaged")
    }

    private static let batchSpans = 64

    /// Chunks are asked for by their keys, which the spans name: a page that cannot be read takes no other with it.
    private mutating func takeChunks(
        of spans: [(id: Int64, columns: SpanColumns, layout: StoredNames.Layout)], _ names: StoredNames
    ) throws(StoreError) {
        let select = try source.statement("SELECT crc, data FROM chunk WHERE key = ?")
        let insert = try copy.statement("INSERT OR IGNORE INTO chunk(key, crc, data) VALUES (?, ?, ?)")
        for (id, columns, layout) in spans {
            for slot in layout.slots {
                let key = ChunkKey.of(tag: slot.tag, span: id)
                select.bind(key, at: 1)
                insert.bind(key, at: 1)
                if try find(key, select, slot, columns.times.count) {
                    insert.bind(column: 0, of: select, at: 2)
                    insert.bind(column: 1, of: select, at: 3)
                    try insert.run()
                    kept["chunk", default: 0] += 1
                } else {
                    try insertLost(slot, columns, key, insert)
                    losses.append(
                        Salvage.Loss(
                            subject: names.name(ofTag: slot.tag), start: columns.times.min() ?? 0,
                            end: (columns.times.max() ?? 0) + 1,
                            text: "readings whose chunk was damaged or gone are bad (local-fault)"))
                }
                select.reset()
            }
        }
    }

    /// Whether the statement stands on a chunk that is whole.
    private func find(
        _ key: Int64, _ select: PlainStatement, _ slot: StoredNames.Slot, _ count: Int
    ) throws(StoreError) -> Bool {
        do throws(StoreError) {
            guard try select.step() else { return false }
        } catch {
            guard error.isDamage else { throw error }
            return false
        }
        let data = select.bytes(1)
        guard CRC32C.of(key: key, data) == UInt32(truncatingIfNeeded: select.integer(0)) else { return false }
        var column = TagColumn()
        return (try? Chunk.decode(data, count: count, type: slot.type, into: &column)) != nil
    }

    /// A chunk of bad readings in the place of one that is gone, so that nobody stumbles over its absence.
    private func insertLost(
        _ slot: StoredNames.Slot, _ columns: SpanColumns, _ key: Int64, _ insert: PlainStatement
    ) throws(StoreError) {
        var column = TagColumn()
        column.qualities = columns.times.map { _ in Salvage.lostQuality }
        if slot.type.isString {
            column.texts = columns.times.map { _ in "" }
        } else {
            column.bits = columns.times.map { _ in 0 }
        }
        let data = Chunk.encode(column, columns, slot.traits)
        let crc = data.withUnsafeBytes { bytes in
            insert.bind(bytes, at: 3)
            return CRC32C.of(key: key, bytes)
        }
        insert.bind(Int64(crc), at: 2)
        try insert.run()
    }
}
