/// One cell of a table, and where it begins. Columns count Unicode scalars, as everywhere.
struct TableCell: Equatable {
    let text: String
    let line: Int
    let column: Int
}

/// The rows of a text in the form of RFC 4180: commas, quotes around what holds a comma, a quote or a line break, a
/// quote doubled inside. Spaces belong to their cell. Lines end with LF or CRLF; a line with nothing on it is no row.
func tableRows(_ text: String) throws(TextFileError) -> [[TableCell]] {
    var reader = TableReader(text)
    return try reader.rows()
}

private struct TableReader {
    private let scalars: [Unicode.Scalar]
    private var at = 0
    private var line = 1
    private var column = 1

    init(_ text: String) {
        // Spreadsheets mark a file as UTF-8 by a byte order mark.
        scalars = Array(text.unicodeScalars.drop { $0 == "\u{FEFF}" })
    }

    mutating func rows() throws(TextFileError) -> [[TableCell]] {
        var rows: [[TableCell]] = []
        var row: [TableCell] = []
        while at < scalars.count {
            row.append(try cell())
            guard row.count <= Limits.columns else {
                throw TextFileError(
                    line: line, column: column, "found more than \(Limits.columns) columns, expected at most that")
            }
            if at < scalars.count, scalars[at] == "," {
                step()
                if at == scalars.count { row.append(TableCell(text: "", line: line, column: column)) }
                if at < scalars.count { continue }
            }
            stepOverLineEnd()
            if row.count > 1 || row.first?.text.isEmpty == false { rows.append(row) }
            row = []
        }
        return rows
    }

    /// Stops at the comma, the line end or the end behind the cell.
    private mutating func cell() throws(TextFileError) -> TableCell {
        let (startLine, startColumn) = (line, column)
        var text = String.UnicodeScalarView()
        if at < scalars.count, scalars[at] == "\"" {
            step()
            while true {
                guard at < scalars.count else {
                    throw TextFileError(
                        line: startLine, column: startColumn,
                        "found a quote without its end, expected \" behind the cell")
                }
                if scalars[at] == "\"" {
                    step()
                    guard at < scalars.count, scalars[at] == "\"" else { break }
                }
                text.append(scalars[at])
                step()
            }
            guard isAtCellEnd else {
                throw TextFileError(
                    line: line, column: column, "found text behind a quoted cell, expected a comma or the line's end")
            }
        } else {
            while !isAtCellEnd {
                guard scalars[at] != "\"" else {
                    throw TextFileError(
                        line: line, column: column,
                        "found a quote inside a cell, expected the whole cell in quotes and this one doubled")
                }
                text.append(scalars[at])
                step()
            }
        }
        return TableCell(text: String(text), line: startLine, column: startColumn)
    }

    private var isAtCellEnd: Bool { at >= scalars.count || scalars[at] == "," || isAtLineEnd }

    private var isAtLineEnd: Bool {
        guard at < scalars.count else { return false }
        if scalars[at] == "\n" { return true }
        return scalars[at] == "\r" && at + 1 < scalars.count && scalars[at + 1] == "\n"
    }

    private mutating func stepOverLineEnd() {
        guard isAtLineEnd else { return }
        if scalars[at] == "\r" { step() }
        step()
    }

    private mutating func step() {
        (line, column) = scalars[at] == "\n" ? (line + 1, 1) : (line, column + 1)
        at += 1
    }
}
