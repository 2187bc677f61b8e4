import GRDB

/// When hours that are due are rolled up.
///
/// Readings that are not sealed yet lie among those of all groups: whoever wants an hour of one tag passes over the
/// rows of the whole plant. 180 groups at one scan a second have 110 000 in ten minutes, some 10 ms to pass over
/// (measured), for each of thousands of tags. So an hour of which much is still in `hot` waits until the sweep has taken
/// it away, and is then read from chunks. Whoever asks meanwhile is answered from the readings.
enum DueHours {
    /// Rows of an hour in `hot` that may be passed over for each tag: about 0.3 ms.
    static let rows = 2000
    /// How long after its end an hour waits at most, milliseconds. The sweep takes every row after three quarters of an
    /// hour (`Sweep.ageMax`); what is still there then stays for longer, and the hour is rolled up from it.
    static let patience: Int64 = 3_600_000

    /// Hours before this one that are due can be rolled up now; `nil` when none is.
    ///
    /// Those that were not passed yet are not over: their readings still come.
    static func limit(in database: Database, now: Int64) throws -> Int64? {
        guard var limit = try Mark.rolledTo.number(in: database) else { return nil }
        guard try isAny(before: limit, in: database) else { return nil }
        var hour = RollUps.hour(containing: now - patience)
        while hour < min(limit, now) {
            if try isCrowded(hour, in: database) { limit = hour }
            hour += RollUps.hour
        }
        return try isAny(before: limit, in: database) ? limit : nil
    }

    /// Whether there are hours that are over, and due.
    static func areAny(in database: Database) throws -> Bool {
        guard let rolledTo = try Mark.rolledTo.number(in: database) else { return false }
        return try isAny(before: rolledTo, in: database)
    }

    private static func isAny(before limit: Int64, in database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM rollup_due WHERE hour < ?)"),
            arguments: [limit]) ?? false
    }

    private static func isCrowded(_ hour: Int64, in database: Database) throws -> Bool {
        let row = try database.cachedStatement(
            sql: "SELECT 1 FROM hot WHERE id >= ?1 << 20 AND id < ?2 << 20 LIMIT 1 OFFSET ?3")
        return try Bool.fetchOne(row, arguments: [hour, hour + RollUps.hour, rows]) ?? false
    }
}

extension RollUps {
    /// Between two looks at hours that wait. They pass over some thousand rows.
    struct Pause {
        /// Milliseconds.
        static let length: Int64 = 10_000
        private var end = Int64.min

        mutating func begin(at now: Int64) { end = now + Pause.length }

        /// A clock that was set back does not make it longer.
        func lasts(at now: Int64) -> Bool { now < end && now >= end - Pause.length }
    }
}
