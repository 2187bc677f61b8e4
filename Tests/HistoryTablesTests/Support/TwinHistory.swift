import Archive
import GRDBSQLite
import HistoryTables
import Plant
import TestSupport

/// A random history with the tables over it, and beside it the table `plain` of the same readings, a row each, filled
/// from what the history was made of and not from what is read.
struct TwinHistory {
    let history: RandomHistory
    let sql: SQL
    var random: SeededRandom
    let times: [Int64]

    init(seed: UInt64, scans: Int = 90) throws {
        history = try RandomHistory(seed: seed, scans: scans)
        random = SeededRandom(seed: seed &+ 0x51)
        sql = SQL(connection: history.fixture.connection, owner: history.fixture)
        try HistoryTables.register(on: sql.connection)
        try sql.run("CREATE TABLE plain(tag TEXT NOT NULL, time INTEGER NOT NULL, value, quality TEXT NOT NULL)")
        var statement: OpaquePointer?
        sqlite3_prepare_v2(
            sql.connection, "INSERT INTO plain SELECT name, ?2, ?3, ?4 FROM tag WHERE id = ?1", -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        var times: [Int64] = []
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        for tag in 1...7 as ClosedRange<Int64> {
            for reading in history.readings(tag) {
                times.append(reading.time)
                sqlite3_bind_int64(statement, 1, tag)
                sqlite3_bind_int64(statement, 2, reading.time)
                switch reading.stored.value {
                case .none: sqlite3_bind_null(statement, 3)
                case .integer(let value): sqlite3_bind_int64(statement, 3, value)
                case .unsigned(let value): sqlite3_bind_text(statement, 3, "\(value)", -1, transient)
                case .real(let value), .double(let value): sqlite3_bind_double(statement, 3, value)
                case .single(let value): sqlite3_bind_double(statement, 3, Double(value))
                case .text(let value): sqlite3_bind_text(statement, 3, value, -1, transient)
                }
                sqlite3_bind_text(statement, 4, reading.sample.quality.name, -1, transient)
                guard sqlite3_step(statement) == SQLITE_DONE else { throw SQLError(code: 1, description: "insert") }
                sqlite3_reset(statement)
            }
        }
        self.times = times.isEmpty ? [RandomHistory.begin] : times
    }

    /// Fills in a statement: `$R` is the table, `$tag` and `$time` something to compare with, `$n` a small number.
    mutating func fill(_ template: String) -> String {
        var filled = ""
        var rest = Substring(template)
        while let dollar = rest.firstIndex(of: "$") {
            filled += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.hasPrefix("tag") {
                filled += tagValue()
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("time") {
                filled += timeValue()
                rest = rest.dropFirst(4)
            } else if rest.hasPrefix("n") {
                filled += "\(random.next() % 40)"
                rest = rest.dropFirst(1)
            } else {
                filled += "$"
            }
        }
        return filled + rest
    }

    private mutating func tagValue() -> String {
        let names = ["'a.flow'", "'a.temp'", "'b.on'", "'b.count'", "'c.name'", "'c.phase'", "'c.big'"]
        if random.chance(85) { return hidden(random.pick(names)) }
        return hidden(random.pick(["NULL", "5", "1.5", "'no.tag'", "'A.FLOW'", "x'612e666c6f77'", "''", "' a.flow'"]))
    }

    private mutating func timeValue() -> String {
        let time = random.pick(times) + random.pick([-1, 0, 0, 0, 1, 1000])
        if random.chance(70) { return hidden("\(time)") }
        return hidden(
            random.pick([
                "NULL", "\(time).5", "\(time).0", "-1.5", "1e300", "-1e300", "9e999", "-9e999", "'x'", "''",
                "'\(time)'",
                "' \(time).5 '", "x'00'", "9223372036854775807", "-9223372036854775808", "9223372036854775808.0",
                "'1e13'", "'99999999999999999999'", "0",
            ]))
    }

    /// As it is written, or in a form whose value the planner does not see.
    private mutating func hidden(_ literal: String) -> String {
        random.chance(60) ? literal : "(SELECT \(literal))"
    }

    func both(_ statement: String) throws -> (tables: [[Cell]], plain: [[Cell]]) {
        (
            try sql.rows(statement.replacing("$R", with: "reading")),
            try sql.rows(statement.replacing("$R", with: "plain"))
        )
    }
}

extension [[Cell]] {
    /// Without the order that SQL leaves open.
    var inAnyOrder: [[Cell]: Int] { reduce(into: [:]) { $0[$1, default: 0] += 1 } }
}
