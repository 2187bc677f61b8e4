import Archive
import GRDBSQLite
import HistoryTables
import Plant
import TestSupport
import Testing

@Suite("The table-valued functions")
struct FunctionTableTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func bucketsAreTheArchives(seed: UInt64) throws {
        let twin = try TwinHistory(seed: seed)
        var random = twin.random
        let archive = try twin.history.fixture.archive()
        for tag in try archive.tags() {
            let range = (random.pick(twin.times), random.pick(twin.times) + 7000)
            let parts = Int(random.next() % 9 + 1)
            var expected: [[Cell]] = []
            if range.0 < range.1 {
                try archive.aggregates(of: tag, from: range.0, to: range.1, .equal(parts)) { part in
                    expected.append(FunctionTableTests.cells(part))
                }
            }
            let rows = try twin.sql.rows("SELECT * FROM bucket('\(tag.name)', \(range.0), \(range.1), \(parts))")
            #expect(rows == expected, "seed \(seed), \(tag.name) in \(range), \(parts) parts")
        }
    }

    private static func cells(_ part: Aggregate) -> [Cell] {
        func real(_ value: Double?) -> Cell { value.map(Cell.real) ?? .null }
        func integer(_ value: Int64?) -> Cell { value.map(Cell.integer) ?? .null }
        return [
            integer(part.start), integer(part.end), integer(Int64(part.count)), integer(Int64(part.bad)),
            real(part.min),
            integer(part.minTime), real(part.max), integer(part.maxTime), real(part.first),
            part.lastText.map(Cell.text) ?? real(part.last), real(part.mean), real(part.simpleMean),
            real(part.deviation), integer(part.goodMilliseconds), real(part.percentGood), real(part.rise),
        ]
    }

    /// The newest row of each tag at or before the instant.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func asOfIsTheNewestRow(seed: UInt64) throws {
        let twin = try TwinHistory(seed: seed)
        var random = twin.random
        for _ in 0..<10 {
            let time = random.pick(twin.times) + random.pick([-1, 0, 1])
            let rows = try twin.sql.rows("SELECT tag, time, age_ms FROM asof(\(time)) ORDER BY tag")
            let expected = try twin.sql.rows(
                "SELECT tag, max(time), \(time) - max(time) FROM plain WHERE time <= \(time) GROUP BY tag ORDER BY tag")
            #expect(rows == expected, "seed \(seed) at \(time)")
            // What is said of it is one of the rows of that millisecond.
            let strangers = try twin.sql.rows(
                "SELECT tag, time, value, quality FROM asof(\(time).9) EXCEPT SELECT * FROM plain")
            #expect(strangers.isEmpty, "seed \(seed) at \(time)")
            let one = try twin.sql.rows("SELECT * FROM asof(\(time)) WHERE tag = 'a.temp'")
            #expect(one == (try twin.sql.rows("SELECT * FROM asof(\(time))").filter { $0[0] == .text("a.temp") }))
        }
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func aSliceIsAllRowsInTheOrderOfTime(seed: UInt64) throws {
        let twin = try TwinHistory(seed: seed)
        var random = twin.random
        for _ in 0..<10 {
            let (from, to) = (random.pick(twin.times), random.pick(twin.times) + 3000)
            let rows = try twin.sql.rows("SELECT * FROM slice(\(from), \(to))")
            let expected = try twin.sql.rows(
                "SELECT time, tag, value, quality FROM plain WHERE time >= \(from) AND time < \(to)")
            #expect(rows.inAnyOrder == expected.inAnyOrder, "seed \(seed) in \(from)..<\(to)")
            let times = rows.map { $0[0].integer ?? 0 }
            #expect(times == times.sorted())
            let one = try twin.sql.rows("SELECT * FROM slice(\(from), \(to)) WHERE tag = 'c.phase'")
            #expect(one == rows.filter { $0[1] == .text("c.phase") })
        }
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func gapsAreTheArchives(seed: UInt64) throws {
        let twin = try TwinHistory(seed: seed)
        let archive = try twin.history.fixture.archive()
        let (from, to) = (RandomHistory.begin - 5000, RandomHistory.begin + 60_000)
        for tag in try archive.tags() {
            let expected = try archive.gaps(of: tag, from: from, to: to).map { gap -> [Cell] in
                [.integer(gap.start), .integer(gap.end), .text(gap.cause)]
            }
            #expect(try twin.sql.rows("SELECT * FROM gaps('\(tag.name)', \(from), \(to))") == expected)
        }
    }

    @Test(arguments: [
        ("SELECT * FROM bucket", "bucket(tag, from, to, n): the argument tag is missing"),
        ("SELECT * FROM bucket('a.flow', 0, 9)", "bucket(tag, from, to, n): the argument n is missing"),
        (
            "SELECT * FROM bucket('a.flow', 0, 9, 0)",
            "bucket(tag, from, to, n): n: '0' is no whole number from 1 to 100000"
        ),
        (
            "SELECT * FROM bucket('a.flow', 0, 9, 1e9)",
            "bucket(tag, from, to, n): n: '1000000000.0' is no whole number from 1 to 100000"
        ),
        ("SELECT * FROM bucket('a.f', 0, 9, 1)", "bucket(tag, from, to, n): tag: the history has no tag 'a.f'"),
        (
            "SELECT * FROM slice('2026-01-03', 9)",
            """
            slice(from, to): from: '2026-01-03' is no time in UTC milliseconds; unixepoch('2026-01-03 08:00') * 1000 \
            makes one
            """
        ),
        ("SELECT * FROM asof", "asof(at): the argument at is missing"),
        ("SELECT * FROM asof(1, 2)", "too many arguments on asof() - max 1"),
        ("SELECT * FROM gaps('a.flow')", "gaps(tag, from, to): the argument from is missing"),
        ("SELECT * FROM gaps WHERE tag > 'a.flow'", "gaps(tag, from, to): the argument tag is missing"),
        ("INSERT INTO reading VALUES ('a', 1, 1, 'good')", "table reading may not be modified"),
        ("DELETE FROM reading", "table reading may not be modified"),
        ("CREATE VIRTUAL TABLE r USING reading", "no such module: reading"),
    ])
    func whatIsWrongIsSaid(_ sql: String, _ complaint: String) throws {
        let twin = try TwinHistory(seed: 1, scans: 5)
        #expect(twin.sql.complaint(sql) == complaint)
        // And the next statement knows nothing of it.
        #expect(try twin.both("SELECT count(*) FROM $R").tables == twin.both("SELECT count(*) FROM $R").plain)
    }

    @Test(arguments: [
        "SELECT * FROM bucket(NULL, 0, 9, 1)", "SELECT * FROM bucket('a.flow', 9, 9, 1)",
        "SELECT * FROM bucket('a.flow', 9, 0, 1)", "SELECT * FROM bucket('a.flow', 0, 9, NULL)",
        "SELECT * FROM asof(NULL)", "SELECT * FROM asof(-9e999)", "SELECT * FROM slice(9, 0)",
        "SELECT * FROM slice(NULL, 9)", "SELECT * FROM gaps('a.flow', 9, 0)", "SELECT * FROM asof(9) WHERE tag = 'no'",
    ])
    func nothingIsAskedFor(_ sql: String) throws {
        #expect(try TwinHistory(seed: 1, scans: 5).sql.rows(sql) == [])
    }

    /// The largest of a part can be looked up among the readings, and is what people would write.
    @Test func registersAreTheirDigits() throws {
        let twin = try TwinHistory(seed: 1, scans: 5)
        let time = RandomHistory.begin + 10_000_000
        let register = FixtureSample(bits: UInt64(Float(1472.9).bitPattern))
        try twin.history.fixture.group(9, "N")
        try twin.history.fixture.layout(9, of: 9, [.init(tag: 2, type: .float32)])
        try twin.history.fixture.hot(
            FixtureRow(group: 9, layout: 9, time: time, sequence: 1, ordinal: 1_000_000, samples: [register]))
        let digits: [[Cell]] = [[.real(1472.9)]]
        #expect(try twin.sql.rows("SELECT value FROM reading WHERE tag = 'a.temp' AND time = \(time)") == digits)
        #expect(try twin.sql.rows("SELECT value FROM asof(\(time)) WHERE tag = 'a.temp'") == digits)
        let bucket = "bucket('a.temp', \(time), \(time + 1), 1)"
        for column in ["min", "max", "first", "last"] {
            #expect(try twin.sql.rows("SELECT \(column) FROM \(bucket)") == digits)
        }
        #expect(
            try twin.sql.rows("SELECT r.time FROM \(bucket) b JOIN reading r ON r.tag = b.tag AND r.value = b.max")
                == [[.integer(time)]])
    }

    /// Arguments out of another table, and the hidden columns that hold them.
    @Test func callsInAJoin() throws {
        let twin = try TwinHistory(seed: 3)
        let (from, to) = (RandomHistory.begin, RandomHistory.begin + 20_000)
        let joined = try twin.sql.rows(
            """
            SELECT tag.name, b.tag, b."from", b."to", b.n, b.count
            FROM tag JOIN bucket(tag.name, \(from), \(to), 1) b WHERE tag.kind = 'analog' ORDER BY 1
            """)
        let expected = try twin.sql.rows(
            """
            SELECT tag, tag, \(from), \(to), 1, count(*) FILTER (WHERE quality = 'good') FROM plain
            JOIN tag ON tag.name = plain.tag AND tag.kind = 'analog'
            WHERE time >= \(from) AND time < \(to) GROUP BY tag ORDER BY 1
            """)
        #expect(joined == expected)
        let standing = try twin.sql.rows(
            """
            SELECT a.time, b.time FROM reading a LEFT JOIN asof(a.time) b ON b.tag = 'b.on' WHERE a.tag = 'a.temp'
            """)
        let plain = try twin.sql.rows(
            """
            SELECT a.time, (SELECT max(b.time) FROM plain b WHERE b.tag = 'b.on' AND b.time <= a.time) FROM plain a
            WHERE a.tag = 'a.temp'
            """)
        #expect(standing.inAnyOrder == plain.inAnyOrder)
    }
}
