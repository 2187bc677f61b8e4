import Testing

@testable import Archive

@Suite("How SQLite finds the rows")
struct QueryTests {
    /// None may search a whole table, sort, or build an index of its own.
    @Test(arguments: Query.allCases)
    func everyStatementGoesByAKey(query: Query) throws {
        let fixture = try HistoryFixture()
        defer { withExtendedLifetime(fixture) {} }
        let statement = try Statement("EXPLAIN QUERY PLAN " + query.sql, on: fixture.connection)
        var plan: [String] = []
        while try statement.step() { plan.append(statement.string(3) ?? "") }
        // All layouts are read once, when many tags are asked for first; sorting the few numbers of a group's spans is
        // what that query is for.
        let mayScan = query == .allLayouts
        #expect(mayScan || !plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
        #expect(query == .groupSpans || !plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        #expect(!plan.contains { $0.contains("AUTOMATIC") }, "\(plan)")
    }

    @Test func theSpansOfAGroupComeInOrderOfTime() throws {
        let fixture = try HistoryFixture()
        defer { withExtendedLifetime(fixture) {} }
        let statement = try Statement("EXPLAIN QUERY PLAN " + Query.spansUp.sql, on: fixture.connection)
        _ = try statement.step()
        #expect(
            statement.string(3)?.hasPrefix("SEARCH span USING INDEX span_time (scan_group=? AND t0>? AND t0<?)") == true
        )
    }
}
