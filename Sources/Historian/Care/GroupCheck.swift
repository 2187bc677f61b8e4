import Archive
import Chunks
import Plant
import Store

/// One scan group from its oldest span to its newest row.
struct GroupCheck {
    private let group: StoredNames.Group
    private let check: HistoryCheck
    private let span: PlainStatement
    private var chunks: ChunkCheck
    /// The newest scan so far, in the order in which scans completed.
    private var previous: Scan?

    private struct Scan {
        var time: Int64
        var took: Int64
        var sequence: UInt64
        var ordinal: Int64
        /// Milliseconds.
        var period: Int64
    }

    private struct Span {
        var id, layout, count, t0, t1, firstOrdinal, lastOrdinal: Int64
        var firstSequence, lastSequence: UInt64
    }

    init(_ group: StoredNames.Group, of check: HistoryCheck) throws(StoreError) {
        (self.group, self.check) = (group, check)
        span = try check.connection.statement(
            """
            SELECT layout, n, t0, t1, first_ordinal, last_ordinal, first_sequence, last_sequence, crc, data, scan_group
            FROM span WHERE id = ?
            """)
        chunks = try ChunkCheck(of: check)
    }

    /// - Parameter progress: told the number of spans that were looked at.
    mutating func run(_ report: inout VerifyReport, progress: (Int) -> Void) throws(StoreError) {
        var newest = Int64.min
        while true {
            let found = try spans(after: newest)
            for start in stride(from: 0, to: found.count, by: Verify.pageSpans) {
                let page = found[start..<min(start + Verify.pageSpans, found.count)]
                try inTransaction { () throws(StoreError) in
                    for (id, begin) in page { try look(at: id, from: begin, &report) }
                }
                progress(page.count)
            }
            newest = found.last?.id ?? newest
            // What the sealer has made meanwhile comes before the rows that are left.
            var isLast = false
            try inTransaction { () throws(StoreError) in
                guard try spans(after: newest).isEmpty else { return }
                isLast = true
                try lookAtRows(&report)
            }
            if isLast { return }
        }
    }

    private func inTransaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        try check.connection.execute("BEGIN")
        defer { try? check.connection.execute("COMMIT") }
        try body()
    }

    /// In the order of sealing, which is that of ordinals. The index answers: a damaged page of the table itself then
    /// takes no other span with it.
    private func spans(after id: Int64) throws(StoreError) -> [(id: Int64, start: Int64)] {
        let rows = try check.connection.statement(
            "SELECT id, t0 FROM span INDEXED BY span_time WHERE scan_group = ? AND id > ?")
        rows.bind(group.id, at: 1)
        rows.bind(id, at: 2)
        var spans: [(id: Int64, start: Int64)] = []
        while try rows.step() { spans.append((rows.integer(0), rows.integer(1))) }
        return spans.sorted { $0.id < $1.id }
    }

    // MARK: Spans

    private mutating func look(
        at id: Int64, from start: Int64, _ report: inout VerifyReport
    ) throws(StoreError) {
        span.bind(id, at: 1)
        defer { span.reset() }
        do throws(StoreError) {
            // Retention, or an import that sealed it anew, may have taken it away since.
            guard try span.step() else { return }
        } catch {
            let end = start.addingReportingOverflow(group.longest)
            let text = "the scans of span \(id), which begins then, cannot be read: \(error.finding)"
            report.add(check.finding(.structure, group.name, start, end.overflow ? start : end.partialValue, text))
            return
        }
        let row = Span(
            id: id, layout: span.integer(0), count: span.integer(1), t0: span.integer(2), t1: span.integer(3),
            firstOrdinal: span.integer(4), lastOrdinal: span.integer(5),
            firstSequence: UInt64(bitPattern: span.integer(6)), lastSequence: UInt64(bitPattern: span.integer(7)))
        guard row.t1 >= check.horizon else { return }
        report.counts.spans += 1
        let columns = columns(of: row, &report)
        guard let layout = check.names.layouts[row.layout], layout.group == group.id else {
            tell(.wrong, row, "span \(id) has layout \(row.layout), which is not one of its group", &report)
            return
        }
        for slot in layout.slots {
            try chunks.look(at: slot, span: id, row.t0...max(row.t0, row.t1), Int(row.count), columns, &report)
        }
        guard !group.isImported else { return }
        if let columns {
            for index in columns.times.indices {
                follow(
                    Scan(
                        time: columns.times[index], took: columns.took[index], sequence: columns.sequences[index],
                        ordinal: columns.ordinals[index], period: layout.slots.first?.traits.period ?? group.period),
                    &report)
            }
        } else {
            // Its times are damaged; its ends are columns of their own.
            previous = Scan(
                time: row.t1, took: 0, sequence: row.lastSequence, ordinal: row.lastOrdinal, period: group.period)
        }
    }

    /// What the span's bytes say, if they are sound.
    private func columns(of row: Span, _ report: inout VerifyReport) -> SpanColumns? {
        let data = span.bytes(9)
        guard CRC32C.of(key: row.id, data) == UInt32(truncatingIfNeeded: span.integer(8)) else {
            tell(.damaged, row, "the times of \(row.count) scans (span \(row.id)) fail their checksum", &report)
            return nil
        }
        let columns: SpanColumns
        do throws(ChunkError) {
            columns = try SpanColumns(decoding: data, count: Int(clamping: row.count))
        } catch {
            tell(.wrong, row, "span \(row.id): \(error)", &report)
            return nil
        }
        let found = Span(
            id: row.id, layout: row.layout, count: Int64(columns.times.count), t0: columns.times.first ?? 0,
            // Imported readings lie in the order of time, and have the numbers in which they came.
            t1: columns.times.last ?? 0, firstOrdinal: columns.ordinals.min() ?? 0,
            lastOrdinal: columns.ordinals.max() ?? 0, firstSequence: columns.sequences.min() ?? 0,
            lastSequence: columns.sequences.max() ?? 0)
        compare("t0", row.t0, found.t0, row, &report)
        compare("t1", row.t1, found.t1, row, &report)
        compare("first_ordinal", row.firstOrdinal, found.firstOrdinal, row, &report)
        compare("last_ordinal", row.lastOrdinal, found.lastOrdinal, row, &report)
        compare("first_sequence", row.firstSequence, found.firstSequence, row, &report)
        compare("last_sequence", row.lastSequence, found.lastSequence, row, &report)
        for index in columns.times.indices.dropFirst() where columns.times[index] < columns.times[index - 1] {
            tell(.wrong, row, "span \(row.id): its times fall at scan \(index)", &report)
            break
        }
        if found.t1 - found.t0 > group.longest {
            let spanned = "it spans \(found.t1 - found.t0) ms, its group's longest_ms is \(group.longest)"
            tell(.wrong, row, "span \(row.id): \(spanned): readers may pass over it", &report)
        }
        return columns
    }

    private func compare<Number: Equatable>(
        _ column: String, _ stored: Number, _ found: Number, _ row: Span, _ report: inout VerifyReport
    ) {
        guard stored != found else { return }
        tell(.wrong, row, "span \(row.id) says \(column) = \(stored), its scans say \(found)", &report)
    }

    private func tell(_ kind: Finding.Kind, _ row: Span, _ text: String, _ report: inout VerifyReport) {
        report.add(check.finding(kind, group.name, row.t0, row.t1, text))
    }

    // MARK: Rows

    /// What is not sealed: it has no checksum, so only its form can be looked at.
    private mutating func lookAtRows(_ report: inout VerifyReport) throws(StoreError) {
        let form =
            "json_valid(v), CASE WHEN json_valid(v) THEN json_array_length(v) END, bad IS NULL OR json_valid(bad)"
        let columns = "time, took_ms, sequence"
        let unsealed = "scan_group = ?1 AND place > (SELECT cut FROM scan_group WHERE id = ?1)"
        var sources = [
            "SELECT \(columns), ordinal AS place, layout, \(form) FROM waiting WHERE scan_group = ?1",
            "SELECT \(columns), ordinal AS place, layout, \(form) FROM hot WHERE \(unsealed)",
        ]
        if try check.connection.text(OldScans.definition) != nil {
            sources.append("SELECT \(columns), id AS place, layout, \(form) FROM scans_1 WHERE \(unsealed)")
        }
        let rows = try check.connection.statement(sources.joined(separator: " UNION ALL ") + " ORDER BY place")
        rows.bind(group.id, at: 1)
        while try rows.step() {
            report.counts.rows += 1
            let layout = check.names.layouts[rows.integer(4)]
            let scan = Scan(
                time: rows.integer(0), took: rows.integer(1), sequence: UInt64(bitPattern: rows.integer(2)),
                ordinal: rows.integer(3), period: layout?.slots.first?.traits.period ?? group.period)
            let count = rows.integer(6)
            let isWhole = rows.integer(5) == 1 && rows.integer(7) == 1
            if !isWhole || layout == nil || layout?.group != group.id
                || (count != 0 && count != Int64(layout?.slots.count ?? 0))
            {
                report.add(
                    check.finding(
                        .wrong, group.name, scan.time, scan.time,
                        "row \(scan.ordinal) is no scan of layout \(rows.integer(4))"))
            }
            if !group.isImported { follow(scan, &report) }
        }
    }

    // MARK: One scan after the other

    /// Scans that a line leaves out for less than `Gap.told` have no event; the rest is for what lies between a scan's
    /// request and its reply. Milliseconds.
    static let passing: Int64 = 2 * Gap.told

    private mutating func follow(_ scan: Scan, _ report: inout VerifyReport) {
        defer { previous = scan }
        guard let before = previous, scan.time >= check.horizon else { return }
        let (start, end) = (min(before.time, scan.time), max(before.time, scan.time))
        // Events carry the time of the reply, scans that of the request.
        let slack = max(GroupCheck.passing, ChunkTraits.latePeriods * max(1, scan.period))
        if scan.sequence != before.sequence &+ 1 {
            if scan.sequence <= before.sequence {
                tell(.sequence, start, end, "scan \(scan.sequence) comes after scan \(before.sequence)", &report)
            } else if !isExplained(start - slack, end + slack, Explanations.ofJumps) {
                let missing = scan.sequence - before.sequence - 1
                tell(.sequence, start, end, "\(missing) scans before number \(scan.sequence) are missing", &report)
            }
        }
        if scan.ordinal <= before.ordinal {
            tell(.sequence, start, end, "ordinal \(scan.ordinal) comes after \(before.ordinal)", &report)
        }
        if scan.time - before.time > slack + max(0, before.took),
            !isExplained(start - slack, end + slack, Explanations.ofGaps)
        {
            let text = "no scans for \(scan.time - before.time) ms, and no event says why"
            tell(.gap, start, end, text, &report)
        }
    }

    private func isExplained(_ start: Int64, _ end: Int64, _ kinds: Set<String>) -> Bool {
        check.explanations.cover(start, end, kinds, subjects: [group.name])
    }

    private func tell(
        _ kind: Finding.Kind, _ start: Int64, _ end: Int64, _ text: String, _ report: inout VerifyReport
    ) {
        report.add(check.finding(kind, group.name, start, end, text))
    }
}
