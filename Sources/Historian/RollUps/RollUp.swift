import Archive
import GRDB

/// Writes what a range came to into its table.
enum RollUp: String {
    case hour, day

    private static let columns = """
        tag, start, count, bad, min, min_at, max, max_at, first, first_at, last, last_at, sum, squares, area, good_ms, rise
        """

    /// What the row that is there says: how many good readings it was made of, and which was the last of them.
    struct Known: Equatable {
        var count = 0
        var last: Double?
        var lastTime: Int64?
    }

    func known(of tag: StoredTag, at start: Int64, in database: Database) throws -> Known {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT count, last, last_at FROM \(rawValue) WHERE tag = ? AND start = ?"),
            arguments: [tag.id, start])
        return row.map { Known(count: $0["count"], last: $0["last"], lastTime: $0["last_at"]) } ?? Known()
    }

    /// - Parameters:
    ///   - aggregate: `nil` when nothing was read and nothing stood: then there is no row.
    ///   - end: of a day, UTC milliseconds; hours are all alike.
    func write(
        _ aggregate: Aggregate?, of tag: StoredTag, at start: Int64, end: Int64? = nil, to database: Database
    ) throws {
        guard let aggregate else {
            try database.cachedStatement(sql: "DELETE FROM \(rawValue) WHERE tag = ? AND start = ?")
                .execute(arguments: [tag.id, start])
            return
        }
        var arguments: StatementArguments = [
            tag.id, start, aggregate.count, aggregate.bad, aggregate.min, aggregate.minTime, aggregate.max,
            aggregate.maxTime, aggregate.first, aggregate.firstTime, aggregate.last, aggregate.lastTime,
        ]
        arguments += [aggregate.sum, aggregate.squares, aggregate.area, aggregate.goodMilliseconds, aggregate.rise]
        if let end { arguments += [end] }
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO \(rawValue)(\(RollUp.columns)\(end == nil ? "" : ", \"end\""))
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?\(end == nil ? "" : ", ?"))
                """
        ).execute(arguments: arguments)
    }
}
