import GRDB
import GRDBSQLite
public import Plant

extension HistoryReader {
    /// No scan takes longer than this, in milliseconds: how far the order of times and that of completion can differ.
    static let longestScan: Int64 = 60_000

    /// Hands over the scans of all groups in the order in which the watch saw them complete, with constant memory. Ends
    /// early when `body` throws.
    ///
    /// - Parameters:
    ///   - tags: the tags in question, of the configuration that asks. Others are not decoded.
    ///   - start: UTC milliseconds, as is `end`; half-open, by the times of the scans.
    /// - Throws: `HistoryError`, or what `body` throws.
    public func scans(
        of tags: [Tag], from start: Int64, to end: Int64, _ body: (borrowing RecordedScan) throws -> Void
    ) throws {
        guard start < end else { return }
        let decoders = try layoutDecoders(for: tags)
        guard let rows = try read({ try HistoryReader.rows(from: start, to: end, in: $0) }) else { return }
        var page = ScanPage(after: rows.lowerBound - 1)
        var isLast = false
        while !isLast {
            isLast = try read { try page.fill(upTo: rows.upperBound, range: start..<end, decoders, in: $0) }
            for index in 0..<page.count { try body(page.scans[index]) }
        }
    }

    /// The rows that may lie in the range, by their numbers.
    private static func rows(from start: Int64, to end: Int64, in database: Database) throws -> ClosedRange<Int64>? {
        func number(_ sql: String, _ a: Int64, _ b: Int64) throws -> Int64? {
            try Int64.fetchOne(database, sql: sql, arguments: [a, b])
        }
        guard
            let oldest = try number("SELECT min(time) FROM hot WHERE time >= ? AND time < ?", start, end),
            let newest = try number("SELECT max(time) FROM hot WHERE time >= ? AND time < ?", start, end),
            let first = try number(
                "SELECT min(id) FROM hot WHERE time BETWEEN ? AND ?", oldest, oldest + longestScan),
            let last = try number("SELECT max(id) FROM hot WHERE time BETWEEN ? AND ?", newest - longestScan, newest),
            first <= last
        else { return nil }
        return first...last
    }

    /// By layout.
    private func layoutDecoders(for tags: [Tag]) throws -> [Int64: LayoutDecoder] {
        let wanted = Dictionary(tags.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return try read { database in
            var groups: [Int64: String] = [:]
            var slots: [Int64: [LayoutDecoder.Slot]] = [:]
            for row in try Row.fetchAll(
                database,
                sql: "SELECT layout.id, scan_group.name FROM layout JOIN scan_group ON scan_group.id = scan_group")
            {
                groups[row[0]] = row[1]
            }
            for row in try Row.fetchAll(
                database,
                sql: """
                    SELECT slot.layout, slot.slot, slot.type, slot.scale, slot.offset, tag.name
                    FROM slot JOIN tag ON tag.id = slot.tag ORDER BY slot.layout, slot.slot
                    """)
            {
                guard let tag = wanted[row["name"]], let type = ValueType(storedAs: row["type"]) else { continue }
                slots[row["layout"], default: []].append(
                    LayoutDecoder.Slot(
                        slot: row["slot"], tag: tag, type: type, scale: row["scale"], offset: row["offset"] ?? 0))
            }
            return Dictionary(
                groups.map { ($0, LayoutDecoder(group: $1, slots: slots[$0] ?? [])) },
                uniquingKeysWith: { first, _ in first })
        }
    }
}

/// Some rows, in storage that is used again and again: nothing is allocated for a value, and nothing for a row.
private struct ScanPage {
    private(set) var scans: [RecordedScan] = []
    private(set) var count = 0
    private var after: Int64

    init(after: Int64) { self.after = after }

    /// - Returns: whether these are the last ones.
    mutating func fill(
        upTo last: Int64, range: Range<Int64>, _ decoders: [Int64: LayoutDecoder], in database: Database
    ) throws -> Bool {
        count = 0
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, time, sequence, layout, took_ms, bad, v FROM hot WHERE id > ? AND id <= ? ORDER BY id LIMIT ?
                """
        ).sqliteStatement
        defer { sqlite3_reset(statement) }
        sqlite3_bind_int64(statement, 1, after)
        sqlite3_bind_int64(statement, 2, last)
        sqlite3_bind_int64(statement, 3, Int64(HistoryReader.pageRows))
        var rows = 0
        var code = sqlite3_step(statement)
        while code == SQLITE_ROW {
            rows += 1
            after = sqlite3_column_int64(statement, 0)
            let layout = sqlite3_column_int64(statement, 3)
            // Rows may be a little out of the order of time at the ends of the range.
            if range.contains(sqlite3_column_int64(statement, 1)), let decoder = decoders[layout] {
                if count == scans.count { scans.append(RecordedScan(time: 0, group: "", tags: [])) }
                scans[count].take(statement, layout, decoder)
                count += 1
            }
            code = sqlite3_step(statement)
        }
        guard code == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
        }
        return rows < HistoryReader.pageRows
    }
}

extension RecordedScan {
    fileprivate mutating func take(_ statement: SQLiteStatement, _ layout: Int64, _ decoder: LayoutDecoder) {
        time = sqlite3_column_int64(statement, 1)
        sequence = UInt64(bitPattern: sqlite3_column_int64(statement, 2))
        took = sqlite3_column_int64(statement, 4)
        if self.layout != layout || group.isEmpty { (self.layout, group, tags) = (layout, decoder.group, decoder.tags) }
        readings.removeAll(keepingCapacity: true)
        if !texts.isEmpty { texts.removeAll(keepingCapacity: true) }
        guard let values = sqlite3_column_text(statement, 6) else { return }
        loss = decoder.decode(values, bad: sqlite3_column_text(statement, 5), into: &readings, texts: &texts)
    }
}

extension ValueType {
    /// The type of a name that the history keeps, `float32` or `string(8)`.
    init?(storedAs name: String) {
        let plain: [ValueType] = [
            .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .bcd16, .bcd32, .signmag16,
            .signmag32,
        ]
        if let type = plain.first(where: { $0.description == name }) {
            self = type
        } else if name.hasPrefix("string("), let registers = Int(name.dropFirst(7).dropLast()) {
            self = .string(registers: registers)
        } else {
            return nil
        }
    }
}
