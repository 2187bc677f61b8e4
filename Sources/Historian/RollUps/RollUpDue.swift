import Archive
import GRDB

/// The tags and hours whose roll-up is not, or no longer, right.
enum RollUpDue {
    /// Notes an hour for every tag of a layout.
    static func add(layout: Int64, hour: Int64, in database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO rollup_due(tag, hour) SELECT tag, ?2 FROM slot WHERE layout = ?1"
        ).execute(arguments: [layout, hour])
    }

    /// A day is rolled up with the last of its hours, so that one is due for every tag that has any.
    static func add(lastHour hour: Int64, of day: Range<Int64>, in database: Database) throws -> Int {
        try database.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO rollup_due(tag, hour) SELECT id, ?1 FROM tag WHERE EXISTS (
                    SELECT 1 FROM hour WHERE hour.tag = tag.id AND start >= ?2 AND start < ?3)
                """
        ).execute(arguments: [hour, day.lowerBound, day.upperBound])
        return database.changesCount
    }

    /// The rise of a counter in an hour begins with the last good reading before it, however long ago that was.
    static func add(hourBehind hour: Int64, of tag: Int64, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO rollup_due(tag, hour)
                SELECT tag, start FROM hour WHERE tag = ? AND start > ? AND last IS NOT NULL ORDER BY start LIMIT 1
                """
        ).execute(arguments: [tag, hour])
    }

    /// Notes the hours that a reading changes which came after they were rolled up: from where the reading before it
    /// may have stood to where it may stand itself.
    ///
    /// - Parameters:
    ///   - period: of the layout, milliseconds.
    ///   - rolledTo: hours before this one are rolled up.
    static func add(
        layout: Int64, readingAt time: Int64, period: Int64, rolledTo: Int64, in database: Database
    ) throws {
        let reach = RollUps.reach(period: period)
        var hour = RollUps.hour(containing: time - reach)
        let end = min(time + reach + 1, rolledTo)
        while hour < end {
            try add(layout: layout, hour: hour, in: database)
            hour += RollUps.hour
        }
    }
}

extension RollUps {
    /// How far a reading reaches to either side, milliseconds: beyond three periods the next one is late.
    static func reach(period: Int64) -> Int64 { 3 * Swift.max(1, period) }

    /// Rounds down, also before 1970.
    static func hour(containing time: Int64) -> Int64 {
        let rest = time % hour
        return time - (rest < 0 ? rest + hour : rest)
    }
}
