import Archive
import GRDB
import GRDBSQLite
import Plant

/// A staging file as the one who takes it over sees it: another user may have made it, so nothing in it is believed
/// before it was looked at.
final class StagingReader {
    struct Subject {
        let name: String
        let unit: String?
        let kind: ImportSubject.Kind
        let type: String
        let isCreated: Bool
        let form: ImportForm
        /// Milliseconds.
        let period: Int64
    }

    /// Of an error in the file, which is nobody's fault but its own.
    struct Damage: Error {
        let detail: String
    }

    let path: String
    let mode: ImportMode
    let files: String
    let note: String?
    let rows: Int
    let range: ClosedRange<Int64>
    let subjects: [Int64: Subject]
    private let sources: [Int64: String]
    private let queue: DatabaseQueue

    init(_ path: String) throws(Damage) {
        self.path = path
        do {
            queue = try StagingFile.open(path)
            let content = try queue.read { try Content($0) }
            (mode, files, note) = (content.mode, content.files, content.note)
            (rows, range) = (content.rows, content.range)
            (subjects, sources) = (content.subjects, content.sources)
        } catch {
            throw Damage(detail: "\(path): \(error)")
        }
    }

    private struct Content {
        let mode: ImportMode
        let files: String
        let note: String?
        let rows: Int
        let range: ClosedRange<Int64>
        var subjects: [Int64: Subject] = [:]
        var sources: [Int64: String] = [:]

        init(_ database: Database) throws {
            guard
                let job = try Row.fetchOne(database, sql: "SELECT mode, files, note, rows, t0, t1 FROM job"),
                let mode = ImportMode(rawValue: job[0])
            else { throw Damage(detail: "it says nothing of its import") }
            (self.mode, files, note, rows) = (mode, job[1], job[2], job[3])
            let (first, last): (Int64, Int64) = (job[4], job[5])
            guard first <= last, StagingFile.times.contains(first), StagingFile.times.contains(last) else {
                throw Damage(detail: "its times are none")
            }
            range = first...last
            for row in try Row.fetchAll(
                database,
                sql: """
                    SELECT id, name, unit, kind, type, created, slot_type, scale, offset, period_ms FROM subject
                    """)
            {
                let (scale, period): (Double?, Int64) = (row[7], row[9])
                guard let kind = ImportSubject.Kind(rawValue: row[3]), let type = ValueType(storedAs: row[6]),
                    scale.map({ $0.isFinite && $0 != 0 }) ?? true, StagingFile.periods.contains(period)
                else { throw Damage(detail: "the tag \(row[1] as String) is of no known kind") }
                subjects[row[0]] = Subject(
                    name: row[1], unit: row[2], kind: kind, type: row[4], isCreated: row[5],
                    form: ImportForm(type: type, scale: scale, offset: row[8]), period: period)
            }
            for row in try Row.fetchAll(database, sql: "SELECT id, name FROM source") { sources[row[0]] = row[1] }
        }
    }

    /// The next readings in the order of tags and times.
    ///
    /// - Parameter after: the last one that was taken.
    func next(_ limit: Int, after: (subject: Int64, time: Int64)) throws(Damage) -> [StagedReading] {
        do {
            return try queue.read { database in
                let statement = try database.cachedStatement(
                    sql: """
                        SELECT subject, time, source, line, quality, value FROM reading
                        WHERE (subject, time) > (?, ?) ORDER BY subject, time LIMIT ?
                        """
                ).sqliteStatement
                defer { sqlite3_reset(statement) }
                sqlite3_bind_int64(statement, 1, after.subject)
                sqlite3_bind_int64(statement, 2, after.time)
                sqlite3_bind_int64(statement, 3, Int64(limit))
                var found: [StagedReading] = []
                found.reserveCapacity(limit)
                var code = sqlite3_step(statement)
                while code == SQLITE_ROW {
                    let reading = StagedReading(statement, isText: { self.subjects[$0]?.kind == .text })
                    guard reading.subject == found.last?.subject || subjects[reading.subject] != nil,
                        range.contains(reading.time), reading.isFinite
                    else {
                        throw Damage(detail: "a reading has no tag, a time out of range, or an infinite value")
                    }
                    found.append(reading)
                    code = sqlite3_step(statement)
                }
                guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
                return found
            }
        } catch {
            throw Damage(detail: "\(path): \(error)")
        }
    }

    /// `readings.csv:12: F-01.melt_temp has a reading at …`
    func conflict(_ reading: StagedReading) -> String {
        "\(sources[reading.source] ?? "?"):\(reading.line): \(subjects[reading.subject]?.name ?? "?") has a reading at "
            + UTCTime.text(reading.time)
    }
}
