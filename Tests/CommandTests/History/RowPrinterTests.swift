import Historian
import Testing

@testable import cupel

struct RowPrinterTests {
    static let columns: [Column] = [.time, .tag, .number("value"), .unit, Column(name: "attributes", isOptional: true)]
    static let rows: [[Cell?]] = [
        [.time(1_767_434_400_123), .text("F-01.melt_temp"), .number("1487.0675"), .text("degC"), nil],
        [.time(1_767_434_401_000), .text("a \"b\", c"), nil, nil, .json("{\"scans\":\"3\"}")],
        [.time(1_767_434_402_000), .text("line\nend\t\u{1}\\"), .number("nan"), .text("°C"), nil],
    ]

    static func printed(_ format: RowFormat, _ rows: [[Cell?]] = rows, isNumber: Bool = false) -> String {
        let sheet = Sheet()
        let printer = RowPrinter(format, columns, times: TimeColumn(.utc, isNumber: isNumber), write: sheet.write)
        for row in rows { printer.row(row) }
        printer.end()
        return sheet.text
    }

    /// RFC 4180: quotation marks around a field with a comma, a quotation mark or a line's end, and doubled within.
    @Test func csv() {
        #expect(
            Self.printed(.csv) == """
                time,tag,value,unit,attributes
                2026-01-03T10:00:00.123Z,F-01.melt_temp,1487.0675,degC,
                2026-01-03T10:00:01.000Z,"a ""b"", c",,,"{""scans"":""3""}"
                2026-01-03T10:00:02.000Z,"line
                end\t\u{1}\\",nan,°C,

                """)
    }

    /// What is no number of JSON is a string; what is optional and missing is left out, a missing value is null.
    @Test func ndjson() {
        #expect(
            Self.printed(.ndjson) == #"""
                {"time":"2026-01-03T10:00:00.123Z","tag":"F-01.melt_temp","value":1487.0675,"unit":"degC"}
                {"time":"2026-01-03T10:00:01.000Z","tag":"a \"b\", c","value":null,"attributes":{"scans":"3"}}
                {"time":"2026-01-03T10:00:02.000Z","tag":"line\nend\t\u0001\\","value":"nan","unit":"°C"}

                """#)
    }

    @Test func whatWasCutShortIsNoWholeArray() {
        var text = ""
        let printer = RowPrinter(.json, Self.columns) { text += String(decoding: $0, as: UTF8.self) }
        printer.row(Self.rows[0])
        printer.end(isWhole: false)
        #expect(text.hasPrefix("[\n{") && text.hasSuffix("}\n"))
    }

    @Test func json() {
        #expect(
            Self.printed(.json, Array(Self.rows.prefix(2)), isNumber: true) == #"""
                [
                {"time":1767434400123,"tag":"F-01.melt_temp","value":1487.0675,"unit":"degC"},
                {"time":1767434401000,"tag":"a \"b\", c","value":null,"attributes":{"scans":"3"}}
                ]

                """#)
    }

    @Test func table() {
        #expect(
            Self.printed(.table) == """
                TIME                      TAG                 VALUE  UNIT  ATTRIBUTES
                2026-01-03T10:00:00.123Z  F-01.melt_temp  1487.0675  degC\("  ")
                2026-01-03T10:00:01.000Z  a "b", c                -        {"scans":"3"}
                2026-01-03T10:00:02.000Z  line end  \\           nan  °C\("    ")

                """)
    }

    @Test(arguments: [
        (RowFormat.csv, "time,tag,value,unit,attributes\n"), (.json, "[]\n"), (.ndjson, ""), (.table, ""),
    ])
    func withoutRows(format: RowFormat, expected: String) {
        #expect(Self.printed(format, []) == expected)
    }

    /// A table comes page by page with a header each; parts of a page share one.
    @Test func aTableHasAHeaderAPage() {
        let sheet = Sheet()
        let printer = RowPrinter(.table, Self.columns, write: sheet.write)
        for number in 0..<(2 * RowPrinter.page) {
            printer.row(Self.rows[0])
            if number == 10 { printer.flush() }
        }
        printer.end()
        let lines = sheet.text.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("TIME") } == 2)
        #expect(lines.count == 2 * RowPrinter.page + 2)
    }

    /// However much is printed, what waits to be written stays about a chunk.
    @Test func rowsAreWrittenInChunks() {
        let sheet = Sheet()
        let printer = RowPrinter(.csv, Self.columns, write: sheet.write)
        for _ in 0..<10_000 { printer.row(Self.rows[0]) }
        printer.end()
        #expect(sheet.writes.count > 5)
        #expect(sheet.writes.allSatisfy { $0.count < RowPrinter.chunk + 200 })
    }

    @Test(arguments: [(0, "0"), (1500, "1.5"), (60_000, "60"), (1, "0.001"), (-250, "-0.25"), (10_010, "10.01")])
    func secondsAreExact(milliseconds: Int64, expected: String) {
        #expect(Cell.seconds(milliseconds) == .number(expected))
    }
}
