import GRDB
import GRDBSQLite
import Plant

/// Reads files into a staging file, and collects what is wrong with them.
final class Staging {
    /// What the history says about tags, and from when on it keeps readings.
    struct Known {
        var tags: [String: ImportSubject] = [:]
        /// UTC milliseconds; older raw readings are deleted.
        var horizon = Int64.min
    }

    /// A day's grace for clocks and time zones; beyond it a time is a mistake, or a forecast.
    static let future: Int64 = 86_400_000
    /// Smaller numbers are seconds by mistake: as milliseconds they would lie before March 1973.
    static let smallestEpoch: Int64 = 100_000_000_000
    /// Records between two looks at whether the person has had enough.
    static let stride = 1 << 14

    private let request: ImportRequest
    private let known: Known
    private let now: Int64
    private let database: Database
    private let insert: SQLiteStatement
    private(set) var findings = ImportFindings()
    private(set) var subjects: [ImportSubject] = []
    /// Indices in `subjects`; `nil` for a name that has been refused.
    private var byName: [ArraySlice<UInt8>: Int?] = [:]
    private var sources: [String] = []
    private(set) var records = 0

    init(_ request: ImportRequest, known: Known, now: Int64, into database: Database) throws {
        (self.request, self.known, self.now, self.database) = (request, known, now, database)
        let start = "INSERT INTO reading(subject, time, source, line, quality, value) VALUES (?, ?, ?, ?, ?, ?)"
        let conflict =
            switch request.mode {
            case .ignore: " ON CONFLICT DO NOTHING"
            case .fail: ""
            case .replace:
                """
                 ON CONFLICT DO UPDATE SET source = excluded.source, line = excluded.line, quality = excluded.quality,
                value = excluded.value
                """
            }
        insert = try database.cachedStatement(sql: start + conflict).sqliteStatement
    }

    func read(_ file: String, _ progress: (Int) throws -> Void) throws {
        sources.append(file)
        try database.execute(sql: "INSERT INTO source(id, name) VALUES (?, ?)", arguments: [sources.count, file])
        do {
            var file = try CSVRecords(file)
            guard try file.next() else {
                return findings.add(ImportProblem(file: file.name, line: 1, "found nothing, expected a header"))
            }
            let columns = try ImportColumns(of: file, tag: request.tag)
            var isOver = false
            while !isOver && !findings.isFull {
                do throws(ImportProblem) {
                    isOver = try !file.next()
                    if !isOver { try take(file, columns) }
                } catch {
                    findings.add(error)
                }
                records += 1
                if records % Staging.stride == 0 { try progress(records) }
            }
        } catch let problem as ImportProblem {
            findings.add(problem)
        }
    }

    // MARK: One record

    private func take(_ record: borrowing CSVRecords, _ columns: ImportColumns) throws(ImportProblem) {
        let fields = record.fields
        guard fields.count == columns.count else {
            throw record.problem("found \(fields.count) fields, expected \(columns.count)", at: fields[0])
        }
        let time = try time(fields[columns.time], record)
        switch columns.shape {
        case .long(let tag, let value, let unit, let quality):
            let name = tag.map { record.bytes(fields[$0]) } ?? ArraySlice((request.tag ?? "").utf8)
            let found = try quality.map { (index) throws(ImportProblem) in try self.quality(fields[index], record) }
            let unitField = unit.map { fields[$0] }
            guard let subject = try subject(name, at: fields[tag ?? value], unit: unitField, record) else { return }
            try add(fields[value], to: subject, time, found ?? .good, record)
        case .wide(let columns):
            for column in columns {
                let field = fields[column.field]
                guard !field.bytes.isEmpty || field.isQuoted else { continue }
                let name = ArraySlice(column.tag.utf8)
                guard let subject = try subject(name, at: field, unit: nil, record) else { continue }
                try add(field, to: subject, time, .good, record)
            }
        }
    }

    private func add(
        _ field: CSVRecords.Field, to index: Int, _ time: Int64, _ quality: Quality, _ record: borrowing CSVRecords
    ) throws(ImportProblem) {
        var value = ImportedValue.none
        if !quality.isBad {
            guard let found = subjects[index].value(field, in: record) else {
                throw record.problem(
                    "found \(quoted(record.bytes(field))) as a value of \(subjects[index].name), expected "
                        + subjects[index].expected, at: field)
            }
            value = found
        }
        subjects[index].note(value, at: time)
        guard findings.isEmpty else { return }
        bind(subjects[index].id, time, line: field.line, quality, value)
        try step(index, time, at: field, record)
    }

    private func bind(_ subject: Int64, _ time: Int64, line: Int, _ quality: Quality, _ value: ImportedValue) {
        sqlite3_bind_int64(insert, 1, subject)
        sqlite3_bind_int64(insert, 2, time)
        sqlite3_bind_int64(insert, 3, Int64(sources.count))
        sqlite3_bind_int64(insert, 4, Int64(line))
        sqlite3_bind_int64(insert, 5, Int64(quality.rawValue))
        switch value {
        case .none: sqlite3_bind_null(insert, 6)
        case .integer(let number): sqlite3_bind_int64(insert, 6, number)
        case .real(let number): sqlite3_bind_double(insert, 6, number)
        case .unsigned(let number): bind(number.description)
        case .text(let text): bind(text)
        }
    }

    /// Copied by SQLite: texts are few.
    private func bind(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                _ = sqlite3_bind_text(
                    insert, 6, characters.baseAddress, CInt(characters.count),
                    unsafeBitCast(-1, to: sqlite3_destructor_type.self))
            }
        }
    }

    private func step(
        _ index: Int, _ time: Int64, at field: CSVRecords.Field, _ record: borrowing CSVRecords
    ) throws(ImportProblem) {
        let code = sqlite3_step(insert)
        sqlite3_reset(insert)
        if code == SQLITE_DONE { return }
        guard code & 0xFF == SQLITE_CONSTRAINT else {
            let reason = String(cString: sqlite3_errmsg(database.sqliteConnection))
            throw ImportProblem(file: record.name, line: field.line, "the staging file cannot be written: \(reason)")
        }
        let first = try? Row.fetchOne(
            database,
            sql: """
                SELECT source.name, line FROM reading JOIN source ON source.id = source
                WHERE subject = ? AND time = ?
                """, arguments: [subjects[index].id, time])
        let place = first.map { "\($0[0] as String):\($0[1] as Int)" } ?? "an earlier line"
        throw record.problem(
            "found a second reading of \(subjects[index].name) at \(UTCTime.text(time)); the first is in \(place)",
            at: field)
    }

    // MARK: Fields

    private func time(_ field: CSVRecords.Field, _ record: borrowing CSVRecords) throws(ImportProblem) -> Int64 {
        let bytes = record.bytes(field)
        func wrong(_ expected: String) -> ImportProblem {
            record.problem("found the time \(quoted(bytes)), expected \(expected)", at: field)
        }
        guard let time = TimeField.milliseconds(bytes) else {
            throw wrong("ISO 8601 or UTC milliseconds since 1970")
        }
        guard time >= 0 else { throw wrong("one since 1970") }
        let isNumber = bytes.allSatisfy { $0 != UInt8(ascii: "-") }
        guard !isNumber || time >= Staging.smallestEpoch else { throw wrong("milliseconds: these look like seconds") }
        guard time <= now + Staging.future else { throw wrong("none in the future; now is \(UTCTime.text(now))") }
        guard time >= known.horizon else {
            throw wrong("one since \(UTCTime.text(known.horizon)): older readings are deleted (history.keep_raw)")
        }
        return time
    }

    private var qualities = Dictionary(
        ([.good] + Quality.all).map { (ArraySlice($0.name.utf8), $0) } + [([], .good)],
        uniquingKeysWith: { first, _ in first })

    private func quality(_ field: CSVRecords.Field, _ record: borrowing CSVRecords) throws(ImportProblem) -> Quality {
        let bytes = record.bytes(field)
        if let quality = qualities[bytes] { return quality }
        // A code without a name, from another version: bad:200.
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":")
        if parts.count == 2, let code = UInt8(parts[1]) {
            let quality = Quality(rawValue: code)
            if quality.name.utf8.elementsEqual(bytes) { return quality }
        }
        throw record.problem(
            "found the quality \(quoted(bytes)), expected a name such as good or bad:timeout, or nothing", at: field)
    }

    /// The index of a tag by its name; `nil` when it was refused before.
    private func subject(
        _ name: ArraySlice<UInt8>, at field: CSVRecords.Field, unit: CSVRecords.Field?,
        _ record: borrowing CSVRecords
    ) throws(ImportProblem) -> Int? {
        if let index = byName[name] {
            if let index, let unit { try check(unit, of: index, record) }
            return index
        }
        // The slice's bytes will change with the next record.
        let key = ArraySlice(Array(name))
        byName[key] = .some(nil)
        guard let text = String(validating: name, as: UTF8.self), !text.isEmpty else {
            throw record.problem("found the tag \(quoted(name)), expected a name in UTF-8", at: field)
        }
        let id = Int64(subjects.count + 1)
        if let known = known.tags[text] {
            subjects.append(known.numbered(id))
        } else {
            guard request.createsTags else {
                throw record.problem(
                    "found the tag \(quoted(name)), expected one of the history (cupel tags lists them; --create-tags "
                        + "makes new ones)", at: field)
            }
            let unit = unit.flatMap { record.text($0) }.flatMap { $0.isEmpty ? nil : $0 }
            subjects.append(ImportSubject(id: id, name: text, unit: unit, kind: nil, isCreated: true, own: nil))
        }
        byName[key] = subjects.count - 1
        if let unit { try check(unit, of: subjects.count - 1, record) }
        return subjects.count - 1
    }

    /// A temperature in other degrees would be a number like any other.
    private func check(
        _ field: CSVRecords.Field, of index: Int, _ record: borrowing CSVRecords
    ) throws(ImportProblem) {
        let bytes = record.bytes(field)
        let unit = subjects[index].unit ?? ""
        guard !bytes.isEmpty, !unit.utf8.elementsEqual(bytes) else { return }
        throw record.problem(
            "found the unit \(quoted(bytes)), expected \(unit.isEmpty ? "none" : unit) for \(subjects[index].name)",
            at: field)
    }

    // MARK: The end

    private func period(of subject: ImportSubject) -> Int64? {
        if let period = request.period {
            return min(max(period.milliseconds, StagingFile.periods.lowerBound), StagingFile.periods.upperBound)
        }
        return subject.spacing.period.map { min($0, ImportTarget.longestPeriod) }
    }

    /// Writes what the readings are of.
    ///
    /// - Returns: `nil` when there are no readings.
    func finish() throws -> (rows: Int, repeated: Int, range: ClosedRange<Int64>)? {
        for subject in subjects where subject.rows > 0 {
            let form = subject.form
            try database.execute(
                sql: "INSERT INTO subject VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    subject.id, subject.name, subject.unit, (subject.kind ?? .analog).rawValue, subject.typeName,
                    subject.isCreated, form.type.description, form.scale, form.offset,
                    period(of: subject),
                ])
        }
        guard
            let row = try Row.fetchOne(database, sql: "SELECT count(*), min(time), max(time) FROM reading"),
            let first: Int64 = row[1], let last: Int64 = row[2]
        else { return nil }
        let rows: Int = row[0]
        let repeated = subjects.reduce(0) { $0 + $1.rows } - rows
        try database.execute(
            sql: "INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                request.mode.rawValue, sources.joined(separator: ", "), request.note, rows, repeated, first, last,
            ])
        return (rows, repeated, first...last)
    }
}
