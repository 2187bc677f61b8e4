import Archive
import GRDB
import Glibc
import Store

/// One import on its way from its staging file into the history, a piece a transaction.
final class ImportRun {
    /// Readings one transaction takes: some 30 ms with the comparison, so that a commit of readings never waits longer.
    static let piece = 5000
    /// Conflicts that are told one by one.
    static let conflictsTold = 20

    /// Where it is; in the history, in the same transaction as the readings, so that a process which dies leaves no
    /// reading twice and none out.
    struct Progress: Codable {
        var subject: Int64 = 0
        var time = Int64.min
        var event: Int64 = 0
        var taken = 0
        var imported = 0
        var ignored = 0
        var replaced = 0
        var created = 0
    }

    private(set) var status: ImportStatus
    private let staging: StagingReader
    private let author: String
    private let faults: FaultPoints?
    private let piece: Int
    private var progress: Progress
    private var compared: (subject: Int64, time: Int64) = (0, .min)
    /// By subject; good as long as nothing was rolled back.
    private var targets: [Int64: ImportTarget] = [:]

    /// - Parameter progress: of an import that a dead process began.
    init(
        _ id: String, _ staging: StagingReader, author: String, resuming progress: Progress? = nil,
        piece: Int = ImportRun.piece, _ faults: FaultPoints? = nil
    ) {
        (self.staging, self.author, self.piece, self.faults) = (staging, author, piece, faults)
        self.progress = progress ?? Progress()
        status = ImportStatus(id: id, rows: staging.rows)
        status.state = staging.mode == .fail && progress == nil ? .comparing : .importing
        tell()
    }

    static func markName(_ id: String) -> String { "import/\(id)" }

    /// Does the next piece. What is wrong with the staging file, or with a chunk that should be compared, ends the
    /// import; what the database refuses is tried again later.
    func step(_ store: HistoryStore) throws(HistoryError) {
        var end: String?
        do throws(HistoryError) {
            let isComparing = status.state == .comparing
            let rows = next(after: isComparing ? compared : (progress.subject, progress.time), &end)
            if end == nil, isComparing {
                try store.look { database in try self.ending(&end) { try self.compare(rows, in: database) } }
            } else if end == nil {
                try take(rows, store, &end)
            }
        } catch {
            // What was found or made in the transaction may not be there.
            targets.removeAll()
            if end == nil { throw error }
        }
        if let end { try fail(end, store) }
        if status.isOver { unlink(staging.path) }
        try? faults?.reach("import stepped")
    }

    private func next(after position: (subject: Int64, time: Int64), _ end: inout String?) -> [StagedReading] {
        do throws(StagingReader.Damage) {
            return try staging.next(piece, after: position)
        } catch {
            end = error.detail
            return []
        }
    }

    private func ending(_ end: inout String?, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as StagingReader.Damage {
            end = error.detail
            throw error
        } catch ArchiveError.sqlite(let code, let message) {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        } catch let error as ArchiveError {
            end = error.description
            throw error
        }
    }

    // MARK: Looking for conflicts

    private func compare(_ rows: [StagedReading], in database: Database) throws {
        let archive = try Archive(database)
        var problems = status.problems
        for group in rows.bySubject {
            guard let subject = staging.subjects[group[group.startIndex].subject],
                let tag = try archive.tag(named: subject.name)
            else { continue }
            for (reading, presence) in zip(group, try Presence.of(group, tag, in: archive)) where presence != .nothing {
                guard problems.count < ImportRun.conflictsTold else { break }
                problems.append(staging.conflict(reading))
            }
        }
        status.taken += rows.count
        if let last = rows.last { compared = (last.subject, last.time) }
        status.problems = problems
        let isEnough = problems.count >= ImportRun.conflictsTold
        guard rows.count < piece || isEnough else { return }
        if isEnough { status.problems.append("and perhaps more") }
        status.state = status.problems.isEmpty ? .importing : .refused
        if status.state == .importing { status.taken = 0 }
    }

    // MARK: Importing

    private func take(
        _ rows: [StagedReading], _ store: HistoryStore, _ end: inout String?
    ) throws(HistoryError) {
        var next = progress
        let isLast = rows.count < piece
        try store.transaction { database in
            try self.ending(&end) {
                try faults?.reach("import begun")
                if next.event == 0 { next.event = try insertEvent(in: database) }
                let archive = try Archive(database)
                for group in rows.bySubject { try take(group, &next, archive, database) }
                next.taken += rows.count
                if let last = rows.last { (next.subject, next.time) = (last.subject, last.time) }
                try faults?.reach("after the rows of an import")
                try save(next, isLast: isLast, in: database)
                try faults?.reach("before the import's commit")
            }
        }
        progress = next
        if isLast { status.state = .done }
        tell()
        try? faults?.reach("import committed")
    }

    private func take(
        _ group: ArraySlice<StagedReading>, _ next: inout Progress, _ archive: Archive, _ database: Database
    ) throws {
        let number = group[group.startIndex].subject
        guard let subject = staging.subjects[number] else { return }
        var target = targets.removeValue(forKey: number)
        if target == nil {
            let made = try ImportTarget(subject, archive, in: database, from: group[group.startIndex].time)
            if made.isCreated { next.created += 1 }
            target = made
        }
        guard var target else { return }
        // What was made by this import has nothing that it could meet.
        let presence = target.isCreated ? nil : try Presence.of(group, target.tag, in: archive)
        var newest: Int64?
        for (index, reading) in zip(group.indices, group) {
            let present = presence?[index - group.startIndex] ?? .nothing
            guard present == .nothing || present == .other && staging.mode == .replace else {
                next.ignored += 1
                continue
            }
            if let newest, reading.time - newest > target.reach {
                try target.dueBehind(newest, archive, in: database)
            }
            try target.insert(reading, preferred: subject.form, in: database)
            try target.due(reading.time, in: database)
            newest = reading.time
            next.imported += 1
            if present == .other { next.replaced += 1 }
        }
        if let newest { try target.dueBehind(newest, archive, in: database) }
        try target.save(in: database)
        try faults?.reach("after the rows of a tag")
        targets[number] = target
    }

    // MARK: What it leaves besides

    /// Imports count their events downwards: the recorder counts upwards by itself, without looking, and must find its
    /// numbers free.
    private func insertEvent(in database: Database) throws -> Int64 {
        let number = try Int64.fetchOne(database, sql: "SELECT min(ifnull(min(id), 0), 0) - 1 FROM event") ?? -1
        let tags = staging.subjects.values.map(\.name)
        try database.execute(
            sql: "INSERT INTO event(id, t0, t1, kind, subject, author, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                number, staging.range.lowerBound, staging.range.upperBound, HistoryEvent.Kind.import.rawValue,
                tags.count == 1 ? tags.first : nil, author,
                staging.note.map { "\(staging.files): \($0)" } ?? staging.files,
            ])
        try faults?.reach("after the import's event")
        return number
    }

    private func save(_ next: Progress, isLast: Bool, in database: Database) throws {
        let name = ImportRun.markName(status.id)
        if isLast {
            try database.execute(sql: "DELETE FROM mark WHERE name = ?", arguments: [name])
        } else {
            try database.execute(
                sql: "INSERT OR REPLACE INTO mark(name, value) VALUES (?, ?)",
                arguments: [name, try StableJSON.text(next)])
        }
        try describe(next, state: isLast ? .done : .importing, in: database)
    }

    private func describe(
        _ next: Progress, state: ImportStatus.State, problem: String? = nil, in database: Database
    ) throws {
        var attributes = [
            "import": status.id, "mode": staging.mode.rawValue, "state": state.rawValue, "rows": "\(staging.rows)",
            "imported": "\(next.imported)", "ignored": "\(next.ignored)", "replaced": "\(next.replaced)",
            "created": "\(next.created)",
        ]
        attributes["problem"] = problem
        try database.execute(
            sql: "UPDATE event SET attrs = ? WHERE id = ?", arguments: [try StableJSON.text(attributes), next.event])
    }

    private func fail(_ detail: String, _ store: HistoryStore) throws(HistoryError) {
        if progress.event != 0 {
            try store.transaction { database in
                try database.execute(
                    sql: "DELETE FROM mark WHERE name = ?", arguments: [ImportRun.markName(status.id)])
                try describe(progress, state: .failed, problem: detail, in: database)
            }
        }
        status.state = .failed
        status.problems.append(detail)
    }

    private func tell() {
        (status.taken, status.created) = (progress.taken, progress.created)
        (status.imported, status.ignored, status.replaced) = (
            progress.imported, progress.ignored, progress.replaced
        )
    }
}

extension [StagedReading] {
    /// In the order they are in: of one tag after another.
    var bySubject: [ArraySlice<StagedReading>] {
        var groups: [ArraySlice<StagedReading>] = []
        var start = 0
        for end in indices.dropFirst() where self[end].subject != self[start].subject {
            groups.append(self[start..<end])
            start = end
        }
        if !isEmpty { groups.append(self[start...]) }
        return groups
    }
}

extension Archive {
    /// For as long as a transaction: its statements must not outlive the connection.
    convenience init(_ database: Database) throws {
        guard let connection = database.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
        try self.init(connection)
    }
}
