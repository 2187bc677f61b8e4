import GRDB
import Plant
public import Store

/// Looks at everything a database holds, while its daemon runs and when it is stopped. Never writes.
public struct Verify {
    public enum Depth: Int, Sendable, Comparable {
        /// SQLite's quick check, and the checksum of every span and chunk; one chunk in `sampleEvery` is decoded.
        case quick
        /// SQLite's integrity check; every chunk is decoded and compared with its statistics.
        case whole
        /// Every roll-up is computed again, too.
        case deep

        public static func < (one: Depth, other: Depth) -> Bool { one.rawValue < other.rawValue }
    }

    public let path: String
    public let depth: Depth
    /// UTC milliseconds: what is later lies in the future. `nil` is the machine's clock.
    public let now: Int64?

    /// Findings that are told one by one: a file that is damaged all over has millions.
    public static let findingLimit = 1000
    /// Of chunks that a quick look decodes, and of roll-ups that all but a deep one computes again.
    static let sampleEvery: Int64 = 64
    /// Spans looked at in one read transaction, some milliseconds: a longer one keeps the log from being emptied.
    static let pageSpans = 16
    /// Lines that SQLite's own check may say.
    static let structureLines = 100

    public init(path: String, depth: Depth, now: Int64? = nil) {
        (self.path, self.depth, self.now) = (path, depth, now)
    }

    /// - Throws: only when there is no file, or it is locked for longer than anybody should wait. What is wrong with a
    ///   file is in the report.
    public func history(progress: (CareProgress) -> Void = { _ in }) throws(StoreError) -> VerifyReport {
        var report = VerifyReport(path: path)
        let clock = SystemClock()
        let begin = clock.monotonic()
        let beacon = BeaconCheck(path)
        let last = HistorySchema.migrator.migrations.last ?? ""
        if let connection = try open(HistorySchema.applicationID, last, &report) {
            try structure(of: connection, &report, progress)
            let now = now ?? clock.wall() / 1_000_000
            do throws(StoreError) {
                try HistoryCheck(connection, depth: depth).run(beacon, now: now, &report, progress: progress)
            } catch {
                try note(error, &report)
            }
            if report.isUnreadable || report.findings.contains(where: \.isSalvageable) {
                report.notes.append("cupel verify --salvage copies what can still be read into a new file")
            }
        }
        report.isDaemons = report.isDaemons || beacon.isLit
        report.seconds = Double(clock.monotonic() - begin) / 1e9
        return report
    }

    /// - Parameter schema: the migration that must be the newest; `nil` takes any.
    /// - Returns: `nil` when there is nothing more to look at.
    func open(
        _ applicationID: Int32, _ schema: String?, _ report: inout VerifyReport
    ) throws(StoreError) -> PlainConnection? {
        guard (DurableFile.bytes(path) ?? 0) > 0 else { throw .absent(path) }
        let file = CareProgress.name(path)
        do throws(StoreError) {
            let (connection, leavesOutLog) = try PlainConnection.salvager(path)
            if leavesOutLog, (DurableFile.bytes(path + "-wal") ?? 0) > 0 {
                report.notes.append("\(path)-wal cannot be used by this user: the newest commits were not looked at")
            }
            let found = try connection.integer("PRAGMA application_id") ?? 0
            guard found == Int64(applicationID) else {
                report.add(Finding(.schema, file: file, "application id \(found), expected \(applicationID)"))
                return nil
            }
            let newest = try connection.text("SELECT identifier FROM grdb_migrations ORDER BY rowid DESC LIMIT 1") ?? ""
            guard schema == nil || newest == schema else {
                report.add(Finding(.schema, file: file, "schema \"\(newest)\", expected \"\(schema ?? newest)\""))
                return nil
            }
            return connection
        } catch {
            try note(error, &report)
            report.isUnreadable = true
            return nil
        }
    }

    /// SQLite's own check of pages, trees and, in depth, indexes.
    func structure(
        of connection: PlainConnection, _ report: inout VerifyReport, _ progress: (CareProgress) -> Void
    ) throws(StoreError) {
        let file = CareProgress.name(path)
        progress(CareProgress(.integrity, file: file, done: 0, total: 1))
        tellLength(&report)
        do throws(StoreError) {
            let pragma = depth == .quick ? "quick_check" : "integrity_check"
            let lines = try connection.statement("PRAGMA \(pragma)(\(Verify.structureLines))")
            while try lines.step() {
                guard let line = lines.text(0), line != "ok" else { continue }
                for part in line.split(separator: "\n") where !part.hasPrefix("***") {
                    report.add(Finding(.structure, file: file, String(part)))
                }
            }
        } catch {
            try note(error, &report)
        }
        progress(CareProgress(.integrity, file: file, done: 1, total: 1))
    }

    /// A file whose end was cut off is told as such, beside the hundred pages that SQLite misses.
    private func tellLength(_ report: inout VerifyReport) {
        // Beside a daemon the file grows by what is still in the log; once that is empty, the file has all of it.
        guard let header = DatabaseHeader(of: path), (DurableFile.bytes(path + "-wal") ?? 0) == 0,
            let bytes = DurableFile.bytes(path)
        else { return }
        let wanted = header.pages * header.pageSize
        guard bytes < wanted else { return }
        report.add(
            Finding(
                .structure, file: CareProgress.name(path),
                "its end was cut off: \(bytes) bytes, expected \(wanted), \(header.pages) pages"))
    }

    /// A file that cannot be read is a finding; a lock is somebody else's business.
    private func note(_ error: StoreError, _ report: inout VerifyReport) throws(StoreError) {
        switch error {
        case .locked, .missing, .denied, .full: throw error
        default: report.add(Finding(.structure, file: CareProgress.name(path), error.finding))
        }
    }
}

extension Finding {
    /// What salvage leaves behind, or tells.
    fileprivate var isSalvageable: Bool { [.structure, .damaged, .missing].contains(kind) }
}
