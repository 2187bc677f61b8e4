import GRDB

/// The oldest unsealed rows of a group, on their way to `waiting`.
struct Aside {
    /// `scan_group.id`.
    let group: Int64
    let entries: [Ledger.Entry]

    /// Moves them, in the caller's transaction.
    func move(_ ledger: Ledger, in database: Database, _ faults: FaultPoints?) throws {
        guard let last = entries.last else { return }
        let target = "INSERT OR REPLACE INTO waiting(scan_group, time, sequence, ordinal, layout, took_ms, bad, v)"
        for entry in entries {
            if ledger.isOld(entry) {
                try database.cachedStatement(
                    sql: """
                        \(target) SELECT scan_group, ?, sequence, id, layout, took_ms, bad, v FROM scans_1 WHERE id = ?
                        """
                ).execute(arguments: [entry.time, entry.ordinal])
            } else {
                try database.cachedStatement(
                    sql: """
                        \(target) SELECT scan_group, time, sequence, ordinal, layout, took_ms, bad, v
                        FROM hot WHERE id = ?
                        """
                ).execute(arguments: [entry.key])
            }
            try faults?.reach("after a row moved")
        }
        try database.cachedStatement(
            sql: """
                UPDATE scan_group SET cut = max(cut, ?1), sequence = max(sequence, ifnull(
                    (SELECT max(sequence) FROM waiting WHERE waiting.scan_group = ?2 AND ordinal = ?1), 0))
                WHERE id = ?2
                """
        ).execute(arguments: [last.ordinal, group])
        try faults?.reach("after a group moved")
    }
}
