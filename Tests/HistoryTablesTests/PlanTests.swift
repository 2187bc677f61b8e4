import TestSupport
import Testing

@testable import HistoryTables

@Suite("What SQLite is told of the tables")
struct PlanTests {
    struct Expected: Sendable, CustomTestStringConvertible {
        let sql: String
        var tags = ReadingPlan.TagRule.any
        var walk = ReadingPlan.Walk.byTag
        var isDescending = false
        var lower: TimeRange.Comparison?
        var upper: TimeRange.Comparison?
        /// Whether SQLite must sort what comes.
        var isSorted = false

        var testDescription: String { sql }
    }

    static let expected = [
        Expected(sql: "SELECT * FROM reading"),
        Expected(sql: "SELECT * FROM reading WHERE tag = 'a'", tags: .equal),
        Expected(sql: "SELECT * FROM reading WHERE tag = 'a' COLLATE NOCASE"),
        Expected(sql: "SELECT * FROM reading WHERE tag IN ('a', 'b')", tags: .equal),
        Expected(sql: "SELECT * FROM reading WHERE tag GLOB 'a*'", tags: .glob),
        Expected(sql: "SELECT * FROM reading WHERE tag LIKE 'a%'", tags: .like),
        Expected(sql: "SELECT * FROM reading WHERE tag = 'a' AND time > 5", tags: .equal, lower: .above),
        Expected(
            sql: "SELECT * FROM reading WHERE tag = 'a' AND time >= 5 AND time < 9", tags: .equal, lower: .atLeast,
            upper: .below),
        Expected(sql: "SELECT * FROM reading WHERE time BETWEEN 5 AND 9", lower: .atLeast, upper: .atMost),
        Expected(sql: "SELECT * FROM reading WHERE time = 5 AND tag = 'a'", tags: .equal, lower: .equal),
        Expected(sql: "SELECT * FROM reading WHERE tag = 'a' ORDER BY time", tags: .equal, walk: .byTime),
        Expected(
            sql: "SELECT * FROM reading WHERE tag = 'a' ORDER BY time DESC LIMIT 1", tags: .equal, walk: .byTime,
            isDescending: true),
        Expected(sql: "SELECT * FROM reading WHERE tag = 'a' ORDER BY tag, time", tags: .equal, walk: .byTime),
        Expected(sql: "SELECT * FROM reading ORDER BY time", walk: .byTime),
        Expected(sql: "SELECT * FROM reading ORDER BY time DESC LIMIT 9", walk: .byTime, isDescending: true),
        Expected(sql: "SELECT * FROM reading ORDER BY tag, time DESC", isDescending: true),
        Expected(sql: "SELECT * FROM reading ORDER BY tag DESC, time", walk: .byTagDescending),
        Expected(sql: "SELECT * FROM reading WHERE tag IN ('a', 'b') ORDER BY time", tags: .list, walk: .byTime),
        Expected(sql: "SELECT tag, count(*) FROM reading GROUP BY tag"),
        Expected(sql: "SELECT * FROM reading ORDER BY value", isSorted: true),
        Expected(sql: "SELECT sequence FROM reading ORDER BY time", isSorted: true),
    ]

    @Test(arguments: expected)
    func theConstraintIsUsed(_ expected: Expected) throws {
        let twin = try TwinHistory(seed: 1, scans: 5)
        let lines = try twin.sql.plan(expected.sql)
        let scan = try #require(lines.first { $0.contains("VIRTUAL TABLE INDEX ") })
        let number = try #require(Int32(scan.split(separator: " ").last?.dropLast() ?? ""))
        var plan = ReadingPlan()
        (plan.tags, plan.walk, plan.isDescending) = (expected.tags, expected.walk, expected.isDescending)
        (plan.lower, plan.upper) = (expected.lower, expected.upper)
        #expect(ReadingPlan(number: number) == plan)
        #expect(lines.contains { $0.contains("TEMP B-TREE") } == expected.isSorted, "\(lines)")
    }

    /// The table of names comes first, and each of its rows asks for one tag.
    @Test(arguments: [
        "SELECT * FROM tag JOIN reading r ON r.tag = tag.name WHERE tag.unit = 'degC'",
        "SELECT * FROM reading r JOIN tag ON r.tag = tag.name WHERE r.time > 1767434400000",
        "SELECT * FROM reading r, tag WHERE r.tag = tag.name AND r.time BETWEEN 1767434400000 AND 1767434409000",
        "SELECT * FROM slice(1767434400000, 1767434401000) s JOIN reading r ON r.tag = s.tag AND r.time = s.time",
    ])
    func joinsAskForOneTagAtATime(_ sql: String) throws {
        let lines = try TwinHistory(seed: 1, scans: 5).sql.plan(sql)
        let last = try #require(lines.last { $0.contains("VIRTUAL TABLE INDEX ") })
        #expect(last.hasPrefix("SCAN r "))
        let number = try #require(Int32(last.split(separator: " ").last?.dropLast() ?? ""))
        #expect(ReadingPlan(number: number).tags == .equal)
    }

    @Test func everyPlanComesBackFromItsNumber() {
        for number in 0..<Int32(1 << 12) {
            let plan = ReadingPlan(number: number)
            #expect(ReadingPlan(number: plan.number) == plan)
        }
    }
}
