import GRDB
import GRDBSQLite
import Plant

/// Lays checked readings into a staging file, one of each tag and time.
final class StagingWriter {
    private let mode: ImportMode
    private let database: Database
    private let insert: SQLiteStatement
    private let overwrite: SQLiteStatement
    private(set) var sources: [String] = []
    /// Readings at a tag and time that had one already.
    private(set) var repeated = 0
    /// The first of them, with which one counts.
    private(set) var repeats: [ImportProblem] = []

    /// Told one by one; the number tells the rest.
    static let repeatsTold = 5

    init(_ mode: ImportMode, _ database: Database) throws {
        (self.mode, self.database) = (mode, database)
        insert = try database.cachedStatement(
            sql: """
                INSERT INTO reading(subject, time, source, line, quality, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT DO NOTHING
                """
        ).sqliteStatement
        overwrite = try database.cachedStatement(
            sql: """
                UPDATE reading SET source = ?3, line = ?4, quality = ?5, value = ?6 WHERE subject = ?1 AND time = ?2
                """
        ).sqliteStatement
    }

    func begin(_ file: String) throws {
        sources.append(file)
        try database.execute(sql: "INSERT INTO source(id, name) VALUES (?, ?)", arguments: [sources.count, file])
    }

    /// Under `ignore` the first reading of a tag and time counts, under `replace` the last one; `fail` refuses a second.
    ///
    /// - Returns: whether it is the first one.
    func add(
        _ value: ImportedValue, _ quality: Quality, of subject: ImportSubject, at time: Int64,
        from field: CSVRecords.Field, _ record: borrowing CSVRecords
    ) throws(ImportProblem) -> Bool {
        bind(insert, subject.id, time, field.line, quality, value)
        try step(insert, field, record)
        guard sqlite3_changes(database.sqliteConnection) == 0 else { return true }
        let place = place(subject.id, time)
        let first = record.problem(
            found: "a second reading of \(subject.name) at \(UTCTime.text(time))",
            expected: mode == .replace ? "one; it counts, and not that of \(place)" : "one; the first is in \(place)",
            at: field)
        if mode == .fail { throw first }
        repeated += 1
        if repeats.count < StagingWriter.repeatsTold { repeats.append(first) }
        if mode == .replace {
            bind(overwrite, subject.id, time, field.line, quality, value)
            try step(overwrite, field, record)
        }
        return false
    }

    private func place(_ subject: Int64, _ time: Int64) -> String {
        let row = try? Row.fetchOne(
            database,
            sql: """
                SELECT source.name, line FROM reading JOIN source ON source.id = source
                WHERE subject = ? AND time = ?
                """, arguments: [subject, time])
        return row.map { "\($0[0] as String):\($0[1] as Int)" } ?? "an earlier line"
    }

    private func step(
        _ statement: SQLiteStatement, _ field: CSVRecords.Field, _ record: borrowing CSVRecords
    ) throws(ImportProblem) {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard code == SQLITE_DONE else {
            let reason = String(cString: sqlite3_errmsg(database.sqliteConnection))
            throw ImportProblem(file: record.name, line: field.line, "the staging file cannot be written: \(reason)")
        }
    }

    private func bind(
        _ statement: SQLiteStatement, _ subject: Int64, _ time: Int64, _ line: Int, _ quality: Quality,
        _ value: ImportedValue
    ) {
        sqlite3_bind_int64(statement, 1, subject)
        sqlite3_bind_int64(statement, 2, time)
        sqlite3_bind_int64(statement, 3, Int64(sources.count))
        sqlite3_bind_int64(statement, 4, Int64(line))
        sqlite3_bind_int64(statement, 5, Int64(quality.rawValue))
        switch value {
        case .none: sqlite3_bind_null(statement, 6)
        case .integer(let number): sqlite3_bind_int64(statement, 6, number)
        case .real(let number): sqlite3_bind_double(statement, 6, number)
        case .unsigned(let number): bind(number.description, to: statement)
        case .text(let text): bind(text, to: statement)
        }
    }

    /// Copied by SQLite: texts are few.
    private func bind(_ text: String, to statement: SQLiteStatement) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                _ = sqlite3_bind_text(
                    statement, 6, characters.baseAddress, CInt(characters.count),
                    unsafeBitCast(-1, to: sqlite3_destructor_type.self))
            }
        }
    }
}
