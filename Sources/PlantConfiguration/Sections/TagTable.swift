import Plant

/// `tags.csv` beside `cupel.yaml`: a tag in each row, added to those of its controller or in the place of one.
///
/// Columns are the keys of a tag and `controller`. Words and texts stand as they are; lists and sections as in YAML's
/// flow style. An empty cell is a key that is not there.
struct TagTable {
    /// `nil` when there is no such file.
    let file: String?
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
            let columns = Self.columns(header, path, findings)
            for row in rows.dropFirst() { add(row, columns, path, findings) }
        } catch {
            findings.report(error.message, at: Place(file: path, line: error.line, column: error.column))
        }
    }

    /// The rows of a controller in their order.
    func rows(of controller: String) -> [Section<TagDraft.Key>] { rows[controller] ?? [] }

    /// Reports the rows of controllers that do not exist.
    func reportStrangers(besides names: Set<String>) {
        for (name, value) in controllers where !names.contains(name) {
            value.reject(expected: "a controller of cupel.yaml, \(names.sorted().asChoice(near: name))")
        }
    }

    /// `nil` for a column that is not known, or known already: that is reported.
    private static func columns(_ header: [TableCell], _ file: String, _ findings: Findings) -> [Column?] {
        let known = [controllerColumn] + TagDraft.Key.allCases.map(\.rawValue)
        var seen: Set<String> = []
        let columns = header.map { cell -> Column? in
            let place = Place(file: file, line: cell.line, column: cell.column)
            guard known.contains(cell.text) else {
                let hint = cell.text.nearest(of: known).map { "did you mean \($0.quoted)?" }
                let separator = header.count == 1 && cell.text.contains(";") ? "columns parted by commas" : nil
                findings.report(
                    "found unknown column \(cell.text.quoted), "
                        + (hint ?? "expected \(separator ?? known.asChoice)"), at: place)
                return nil
            }
            guard seen.insert(cell.text).inserted else {
                findings.report("found column \(cell.text.quoted) again, expected each column once", at: place)
                return nil
            }
            return TagDraft.Key(rawValue: cell.text).map(Column.key) ?? .controller
        }
        for name in [controllerColumn, TagDraft.Key.name.rawValue] where !seen.contains(name) {
            findings.report(
                "\(name): missing, expected a column of this name", at: Place(file: file, line: 1, column: 1))
        }
        return columns
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
            if columns.contains(where: { if case .controller? = $0 { true } else { false } }) {
                findings.report("\(Self.controllerColumn): missing, expected the name of a controller", at: place)
            }
            return
        }
        controllers[name] = controllers[name] ?? controller
        rows[name, default: []].append(Section(values, at: place, findings: findings))
    }

    /// Spreadsheets take `40010.10` for a number and write it back as `40010.1`, another bit.
    private static func refuseShortened(_ value: Value?) {
        guard let value, let word = value.word, word.contains("."), word.allSatisfy({ $0.isASCIIDigit || $0 == "." })
        else { return }
        value.reject(expected: "\(word.prefix(1))x\(word.dropFirst()), which no spreadsheet takes for a number")
    }
}
