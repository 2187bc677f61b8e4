/// Writes the rows of one statement as they come; only the table keeps a page of them, to align it.
final class SQLPrinter {
    private let format: RowFormat
    private let columns: [String]
    private var pending = ""
    private var page: [[SQLCell]] = []
    private var rows = 0

    init(format: RowFormat, columns: [String]) {
        self.format = format
        self.columns = format == .json || format == .ndjson ? SQLPrinter.distinct(columns) : columns
    }

    /// A join has columns of one name, of which readers of JSON keep one: `value` and `value:1`, as SQLite's own shell
    /// has it.
    static func distinct(_ columns: [String]) -> [String] {
        var seen: Set<String> = []
        return columns.map { name in
            var (distinct, number) = (name, 0)
            while !seen.insert(distinct).inserted {
                number += 1
                distinct = "\(name):\(number)"
            }
            return distinct
        }
    }

    func begin() {
        switch format {
        case .csv: pending = columns.map(CellText.csv).joined(separator: ",") + "\n"
        case .json: pending = "["
        case .table, .ndjson: break
        }
    }

    func row(_ cells: [SQLCell]) {
        switch format {
        case .table:
            page.append(cells)
            if page.count >= RowPrinter.page { flushTable() }
        case .csv: pending += cells.map { CellText.csv($0.plain ?? "") }.joined(separator: ",") + "\n"
        case .json: pending += (rows == 0 ? "\n" : ",\n") + object(cells)
        case .ndjson: pending += object(cells) + "\n"
        }
        rows += 1
        if pending.utf8.count >= RowPrinter.chunk { flush() }
    }

    /// What came is written, also when the statement failed after it.
    func end() {
        if format == .json { pending += rows == 0 ? "]\n" : "\n]\n" }
        if format == .table, rows == 0 || !page.isEmpty { flushTable() }
        flush()
    }

    private func object(_ cells: [SQLCell]) -> String {
        let pairs = zip(columns, cells).map { "\(CellText.json($0)):\($1.json)" }
        return "{\(pairs.joined(separator: ","))}"
    }

    private func flush() {
        Output.write(pending)
        pending = ""
    }

    private func flushTable() {
        var table = Table(headers: columns)
        // A column of numbers is read from its last digit.
        for column in columns.indices where page.allSatisfy({ $0[column].isNumber }) {
            table.rightAligned.insert(column)
        }
        table.rows = page.map { cells in cells.map { $0.plain ?? "-" } }
        Output.write(table.text())
        page.removeAll(keepingCapacity: true)
    }
}

extension SQLCell {
    /// `nil` for NULL.
    var plain: String? {
        switch self {
        case .null: nil
        case .integer(let value): value.description
        case .real(let digits): digits
        case .text(let text): text
        case .blob(let bytes): "x'" + bytes.map(SQLCell.hexadecimal).joined() + "'"
        }
    }

    var json: String {
        switch self {
        case .null: "null"
        case .integer(let value): value.description
        // JSON has no infinity.
        case .real(let digits): digits.hasSuffix("Inf") ? "null" : digits
        case .text(let text): CellText.json(text)
        case .blob(let bytes): "\"" + bytes.map(SQLCell.hexadecimal).joined() + "\""
        }
    }

    /// NULL can stand in a column of numbers.
    var isNumber: Bool {
        switch self {
        case .null, .integer, .real: true
        case .text, .blob: false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
