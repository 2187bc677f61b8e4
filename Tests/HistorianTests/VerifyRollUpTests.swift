import Archive
import Plant
import Store
import Testing

@testable import Historian

@Suite("Roll-ups beside the readings")
struct VerifyRollUpTests {
    let scratch: Scratch
    let history: WrittenHistory

    /// The hour of all readings and the two halves around it, of a numeric tag, as the readings give them.
    init() throws {
        scratch = try Scratch()
        history = try WrittenHistory(scratch.history)
        let connection = try PlainConnection(history.path, .writing)
        let archive = try Archive(connection.handle)
        let start = WrittenHistory.start
        for tag in try archive.tags() where tag.kind != "text" {
            for (table, end) in [("hour", start + 3_600_000), ("day", start + 86_400_000)] {
                try archive.aggregates(
                    of: tag, from: start, to: end, .whole, AggregateOptions(useRollups: false)
                ) { aggregate in
                    try VerifyRollUpTests.insert(aggregate, tag.id, into: table, connection)
                }
            }
        }
    }

    private static func insert(
        _ aggregate: Aggregate, _ tag: Int64, into table: String, _ connection: PlainConnection
    ) throws {
        func text(_ number: Double?) -> String { number.map { "\($0)" } ?? "NULL" }
        func text(_ time: Int64?) -> String { time.map { "\($0)" } ?? "NULL" }
        try connection.execute(
            """
            INSERT INTO \(table) VALUES (\(tag), \(aggregate.start), \(aggregate.count), \(aggregate.bad),
                \(text(aggregate.min)), \(text(aggregate.minTime)), \(text(aggregate.max)), \(text(aggregate.maxTime)),
                \(text(aggregate.first)), \(text(aggregate.firstTime)), \(text(aggregate.last)),
                \(text(aggregate.lastTime)), \(aggregate.sum), \(aggregate.squares), \(aggregate.area),
                \(aggregate.goodMilliseconds), \(text(aggregate.rise))\(table == "day" ? ", \(aggregate.end)" : ""))
            """)
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

    /// Hours that are to be made anew, and hours whose readings are gone.
    @Test(arguments: [
        "INSERT INTO rollup_due VALUES (1, 1767434400000)", "INSERT INTO mark VALUES ('raw_from', 1767434400001)",
    ])
    func whatCannotBeRightIsLeftOut(sql: String) throws {
        try history.change("UPDATE hour SET count = 0 WHERE tag = 1; UPDATE day SET count = 0 WHERE tag = 1; \(sql)")
        #expect(try history.verify(.deep).findings == [])
    }
}
