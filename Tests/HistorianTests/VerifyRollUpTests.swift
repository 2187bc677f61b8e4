import Archive
import Plant
import Store
import Testing

@testable import Historian

@Suite("Roll-ups beside the readings")
struct VerifyRollUpTests {
    let scratch: Scratch
    let history: WrittenHistory

    init() throws {
        scratch = try Scratch()
        history = try WrittenHistory(scratch.history)
        try history.rollUp()
    }

    @Test(arguments: [Verify.Depth.whole, .deep])
    func thoseThatAreRightAreNoFindings(depth: Verify.Depth) throws {
        let report = try history.verify(depth)
        #expect(report.findings == [])
        #expect(report.counts.rollUps == 8)
    }

    @Test(arguments: [
        ("count = count + 1", "count is"), ("bad = bad + 1", "bad is"), ("max = max + 0.1", "max is"),
        ("min_at = min_at + 1", "min_at is"), ("sum = sum * 1.000001", "sum is"), ("area = area + 100", "area is"),
        ("good_ms = good_ms - 1", "good_ms is"), ("first = NULL", "first is nothing"),
        ("squares = squares + 5", "squares is"),
        ("last_at = NULL", "last_at is nothing"),
    ])
    func thoseThatAreNotAreFound(change: String, text: String) throws {
        try history.change("UPDATE hour SET \(change) WHERE tag = 1")
        let findings = try history.verify(.deep).findings
        #expect(findings.map(\.kind) == [.rollUp])
        #expect(findings.first?.subject == "C1.temp")
        #expect(findings.first?.text.contains(text) == true, "\(findings.map(\.line))")
    }

    @Test func aDayIsFoundToo() throws {
        try history.change("UPDATE day SET max = max + 1 WHERE tag = 2")
        #expect(try history.verify(.deep).findings.map(\.subject) == ["C1.flow"])
    }

    /// Values near the end of doubles: sums that are infinite, or no number at all.
    @Test(arguments: [[1e300], [1e308, 1e308], [1e308, -1e308, 1e308], [-1.7e308, -1.7e308], [1e200, -1e200]])
    func sumsBeyondDoublesAreNoFindings(values: [Double]) throws {
        try history.importReadings(values)
        try history.rollUp()
        let beyond = "SELECT count(*) FROM hour WHERE ifnull(squares, 9e999) > 1e308"
        #expect(try history.integers(history.path, beyond) == [1])
        #expect(try history.verify(.deep).findings == [])
        // Every other difference is still one.
        try history.change("UPDATE hour SET sum = 5, squares = 7 WHERE tag = 1")
        #expect(try history.verify(.deep).findings.map(\.kind) == [.rollUp])
    }

    /// Hours that are to be made anew, and hours whose readings are gone.
    @Test(arguments: [
        "INSERT INTO rollup_due VALUES (1, 1767434400000)", "INSERT INTO mark VALUES ('raw_from', 1767434400001)",
    ])
    func whatCannotBeRightIsLeftOut(sql: String) throws {
        try history.change("UPDATE hour SET count = 0 WHERE tag = 1; UPDATE day SET count = 0 WHERE tag = 1; \(sql)")
        #expect(try history.verify(.deep).findings == [])
    }
}
