/// Every statement that runs often. Tests pin how SQLite finds the rows of each.
enum Query: Int, CaseIterable {
    case newestLayout, mark, group, tagLayouts, allLayouts
    case spansUp, spansDown, spanData, chunk
    case waitingUp, waitingDown, hotFirst, hotLast, hotUp, hotDown, hotKeysDown, hotRow
    case oldFirst, oldLast, oldUp, oldDown, oldKeysDown, oldRow, oldQueue
    case dataVersion, groupSpans, spanRow, waitingRow, hours, days, lastHour

    /// A row as `RowPage` takes it.
    private static let row = "time, sequence, ordinal, layout, took_ms, bad, v"

    /// The same of a row of the first schema, whose number is its ordinal, and the key it would have in `hot`.
    private static let oldColumns = "time, sequence, id, layout, took_ms, bad, v"
    private static let oldKey = "(time << 20) | (id & 0xFFFFF)"

    private static let rolled = """
        count, bad, min, min_at, max, max_at, first, first_at, last, last_at, sum, squares, area, good_ms, rise
        """

    var sql: String {
        switch self {
        case .newestLayout: "SELECT max(id) FROM layout"
        case .mark: "SELECT value FROM mark WHERE name = ?1"
        case .group: "SELECT cut, longest_ms, imported FROM scan_group WHERE id = ?1"
        case .tagLayouts:
            """
            SELECT slot.layout, layout.scan_group, layout.period_ms, slot.slot, slot.type, slot.scale, slot.offset,
                slot.stepped, slot.counter
            FROM slot CROSS JOIN layout ON layout.id = slot.layout
            WHERE slot.tag = ?1 ORDER BY slot.layout
            """
        case .allLayouts:
            """
            SELECT slot.layout, layout.scan_group, layout.period_ms, slot.slot, slot.type, slot.scale, slot.offset,
                slot.stepped, slot.counter, slot.tag
            FROM slot CROSS JOIN layout ON layout.id = slot.layout ORDER BY slot.layout, slot.slot
            """
        // The spans that may overlap a range begin at most `longest_ms` before it.
        case .spansUp:
            """
            SELECT id, layout, n, t0, t1, first_sequence, last_sequence FROM span
            WHERE scan_group = ?1 AND t0 >= ?2 AND t0 < ?4 AND (t0, id) > (?2, ?3) ORDER BY t0, id LIMIT ?5
            """
        case .spansDown:
            """
            SELECT id, layout, n, t0, t1, first_sequence, last_sequence FROM span
            WHERE scan_group = ?1 AND t0 <= ?2 AND t0 >= ?4 AND (t0, id) < (?2, ?3)
            ORDER BY t0 DESC, id DESC LIMIT ?5
            """
        case .hours:
            """
            SELECT start, start + 3600000, \(Query.rolled) FROM hour
            WHERE tag = ?1 AND start >= ?2
                AND NOT EXISTS (SELECT 1 FROM rollup_due AS due WHERE due.tag = ?1 AND due.hour = hour.start)
            ORDER BY start LIMIT ?3
            """
        case .days:
            """
            SELECT start, "end", \(Query.rolled) FROM day
            WHERE tag = ?1 AND start >= ?2 AND NOT EXISTS (
                SELECT 1 FROM rollup_due AS due
                WHERE due.tag = ?1 AND due.hour > day.start - 3600000 AND due.hour < day."end")
            ORDER BY start LIMIT ?3
            """
        case .lastHour:
            "SELECT last FROM hour WHERE tag = ?1 AND start < ?2 AND last IS NOT NULL ORDER BY start DESC LIMIT 1"
        case .spanRow:
            """
            SELECT id, layout, n, t0, t1, first_sequence, last_sequence, first_ordinal, last_ordinal FROM span
            WHERE id = ?1
            """
        case .groupSpans:
            "SELECT id FROM span WHERE scan_group = ?1 AND t0 >= ?2 AND t0 < ?3 AND id > ?4 ORDER BY id"
        case .dataVersion: "PRAGMA data_version"
        case .waitingRow:
            "SELECT \(Query.row) FROM waiting WHERE scan_group = ?1 AND time = ?2 AND sequence = ?3"
        case .spanData: "SELECT data, crc FROM span WHERE id = ?1"
        case .chunk: "SELECT data, crc FROM chunk WHERE key = ?1"
        case .waitingUp:
            """
            SELECT \(Query.row) FROM waiting
            WHERE scan_group = ?1 AND (time, sequence) > (?2, ?3) AND time < ?4 ORDER BY time, sequence LIMIT ?5
            """
        case .waitingDown:
            """
            SELECT \(Query.row) FROM waiting
            WHERE scan_group = ?1 AND (time, sequence) < (?2, ?3) AND time >= ?4
            ORDER BY time DESC, sequence DESC LIMIT ?5
            """
        case .hotFirst: "SELECT min(id) FROM hot"
        case .hotLast: "SELECT max(id) FROM hot"
        case .hotUp:
            """
            SELECT \(Query.row), scan_group, id FROM hot
            WHERE id > ?1 AND id < ?2 AND ordinal > ?4 AND (?3 = 0 OR scan_group = ?3) ORDER BY id
            """
        case .hotDown:
            """
            SELECT \(Query.row), scan_group, id FROM hot
            WHERE id < ?1 AND id > ?2 AND ordinal > ?4 AND (?3 = 0 OR scan_group = ?3) ORDER BY id DESC
            """
        case .hotKeysDown:
            "SELECT id, ordinal, scan_group, sequence FROM hot WHERE id < ?1 ORDER BY id DESC LIMIT ?2"
        // Times are those of the keys that are bound. A page ends with a millisecond.
        case .oldFirst: "SELECT min(time) << 20 FROM scans_1"
        case .oldLast: "SELECT (max(time) << 20) | 0xFFFFF FROM scans_1"
        case .oldUp:
            """
            SELECT \(Query.oldColumns), scan_group, \(Query.oldKey) FROM scans_1
            WHERE time > ?1 >> 20 AND time < ?2 >> 20 AND +id > ?4 AND (?3 = 0 OR scan_group = ?3) ORDER BY time
            """
        case .oldDown:
            """
            SELECT \(Query.oldColumns), scan_group, \(Query.oldKey) FROM scans_1
            WHERE time <= (?1 - 1) >> 20 AND time > ?2 >> 20 AND +id > ?4 AND (?3 = 0 OR scan_group = ?3)
            ORDER BY time DESC
            """
        case .oldKeysDown:
            """
            SELECT \(Query.oldKey), id, scan_group, sequence FROM scans_1 WHERE time < ?1 >> 20
            ORDER BY time DESC LIMIT ?2
            """
        case .oldRow: "SELECT \(Query.oldColumns), scan_group FROM scans_1 WHERE id = ?1"
        case .oldQueue:
            """
            SELECT \(Query.oldColumns), scan_group FROM scans_1
            WHERE id > ?1 AND id <= ?2 AND +time >= ?3 AND +time < ?4
                AND id > (SELECT cut FROM scan_group WHERE scan_group.id = scans_1.scan_group)
            ORDER BY id LIMIT 1
            """
        case .hotRow: "SELECT \(Query.row), scan_group FROM hot WHERE id = ?1"
        }
    }
}

/// Prepares each statement once.
final class Statements {
    let connection: OpaquePointer
    private var prepared = [Statement?](repeating: nil, count: Query.allCases.count)

    init(_ connection: OpaquePointer) { self.connection = connection }

    subscript(query: Query) -> Statement {
        get throws(ArchiveError) {
            if let statement = prepared[query.rawValue] { return statement }
            let statement = try Statement(query.sql, on: connection)
            prepared[query.rawValue] = statement
            return statement
        }
    }
}
