import FoundationEssentials
import GRDB
import Glibc

/// Takes imports over into the history, one after another, in the order they were handed in.
///
/// An import that a dead process began comes first, and goes on where its mark says.
struct Imports: Chore {
    private let desk: ImportDesk
    private let piece: Int
    private let faults: FaultPoints?
    private var running: ImportRun?
    private var resumable: [(id: String, progress: ImportRun.Progress)] = []
    private var hasLooked = false

    /// Staging files that nobody handed in are kept for so long, in seconds: somebody may still be filling one.
    static let abandonedAfter = 86_400

    /// - Parameter piece: readings a transaction.
    init(_ desk: ImportDesk, piece: Int = ImportRun.piece, _ faults: FaultPoints? = nil) {
        (self.desk, self.piece, self.faults) = (desk, piece, faults)
    }

    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
        if !hasLooked {
            resumable = try store.look { try Imports.unfinished(in: $0) }
            desk.tidy(keeping: Set(resumable.map(\.id)))
            hasLooked = true
        }
        if running == nil { try begin(store) }
        guard let run = running else { return !resumable.isEmpty }
        // The desk is told also when the database refuses; the run is then tried again.
        defer { desk.note(run.status) }
        try run.step(store)
        if run.status.isOver { running = nil }
        return true
    }

    private mutating func begin(_ store: HistoryStore) throws(HistoryError) {
        if let (id, progress) = resumable.first {
            do throws(StagingReader.Damage) {
                let staging = try StagingReader(desk.path(of: id))
                running = ImportRun(id, staging, author: "", resuming: progress, piece: piece, faults)
            } catch {
                try Imports.giveUp(id, progress, error.detail, store)
            }
            resumable.removeFirst()
            return
        }
        guard let job = desk.next() else { return }
        do throws(StagingReader.Damage) {
            running = ImportRun(
                job.id, try StagingReader(desk.path(of: job.id)), author: job.author, piece: piece, faults)
        } catch {
            var status = ImportStatus(id: job.id, state: .failed)
            status.problems = [error.detail]
            desk.note(status)
            unlink(desk.path(of: job.id))
        }
    }

    private static func unfinished(in database: Database) throws -> [(id: String, progress: ImportRun.Progress)] {
        let prefix = ImportRecord.markName("")
        let rows = try Row.fetchAll(
            database, sql: "SELECT name, value FROM mark WHERE name GLOB ? ORDER BY name", arguments: [prefix + "*"])
        return rows.compactMap { row in
            let (name, text): (String, String) = (row[0], row[1])
            guard let progress = try? JSONDecoder().decode(ImportRun.Progress.self, from: Data(text.utf8)) else {
                return nil
            }
            return (String(name.dropFirst(prefix.count)), progress)
        }
    }

    /// Its file is gone: what is in stays in, and the event says that it was cut off.
    private static func giveUp(
        _ id: String, _ progress: ImportRun.Progress, _ detail: String, _ store: HistoryStore
    ) throws(HistoryError) {
        try store.transaction { database in
            try database.execute(sql: "DELETE FROM mark WHERE name = ?", arguments: [ImportRecord.markName(id)])
            try database.execute(
                sql:
                    "UPDATE event SET attrs = json_set(ifnull(attrs, '{}'), '$.state', 'failed', '$.problem', ?) WHERE id = ?",
                arguments: [detail, progress.event])
        }
    }
}
