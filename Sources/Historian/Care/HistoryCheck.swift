import Chunks
import Plant
import Store

/// The history's own rules, over everything it holds: checksums, columns, numbers without a jump, times without a hole.
struct HistoryCheck {
    let connection: PlainConnection
    let depth: Verify.Depth
    let file: String
    let names: StoredNames
    let explanations: Explanations
    /// Raw readings before it are deleted, or about to be: UTC milliseconds.
    let horizon: Int64

    init(_ connection: PlainConnection, depth: Verify.Depth) throws(StoreError) {
        (self.connection, self.depth) = (connection, depth)
        file = CareProgress.name(connection.path)
        try connection.execute("BEGIN")
        defer { try? connection.execute("COMMIT") }
        names = try StoredNames(connection)
        explanations = try Explanations(connection)
        horizon = try connection.integer("SELECT value FROM mark WHERE name = 'raw_from'") ?? .min
    }

    func run(_ report: inout VerifyReport, progress: (CareProgress) -> Void) throws(StoreError) {
        try NamesCheck(names: names, connection: connection, file: file).run(&report)
        let clock = SystemClock()
        let begin = clock.monotonic()
        let total = try connection.integer("SELECT count(*) FROM span") ?? 0
        var done: Int64 = 0
        for group in names.groups {
            var check = try GroupCheck(group, of: self)
            try check.run(&report) {
                done += Int64($0)
                progress(CareProgress(.chunks, file: file, done: done, total: max(total, done)))
            }
        }
        report.chunkSeconds = Double(clock.monotonic() - begin) / 1e9
        if depth > .quick { try lookForOrphans(&report) }
        try RollUpCheck(of: self).run(&report, progress: progress)
        report.counts.events = Int(try connection.integer("SELECT count(*) FROM event") ?? 0)
    }

    /// Chunks that belong to no span: no reader finds them.
    private func lookForOrphans(_ report: inout VerifyReport) throws(StoreError) {
        let mask = Int64(1) << ChunkKey.spanBits - 1
        let rows = try connection.statement(
            """
            SELECT key FROM chunk WHERE NOT EXISTS (SELECT 1 FROM span WHERE id = key & \(mask))
            LIMIT \(Verify.findingLimit)
            """)
        while try rows.step() {
            let key = rows.integer(0)
            report.add(
                Finding(
                    .missing, file: file, subject: names.name(ofTag: ChunkKey.tag(key)),
                    "a chunk belongs to span \(ChunkKey.span(key)), which is not there"))
        }
    }

    func finding(
        _ kind: Finding.Kind, _ subject: String, _ start: Int64, _ end: Int64, _ text: String
    ) -> Finding {
        let range = min(start, end)..<max(start, end).addingReportingOverflow(1).partialValue
        return Finding(kind, file: file, subject: subject, range: range, text)
    }
}
