import Store

/// Times that are still to come. A clock that was ahead leaves rows there, and a horizon that hides what is acquired now.
struct FutureCheck {
    private let check: HistoryCheck
    /// UTC milliseconds.
    private let now: Int64

    /// Two machines' clocks, or a clock that is just being corrected, may differ by so many milliseconds.
    static let slack: Int64 = 60_000

    init(of check: HistoryCheck, now: Int64) { (self.check, self.now) = (check, now) }

    func run(_ report: inout VerifyReport) throws(StoreError) {
        let (limit, overflow) = now.addingReportingOverflow(FutureCheck.slack)
        guard !overflow else { return }
        if check.horizon > limit {
            let text = "raw readings before the end of this time count as deleted, and it is not over yet"
            report.add(finding(nil, check.horizon, text))
        }
        for group in check.names.groups {
            guard let newest = try newest(of: group, after: limit) else { continue }
            report.add(finding(group.name, newest, "readings of a time that has not come: a clock was ahead"))
        }
    }

    private func newest(of group: StoredNames.Group, after limit: Int64) throws(StoreError) -> Int64? {
        let rows = try check.connection.statement(
            """
            SELECT max(time) FROM (
                SELECT max(t1) AS time FROM span WHERE scan_group = ?1 AND t0 > ?2 - ?3
                UNION ALL SELECT max(time) FROM waiting WHERE scan_group = ?1
                UNION ALL SELECT max(time) FROM hot WHERE id > ?2 << 20 AND scan_group = ?1)
            """)
        for (index, number) in [group.id, limit, max(0, group.longest)].enumerated() {
            rows.bind(number, at: index + 1)
        }
        guard try rows.step(), !rows.isNull(0), rows.integer(0) > limit else { return nil }
        return rows.integer(0)
    }

    private func finding(_ subject: String?, _ time: Int64, _ text: String) -> Finding {
        let end = time.addingReportingOverflow(1).partialValue
        return Finding(
            .future, file: check.file, subject: subject, range: now..<max(now, end), text, severity: .warning)
    }
}
