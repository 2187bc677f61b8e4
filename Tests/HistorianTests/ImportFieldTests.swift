import Foundation
import Plant
import TestSupport
import Testing

@testable import Historian

/// Where the fields of a file begin, and what they say.
@Suite struct ImportFieldTests {
    /// The fields of each record, or what is wrong with it.
    static func records(_ text: String) throws -> [String] {
        let scratch = try Scratch()
        let path = scratch.path + "/f.csv"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        var file = try CSVRecords(path)
        var found: [String] = []
        while true {
            do throws(ImportProblem) {
                guard try file.next() else { return found }
                let fields = file.fields.map { field in
                    "\(field.line):\(field.column)=\(file.text(field) ?? "?")\(field.isQuoted ? "\"" : "")"
                }
                found.append(fields.joined(separator: " "))
            } catch {
                found.append("\(error.line ?? 0):\(error.column ?? 0) \(error.text.prefix(26))")
            }
        }
    }

    static let texts: [(String, [String])] = [
        ("a,b\n1,2\n", ["1:1=a 1:3=b", "2:1=1 2:3=2"]),
        ("a,b\r\n1,2", ["1:1=a 1:3=b", "2:1=1 2:3=2"]),
        ("\u{FEFF}a\n", ["1:1=a"]),
        ("\n\na\n\n", ["3:1=a"]),
        ("a,,\n", ["1:1=a 1:3= 1:4="]),
        ("\"\"\n", ["1:1=\""]),
        ("\"x,\"\"y\"\"\",z\n", ["1:1=x,\"y\"\" 1:11=z"]),
        ("\"two\nlines\",b\nc\n", ["1:1=two\nlines\" 2:8=b", "3:1=c"]),
        // Columns are characters, not bytes.
        ("°C,b\n", ["1:1=°C 1:4=b"]),
        ("\"a\"b,c\nd,e\n", ["1:4 found text behind a closin", "2:1=d 2:3=e"]),
        ("a\n\"b\nc\n", ["1:1=a", "2:1 found no closing quotation"]),
        ("a\"b\n", ["1:1=a\"b"]),
        ("", []),
    ]

    @Test(arguments: texts)
    func recordsHavePlaces(_ text: String, _ expected: [String]) throws {
        #expect(try Self.records(text) == expected)
    }

    @Test func aRecordHasALongestLength() throws {
        let found = try Self.records("a\n\"" + String(repeating: "x", count: CSVRecords.longestRecord) + "\",b\nc\n")
        #expect(found == ["1:1=a", "2:1 found a record of more tha"])
    }

    /// Fields that straddle the pieces in which a file is read.
    @Test func piecesOfTheFileDoNotShow() throws {
        let rows = (0..<20_000).map { "\($0),\"q\($0)\"" }
        let found = try Self.records(rows.joined(separator: "\r\n"))
        #expect(found.count == rows.count)
        for (index, row) in found.enumerated()
        where row != "\(index + 1):1=\(index) \(index + 1):\(String(index).count + 2)=q\(index)\"" {
            Issue.record("record \(index): \(row)")
            break
        }
    }

    static func number(_ text: String) -> ImportedValue? {
        // What follows in the content is another field's.
        let content = Array(text.utf8) + [0] + Array("77".utf8)
        return NumberField.value(in: content, 0..<text.utf8.count)
    }

    static let numbers: [(String, ImportedValue)] = [
        ("0", ImportedValue.integer(0)), ("-12", .integer(-12)), ("007", .integer(7)),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .unsigned(1 << 63)), ("18446744073709551615", .unsigned(.max)),
        ("18446744073709551616", .real(0x1p64)), ("-9223372036854775809", .real(-0x1p63)), ("73.4", .real(73.4)),
        ("-0.0", .real(-0.0)), ("1e3", .real(1000)), ("1.5E-7", .real(1.5e-7)), (".5", .real(0.5)), ("5.", .real(5)),
        ("0.1", .real(0.1)), ("1.7976931348623157e308", .real(.greatestFiniteMagnitude)),
        ("5e-324", .real(.leastNonzeroMagnitude)),
    ]

    @Test(arguments: numbers)
    func numbersAreExact(_ text: String, _ expected: ImportedValue) {
        #expect(Self.number(text) == expected)
    }

    @Test(arguments: [
        "", "-", "+5", "--5", "1,5", "1 ", " 1", "0x10", "nan", "inf", "-inf", "infinity", "1e", "1e999", "1.2.3", "e5",
        "12abc", "1_000", "½",
    ])
    func otherTextsAreNoNumbers(_ text: String) {
        #expect(Self.number(text) == nil)
    }
}
