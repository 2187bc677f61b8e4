import TestSupport
import Testing

@testable import PlantConfiguration

@Suite struct TableTests {
    @Test(
        arguments: [
            ("", []), ("\n\r\n", []), ("a", [["a"]]), ("a,b\nc\n", [["a", "b"], ["c"]]), ("a,\n", [["a", ""]]),
            ("a,", [["a", ""]]), (",", [["", ""]]), ("a\r\nb\r\n", [["a"], ["b"]]), ("a\rb", [["a\rb"]]),
            ("\"a,b\",c", [["a,b", "c"]]), ("\"a\"\"b\"", [["a\"b"]]), ("\"\",x", [["", "x"]]),
            ("\"a\nb\r\nc\"\nd", [["a\nb\r\nc"], ["d"]]), (" a , b ", [[" a ", " b "]]),
            ("\u{FEFF}a,b", [["a", "b"]]), ("\"\u{301}\",é", [["\u{301}", "é"]]),
        ] as [(String, [[String]])])
    func readsCells(_ text: String, _ expected: [[String]]) throws {
        #expect(try tableRows(text).map { $0.map(\.text) } == expected)
    }

    @Test func aCellKnowsItsLineAndColumn() throws {
        let rows = try tableRows("ab,\"c\nd\",e\u{301}f,g\nh,i\n")
        #expect(rows[0].map(\.line) == [1, 1, 2, 2])
        #expect(rows[0].map(\.column) == [1, 4, 4, 8])
        #expect(rows[1].map(\.line) == [3, 3])
        #expect(rows[1].map(\.column) == [1, 3])
    }

    @Test(arguments: [
        ("a\nb\"c\n", 2, 2), ("a,\"b\nc", 1, 3), ("\"a\"b", 1, 4), ("\"\"\"", 1, 1), ("a,\"b\" ", 1, 6),
    ])
    func aQuoteOutOfPlaceIsRefusedWhereItIs(_ text: String, _ line: Int, _ column: Int) {
        let error = #expect(throws: TextFileError.self) { try tableRows(text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test func moreColumnsThanTheLimitAreRefused() throws {
        let widest = String(repeating: ",", count: Limits.columns - 1)
        #expect(try tableRows(widest + "\n")[0].count == Limits.columns)
        #expect(throws: TextFileError.self) { try tableRows(widest + ",x\n") }
    }

    @Test(arguments: [21, 22] as [UInt64])
    func whatIsQuotedIsReadBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let pieces = ["a", ",", "\"", "\n", "\r\n", "\r", " ", "é", "\u{301}", "\u{1F525}", ""]
        for round in 0..<300 {
            let rows = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                ["x"]
                    + (0..<Int.random(in: 1...5, using: &random)).map { _ in
                        (0..<Int.random(in: 0...5, using: &random)).map { _ in
                            pieces.randomElement(using: &random) ?? ""
                        }.joined()
                    }
            }
            let quoted = { (cell: String) in
                // By scalars: a quote with an accent is another character, but still a quote.
                "\"" + cell.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
            }
            let text = rows.map { $0.map(quoted).joined(separator: ",") }.joined(separator: "\n")
            #expect(try tableRows(text).map { $0.map(\.text) } == rows, "seed \(seed) round \(round)")
        }
    }
}
