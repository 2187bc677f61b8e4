import ArgumentParser
import FoundationEssentials
import Plant

enum RowFormat: String, ExpressibleByArgument, CaseIterable { case table, csv, json, ndjson }

/// A column of rows. Its name is a contract with whoever reads the output by program.
struct Column: Hashable, Sendable {
    let name: String
    /// Right-aligned in a table.
    var isNumber = false
    /// JSON leaves it out where it is empty, instead of writing null.
    var isOptional = false
    /// Named after a tag, and so not ours to write in capitals.
    var isTag = false

    /// Above its cells in a table.
    var header: String { isTag ? name : name.uppercased() }

    static let time = Column(name: "time")
    static let tag = Column(name: "tag")
    static let unit = Column(name: "unit", isOptional: true)
    static let quality = Column(name: "quality", isOptional: true)
    static func number(_ name: String) -> Column { Column(name: name, isNumber: true) }
    /// The values of a tag, by its name.
    static func values(_ name: String) -> Column { Column(name: name, isNumber: true, isTag: true) }
}

/// What stands in one place of a row.
enum Cell: Hashable, Sendable {
    /// UTC milliseconds.
    case time(Int64)
    /// A number as it is written.
    case number(String)
    case text(String)
    /// Something that is JSON by itself, and plain text elsewhere.
    case json(String)

    static func integer(_ number: some BinaryInteger) -> Cell { .number(String(number)) }
}

/// How cells are written, format by format.
enum CellText {
    /// A field of CSV by RFC 4180: in quotation marks when it holds a comma, a quotation mark or a line's end.
    static func csv(_ cell: String) -> String {
        let isPlain = cell.utf8.allSatisfy {
            $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n")
        }
        return isPlain ? cell : "\"\(cell.replacing("\"", with: "\"\""))\""
    }

    /// A string of JSON (RFC 8259).
    static func json(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// One line of a table: line ends and tabs would tear it apart.
    static func table(_ text: String) -> String { text.plainLine }

    /// A number of JSON: NaN and the infinities are none.
    static func isNumber(_ text: String) -> Bool {
        text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "+-.eE".utf8.contains($0) }
    }
}
