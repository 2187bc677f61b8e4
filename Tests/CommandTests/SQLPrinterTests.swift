import Testing

@testable import cupel

struct SQLPrinterTests {
    @Test(arguments: [
        (["time", "value", "value"], ["time", "value", "value:1"]),
        (["a", "a", "a:1", "a"], ["a", "a:1", "a:1:1", "a:2"]),
        (["a", "b"], ["a", "b"]), ([], []),
    ])
    func namesOfAnObjectDiffer(columns: [String], expected: [String]) {
        #expect(SQLPrinter.distinct(columns) == expected)
    }
}
