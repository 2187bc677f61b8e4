import Historian

/// Writes rows in one of four formats as they come; only the table keeps a page of them, to align it.
final class RowPrinter {
    /// Rows aligned together: the screen shows fewer, and memory stays constant.
    static let page = 500
    /// Bytes gathered before they are written: a pipe's buffer.
    static let chunk = 64 * 1024

    private let format: RowFormat
    private let columns: [Column]
    /// `,"name":` of each column.
    private let keys: [[UInt8]]
    private var times: TimeColumn
    private let write: ([UInt8]) -> Void
    private var pending: [UInt8] = []
    private var table: TablePage
    private(set) var rows = 0

    init(
        _ format: RowFormat, _ columns: [Column], times: TimeColumn = TimeColumn(.utc),
        write: @escaping ([UInt8]) -> Void = { Output.write($0) }
    ) {
        (self.format, self.columns, self.times, self.write) = (format, columns, times, write)
        keys = columns.map { Array("\(CellText.json($0.name)):".utf8) }
        table = TablePage(columns)
        switch format {
        case .csv: append(columns.map { CellText.csv($0.name) }.joined(separator: ",") + "\n")
        case .json: append("[")
        case .table, .ndjson: break
        }
    }

    /// - Parameter cells: one for each column.
    func row(_ cells: [Cell?]) {
        switch format {
        case .csv: csv(cells)
        case .json:
            append(rows == 0 ? "\n" : ",\n")
            object(cells)
        case .ndjson:
            object(cells)
            append("\n")
        case .table:
            table.add(zip(cells, columns).map { cell, column in cell.map(plain) ?? (column.isOptional ? "" : "-") })
            if table.count >= RowPrinter.page { flush() }
        }
        rows += 1
        if pending.count >= RowPrinter.chunk { flush() }
    }

    /// Writes what is complete; of a table, the page so far.
    func flush() {
        if format == .table { append(table.text()) }
        guard !pending.isEmpty else { return }
        write(pending)
        pending.removeAll(keepingCapacity: true)
    }

    /// - Parameter isWhole: false leaves an array of JSON open, so that nobody takes a part of the rows for all of them.
    func end(isWhole: Bool = true) {
        if format == .json { append(isWhole ? rows == 0 ? "]\n" : "\n]\n" : "\n") }
        flush()
    }

    private func csv(_ cells: [Cell?]) {
        var isFirst = true
        for cell in cells {
            if !isFirst { pending.append(UInt8(ascii: ",")) }
            isFirst = false
            switch cell {
            case .time(let time): times.append(time, to: &pending)
            case .number(let text): append(text)
            case .text(let text), .json(let text): append(CellText.csv(text))
            case nil: break
            }
        }
        append("\n")
    }

    private func object(_ cells: [Cell?]) {
        append("{")
        var isFirst = true
        for (index, cell) in cells.enumerated() where cell != nil || !columns[index].isOptional {
            if !isFirst { append(",") }
            isFirst = false
            pending.append(contentsOf: keys[index])
            switch cell {
            case .time(let time) where times.areNumbers: times.append(time, to: &pending)
            case .time(let time):
                append("\"")
                times.append(time, to: &pending)
                append("\"")
            case .number(let text): append(CellText.isNumber(text) ? text : CellText.json(text))
            case .text(let text): append(CellText.json(text))
            case .json(let text): append(text)
            case nil: append("null")
            }
        }
        append("}")
    }

    private func plain(_ cell: Cell) -> String {
        switch cell {
        case .time(let time): times.text(time)
        case .number(let text): text
        case .text(let text), .json(let text): CellText.table(text)
        }
    }

    private func append(_ text: String) { pending.append(contentsOf: text.utf8) }
}

/// Rows aligned for reading. The header comes once a page, and a page that is written in parts keeps its widths.
struct TablePage {
    private let headers: [String]
    private let isNumber: [Bool]
    private var widths: [Int]
    private var rows: [[String]] = []
    /// Rows since the last header.
    private var under: Int?

    init(_ columns: [Column]) {
        headers = columns.map(\.header)
        isNumber = columns.map(\.isNumber)
        widths = headers.map(\.count)
    }

    var count: Int { rows.count }

    mutating func add(_ cells: [String]) {
        for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], cell.count) }
        rows.append(cells)
    }

    /// The rows added since the last call.
    mutating func text() -> String {
        guard !rows.isEmpty else { return "" }
        var text = ""
        if under.map({ $0 >= RowPrinter.page }) ?? true {
            text = line(headers)
            under = 0
        }
        for row in rows { text += line(row) }
        under = (under ?? 0) + rows.count
        rows.removeAll(keepingCapacity: true)
        return text
    }

    private func line(_ cells: [String]) -> String {
        var text = ""
        for (column, cell) in cells.enumerated() {
            if column > 0 { text += "  " }
            let pad = String(repeating: " ", count: widths[column] - cell.count)
            if isNumber[column] { text += pad }
            text += cell
            if !isNumber[column], column < cells.count - 1 { text += pad }
        }
        return text + "\n"
    }
}
