import GRDB
import Store

/// What an import leaves in the history besides readings: its event, and while it runs a mark that says how far it is.
struct ImportRecord {
    /// Where an import is; in the history, in the same transaction as the readings, so that a process which dies leaves
    /// no reading twice and none out.
    struct Progress: Codable {
        var subject: Int64 = 0
        var time = Int64.min
        var event: Int64 = 0
        var taken = 0
        var imported = 0
        var ignored = 0
        var replaced = 0
        var tooOld = 0
        var created = 0
    }

    let id: String
    let staging: StagingReader
    let author: String

    static func markName(_ id: String) -> String { "import/\(id)" }

    /// Imports count their events downwards: the recorder counts upwards by itself, without looking, and must find its
    /// numbers free.
    func begin(in database: Database) throws -> Int64 {
        let number = try Int64.fetchOne(database, sql: "SELECT min(ifnull(min(id), 0), 0) - 1 FROM event") ?? -1
        let tags = staging.subjects.values.map(\.name)
        try database.execute(
            sql: "INSERT INTO event(id, t0, t1, kind, subject, author, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                number, staging.range.lowerBound, staging.range.upperBound, HistoryEvent.Kind.import.rawValue,
                tags.count == 1 ? tags.first : nil, author,
                staging.note.map { "\(staging.files): \($0)" } ?? staging.files,
            ])
        return number
    }

    func save(_ progress: Progress, isLast: Bool, in database: Database) throws {
        if isLast {
            try removeMark(in: database)
        } else {
            try database.execute(
                sql: "INSERT OR REPLACE INTO mark(name, value) VALUES (?, ?)",
                arguments: [ImportRecord.markName(id), try StableJSON.text(progress)])
        }
        try describe(progress, state: isLast ? .done : .importing, in: database)
    }

    /// It ends before its end.
    func fail(_ progress: Progress, _ problem: String, in database: Database) throws {
        try removeMark(in: database)
        try describe(progress, state: .failed, problem: problem, in: database)
    }

    private func removeMark(in database: Database) throws {
        try database.execute(sql: "DELETE FROM mark WHERE name = ?", arguments: [ImportRecord.markName(id)])
    }

    private func describe(
        _ progress: Progress, state: ImportStatus.State, problem: String? = nil, in database: Database
    ) throws {
        var attributes = [
            "import": id, "mode": staging.mode.rawValue, "state": state.rawValue, "rows": "\(staging.rows)",
            "imported": "\(progress.imported)", "ignored": "\(progress.ignored)", "replaced": "\(progress.replaced)",
            "created": "\(progress.created)",
        ]
        if progress.tooOld > 0 { attributes["too_old"] = "\(progress.tooOld)" }
        attributes["problem"] = problem
        try database.execute(
            sql: "UPDATE event SET attrs = ? WHERE id = ?",
            arguments: [try StableJSON.text(attributes), progress.event])
    }
}
