import GRDB
import Plant

/// Reads files into a staging file, and collects what is wrong with them.
final class Staging {
    /// What the history says about tags, and from when on it keeps readings.
    struct Known {
        var tags: [String: ImportSubject] = [:]
        /// UTC milliseconds; older raw readings are deleted.
        var horizon = Int64.min
    }

    /// Records between two looks at whether the person has had enough.
    static let stride = 1 << 14

    private let request: ImportRequest
    private let database: Database
    private let fields: ReadingFields
    private let writer: StagingWriter
    private var subjects: StagedSubjects
    private(set) var findings = ImportFindings()
    private var records = 0

    init(_ request: ImportRequest, known: Known, now: Int64, into database: Database) throws {
        (self.request, self.database) = (request, database)
        fields = ReadingFields(now: now, horizon: known.horizon, clock: request.clock)
        subjects = StagedSubjects(known: known.tags, createsTags: request.createsTags)
        writer = try StagingWriter(request.mode, database)
    }

    func read(_ file: String, _ progress: (Int) throws -> Void) throws {
        try writer.begin(file)
        do {
            var file = try CSVRecords(file)
            guard try file.next() else {
                return findings.add(ImportProblem(file: file.name, line: 1, found: "nothing", expected: "a header"))
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
        let found = record.fields
        guard found.count == columns.count else {
            throw record.problem(found: "\(found.count) fields", expected: "\(columns.count)", at: found[0])
        }
        let time = try fields.time(found[columns.time], record)
        switch columns.shape {
        case .long(let tag, let value, let unit, let quality):
            let name = tag.map { record.bytes(found[$0]) } ?? ArraySlice((request.tag ?? "").utf8)
            let quality = try quality.map { (index) throws(ImportProblem) in
                try fields.quality(found[index], record)
            }
            let subject = try subjects.index(of: name, at: found[tag ?? value], unit: unit.map { found[$0] }, record)
            guard let subject else { return }
            try add(found[value], to: subject, time, quality ?? .good, record)
        case .wide(let columns):
            for column in columns {
                let field = found[column.field]
                guard !field.bytes.isEmpty || field.isQuoted else { continue }
                let subject = try subjects.index(of: ArraySlice(column.tag.utf8), at: field, unit: nil, record)
                guard let subject else { continue }
                try add(field, to: subject, time, .good, record)
            }
        }
    }

    private func add(
        _ field: CSVRecords.Field, to index: Int, _ time: Int64, _ quality: Quality, _ record: borrowing CSVRecords
    ) throws(ImportProblem) {
        let value = quality.isBad ? .none : try subjects[index].value(field, in: record)
        guard findings.isEmpty else { return }
        if try writer.add(value, quality, of: subjects[index], at: time, from: field, record) {
            subjects[index].note(time)
        }
    }

    // MARK: The end

    /// Writes what the readings are of.
    ///
    /// - Returns: `nil` when there are no readings.
    func finish(_ id: String, _ path: String) throws -> StagedImport? {
        let staged = subjects.all.filter { $0.rows > 0 }
        let tags = staged.map { subject in
            let period = ImportPeriod(
                given: request.period, spacing: subject.spacing.period, scans: subject.scanPeriod)
            return StagedTag(
                name: subject.name, readings: subject.rows, isCreated: subject.isCreated, period: period)
        }
        for (subject, tag) in zip(staged, tags) {
            let form = subject.form
            try database.execute(
                sql: "INSERT INTO subject VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    subject.id, subject.name, subject.unit, (subject.kind ?? .analog).rawValue, subject.typeName,
                    subject.isCreated, form.type.description, form.scale, form.offset, tag.period.milliseconds,
                ])
        }
        guard
            let row = try Row.fetchOne(database, sql: "SELECT count(*), min(time), max(time) FROM reading"),
            let first: Int64 = row[1], let last: Int64 = row[2]
        else { return nil }
        let rows: Int = row[0]
        try database.execute(
            sql: "INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                request.mode.rawValue, writer.sources.joined(separator: ", "), request.note, rows, writer.repeated,
                first, last,
            ])
        return StagedImport(
            id: id, path: path, rows: rows, range: first...last, tags: tags, repeated: writer.repeated,
            repeats: writer.repeats)
    }
}
