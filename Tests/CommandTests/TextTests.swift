import Testing

@testable import cupel

struct TextTests {
    @Test func socketPathsAreEscapedForAURL() {
        #expect(DaemonClient.escape("/run/cupel/a b.sock") == "%2Frun%2Fcupel%2Fa%20b.sock")
        #expect(DaemonClient.escape("F-*.melt_temp") == "F-%2A.melt_temp")
    }

    @Test func columnsAreAligned() {
        var table = Table(headers: ["TAG", "VALUE"], rightAligned: [1])
        table.rows = [["a", "1"], ["long", "1000.5"]]
        #expect(table.text() == "TAG    VALUE\na          1\nlong  1000.5\n")
    }

    @Test(arguments: [(300, "0.3 s"), (9_999, "9.9 s"), (12_000, "12 s"), (300_000, "5 min"), (10_800_000, "3 h")])
    func agesAreShort(milliseconds: Int64, expected: String) {
        #expect(Now.age(milliseconds) == expected)
    }
}
