public import Console
public import Historian
import Plant

/// What only the daemon can do to the history, because it alone writes it.
extension DaemonBackend {
    func annotate(_ note: AnnotationRequest, who: String) async throws(AnnotationRefusal) -> AnnotationReport {
        if let tag = note.tag, !daemon.run.plant.tags.contains(where: { $0.name == tag }) {
            throw AnnotationRefusal("the plant has no tag \(tag); cupel tags lists them")
        }
        let start = note.start_ms ?? SystemClock().wall() / 1_000_000
        let end = note.end_ms ?? start
        daemon.run.recorder.record(
            HistoryEvent(.annotation, start: start, end: end, subject: note.tag, author: who, text: note.text))
        daemon.run.recorder.hurry()
        return AnnotationReport(
            summary: "noted by \(who) at \(UTCTime.text(start))", who: who, start_ms: start, end_ms: end)
    }

    func beginImport(_ file: String, who: String, user: UInt32) throws(ImportTurnedAway) -> ImportReport {
        do throws(ImportDenial) {
            let status = try daemon.run.recorder.imports.submit(file, author: who, user: user)
            daemon.run.recorder.hurry()
            return ImportReport(status)
        } catch {
            throw ImportTurnedAway(error)
        }
    }

    func importReport(_ id: String) -> ImportReport? {
        daemon.run.recorder.imports.status(of: id).map(ImportReport.init)
    }
}

extension ImportTurnedAway {
    fileprivate init(_ denial: ImportDenial) {
        let reason: Reason =
            switch denial.reason {
            case .noSuchFile: .noSuchFile
            case .notAllowed: .notAllowed
            case .tooMany: .tooMany
            }
        self.init(reason, denial.description)
    }
}

extension ImportReport {
    /// As the console tells it.
    public init(_ status: ImportStatus) {
        self.init(
            id: status.id, state: status.state.rawValue, rows: status.rows, taken: status.taken,
            imported: status.imported, ignored: status.ignored, replaced: status.replaced, created: status.created,
            problems: status.problems)
    }
}
