import GRDB
public import Plant
public import Store

/// The one place that knows the columns of `delivery`.
enum DeliveryRow {
    /// What is known of an earlier try stays where a later one knows less, as after a restart; an event that was
    /// delivered at last is no dead letter any more. An event that somebody took out by hand has no delivery; its row must
    /// not keep the others from the disk.
    private static let upsert = """
        INSERT INTO delivery(seq, sink, committed, written, acked, tries, outcome, reason)
        SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM alarm_event WHERE seq = ?)
        ON CONFLICT(seq, sink) DO UPDATE SET
            committed = coalesce(delivery.committed, excluded.committed),
            written = coalesce(excluded.written, delivery.written),
            acked = coalesce(excluded.acked, delivery.acked),
            tries = delivery.tries + excluded.tries,
            outcome = CASE WHEN delivery.outcome = 'delivered' THEN delivery.outcome ELSE excluded.outcome END,
            reason = CASE WHEN delivery.outcome = 'delivered' THEN delivery.reason ELSE excluded.reason END
        """

    static func save(_ record: DeliveryRecord, to connection: Database) throws {
        try connection.cachedStatement(sql: upsert).execute(arguments: [
            record.sequence, record.sink, record.committed, record.written, record.acknowledged, record.tries,
            record.outcome.rawValue, record.reason, record.sequence,
        ])
    }

    static func record(_ row: Row) throws -> DeliveryRecord {
        let outcome: String = row["outcome"]
        return DeliveryRecord(
            sequence: row["seq"], sink: row["sink"], committed: row["committed"], written: row["written"],
            acknowledged: row["acked"], tries: row["tries"],
            outcome: DeliveryRecord.Outcome(rawValue: outcome) ?? .refused, reason: row["reason"])
    }
}

/// What became of events.
extension JournalReader {
    /// The newest of what sinks gave up, oldest first; of all, or of one.
    public func letters(of sink: String? = nil) throws(JournalError) -> [DeliveryRecord] {
        let one = sink.map { _ in "AND sink = ?" } ?? ""
        return try delivered(
            "SELECT * FROM delivery WHERE outcome <> 'delivered' \(one) ORDER BY seq DESC, sink DESC LIMIT ?",
            (sink.map { [$0] } ?? []) + [bounded(.max)]
        ).reversed()
    }

    /// The newest deliveries, oldest first; of all events, or of one.
    public func deliveries(of sequence: Int64? = nil, limit: Int) throws(JournalError) -> [DeliveryRecord] {
        let one = sequence.map { _ in "WHERE seq = ?" } ?? ""
        return try delivered(
            "SELECT * FROM delivery \(one) ORDER BY seq DESC, sink DESC LIMIT ?",
            (sequence.map { [$0] } ?? []) + [bounded(limit)]
        ).reversed()
    }

    /// The events with these numbers, in order, as far as there are any.
    public func notices(numbered sequences: [Int64]) throws(JournalError) -> [AlarmNotice] {
        var notices: [AlarmNotice] = []
        for sequence in sequences.sorted() { notices += try fetch("\(NoticeRow.select) WHERE seq = ?", [sequence]) }
        return notices
    }

    private func delivered(
        _ sql: String, _ arguments: [any DatabaseValueConvertible]
    ) throws(JournalError) -> [DeliveryRecord] {
        try read { database in
            // A journal of an older version has no such table.
            guard try database.tableExists("delivery") else { return [] }
            return try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments)).map(
                DeliveryRow.record)
        }
    }
}
