import Glibc
import HistoryTables
import Plant
import TestSupport
import Testing

@Suite("The recipes of the manual")
struct RecipeTests {
    static let article = "Sources/HistoryTables/HistoryTables.docc/HistoryTables.md"
    /// 2026-01-03T00:00:00Z.
    static let midnight: Int64 = 1_767_398_400_000

    /// The statements of the article, as they stand there.
    static func recipes() throws -> [String] {
        var statements: [String] = []
        var open: String?
        for line in try text().split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```sql" {
                open = ""
            } else if line == "```", let statement = open {
                statements.append(statement)
                open = nil
            } else {
                open?.append("\(line)\n")
            }
        }
        return statements
    }

    private static func text() throws -> String {
        var directory = Substring(#filePath)
        while let slash = directory.lastIndex(of: "/") {
            directory = directory[..<slash]
            guard let file = fopen("\(directory)/\(article)", "r") else { continue }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
        }
        throw FixtureError(description: "no \(article)")
    }

    /// Twelve hours of a furnace, read every ten seconds: power in steps, a temperature that follows it after five
    /// minutes, a mode that changes every two hours, a link that was lost for two minutes.
    static func furnace() throws -> SQL {
        let fixture = try HistoryFixture()
        try fixture.tag(1, "F-01.melt_temp")
        try fixture.tag(2, "F-01.power", type: .uint16)
        try fixture.tag(3, "F-01.mode", kind: "enum", type: .uint16, stepped: true)
        try fixture.group(1, "F-01/slow", period: 10_000)
        try fixture.layout(
            1, of: 1, period: 10_000,
            [
                .init(tag: 1, type: .float32), .init(tag: 2, type: .uint16),
                .init(tag: 3, type: .uint16, isStepped: true),
            ])
        try fixture.execute("BEGIN")
        func power(_ second: Int) -> Int { second < 0 ? 0 : 20 * (second / 600 % 7) }
        for scan in 0..<4320 {
            let second = scan * 10
            var row = FixtureRow(
                group: 1, layout: 1, time: midnight + Int64(second) * 1000, sequence: UInt64(scan + 1),
                ordinal: Int64(scan + 1))
            if (3600..<3720).contains(second) {
                row.loss = .timeout
            } else {
                let temperature = Float(1400 + power(second - 300))
                row.samples = [
                    .init(bits: UInt64(temperature.bitPattern)), .init(bits: UInt64(power(second))),
                    .init(bits: UInt64(second / 7200)),
                ]
            }
            try fixture.hot(row)
        }
        try fixture.event("annotation", midnight + 7_200_000, midnight + 7_200_000, text: "electrode changed")
        try fixture.execute(
            """
            COMMIT;
            CREATE VIEW tags AS SELECT name, unit, description, kind, type, states FROM tag;
            CREATE VIEW happening AS
            SELECT t0 AS start, t1 AS "end", kind, subject, author, text, attrs AS attributes FROM event;
            CREATE TABLE hourly(tag, start, mean);
            INSERT INTO hourly VALUES ('F-01.melt_temp', \(midnight), 1450),
                ('F-01.melt_temp', \(midnight) - 365 * 86400000, 1440);
            """)
        try HistoryTables.register(on: fixture.connection)
        return SQL(connection: fixture.connection, owner: fixture)
    }

    @Test func eachGivesWhatItPromises() throws {
        let sql = try Self.furnace()
        let answers = try Self.recipes().map { try sql.rows($0) }
        try #require(answers.count == 10)
        // Modes change at 2, 4, 6, 8 and 10 o'clock.
        #expect(answers[0].map { $0[1] } == (1...5).map { .integer($0) })
        #expect(answers[0].first == [.text("2026-01-03 02:00:00"), .integer(1), .real(1480), .integer(0)])
        #expect(answers[1].count == 12)
        #expect(answers[1].first?[0] == .text("2026-01-03 00:00:00"))
        #expect(answers[2].count == 1)
        // 60, 80, 100 and 120 degrees over 1400 are above it, four of seven steps, from 00:35 on.
        guard case .real(let minutes) = answers[2][0][0] else { throw FixtureError(description: "no minutes") }
        #expect(abs(minutes - 398) < 3)
        #expect(answers[3] == [[.text("2026-01-03 00:35:00"), .real(1460)]])
        #expect(answers[4].map { $0[0] } == [.text("electrode changed")])
        #expect(answers[5] == [[.text("01-03 00:00"), .integer(1440), .integer(1450)]])
        #expect(answers[6].count == 3)
        #expect(answers[6].allSatisfy { $0[4] == .real(0) })
        #expect(answers[7].count == 3)
        #expect(answers[7].allSatisfy { $0[3] == .text("bad:timeout") })
        guard case .real(let r) = answers[8][0][0] else { throw FixtureError(description: "no r") }
        #expect(r > 0.97)
        #expect(answers[9].count == 18)
    }
}
