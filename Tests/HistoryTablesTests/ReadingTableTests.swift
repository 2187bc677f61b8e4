import Plant
import TestSupport
import Testing

@Suite("The table reading, against a plain table of the same readings")
struct ReadingTableTests {
    static let seeds = (1...6).map { UInt64($0) }

    /// Statements whose rows come in any order.
    static let unordered = [
        "SELECT * FROM $R",
        "SELECT tag, time, value, typeof(value), quality FROM $R WHERE tag = $tag",
        "SELECT * FROM $R WHERE tag = $tag AND time >= $time AND time < $time",
        "SELECT * FROM $R WHERE tag = $tag AND time > $time AND time <= $time",
        "SELECT * FROM $R WHERE time BETWEEN $time AND $time AND tag = $tag",
        "SELECT * FROM $R WHERE tag IN ($tag, $tag, $tag)",
        "SELECT * FROM $R WHERE tag IN ($tag, $tag) AND time >= $time",
        "SELECT * FROM $R WHERE tag IN (SELECT tag FROM plain WHERE time = $time)",
        "SELECT * FROM $R WHERE tag NOT IN ($tag, $tag) AND time < $time",
        "SELECT * FROM $R WHERE time = $time",
        "SELECT * FROM $R WHERE time IN ($time, $time, $time, NULL)",
        "SELECT * FROM $R WHERE time IS $time",
        "SELECT * FROM $R WHERE time <> $time AND tag = $tag",
        "SELECT * FROM $R WHERE $time < time AND $time > time",
        "SELECT * FROM $R WHERE time > $time AND time > $time AND time < $time AND time < $time",
        "SELECT * FROM $R WHERE time = $time AND time > $time",
        "SELECT * FROM $R WHERE tag = $tag COLLATE NOCASE AND time > $time",
        "SELECT * FROM $R WHERE tag COLLATE NOCASE IN ($tag, $tag)",
        "SELECT * FROM $R WHERE tag LIKE 'B.%' AND time > $time",
        "SELECT * FROM $R WHERE tag LIKE '_.c%'",
        "SELECT * FROM $R WHERE tag LIKE $tag",
        "SELECT * FROM $R WHERE tag GLOB '[ab].*n*' AND time < $time",
        "SELECT * FROM $R WHERE tag GLOB $tag",
        "SELECT * FROM $R WHERE tag NOT LIKE 'a%' AND tag NOT GLOB '*big'",
        "SELECT * FROM $R WHERE tag LIKE 'a.flow' ESCAPE '.'",
        "SELECT * FROM $R WHERE tag > $tag AND tag <= $tag",
        "SELECT * FROM $R WHERE (tag = $tag AND time < $time) OR (tag = $tag AND time > $time)",
        "SELECT * FROM $R WHERE tag = $tag OR time = $time",
        "SELECT * FROM $R WHERE tag IN ($tag, $tag) OR (time > $time AND tag = $tag)",
        "SELECT * FROM $R WHERE quality = 'good' AND value > 100 AND tag = $tag",
        "SELECT * FROM $R WHERE value IS NULL AND time > $time",
        "SELECT count(*), count(value), min(time), max(time), max(tag), min(quality), min(value) FROM $R",
        "SELECT count(*), min(time), max(value) FROM $R WHERE tag = $tag AND time >= $time",
        "SELECT tag, count(*), avg(value), max(time) FROM $R WHERE time < $time GROUP BY tag",
        "SELECT DISTINCT tag, quality FROM $R",
        "SELECT DISTINCT time FROM $R WHERE tag IN ($tag, $tag)",
        "SELECT time / 7000, count(*), min(value) FROM $R WHERE tag = $tag GROUP BY 1 HAVING count(*) > 1",
        "SELECT tag, (SELECT count(*) FROM $R r WHERE r.tag = plain.tag AND r.time <= plain.time) FROM plain",
        """
        SELECT a.time, (SELECT max(b.time) FROM $R b WHERE b.tag = $tag AND b.time <= a.time) FROM $R a
        WHERE a.tag = $tag
        """,
        """
        SELECT a.time, (SELECT b.time FROM $R b WHERE b.tag = $tag AND b.time <= a.time ORDER BY b.time DESC LIMIT 1)
        FROM $R a WHERE a.tag = $tag
        """,
        "SELECT a.tag, a.time, b.value FROM $R a JOIN $R b ON b.time = a.time AND b.tag = $tag WHERE a.tag = $tag",
        "SELECT a.time, b.time FROM $R a LEFT JOIN $R b ON b.tag = $tag AND b.time = a.time + 1 WHERE a.tag = $tag",
        "SELECT tag.id, r.time, r.value FROM tag JOIN $R r ON r.tag = tag.name WHERE r.time > $time",
        "SELECT tag.id, r.time FROM tag, $R r WHERE r.tag = tag.name AND tag.kind = 'analog' AND r.time < $time",
        "SELECT r.* FROM tag CROSS JOIN $R r WHERE r.tag = tag.id",
        "SELECT r.* FROM tag CROSS JOIN $R r ON r.time > tag.name WHERE r.tag = $tag",
        "SELECT name FROM tag WHERE EXISTS (SELECT 1 FROM $R r WHERE r.tag = tag.name AND r.time = $time)",
        "SELECT * FROM $R WHERE time IN (SELECT time FROM $R WHERE tag = $tag) AND tag = $tag",
        "SELECT tag FROM $R WHERE time > $time EXCEPT SELECT tag FROM $R WHERE time < $time",
        "WITH last AS (SELECT tag, max(time) AS time FROM $R GROUP BY tag) SELECT * FROM $R JOIN last USING (tag, time)",
        "SELECT tag, time, lag(time) OVER (PARTITION BY tag ORDER BY time) FROM $R WHERE tag = $tag",
    ]

    @Test(arguments: seeds, unordered)
    func anyOrder(seed: UInt64, template: String) throws {
        var twin = try TwinHistory(seed: seed)
        for _ in 0..<4 {
            let statement = twin.fill(template)
            let rows = try twin.both(statement)
            #expect(rows.tables.inAnyOrder == rows.plain.inAnyOrder, "seed \(seed): \(statement)")
        }
    }

    /// Statements that show nothing but what they order by, so that equal keys leave nothing open.
    static let ordered = [
        "SELECT time FROM $R WHERE tag = $tag ORDER BY time",
        "SELECT time FROM $R WHERE tag = $tag ORDER BY time DESC",
        "SELECT time FROM $R WHERE tag = $tag AND time > $time ORDER BY time DESC LIMIT $n",
        "SELECT time FROM $R WHERE tag = $tag AND time <= $time ORDER BY time DESC LIMIT 1",
        "SELECT tag, time FROM $R WHERE tag = $tag ORDER BY tag DESC, time LIMIT $n OFFSET $n",
        "SELECT time FROM $R ORDER BY time",
        "SELECT time FROM $R ORDER BY time DESC",
        "SELECT time FROM $R WHERE time < $time ORDER BY time DESC LIMIT $n OFFSET $n",
        "SELECT time FROM $R WHERE time >= $time ORDER BY time LIMIT $n OFFSET $n",
        "SELECT time FROM $R WHERE time BETWEEN $time AND $time ORDER BY time DESC",
        "SELECT time FROM $R WHERE tag IN ($tag, $tag, $tag) ORDER BY time LIMIT $n",
        "SELECT time FROM $R WHERE tag IN ($tag, $tag, $tag) AND time > $time ORDER BY time DESC LIMIT $n",
        "SELECT tag, time FROM $R WHERE tag IN ($tag, $tag, $tag) ORDER BY tag, time DESC",
        "SELECT tag, time FROM $R ORDER BY tag, time",
        "SELECT tag, time FROM $R ORDER BY tag DESC, time",
        "SELECT tag, time FROM $R WHERE time > $time ORDER BY tag, time DESC LIMIT $n OFFSET $n",
        "SELECT tag FROM $R ORDER BY tag DESC",
        "SELECT time, tag FROM $R WHERE time < $time ORDER BY time, tag",
        "SELECT time, tag FROM $R ORDER BY time DESC, tag LIMIT $n",
        "SELECT tag, time FROM $R WHERE tag LIKE 'a%' ORDER BY time, tag",
        "SELECT time FROM $R WHERE tag GLOB 'c.*' ORDER BY time DESC LIMIT $n",
        "SELECT value FROM $R WHERE tag = $tag ORDER BY value",
        "SELECT tag, max(time) FROM $R GROUP BY tag ORDER BY tag",
        "SELECT time, count(*) FROM $R GROUP BY time ORDER BY time DESC",
        "SELECT DISTINCT tag FROM $R ORDER BY tag DESC",
        "SELECT tag COLLATE NOCASE AS t FROM $R WHERE time > $time ORDER BY t",
        """
        SELECT a.time, b.time FROM $R a JOIN $R b ON b.tag = $tag AND b.time BETWEEN a.time AND a.time + 500
        WHERE a.tag = $tag ORDER BY a.time, b.time
        """,
        "SELECT time FROM (SELECT * FROM $R WHERE tag = $tag ORDER BY time DESC LIMIT $n) ORDER BY time",
        "SELECT time FROM $R WHERE tag = 5 ORDER BY time",
    ]

    @Test(arguments: seeds, ordered)
    func inOrder(seed: UInt64, template: String) throws {
        var twin = try TwinHistory(seed: seed)
        for _ in 0..<4 {
            let statement = twin.fill(template)
            let rows = try twin.both(statement)
            #expect(rows.tables == rows.plain, "seed \(seed): \(statement)")
        }
    }

    /// A tag whose name is a number is compared as text with a literal, and as a number with a column of numbers.
    @Test func namesThatAreNumbers() throws {
        let twin = try TwinHistory(seed: 5)
        let time = RandomHistory.begin + 10_000_000
        try twin.history.fixture.tag(9, "5")
        try twin.history.fixture.tag(10, "05")
        try twin.history.fixture.group(9, "N")
        try twin.history.fixture.layout(9, of: 9, [.init(tag: 9, type: .uint16), .init(tag: 10, type: .uint16)])
        try twin.history.fixture.hot(
            FixtureRow(
                group: 9, layout: 9, time: time, sequence: 1, ordinal: 1_000_000,
                samples: [.init(bits: 1), .init(bits: 2)]))
        try twin.sql.run("INSERT INTO plain VALUES ('5', \(time), 1, 'good'), ('05', \(time), 2, 'good')")
        for statement in [
            "SELECT tag FROM $R WHERE tag = 5", "SELECT tag FROM $R WHERE tag = 5.0",
            "SELECT tag FROM $R WHERE tag = '05'",
            "SELECT $R.tag FROM $R JOIN tag ON tag.id = 5 AND $R.tag = tag.id",
            "SELECT tag FROM $R WHERE tag IN (SELECT CAST(id AS TEXT) FROM tag)",
            "SELECT tag FROM $R WHERE tag IN (5) ORDER BY time",
            "SELECT tag FROM $R WHERE tag = CAST('5.0' AS REAL)", "SELECT tag FROM $R WHERE tag = CAST(5 AS TEXT)",
        ] {
            let rows = try twin.both(statement)
            #expect(rows.tables.inAnyOrder == rows.plain.inAnyOrder, "\(statement)")
        }
    }

    /// A clock that was set back: both are readings, and the branches of an OR bring neither twice.
    @Test func twoReadingsOfOneMillisecond() throws {
        let twin = try TwinHistory(seed: 1, scans: 5)
        let time = RandomHistory.begin + 10_000_000
        try twin.history.fixture.tag(9, "n")
        try twin.history.fixture.group(9, "N")
        try twin.history.fixture.layout(9, of: 9, [.init(tag: 9, type: .uint16)])
        for number in 1...2 as ClosedRange<Int64> {
            try twin.history.fixture.hot(
                FixtureRow(
                    group: 9, layout: 9, time: time, sequence: UInt64(number), ordinal: 1_000_000 + number,
                    samples: [.init(bits: UInt64(number))]))
        }
        let both: [[Cell]] = [[.integer(1)], [.integer(2)]]
        for condition in [
            "tag = 'n'", "tag = 'n' OR time = \(time)", "(tag = 'n' AND time > 5) OR (tag = 'n' AND time < 9e15)",
            "(tag = 'n' AND value = 1) OR (time = \(time) AND value = 2)",
        ] {
            let lines = try twin.sql.plan("SELECT value FROM reading WHERE \(condition)")
            #expect(lines.contains("MULTI-INDEX OR") == condition.contains("OR"), "\(lines)")
            #expect(try twin.sql.rows("SELECT value FROM reading WHERE \(condition)").inAnyOrder == both.inAnyOrder)
        }
    }

    /// What happens in a statement happens to one state of the history.
    @Test func twoCursorsDoNotDisturbEachOther() throws {
        let twin = try TwinHistory(seed: 7)
        var counted = 0
        try twin.sql.run("SELECT time FROM reading WHERE tag = 'a.flow' ORDER BY time") { _ in
            let inner = try twin.sql.rows("SELECT count(*) FROM reading WHERE tag = 'a.flow'")
            #expect(inner == (try twin.sql.rows("SELECT count(*) FROM plain WHERE tag = 'a.flow'")))
            counted += 1
        }
        #expect([[.integer(Int64(counted))]] == (try twin.sql.rows("SELECT count(*) FROM plain WHERE tag = 'a.flow'")))
    }
}
