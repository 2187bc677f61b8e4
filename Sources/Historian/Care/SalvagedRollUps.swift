import Archive
import Store

/// Roll-ups of a salvaged history. Those that were made before the damage know more than half-lost readings, and stay;
/// those that are gone are made anew by the daemon, where their readings are here.
struct SalvagedRollUps {
    private let copy: PlainConnection
    private let holes: HoleLosses

    init(_ copy: PlainConnection, _ holes: HoleLosses) { (self.copy, self.holes) = (copy, holes) }

    /// - Parameter losses: what is gone of the readings.
    func makeDue(without losses: [Salvage.Loss]) throws(StoreError) {
        try copy.execute("BEGIN")
        try restoreMark()
        for hole in holes.holes where hole.table == "hour" { try makeHoursDue(hole) }
        for hole in holes.holes where hole.table == "day" { try makeDaysDue(hole, losses) }
        try copy.execute("COMMIT")
    }

    /// Without it the daemon would roll everything up again, also what it knows better.
    private func restoreMark() throws(StoreError) {
        guard holes.holes.contains(where: { $0.table == "mark" }) else { return }
        try copy.execute(
            """
            INSERT OR IGNORE INTO mark(name, value)
            SELECT '\(Mark.rolledTo.rawValue)', max(start) + \(RollUps.hour) FROM hour HAVING max(start) IS NOT NULL
            """)
    }

    private func mark(_ mark: Mark) throws(StoreError) -> Int64? {
        try copy.integer("SELECT value FROM mark WHERE name = '\(mark.rawValue)'")
    }

    private func makeHoursDue(_ hole: SalvageHole) throws(StoreError) {
        // What was never rolled up will be without being told.
        guard let tag = hole.owner, let range = holes.clamped(hole.times), let end = try mark(.rolledTo) else { return }
        let horizon = try mark(.rawFrom) ?? .min
        let sources = try copy.statement(
            """
            SELECT source.a, source.b, layout.period_ms FROM (
                SELECT layout, t0 AS a, t1 AS b FROM span WHERE t1 >= ?2 AND t0 < ?3
                UNION ALL SELECT layout, time, time FROM waiting WHERE time >= ?2 AND time < ?3
                UNION ALL SELECT layout, time, time FROM hot WHERE time >= ?2 AND time < ?3) AS source
            JOIN layout ON layout.id = source.layout
            WHERE source.layout IN (SELECT layout FROM slot WHERE tag = ?1)
            """)
        let first = RollUps.hour(containing: range.lowerBound)
        let last = min(range.upperBound, end)
        for (index, number) in [tag, first - RollUps.hour, last].enumerated() { sources.bind(number, at: index + 1) }
        var hours: Set<Int64> = []
        while try sources.step() {
            // A reading may stand into the next hour.
            let reach = sources.integer(1).addingReportingOverflow(RollUps.reach(period: sources.integer(2)))
            guard !reach.overflow else { continue }
            var hour = max(first, RollUps.hour(containing: max(sources.integer(0), horizon)))
            while hour <= min(reach.partialValue, last - 1) {
                hours.insert(hour)
                hour += RollUps.hour
            }
        }
        for hour in hours.sorted() where hour >= horizon { try makeDue(tag, hour) }
    }

    /// Where it is not there.
    private func makeDue(_ tag: Int64, _ hour: Int64) throws(StoreError) {
        let insert = try copy.statement(
            """
            INSERT OR IGNORE INTO rollup_due(tag, hour)
            SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM hour WHERE tag = ?1 AND start = ?2)
            """)
        insert.bind(tag, at: 1)
        insert.bind(hour, at: 2)
        try insert.run()
    }

    /// A day is rolled up after one of its hours: one that is whole, so that nothing that is known gets worse.
    private func makeDaysDue(_ hole: SalvageHole, _ losses: [Salvage.Loss]) throws(StoreError) {
        guard let tag = hole.owner, let starts = hole.times else { return }
        let zone = try copy.text("SELECT value FROM mark WHERE name = '\(Mark.timeZone.rawValue)'")
        let days = (zone.flatMap(WallClock.init(named:)) ?? .utc).grid(every: RollUps.day)
        let subjects = holes.names.subjects(of: tag)
        let lost = losses.filter { $0.table == nil && ($0.subject.map(subjects.contains) ?? true) }
        let rows = try copy.statement(
            "SELECT start FROM hour WHERE tag = ? AND start >= ? ORDER BY start DESC")
        for (index, number) in [tag, starts.lowerBound].enumerated() { rows.bind(number, at: index + 1) }
        var chosen: Set<Int64> = []
        while try rows.step() {
            let hour = rows.integer(0)
            let day = days.bucket(containing: hour)
            guard !chosen.contains(day.lowerBound), starts.contains(day.lowerBound),
                // The readings on both sides of an hour have a part in it.
                !lost.contains(where: { $0.start < hour + 2 * RollUps.hour && $0.end > hour - RollUps.hour })
            else { continue }
            chosen.insert(day.lowerBound)
            let insert = try copy.statement(
                """
                INSERT OR IGNORE INTO rollup_due(tag, hour)
                SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM day WHERE tag = ?1 AND start = ?3)
                """)
            for (index, number) in [tag, hour, day.lowerBound].enumerated() { insert.bind(number, at: index + 1) }
            try insert.run()
        }
    }
}
