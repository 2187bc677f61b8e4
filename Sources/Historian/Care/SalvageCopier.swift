import Chunks
import Plant
import Store

/// Copies row by row, page by page, what a damaged history still gives.
struct SalvageCopier {
    private let source: PlainConnection
    private let copy: PlainConnection
    private(set) var kept: [String: Int] = [:]
    private(set) var losses: [Salvage.Loss] = []

    /// Tables by an integer key of their own, in an order in which what others refer to comes first.
    private static let named = [
        ("quality", "code"), ("tag", "id"), ("scan_group", "id"), ("layout", "id"), ("mark", "rowid"), ("event", "id"),
    ]

    /// Of a row that was not sealed: readers take its texts for what they should be.
    private static let isWhole = "json_valid(v) AND (bad IS NULL OR json_valid(bad))"

    init(from source: PlainConnection, to copy: PlainConnection) throws(StoreError) {
        (self.source, self.copy) = (source, copy)
    }

    mutating func run(_ progress: (CareProgress) -> Void) throws(StoreError) {
        for (table, key) in SalvageCopier.named { try take(table, key: key) }
        for layout in try numbers("SELECT id FROM layout") {
            try take("slot", key: "slot", where: "layout = \(layout)")
        }
        try takeSpans(progress)
        for group in try numbers("SELECT id FROM scan_group") {
            try take("waiting", key: "time", where: "scan_group = \(group) AND \(SalvageCopier.isWhole)")
        }
        try take("hot", key: "id", where: SalvageCopier.isWhole)
        for tag in try numbers("SELECT id FROM tag") {
            for table in ["hour", "day"] { try take(table, key: "start", where: "tag = \(tag)") }
            try take("rollup_due", key: "hour", where: "tag = \(tag)")
        }
    }

    private func numbers(_ sql: String) throws(StoreError) -> [Int64] {
        let rows = try copy.statement(sql)
        var numbers: [Int64] = []
        while try rows.step() { numbers.append(rows.integer(0)) }
        return numbers
    }

    // MARK: Rows without a checksum

    private mutating func take(_ table: String, key: String, where condition: String = "1") throws(StoreError) {
        let columns = try columns(of: table)
        // What is in the new file already is the same: the qualities, for one.
        let insert = try copy.statement(
            "INSERT OR IGNORE INTO \(table)(\(columns)) VALUES (\(marks(columns)))")
        var count = 0
        let walk = TableWalk(
            source, table: "(SELECT \(columns)\(key == "rowid" ? ", rowid" : "") FROM \(table))",
            key: key, where: condition)
        _ = try walk.run { (rows) throws(StoreError) in
            for column in 1..<columns.split(separator: ",").count + 1 {
                insert.bind(column: column, of: rows, at: column)
            }
            // A row whose bytes have changed may break what the tables promise; it is then lost like its page.
            if try insert.runIfAllowed() { count += 1 }
        }
        kept[table, default: 0] += count
    }

    /// Without those that are computed.
    private func columns(of table: String) throws(StoreError) -> String {
        let rows = try copy.statement("PRAGMA table_info(\(table))")
        var names: [String] = []
        while try rows.step() { names.append("\"\(rows.text(1) ?? "")\"") }
        return names.joined(separator: ", ")
    }

    private func marks(_ columns: String) -> String {
        columns.split(separator: ",").map { _ in "?" }.joined(separator: ", ")
    }

    // MARK: Spans and their chunks

    private mutating func takeSpans(_ progress: (CareProgress) -> Void) throws(StoreError) {
        let names = try StoredNames(copy)
        let columns = """
            id, scan_group, layout, n, t0, t1, first_ordinal, last_ordinal, first_sequence, last_sequence, crc, data
            """
        let insert = try copy.statement("INSERT OR IGNORE INTO span(\(columns)) VALUES (\(marks(columns)))")
        let last = (try? source.integer("SELECT max(id) FROM span")) ?? 1
        var taken: [(id: Int64, columns: SpanColumns, layout: StoredNames.Layout)] = []
        var count = 0
        let walk = TableWalk(source, table: "(SELECT \(columns) FROM span)", key: "id")
        _ = try walk.run { (rows) throws(StoreError) in
            let (id, data) = (rows.integer(0), rows.bytes(12))
            guard let layout = names.layouts[rows.integer(3)], !layout.slots.isEmpty,
                CRC32C.of(key: id, data) == UInt32(truncatingIfNeeded: rows.integer(11)),
                let span = try? SpanColumns(decoding: data, count: Int(clamping: rows.integer(4)))
            else { return }
            for column in 1...12 { insert.bind(column: column, of: rows, at: column) }
            // What the columns say twice is taken from where the checksum covers it.
            insert.bind(layout.group, at: 2)
            for (index, number) in [
                Int64(span.times.count), span.times.min() ?? 0, span.times.max() ?? 0, span.ordinals.first ?? 0,
                span.ordinals.last ?? 0, Int64(bitPattern: span.sequences.first ?? 0),
                Int64(bitPattern: span.sequences.last ?? 0),
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
