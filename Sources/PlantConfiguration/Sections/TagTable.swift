import Plant

/// `tags.csv` beside `cupel.yaml`: a tag in each row, added to those of its controller or in the place of one.
///
/// Columns are the keys of a tag and `controller`. Words and texts stand as they are; lists and sections as in YAML's
/// flow style. An empty cell is a key that is not there.
struct TagTable {
    /// `nil` when there is no such file.
    let file: String?
    /// It could not be read, so that any tag may be one of its.
    private(set) var isIncomplete = false
    private var rows: [String: [Section<TagDraft.Key>]] = [:]
    /// The first mention of each controller.
    private var controllers: [String: Value] = [:]

    private static let controllerColumn = "controller"

    /// The columns whose cells are text whatever they look like.
    private static let texts: Set<TagDraft.Key> = [
        .name, .description, .register, .expr, .type, .packing, .order, .unit, .scan, .stuckAfter,
    ]

    private enum Column {
        case controller
        case key(TagDraft.Key)
    }

    init(folder: String, findings: Findings) {
        let path = folder + "tags.csv"
        guard filesInFolder(folder.isEmpty ? "." : folder).contains("tags.csv") else {
            file = nil
            return
        }
        file = path
        do throws(TextFileError) {
            let rows = try tableRows(try readTextFile(path))
            guard let header = rows.first else {
                throw TextFileError("found an empty table, expected a line of columns such as controller,name,register")
            }
            guard let columns = Self.columns(header, path, findings) else {
                isIncomplete = true
                return
            }
            for row in rows.dropFirst() { add(row, columns, path, findings) }
        } catch {
            isIncomplete = true
            findings.report(error.message, at: Place(file: path, line: error.line, column: error.column))
        }
    }

    /// The rows of a controller in their order.
    func rows(of controller: String) -> [Section<TagDraft.Key>] { rows[controller] ?? [] }

    /// Reports the rows of controllers that do not exist.
    func reportStrangers(besides names: Set<String>) {
        let known = names.sorted()
        // In a stable order: the first ones get a hint.
        for (name, value) in controllers.sorted(by: { $0.key < $1.key }) where !names.contains(name) {
            let choice = value.document.findings.choice(of: known, near: name)
            value.reject(expected: "a controller of cupel.yaml, \(choice)")
        }
    }

    /// The keys of the columns: `nil` for one that is not known, or known already, and for all of them when it cannot
    /// be told whose tags these are. That is reported.
    private static func columns(_ header: [TableCell], _ file: String, _ findings: Findings) -> [Column?]? {
        let known = [controllerColumn] + TagDraft.Key.allCases.map(\.rawValue)
        var seen: Set<String> = []
        if let only = header.first, header.count == 1, only.text.contains(";") {
            findings.report(
                "found columns parted by semicolons, expected commas",
                at: Place(file: file, line: only.line, column: only.column))
            return nil
        }
        let columns = header.map { cell -> Column? in
            let place = Place(file: file, line: cell.line, column: cell.column)
            guard known.contains(cell.text) else {
                let hint = cell.text.nearest(of: known).map { "did you mean \($0.quoted)?" }
                findings.report(
                    "found unknown column \(cell.text.quoted), \(hint ?? "expected \(known.asChoice)")", at: place)
                return nil
            }
            guard seen.insert(cell.text).inserted else {
                findings.report("found column \(cell.text.quoted) again, expected each column once", at: place)
                return nil
            }
            return TagDraft.Key(rawValue: cell.text).map(Column.key) ?? .controller
        }
        let missing = [controllerColumn, TagDraft.Key.name.rawValue].filter { !seen.contains($0) }
        for name in missing {
            findings.report(
                "\(name): missing, expected a column of this name", at: Place(file: file, line: 1, column: 1))
        }
        return missing.isEmpty ? columns : nil
    }

    private mutating func add(_ row: [TableCell], _ columns: [Column?], _ file: String, _ findings: Findings) {
        guard let first = row.first else { return }
        let place = Place(file: file, line: first.line, column: first.column)
        if row.count > columns.count {
            let extra = row[columns.count]
            findings.report(
                "found \(row.count) cells, expected at most \(columns.count), as in the first line",
                at: Place(file: file, line: extra.line, column: extra.column))
        }
        var controller: Value?
        var values: [TagDraft.Key: Value] = [:]
        for (cell, column) in zip(row, columns) where !cell.text.isEmpty {
            guard let column else { continue }
            let at = Place(file: file, line: cell.line, column: cell.column)
            switch column {
            case .controller:
                controller = Document(cell: cell.text, at: at, isText: true, findings: findings)
                    .value(label: Self.controllerColumn)
            case .key(let key):
                let document = Document(
                    cell: cell.text, at: at, isText: Self.texts.contains(key), findings: findings)
                values[key] = document.value(label: key.rawValue)
                if key == .register { Self.refuseShortened(values[key]) }
            }
        }
        guard let controller, let name = controller.word else {
            findings.report("\(Self.controllerColumn): missing, expected the name of a controller", at: place)
            return
        }
        controllers[name] = controllers[name] ?? controller
        rows[name, default: []].append(Section(values, at: place, findings: findings))
    }

    /// Spreadsheets take `40010.10` for a number and write it back as `40010.1`, another bit.
    private static func refuseShortened(_ value: Value?) {
        guard let value, value.word?.wholeMatch(of: /[0-9]{5,6}\.[0-9]+/) != nil else { return }
        value.reject(expected: "a form that no spreadsheet takes for a number, such as \"4x00011.10\"")
    }
}
