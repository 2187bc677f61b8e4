import Store
import TestSupport
import Testing

@testable import Historian

@Suite("Roll-ups after a salvage")
struct SalvageRollUpTests {
    let scratch: Scratch
    let history: WrittenHistory
    let clock = HandClock()
    static let rolledTo = WrittenHistory.start + 3_600_000

    init() throws {
        scratch = try Scratch()
        history = try WrittenHistory(scratch.history)
        try history.rollUp()
        clock.advance(milliseconds: 86_400_000)
    }

    /// Three chunks of C1.temp are gone; its hour was made before.
    private func salvaged(_ damage: String) throws -> String {
        try history.change("\(damage); PRAGMA wal_checkpoint(TRUNCATE)")
        let result = try Salvage(path: history.path).run(clock: clock)
        #expect(!result.losses.isEmpty)
        return result.path
    }

    private func findings(_ path: String) throws -> [Finding] {
        try Verify(path: path, depth: .deep).history().findings
    }

    static let chunks = "UPDATE chunk SET crc = crc + 1 WHERE key >> 36 IN (1, 3) AND key & 255 IN (1, 3, 5)"
    static let spans = "UPDATE span SET crc = crc + 1 WHERE id IN (3, 4)"

    /// It stays, and is no finding: of lost chunks, of lost scans, and of a lost page of rows.
    @Test(arguments: [chunks, spans, "UPDATE hot SET v = '[' WHERE sequence > 495"])
    func whatWasMadeBeforeStays(damage: String) throws {
        let before = try history.integers(history.path, "SELECT count FROM hour ORDER BY tag")
        let path = try salvaged(damage)
        #expect(try history.integers(path, "SELECT count FROM hour ORDER BY tag") == before)
        #expect(try history.integers(path, "SELECT count(*) FROM rollup_due") == [0])
        #expect(try findings(path) == [])
    }

    @Test(arguments: [
        "count = 5", "min = min + 20", "max = max - 20", "first_at = first_at + 400000", "last_at = last_at - 400000",
        "bad = 0, count = count - 3", "min = NULL",
    ])
    func oneThatKnowsLessIsFound(change: String) throws {
        let path = try salvaged(SalvageRollUpTests.chunks)
        try PlainConnection(path, .writing).execute("UPDATE hour SET \(change) WHERE tag = 1")
        #expect(try findings(path).map(\.kind) == [.rollUp])
    }

    /// Only the readings beside a loss stood for another time.
    @Test func oneOfAsManyReadingsIsOfTheSame() throws {
        let path = try salvaged(SalvageRollUpTests.chunks)
        // No chunk of C1.flow is gone, and its event is said to be of all tags.
        let connection = try PlainConnection(path, .writing)
        try connection.execute(
            "UPDATE event SET subject = NULL WHERE kind = 'salvaged'; UPDATE hour SET area = area + 9 WHERE tag = 2")
        #expect(try findings(path) == [])
        try connection.execute("UPDATE hour SET sum = sum + 9 WHERE tag = 2")
        #expect(try findings(path).map(\.subject) == ["C1.flow"])
    }

    /// No event, one of another tag, one of another kind, one of another time.
    @Test(arguments: [
        "DELETE FROM event WHERE kind = 'salvaged'", "UPDATE event SET subject = 'C1.flow'",
        "UPDATE event SET kind = 'gap'", "UPDATE event SET t0 = t0 + 200000000, t1 = t1 + 200000000",
    ])
    func aDifferenceThatNoLossExplainsIsFound(change: String) throws {
        let path = try salvaged("UPDATE chunk SET crc = crc + 1 WHERE key = 1 << 36 | 3")
        try PlainConnection(path, .writing).execute(change)
        #expect(try findings(path).map(\.kind) == [.rollUp, .rollUp])
    }

    /// The hours of the page are due where their readings are, and so is one hour of each day.
    @Test func whatIsGoneIsMadeAnew() throws {
        let start = WrittenHistory.start
        try history.change(
            """
            INSERT INTO mark(name, value) VALUES ('rolled_to', \(SalvageRollUpTests.rolledTo));
            PRAGMA wal_checkpoint(TRUNCATE)
            """)
        let page = try #require(try history.pages(of: "hour").first)
        try history.overwrite(page: page)
        let path = try Salvage(path: history.path).run(clock: clock).path
        #expect(try history.integers(path, "SELECT count(*) FROM hour") == [0])
        #expect(try history.integers(path, "SELECT DISTINCT hour FROM rollup_due") == [start])
        #expect(try history.integers(path, "SELECT tag FROM rollup_due ORDER BY tag") == [1, 2, 3, 4, 5])
    }

    @Test func aDayThatIsGoneIsMadeAnewFromOneOfItsHours() throws {
        try history.settle()
        try history.overwrite(page: try #require(try history.pages(of: "day").first))
        let path = try Salvage(path: history.path).run(clock: clock).path
        #expect(try history.integers(path, "SELECT count(*) FROM day") == [0])
        #expect(try history.integers(path, "SELECT tag FROM rollup_due ORDER BY tag") == [1, 2, 3, 5])
    }

    /// Not from an hour that would be worse then.
    @Test func aDayWhoseHoursLostReadingsIsNot() throws {
        try history.change(
            "UPDATE chunk SET crc = crc + 1 WHERE key = 1 << 36 | 3; PRAGMA wal_checkpoint(TRUNCATE)")
        try history.overwrite(page: try #require(try history.pages(of: "day").first))
        let path = try Salvage(path: history.path).run(clock: clock).path
        #expect(try history.integers(path, "SELECT tag FROM rollup_due ORDER BY tag") == [2, 3, 5])
    }

    /// Else the daemon would roll up everything once more, out of what is left.
    @Test func howFarRollingUpHadComeIsKnownWithoutItsMark() throws {
        try history.change(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
            INSERT INTO mark SELECT 'x' || i, hex(zeroblob(20)) FROM n;
            INSERT INTO mark(name, value) VALUES ('rolled_to', \(SalvageRollUpTests.rolledTo));
            PRAGMA wal_checkpoint(TRUNCATE)
            """)
        try history.overwrite(page: try #require(try history.pages(of: "mark").last))
        let path = try Salvage(path: history.path).run(clock: clock).path
        #expect(
            try history.integers(path, "SELECT value FROM mark WHERE name = 'rolled_to'")
                == [SalvageRollUpTests.rolledTo])
    }
}
