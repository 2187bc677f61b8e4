import GRDB
import GRDBSQLite
import Store

extension HistoryReader {
    /// Hands over the readings of a tag in the order of time, with constant memory. Ends early when `body` throws.
    ///
    /// - Throws: `HistoryError`, or what `body` throws.
    public func readings(
        tag: String, from start: Int64, to end: Int64, _ body: (StoredReading) throws -> Void
    ) throws {
        let source = try source(of: tag)
        var after = Position(time: start, group: .min, sequence: .min)
        while start < end {
            let page = try read { try HistoryReader.page(of: source, after: &after, to: end, in: $0) }
            for reading in page.readings { try body(reading) }
            if page.isLast { return }
        }
    }

    /// Hands over one bucket after another, in the order of time. An interval in which nothing was read and nothing
    /// stood has no bucket: it is a gap, not a zero.
    ///
    /// - Parameter utcOffset: local time minus UTC in milliseconds, for buckets that follow people's clocks.
    public func buckets(
        tag: String, from start: Int64, to end: Int64, every interval: Duration,
        utcOffset: @escaping @Sendable (Int64) -> Int64 = { _ in 0 }, _ body: (Bucket) throws -> Void
    ) throws {
        guard start < end else { return }
        let period = try source(of: tag).period
        var builder = BucketBuilder(
            grid: BucketGrid(every: interval, utcOffset: utcOffset), range: start..<end, period: period)
        let reach = start.subtractingReportingOverflow(builder.reach)
        // The reading that stands at the start lies before it.
        try readings(tag: tag, from: reach.overflow ? .min : reach.partialValue, to: end) { reading in
            try builder.add(reading, body)
        }
        try builder.finish(body)
    }

    // MARK: Where a tag's readings are

    /// The scan groups that ever read the tag, and how each of their layouts decodes it.
    private struct Source {
        var groups: [Int64] = []
        var decoders: [Int64: SlotDecoder] = [:]
        /// Milliseconds; of the newest layout.
        var period: Int64 = 0
    }

    private func source(of tag: String) throws(HistoryError) -> Source {
        let source = try read { database in
            var source: Source?
            guard let number = try Int64.fetchOne(database, sql: "SELECT id FROM tag WHERE name = ?", arguments: [tag])
            else { return source }
            source = Source()
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT slot.layout, slot.slot, slot.type, slot.scale, slot.offset, layout.scan_group,
                        scan_group.period_ms
                    FROM slot
                    JOIN layout ON layout.id = slot.layout
                    JOIN scan_group ON scan_group.id = layout.scan_group
                    WHERE slot.tag = ? ORDER BY slot.layout
                    """, arguments: [number])
            for row in rows {
                let group: Int64 = row["scan_group"]
                if source?.groups.contains(group) == false { source?.groups.append(group) }
                source?.period = row["period_ms"]
                source?.decoders[row["layout"]] = SlotDecoder(
                    slot: row["slot"], type: row["type"], scale: row["scale"], offset: row["offset"] ?? 0)
            }
            return source
        }
        guard let source else { throw .unknownTag(tag) }
        return source
    }

    // MARK: One page

    /// The key of the newest row taken.
    private struct Position {
        var time: Int64
        var group: Int64
        var sequence: Int64
    }

    private struct Page {
        var readings: [StoredReading] = []
        var isLast = true
    }

    /// SQLite narrows the index by time, and passes over the entries of other groups without touching their rows. The
    /// plus sign keeps it from taking the group for a key too, which would only make it sort what is sorted.
    static func pageQuery(groups: [Int64]) -> String {
        """
        SELECT time, scan_group, sequence, layout, bad, v FROM hot
        WHERE time >= ?1 AND time < ?2 AND (time, scan_group, sequence) > (?1, ?3, ?4)
            AND +scan_group IN (\(groups.map(String.init).joined(separator: ", ")))
        ORDER BY time, scan_group, sequence LIMIT \(pageRows)
        """
    }

    private static func page(
        of source: Source, after position: inout Position, to end: Int64, in database: Database
    ) throws -> Page {
        var page = Page()
        guard !source.groups.isEmpty else { return page }
        let statement = try database.cachedStatement(sql: pageQuery(groups: source.groups)).sqliteStatement
        defer { sqlite3_reset(statement) }
        sqlite3_bind_int64(statement, 1, position.time)
        sqlite3_bind_int64(statement, 2, end)
        sqlite3_bind_int64(statement, 3, position.group)
        sqlite3_bind_int64(statement, 4, position.sequence)
        var rows = 0
        var code = sqlite3_step(statement)
        while code == SQLITE_ROW {
            rows += 1
            position.time = sqlite3_column_int64(statement, 0)
            position.group = sqlite3_column_int64(statement, 1)
            position.sequence = sqlite3_column_int64(statement, 2)
            // A layout that does not read the tag: it was in this group before or after.
            if let decoder = source.decoders[sqlite3_column_int64(statement, 3)] {
                let values = text(of: statement, column: 5) ?? UnsafeBufferPointer(start: nil, count: 0)
                let bad = text(of: statement, column: 4)
                page.readings.append(decoder.decode(time: position.time, values: values, bad: bad))
            }
            code = sqlite3_step(statement)
        }
        guard code == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
        }
        page.isLast = rows < pageRows
        return page
    }

    /// The text of a column, valid until the next step; `nil` for NULL.
    private static func text(of statement: SQLiteStatement, column: CInt) -> UnsafeBufferPointer<UInt8>? {
        guard let start = sqlite3_column_text(statement, column) else { return nil }
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }
}
