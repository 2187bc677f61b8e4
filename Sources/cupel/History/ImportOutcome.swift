import Console
import Historian
import Plant

/// What came of an import, or would come of it, for people and as JSON.
struct ImportOutcome: Encodable {
    /// What is wrong, with its place in a file where it has one.
    struct Problem: Encodable {
        var file: String?
        var line: Int?
        var column: Int?
        var found: String?
        var expected: String?
        /// All of it, as people see it.
        let text: String
    }

    struct Tag: Encodable {
        let name: String
        let readings: Int
        let created: Bool
        /// How long one of them stands when the next one is late.
        let period_ms: Int64
        /// `given`, `measured`, `scans` or `assumed`.
        let period_from: String
        /// The distance of the readings in the files.
        let spacing_ms: Int64?
    }

    private var id: String?
    private var state: String
    private var dry_run = false
    private var (rows, taken, imported, ignored, replaced) = (0, 0, 0, 0, 0)
    /// Older than what the history keeps.
    private var (too_old, created, repeated) = (0, 0, 0)
    private var from_ms: Int64?
    private var to_ms: Int64?
    private var tags: [Tag] = []
    /// The first readings that came twice in the files.
    private var repeats: [Problem] = []
    private var problems: [Problem] = []
    private var periodTexts: [String] = []

    private enum CodingKeys: CodingKey {
        case id, state, dry_run, rows, taken, imported, ignored, replaced, too_old, created, repeated, from_ms, to_ms
        case tags, repeats, problems
    }

    /// Tags whose periods are shown; JSON has all of them.
    static let tagsShown = 20

    init(_ report: ImportReport, _ staged: StagedImport, isDry: Bool) {
        (id, state, dry_run) = (report.id, report.state, isDry)
        (rows, taken, imported, ignored) = (report.rows, report.taken, report.imported, report.ignored)
        (replaced, created, repeated) = (report.replaced, report.created, staged.repeated)
        if state == ImportStatus.State.done.rawValue { too_old = max(0, rows - imported - ignored) }
        (from_ms, to_ms) = (staged.range.lowerBound, staged.range.upperBound)
        tags = staged.tags.map(Tag.init)
        repeats = staged.repeats.map(Problem.init)
        problems = report.problems.map { Problem(text: $0) }
        periodTexts = staged.tags.prefix(ImportOutcome.tagsShown).map(\.text)
        let more = staged.tags.count - periodTexts.count
        if more > 0 { periodTexts.append("  and \(more) more tags; --json has all") }
    }

    init(_ refusal: ImportRefusal) {
        state = ImportStatus.State.refused.rawValue
        problems = refusal.problems.map(Problem.init)
    }

    init(_ failure: String) {
        state = ImportStatus.State.failed.rawValue
        problems = [Problem(text: failure)]
    }

    /// A line a tag: how long its readings will stand.
    var periods: [String] { periodTexts }

    var summary: String {
        if state == ImportStatus.State.refused.rawValue {
            return "nothing was imported: there are readings already"
        }
        var parts = ["\(imported) of \(rows) readings of \(tags.count) \(tags.count == 1 ? "tag" : "tags")"]
        if let from_ms, let to_ms { parts[0] += ", \(UTCTime.text(from_ms)) to \(UTCTime.text(to_ms))" }
        if ignored > 0 { parts.append("\(ignored) left out, for there were others") }
        if too_old > 0 { parts.append("\(too_old) left out, for the history keeps nothing so old") }
        if replaced > 0 { parts.append("\(replaced) hide others") }
        if repeated > 0 { parts.append("\(repeated) came twice in the files (\(places))") }
        if created > 0 { parts.append("\(created) new \(created == 1 ? "tag" : "tags")") }
        let verb = dry_run ? "would import" : state == "failed" ? "ended early; imported" : "imported"
        return "\(verb) \(parts.joined(separator: "; "))"
    }

    private var places: String {
        let first = repeats.compactMap { repeated in
            repeated.file.map { file in repeated.line.map { "\(file):\($0)" } ?? file }
        }
        return first.joined(separator: ", ") + (repeated > first.count ? ", …" : "")
    }
}

extension ImportOutcome.Problem {
    fileprivate init(_ problem: ImportProblem) {
        (file, line, column) = (problem.file, problem.line, problem.column)
        (found, expected, text) = (problem.found, problem.expected, problem.description)
    }

    fileprivate init(text: String) { self.text = text }
}

extension ImportOutcome.Tag {
    fileprivate init(_ tag: StagedTag) {
        (name, readings, created) = (tag.name, tag.readings, tag.isCreated)
        (period_ms, period_from) = (tag.period.milliseconds, tag.period.basis.rawValue)
        spacing_ms = tag.period.spacing
    }
}

extension StagedTag {
    /// `  lab.carbon: 3 readings, one stands for 8 h when the next is late: so far apart are they in the files`
    fileprivate var text: String {
        let count = readings == 1 ? "1 reading, which" : "\(readings) readings, one"
        let reason =
            switch period.basis {
            case .given: "--period"
            case .measured: "so far apart are they in the files"
            case .scans where period.spacing == nil: "as often is the tag read"
            case .scans:
                "as often is the tag read; in the files they are \(ImportOutcome.span(period.spacing ?? 0)) apart, "
                    + "--period says otherwise"
            case .assumed: "nothing tells, --period says otherwise"
            }
        return
            "  \(name): \(count) stands for \(ImportOutcome.span(period.milliseconds)) when the next is late: \(reason)"
    }
}

extension ImportOutcome {
    /// `8 h`, `90 s`, `86400 s` only where it is no whole number of days.
    static func span(_ milliseconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")]
        for (length, name) in units where milliseconds >= length && milliseconds % length == 0 {
            return "\(milliseconds / length) \(name)"
        }
        return "\(milliseconds) ms"
    }
}
