import Plant
public import Store

extension Verify {
    /// "CupJ" in ASCII, as `Journal` writes it.
    static let journalID: Int32 = 0x4375_704A

    /// Looks at a journal: its structure, its references, and that no event or audit record is gone.
    public func journal(progress: (CareProgress) -> Void = { _ in }) throws(StoreError) -> VerifyReport {
        var report = VerifyReport(path: path)
        let clock = SystemClock()
        let begin = clock.monotonic()
        if let connection = try open(Verify.journalID, nil, &report) {
            try structure(of: connection, &report, progress)
            do throws(StoreError) {
                try connection.execute("BEGIN")
                defer { try? connection.execute("COMMIT") }
                try references(connection, &report)
                report.counts.events = try numbers("alarm_event", "seq", connection, &report)
                _ = try numbers("audit", "id", connection, &report)
            } catch {
                report.add(Finding(.structure, file: CareProgress.name(path), error.finding))
            }
        }
        report.seconds = Double(clock.monotonic() - begin) / 1e9
        return report
    }

    private func references(_ connection: PlainConnection, _ report: inout VerifyReport) throws(StoreError) {
        let rows = try connection.statement("PRAGMA foreign_key_check")
        while try rows.step() {
            let text = "row \(rows.integer(1)) of \(rows.text(0) ?? "?") refers to a missing \(rows.text(2) ?? "?")"
            report.add(Finding(.wrong, file: CareProgress.name(path), text))
        }
    }

    /// Numbers are given once and rows are kept for ever, so they have no holes, and end where SQLite's own count does.
    ///
    /// - Returns: the rows.
    private func numbers(
        _ table: String, _ column: String, _ connection: PlainConnection, _ report: inout VerifyReport
    ) throws(StoreError) -> Int {
        let file = CareProgress.name(path)
        let rows = try connection.statement("SELECT \(column), time FROM \(table) ORDER BY \(column)")
        var (count, newest, time) = (0, Int64(0), Int64(0))
        while try rows.step() {
            let number = rows.integer(0)
            if number != newest + 1 {
                let range = min(time, rows.integer(1))..<max(time, rows.integer(1)) + 1
                let text = "\(number - newest - 1) rows before number \(number) are missing"
                report.add(Finding(.sequence, file: file, subject: table, range: range, text))
            }
            (count, newest, time) = (count + 1, number, rows.integer(1))
        }
        let given = try connection.integer("SELECT seq FROM sqlite_sequence WHERE name = '\(table)'") ?? 0
        if given > newest {
            let text = "numbers up to \(given) were given, and the newest row is \(newest)"
            report.add(Finding(.sequence, file: file, subject: table, text))
        }
        return count
    }
}
