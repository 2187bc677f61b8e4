import GRDB
import GRDBSQLite

extension HistoryStore {
    /// Where the rows of a batch went.
    struct Insertion {
        /// Rows that were not in `hot` yet.
        var added = 0
        /// The ordinals of rows that had to go to `waiting`, because another one had their key.
        var aside: Set<Int64> = []
    }

    /// The hot path binds by hand: the texts stay in the batch's buffer, and nothing is allocated for a row.
    ///
    func insert(_ batch: borrowing Batch, into database: Database) throws -> Insertion {
        var insertion = Insertion()
        guard !batch.rows.isEmpty else { return insertion }
        let insert = try database.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO hot(id, ordinal, scan_group, sequence, layout, took_ms, bad, v)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).sqliteStatement
        // Scans complete a little out of the order in which they began. Only keys that rise are appended; any other
        // splits a page in the middle and leaves both halves half empty.
        let order = batch.rows.indices.sorted { batch.rows[$0].key < batch.rows[$1].key }
        try batch.text.withUnsafeBytes { text in
            defer { sqlite3_clear_bindings(insert) }
            for index in order {
                let row = batch.rows[index]
                let group = catalogue.groups[row.group]
                sqlite3_bind_int64(insert, 1, row.key)
                sqlite3_bind_int64(insert, 2, row.ordinal)
                sqlite3_bind_int64(insert, 3, group.number)
                sqlite3_bind_int64(insert, 4, Int64(bitPattern: row.sequence))
                sqlite3_bind_int64(insert, 5, group.layout)
                sqlite3_bind_int64(insert, 6, row.tookMilliseconds)
                if let bad = row.bad {
                    bind(text, bad, to: insert, at: 7)
                } else {
                    sqlite3_bind_null(insert, 7)
                }
                bind(text, row.values, to: insert, at: 8)
                try database.step(insert)
                if sqlite3_changes(database.sqliteConnection) == 1 {
                    insertion.added += 1
                } else if try !isPresent(row, database) {
                    try putAside(row, text, database)
                    insertion.aside.insert(row.ordinal)
                }
            }
        }
        return insertion
    }

    /// The row is there, from a try whose answer got lost.
    private func isPresent(_ row: Batch.Row, _ database: Database) throws -> Bool {
        try Int64.fetchOne(database, sql: "SELECT ordinal FROM hot WHERE id = ?", arguments: [row.key]) == row.ordinal
    }

    /// The key is another row's: the clock was set back, to the millisecond of a scan 2^20 rows ago.
    private func putAside(_ row: Batch.Row, _ text: UnsafeRawBufferPointer, _ database: Database) throws {
        let group = catalogue.groups[row.group]
        try database.execute(
            sql: """
                INSERT OR IGNORE INTO waiting(scan_group, time, sequence, ordinal, layout, took_ms, bad, v)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                group.number, row.time, Int64(bitPattern: row.sequence), row.ordinal, group.layout,
                row.tookMilliseconds, row.bad.map { String(decoding: text[$0], as: UTF8.self) },
                String(decoding: text[row.values], as: UTF8.self),
            ])
    }

    private func bind(
        _ text: UnsafeRawBufferPointer, _ range: Range<Int>, to statement: SQLiteStatement, at index: CInt
    ) {
        // No destructor (SQLITE_STATIC): the buffer outlives the step.
        let start = text.baseAddress.map { ($0 + range.lowerBound).assumingMemoryBound(to: CChar.self) }
        sqlite3_bind_text(statement, index, start, CInt(range.count), nil)
    }

    func write(_ events: [Batch.EventWrite], to database: Database) throws {
        for event in events {
            switch event {
            case .insert(let id, let event):
                let attributes = event.attributes.isEmpty ? nil : try StableJSON.text(event.attributes)
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO event(id, t0, t1, kind, subject, author, text, attrs)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        id, event.start, event.end, event.kind.rawValue, event.subject, event.author, event.text,
                        attributes,
                    ])
            case .close(let id, let end):
                try database.execute(
                    sql: "UPDATE event SET t1 = max(t0, ?) WHERE id = ? AND t1 IS NULL", arguments: [end, id])
            }
        }
    }
}
