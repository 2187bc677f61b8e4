import Archive
import GRDB
import Plant

/// Deletes raw readings older than `keep_raw` and roll-ups older than `keep_rollups`.
///
/// First the horizon moves, so that no reader sees a part of a day; then what lies before it goes, some spans a
/// transaction. SQLite uses the freed pages again, so that the file reaches a steady size. Nothing is deleted that has
/// not been rolled up.
///
/// Raw readings go by whole days: a tag's chunks of a day lie together, and freeing whole pages is cheap. The days are
/// the plant's own, so that a late reading finds either all readings of its day, or a day that is final.
struct Retention: Chore {
    /// Chunks deleted in one transaction, about 10 MB: some tens of milliseconds.
    static let chunks = 20_000
    /// Roll-ups deleted in one transaction.
    static let rows = 10_000

    /// `nil` keeps for ever.
    private var raw: Int64?
    private var rollUps: Int64?
    /// UTC milliseconds: nothing to do until then.
    private var restsUntil: Int64 = .min
    /// How often it looks whether a day is over.
    static let pause: Int64 = 600_000

    /// `nil` believes every time it is told.
    private var steady: SteadyClock?

    /// - Parameter clock: deletes nothing until its wall clock has been steady for hours.
    init(_ settings: HistorySettings, on clock: (any PlantClock)? = nil) {
        take(settings)
        steady = clock.map(SteadyClock.init)
    }

    private mutating func take(_ settings: HistorySettings) {
        raw = settings.keepRaw.map(\.milliseconds)
        rollUps = settings.keepRollups.map(\.milliseconds)
        restsUntil = .min
    }

    mutating func changeOver(to plant: Plant) { take(plant.history) }

    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
        guard raw != nil || rollUps != nil, now >= restsUntil || now < restsUntil - Retention.pause else {
            return false
        }
        let isSteady = try steady?.isSteady { () throws(HistoryError) in
            try store.look { try Catalogue.newestReading(in: $0) }
        }
        guard isSteady != false else {
            restsUntil = now + Retention.pause
            return false
        }
        var worked = false
        var deleted: [Int64: Int] = [:]
        try store.transaction { database in
            if let raw {
                worked =
                    try Self.moveHorizon(to: now - raw, in: database)
                    || Self.deleteSpans(before: now - raw, in: database, &deleted)
            }
            if let rollUps, !worked { worked = try Self.deleteRollUps(before: now - rollUps, in: database) }
        }
        for (group, count) in deleted { store.ledger.removeWaiting(count, of: group) }
        if !worked { restsUntil = now + Retention.pause }
        return worked
    }

    /// The horizon moves to the beginning of a local day, and never over an hour or a day that is not rolled up. Where
    /// that is inside an hour of UTC, the whole hour stays, so that it can be made again.
    private static func moveHorizon(to time: Int64, in database: Database) throws -> Bool {
        guard let rolledTo = try Mark.rolledTo.number(in: database), let zone = try Mark.timeZone.text(in: database)
        else { return false }
        let due = try Int64.fetchOne(database, sql: "SELECT min(hour) FROM rollup_due") ?? .max
        let days = (WallClock(named: zone) ?? .utc).grid(every: RollUps.day)
        let day = days.bucket(containing: min(time, rolledTo, due))
        let horizon = RollUps.hour(containing: day.lowerBound)
        let before = try Mark.rawFrom.number(in: database) ?? .min
        if before > time {
            // A longer `keep_raw`, or a horizon that was wrong: what is there can be read again.
            try Mark.rawFrom.set(horizon, in: database)
            return true
        }
        guard horizon > before, let oldest = try HourOfReadings.first(from: 0, in: database), oldest < horizon else {
            return false
        }
        try Mark.rawFrom.set(horizon, in: database)
        return true
    }

    /// Deletes the oldest spans of a group that lie before the horizon, with their chunks, or the rows that wait.
    ///
    /// What may have stood at the horizon stays behind it: the first hours after it can be made again only with it.
    ///
    /// - Parameter deleted: rows that waited, by group.
    private static func deleteSpans(
        before time: Int64, in database: Database, _ deleted: inout [Int64: Int]
    ) throws -> Bool {
        guard let horizon = try Mark.rawFrom.number(in: database).map({ min($0, time) }) else { return false }
        let groups = try Row.fetchAll(
            database,
            sql: """
                SELECT id, (SELECT max(period_ms) FROM layout WHERE layout.scan_group = scan_group.id) AS period
                FROM scan_group
                """)
        for row in groups {
            let group: Int64 = row["id"]
            let bound = horizon - RollUps.reach(period: row["period"] ?? 0)
            if let last = try deleteSpans(of: group, before: bound, in: database) {
                try noteDeleted(last, in: database)
                return true
            }
            let last = try Int64.fetchOne(
                database, sql: "SELECT max(time) FROM waiting WHERE scan_group = ? AND time < ?",
                arguments: [group, bound])
            guard let last else { continue }
            try noteDeleted(last, in: database)
            try database.execute(
                sql: "DELETE FROM waiting WHERE scan_group = ? AND time < ?", arguments: [group, bound])
            deleted[group] = database.changesCount
            return true
        }
        return false
    }

    /// - Returns: the time of the newest scan that went; `nil` when none did.
    private static func deleteSpans(of group: Int64, before time: Int64, in database: Database) throws -> Int64? {
        let spans = try Row.fetchAll(
            database,
            sql: """
                SELECT id, t1, (SELECT count(*) FROM slot WHERE slot.layout = span.layout) AS chunks FROM span
                WHERE scan_group = ? AND t0 < ? AND t1 < ? ORDER BY t0 LIMIT ?
                """, arguments: [group, time, time, chunks])
        var (total, newest) = (0, Int64?.none)
        for span in spans {
            let (number, last, count): (Int64, Int64, Int) = (span["id"], span["t1"], span["chunks"])
            total += count
            // One span is deleted however many tags it has.
            if total > count, total > chunks { break }
            try delete(span: number, in: database)
            newest = max(newest ?? last, last)
        }
        return newest
    }

    private static func noteDeleted(_ last: Int64, in database: Database) throws {
        let before = try Mark.deletedTo.number(in: database) ?? .min
        if last >= before { try Mark.deletedTo.set(last + 1, in: database) }
    }

    private static func delete(span: Int64, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                DELETE FROM chunk WHERE key IN (
                    SELECT (slot.tag << 36) | ?1 FROM slot JOIN span ON span.layout = slot.layout WHERE span.id = ?1)
                """
        ).execute(arguments: [span])
        try database.cachedStatement(sql: "DELETE FROM span WHERE id = ?").execute(arguments: [span])
    }

    private static func deleteRollUps(before time: Int64, in database: Database) throws -> Bool {
        for table in [RollUp.hour, .day] {
            for tag in try Int64.fetchAll(database, sql: "SELECT id FROM tag") {
                try database.cachedStatement(
                    sql: """
                        DELETE FROM \(table.rawValue) WHERE tag = ?1 AND start < ?2 AND start <= (
                            SELECT max(start) FROM (
                                SELECT start FROM \(table.rawValue) WHERE tag = ?1 AND start < ?2 ORDER BY start LIMIT ?3))
                        """
                ).execute(arguments: [tag, time, rows])
                if database.changesCount > 0 { return true }
            }
        }
        return false
    }
}
