import Archive
import GRDB
import GRDBSQLite
import Plant

extension ImportTarget {
    /// The form in which a reading is kept: the preferred one, or for a value that it cannot hold one that can.
    mutating func place(
        _ reading: StagedReading, preferred: ImportForm, in database: Database
    ) throws -> PlacedReading {
        var quality = Quality(rawValue: reading.quality)
        var found = preferred.bits(of: quality.isBad ? .none : reading.value).map { (preferred, $0) }
        if found == nil {
            found = ImportForm.all.lazy.compactMap { form in form.bits(of: reading.value).map { (form, $0) } }.first
        }
        guard let (form, bits) = found else {
            throw StagingReader.Damage(detail: "a value of \(tag.name) is of no kind")
        }
        if case .none = reading.value, !quality.isBad { quality = .neverRead }
        var text: String?
        if case .text(let found) = reading.value, !quality.isBad { text = found }
        return PlacedReading(
            time: reading.time, layout: try layout(form, in: database, from: reading.time), type: form.type,
            quality: quality, bits: text == nil ? bits : 0, text: text)
    }

    /// Writes readings as rows that wait for being sealed, behind all that were imported before.
    mutating func append(_ readings: ArraySlice<PlacedReading>, in database: Database) throws {
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO waiting(scan_group, time, sequence, ordinal, layout, took_ms, bad, v)
                VALUES (?1, ?2, ?3, ?3, ?4, 0, ?5, ?6)
                """
        ).sqliteStatement
        defer { sqlite3_clear_bindings(insert) }
        var (values, bad): ([UInt8], [UInt8]) = ([], [])
        for reading in readings {
            sequence += 1
            let raw = RawReading(
                bits: reading.text.map { UInt64($0.utf8.count) } ?? reading.bits, slot: 0, quality: reading.quality,
                continuation: 0)
            values.removeAll(keepingCapacity: true)
            values.append(
                values: [raw], types: [reading.type], texts: reading.text.map { [0: Array($0.utf8)] } ?? [:])
            bad.removeAll(keepingCapacity: true)
            let isGood = !bad.append(qualities: [raw])
            sqlite3_bind_int64(insert, 1, group)
            sqlite3_bind_int64(insert, 2, reading.time)
            sqlite3_bind_int64(insert, 3, sequence)
            sqlite3_bind_int64(insert, 4, reading.layout)
            if isGood { sqlite3_bind_null(insert, 5) } else { bind(bad, to: insert, at: 5) }
            bind(values, to: insert, at: 6)
            try database.step(insert)
        }
    }

    private func bind(_ text: [UInt8], to statement: SQLiteStatement, at index: CInt) {
        text.withUnsafeBytes { bytes in
            // Copied by SQLite (SQLITE_TRANSIENT).
            _ = sqlite3_bind_text(
                statement, index, bytes.bindMemory(to: CChar.self).baseAddress, CInt(bytes.count),
                unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        }
    }
}
