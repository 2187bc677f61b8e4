import Archive
import GRDBSQLite
import HistoryTables
import Plant
import TestSupport
import Testing

@Suite("The tables on a connection")
struct ConnectionTests {
    @Test func aDatabaseThatIsNoHistory() throws {
        var connection: OpaquePointer?
        sqlite3_open(":memory:", &connection)
        defer { sqlite3_close(connection) }
        let sql = SQL(connection: try #require(connection))
        try HistoryTables.register(on: sql.connection)
        #expect(try sql.rows("SELECT 1") == [[.integer(1)]])
        #expect(sql.complaint("SELECT * FROM reading").hasPrefix("not a Cupel history: "))
        try sql.run("PRAGMA application_id = 0x4375706C")
        #expect(sql.complaint("SELECT * FROM bucket('a', 1, 2, 3)").contains("expected 2 sealed"))
    }

    /// Nothing that the tables keep holds a connection open.
    @Test func aConnectionClosesAfterUse() throws {
        let fixture = try HistoryFixture()
        try HistoryTables.register(on: fixture.connection)
        let path = TemporaryFile()
        try SQL(connection: fixture.connection).run("VACUUM INTO '\(path.path)'")
        var connection: OpaquePointer?
        sqlite3_open(path.path, &connection)
        let sql = SQL(connection: try #require(connection))
        try HistoryTables.register(on: sql.connection)
        for table in ["reading", "asof(1)", "slice(1, 2)"] { try sql.run("SELECT * FROM \(table)") }
        #expect(sqlite3_close(connection) == SQLITE_OK)
    }

    /// As a host does that loads the extension twice: also while a statement runs.
    @Test func registeredAgain() throws {
        let twin = try TwinHistory(seed: 2)
        var rows = 0
        try twin.sql.run("SELECT * FROM reading") { _ in
            if rows == 3 { try HistoryTables.register(on: twin.sql.connection) }
            rows += 1
        }
        #expect([[.integer(Int64(rows))]] == (try twin.sql.rows("SELECT count(*) FROM plain")))
        #expect([[.integer(Int64(rows))]] == (try twin.sql.rows("SELECT count(*) FROM reading")))
    }

    @Test(arguments: [
        "SELECT * FROM reading", "SELECT * FROM slice(0, 9e15)", "SELECT time FROM reading ORDER BY time",
    ])
    func anInterruptEndsAStatement(_ statement: String) throws {
        let twin = try TwinHistory(seed: 4)
        var rows = 0
        let error = #expect(throws: SQLError.self) {
            try twin.sql.run(statement) { _ in
                rows += 1
                if rows == 5 { sqlite3_interrupt(twin.sql.connection) }
            }
        }
        #expect(error?.code == SQLITE_INTERRUPT)
        #expect(rows == 5)
    }

    @Test func damageIsTheStatementsError() throws {
        let twin = try TwinHistory(seed: 6)
        try twin.sql.run("UPDATE chunk SET data = zeroblob(length(data))")
        let damaged = try twin.sql.rows("SELECT DISTINCT tag.name FROM chunk JOIN tag ON tag.id = chunk.key >> 36")
        try #require(!damaged.isEmpty)
        for row in damaged {
            guard case .text(let tag) = row[0] else { continue }
            let complaint = twin.sql.complaint("SELECT * FROM reading WHERE tag = '\(tag)'")
            #expect(complaint.contains(tag) && complaint.contains("damaged"), "\(complaint)")
        }
        #expect(twin.sql.complaint("SELECT * FROM reading ORDER BY time").contains("damaged"))
        #expect(twin.sql.complaint("SELECT * FROM slice(0, 9e15)").contains("damaged"))
    }

    /// Tags and scans that come between two statements are seen by the next one.
    @Test func whatIsNewIsSeen() throws {
        let twin = try TwinHistory(seed: 8, scans: 20)
        let before = try twin.sql.rows("SELECT count(*) FROM reading")[0][0].integer ?? 0
        #expect(try twin.sql.rows("SELECT * FROM reading WHERE tag = 'new'") == [])
        try twin.history.fixture.tag(20, "new", type: .uint16)
        try twin.history.fixture.group(20, "N")
        try twin.history.fixture.layout(20, of: 20, [.init(tag: 20, type: .uint16)])
        try twin.history.fixture.hot(
            FixtureRow(
                group: 20, layout: 20, time: RandomHistory.begin + 10_000_000, sequence: 1, ordinal: 1_000_000,
                samples: [.init(bits: 7)]))
        #expect(
            try twin.sql.rows("SELECT * FROM reading WHERE tag = 'new'")
                == [[.text("new"), .integer(RandomHistory.begin + 10_000_000), .integer(7), .text("good")]])
        #expect(try twin.sql.rows("SELECT count(*) FROM reading") == [[.integer(before + 1)]])
        #expect(try twin.sql.rows("SELECT tag FROM reading ORDER BY time DESC LIMIT 1") == [[.text("new")]])
    }
}
