import GRDB
public import Store

/// What reports and replays ask for.
extension JournalReader {
    /// Which time of an event counts.
    public enum TimeScale: Sendable {
        /// When it took effect.
        case effective
        /// When the daemon learned of it.
        case received
    }

    /// One run of the daemon.
    public struct Boot: Codable, Hashable, Sendable {
        public var id: String
        public var plant: String
        /// UTC milliseconds when it began.
        public var time: Int64
    }

    /// Hands over the events from `from` up to but not at `to` (UTC milliseconds), in order of their numbers.
    ///
    /// A page of them is in memory at a time, and none is being read while `body` runs: it may ask this reader for
    /// more, and however long it takes, the journal's WAL does not grow on its account.
    public func events(
        from: Int64, to: Int64, by scale: TimeScale, _ body: (AlarmNotice) throws -> Void
    ) throws {
        let column = scale == .effective ? "effective" : "time"
        // The index on the time says how far to look; sorting by it would take memory for all of them.
        guard let (first, last) = try bounds(from, to, column) else { return }
        // `+` keeps SQLite from using that index again.
        let sql = """
            \(NoticeRow.select) WHERE seq BETWEEN ? AND ? AND +alarm_event.\(column) >= ? AND +alarm_event.\(column) < ?
            ORDER BY seq LIMIT \(JournalReader.page)
            """
        var next = first
        while next <= last {
            let notices = try read { database in
                try Row.fetchAll(database, sql: sql, arguments: [next, last, from, to]).map(NoticeRow.notice)
            }
            for notice in notices { try body(notice) }
            guard notices.count == JournalReader.page, let end = notices.last else { return }
            next = end.seq + 1
        }
    }

    private static let page = 500

    private func bounds(_ from: Int64, _ to: Int64, _ column: String) throws(JournalError) -> (Int64, Int64)? {
        try read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT min(seq), max(seq) FROM alarm_event WHERE \(column) >= ? AND \(column) < ?",
                arguments: [from, to])
            guard let first = row?[0] as Int64?, let last = row?[1] as Int64? else { return nil }
            return (first, last)
        }
    }

    /// The newest event of each alarm that took effect before a time (UTC milliseconds), by alarm: what stood then. A call
    /// of an escalation changes nothing about that, and is passed over.
    ///
    /// One for each alarm there ever was, so it needs no limit. It costs two searches of an index for each,
    /// however long the journal is.
    public func lastEvents(before time: Int64) throws(JournalError) -> [AlarmNotice] {
        try fetch(JournalReader.lastEventsQuery, [time, AlarmNotice.daemonID])
    }

    /// Goes from one name to the next instead of looking at all events (sqlite.org, "The Skip-Scan Optimization").
    static let lastEventsQuery = """
        WITH RECURSIVE known(alarm) AS (
            SELECT min(alarm) FROM alarm_event
            UNION ALL
            SELECT (SELECT min(alarm) FROM alarm_event WHERE alarm > known.alarm) FROM known
            WHERE known.alarm IS NOT NULL
        ), newest(number) AS MATERIALIZED (
            SELECT (
                SELECT seq FROM alarm_event WHERE alarm = known.alarm AND effective < ? AND what <> 'escalate'
                ORDER BY effective DESC, seq DESC LIMIT 1)
            FROM known WHERE alarm <> ?
        )
        SELECT alarm_event.*, boot.plant FROM newest JOIN alarm_event ON seq = number
        JOIN boot ON boot.id = alarm_event.boot ORDER BY alarm
        """

    /// The newest runs of the daemon that began from `from` up to but not at `to`, oldest first.
    public func boots(
        from: Int64 = .min, to: Int64 = .max, limit: Int = JournalReader.answerLimit
    ) throws(JournalError) -> [Boot] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM boot WHERE time >= ? AND time < ? ORDER BY time DESC, rowid DESC LIMIT ?",
                arguments: [from, to, bounded(limit)]
            ).map { Boot(id: $0["id"], plant: $0["plant"], time: $0["time"]) }.reversed()
        }
    }

    /// A definition as an event names it.
    public func definition(of alarm: String, revision: Int) throws(JournalError) -> DefinitionRevision? {
        try read { try DefinitionRow.one(of: alarm, revision: revision, in: $0) }
    }

    /// What was in force at a time (UTC milliseconds), by alarm; also of alarms that were retired before.
    public func definitions(at time: Int64) throws(JournalError) -> [String: DefinitionRevision] {
        try read { try DefinitionRow.all(at: time, in: $0) }
    }

    /// The newest heats that were being made at some time from `from` up to but not at `to`, oldest first.
    public func heats(
        from: Int64 = .min, to: Int64 = .max, limit: Int = JournalReader.answerLimit
    ) throws(JournalError) -> [HeatRecord] {
        try read { database in
            guard try database.tableExists("heat") else { return [] }
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM heat WHERE began < ? AND (ended IS NULL OR ended > ?)
                    ORDER BY began DESC, id DESC LIMIT ?
                    """, arguments: [to, from, bounded(limit)]
            ).map(HeatRow.record).reversed()
        }
    }
}
