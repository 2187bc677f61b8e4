import Archive
import GRDB
import Glibc
import Plant
import Store

/// One import on its way from its staging file into the history, a piece a transaction.
final class ImportRun {
    /// Readings one transaction takes: 12 spans, some 10 ms with the comparison, or 35 ms where they lie between others
    /// and must wait as rows (measured), so that a commit of readings never waits long.
    static let piece = 12 * ImportSealer.scans

    typealias Progress = ImportRecord.Progress

    private(set) var status: ImportStatus
    private let staging: StagingReader
    private let record: ImportRecord
    private let faults: FaultPoints?
    private let piece: Int
    private var progress: Progress
    private var search = ConflictSearch()
    /// By subject; good as long as nothing was rolled back.
    private var targets: [Int64: ImportTarget] = [:]

    /// - Parameter progress: of an import that a dead process began.
    init(
        _ id: String, _ staging: StagingReader, author: String, resuming progress: Progress? = nil,
        piece: Int = ImportRun.piece, _ faults: FaultPoints? = nil
    ) {
        (self.staging, self.piece, self.faults) = (staging, piece, faults)
        record = ImportRecord(id: id, staging: staging, author: author)
        self.progress = progress ?? Progress()
        status = ImportStatus(id: id, rows: staging.rows)
        status.state = staging.mode == .fail && progress == nil ? .comparing : .importing
        tell()
    }

    /// Does the next piece. What is wrong with the staging file, or with a chunk that should be compared, ends the
    /// import; what the database refuses is tried again later.
    func step(_ store: HistoryStore) throws(HistoryError) {
        var end: String?
        do throws(HistoryError) {
            let isComparing = status.state == .comparing
            let rows = next(after: isComparing ? search.position : (progress.subject, progress.time), &end)
            if end == nil, isComparing {
                try compare(rows, store, &end)
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

    private func compare(_ rows: [StagedReading], _ store: HistoryStore, _ end: inout String?) throws(HistoryError) {
        var search = search
        try store.look { database in
            try self.ending(&end) {
                try search.compare(rows, isLast: rows.count < piece, staging, in: Archive(database))
            }
        }
        self.search = search
        (status.taken, status.problems) = (search.compared, search.conflicts)
        guard search.isOver else { return }
        status.state = search.conflicts.isEmpty ? .importing : .refused
        if status.state == .importing { status.taken = 0 }
    }

    // MARK: Importing

    private func take(_ rows: [StagedReading], _ store: HistoryStore, _ end: inout String?) throws(HistoryError) {
        var next = progress
        var tally = store.tally
        let isLast = rows.count < piece
        try store.transaction { database in
            try self.ending(&end) {
                try faults?.reach("import begun")
                if next.event == 0 {
                    next.event = try record.begin(in: database)
                    try faults?.reach("after the import's event")
                }
                let archive = try Archive(database)
                let groups = rows.bySubject
                for (index, group) in groups.enumerated() {
                    try take(
                        group, isFirst: index == 0, isComplete: isLast || index < groups.count - 1, &next, &tally,
                        archive, database)
                }
                try faults?.reach("after the rows of an import")
                try record.save(next, isLast: isLast, in: database)
                try faults?.reach("before the import's commit")
            }
        }
        (progress, store.tally) = (next, tally)
        if isLast { status.state = .done }
        tell()
        try? faults?.reach("import committed")
    }

    /// Takes readings of one tag.
    ///
    /// - Parameters:
    ///   - isFirst: of the piece, which must not be left as it is.
    ///   - isComplete: no more readings of this tag come in another piece.
    private func take(
        _ group: ArraySlice<StagedReading>, isFirst: Bool, isComplete: Bool, _ next: inout Progress,
        _ tally: inout SealTally, _ archive: Archive, _ database: Database
    ) throws {
        let number = group[group.startIndex].subject
        guard let subject = staging.subjects[number] else { return }
        var target = targets.removeValue(forKey: number)
        if target == nil {
            let made = try ImportTarget(subject, archive, in: database)
            if made.isCreated { next.created += 1 }
            target = made
        }
        guard var target else { return }
        var piece = ImportPiece(group, staging.mode, archive.horizon)
        // What was made by this import has nothing that it could meet.
        if !target.isCreated { try piece.compare(with: target.tag, in: archive) }
        try piece.place(in: &target, preferred: subject.form, database)
        piece.cut(period: target.period, isComplete: isComplete, mayLeaveAll: !isFirst)
        try target.due(piece.placed.lazy.map(\.time), archive, in: database)
        for part in piece.parts {
            let readings = piece.placed[part.range]
            if part.isSpan, try target.isFree(for: readings, in: database),
                let span = try target.seal(readings, in: database, faults)
            {
                tally.add(span)
            } else {
                try target.append(readings, in: database)
            }
        }
        try target.save(in: database)
        try faults?.reach("after the rows of a tag")
        targets[number] = target
        piece.count(into: &next)
    }

    private func fail(_ detail: String, _ store: HistoryStore) throws(HistoryError) {
        if progress.event != 0 {
            try store.transaction { try record.fail(progress, detail, in: $0) }
        }
        status.state = .failed
        status.problems.append(detail)
    }

    private func tell() {
        (status.taken, status.created, status.tooOld) = (progress.taken, progress.created, progress.tooOld)
        (status.imported, status.ignored, status.replaced) = (
            progress.imported, progress.ignored, progress.replaced
        )
    }
}
