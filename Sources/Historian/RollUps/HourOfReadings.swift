import GRDB

/// An hour, and who was read in it.
struct HourOfReadings {
    /// UTC milliseconds.
    let start: Int64
    private var end: Int64 { start + RollUps.hour }

    init(start: Int64) { self.start = start }

    /// The hour of the first reading from a time on; `nil` without any.
    ///
    /// - Parameter time: UTC milliseconds; there are no readings before 1970.
    static func first(from time: Int64, in database: Database) throws -> Int64? {
        let found = try database.cachedStatement(
            sql: """
                SELECT min(t) FROM (
                    SELECT (SELECT min(t0) FROM span WHERE span.scan_group = scan_group.id AND t0 >= ?1) AS t
                    FROM scan_group
                    UNION ALL
                    SELECT ?1 FROM scan_group WHERE EXISTS (
                        SELECT 1 FROM span WHERE span.scan_group = scan_group.id AND t0 < ?1 AND t1 >= ?1
                            AND t0 >= ?1 - longest_ms)
                    UNION ALL
                    SELECT (SELECT min(time) FROM waiting WHERE waiting.scan_group = scan_group.id AND time >= ?1)
                    FROM scan_group
                    UNION ALL
                    SELECT (SELECT min(id) FROM hot WHERE id >= ?1 << 20) >> 20)
                """)
        return try Int64.fetchOne(found, arguments: [max(0, time)]).map(RollUps.hour(containing:))
    }

    /// Makes the hour due for every tag that was read in it, or whose last reading may have stood in it.
    ///
    /// - Returns: how many layouts they had.
    func makeDue(in database: Database) throws -> Int {
        let layouts = try layouts(in: database)
        for layout in layouts { try RollUpDue.add(layout: layout, hour: start, in: database) }
        return layouts.count
    }

    /// The layouts of rows in the hour, and of those shortly before, whose readings stand for three periods at most.
    private func layouts(in database: Database) throws -> Set<Int64> {
        var found = try Set(
            Int64.fetchAll(
                database.cachedStatement(sql: "SELECT DISTINCT layout FROM hot WHERE id >= ? << 20 AND id < ? << 20"),
                arguments: [start, end]))
        let groups = try database.cachedStatement(
            sql: """
                SELECT scan_group.id, longest_ms,
                    (SELECT max(layout.period_ms) FROM layout WHERE layout.scan_group = scan_group.id) AS period
                FROM scan_group
                """)
        let spans = try database.cachedStatement(
            sql: "SELECT DISTINCT layout FROM span WHERE scan_group = ? AND t0 >= ? AND t0 < ? AND t1 >= ?")
        let waiting = try database.cachedStatement(
            sql: "SELECT DISTINCT layout FROM waiting WHERE scan_group = ? AND time >= ? AND time < ?")
        for group in try Row.fetchAll(groups) {
            let (number, longest): (Int64, Int64) = (group["id"], group["longest_ms"])
            let since = start - RollUps.reach(period: group["period"] ?? 0)
            found.formUnion(try Int64.fetchAll(spans, arguments: [number, since - longest, end, since]))
            found.formUnion(try Int64.fetchAll(waiting, arguments: [number, since, end]))
        }
        return found
    }
}
