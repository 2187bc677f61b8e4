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

    /// All of it.
    func run(
        _ beacon: BeaconCheck, now: Int64, _ report: inout VerifyReport, progress: (CareProgress) -> Void
    ) throws(StoreError) {
        try reading(nil, &report) { (report) throws(StoreError) in try beacon.run(connection, &report) }
        try reading(nil, &report) { (report) throws(StoreError) in
            try FutureCheck(of: self, now: now).run(&report)
        }
        try run(&report, progress: progress)
    }

    /// What the rows and columns say by themselves.
    func run(_ report: inout VerifyReport, progress: (CareProgress) -> Void) throws(StoreError) {
        try reading(nil, &report) { (report) throws(StoreError) in
            try NamesCheck(names: names, connection: connection, file: file).run(&report)
        }
        let clock = SystemClock()
        let begin = clock.monotonic()
        // Only for the bar.
        let total = (try? connection.integer("SELECT count(*) FROM span")) ?? 0
        var done: Int64 = 0
        for group in names.groups {
            try reading(group.name, &report) { (report) throws(StoreError) in
                var check = try GroupCheck(group, of: self)
                try check.run(&report) {
                    done += Int64($0)
                    progress(CareProgress(.chunks, file: file, done: done, total: max(total, done)))
                }
            }
        }
        report.chunkSeconds = Double(clock.monotonic() - begin) / 1e9
        try reading(nil, &report) { (report) throws(StoreError) in
            if depth > .quick { try lookForOrphans(&report) }
        }
        try reading(nil, &report) { (report) throws(StoreError) in
            try RollUpCheck(of: self).run(&report, progress: progress)
        }
        try reading(nil, &report) { (report) throws(StoreError) in
            report.counts.events = Int(try connection.integer("SELECT count(*) FROM event") ?? 0)
            report.isDaemons = try connection.integer("SELECT 1 FROM event WHERE kind = 'started' LIMIT 1") != nil
        }
    }

    /// What cannot be read ends the look at one thing, and not at everything behind it.
    private func reading(
        _ subject: String?, _ report: inout VerifyReport, _ body: (inout VerifyReport) throws(StoreError) -> Void
    ) throws(StoreError) {
        do throws(StoreError) {
            try body(&report)
        } catch {
            guard error.isDamage else { throw error }
            report.add(Finding(.structure, file: file, subject: subject, error.finding))
        }
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
