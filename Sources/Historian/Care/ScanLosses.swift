import Store

/// Scans of one group that the holes took: jumps in the numbers that are left, where they fall into a hole.
struct ScanLosses {
    private let group: StoredNames.Group
    private let holes: HoleLosses
    private let copy: PlainConnection
    /// Raw readings before it were deleted on purpose.
    private let horizon: Int64?

    init(_ group: StoredNames.Group, _ holes: HoleLosses) throws(StoreError) {
        (self.group, self.holes, copy) = (group, holes, holes.copy)
        horizon = try copy.integer("SELECT value FROM mark WHERE name = 'raw_from'")
    }

    func losses() throws(StoreError) -> [Salvage.Loss] {
        var stretches: [ClosedRange<Int64>] = []
        for hole in holes.holes {
            switch hole.table {
            case "waiting" where hole.owner == group.id: stretches.append(hole.keys)
            case "hot" where !group.isImported: stretches += hole.times.map { [$0] } ?? []
            case "span": stretches += try times(ofSpans: hole.keys).map { [$0] } ?? []
            default: break
            }
        }
        if stretches.isEmpty { return [] }
        return group.isImported ? try ofImports(stretches) : try ofScans(stretches)
    }

    /// Spans are numbered in the order of sealing; those of imports in no order of time.
    private func times(ofSpans ids: ClosedRange<Int64>) throws(StoreError) -> ClosedRange<Int64>? {
        guard !group.isImported else { return holes.bounds }
        let before = try copy.integer(
            "SELECT t1 FROM span WHERE scan_group = ? AND id < ? ORDER BY id DESC LIMIT 1", group.id, ids.lowerBound)
        let after = try copy.integer(
            "SELECT t0 FROM span WHERE scan_group = ? AND id > ? ORDER BY id LIMIT 1", group.id, ids.upperBound)
        let (start, end) = (before ?? holes.bounds.lowerBound, after ?? holes.bounds.upperBound)
        return min(start, end)...max(start, end)
    }

    // MARK: A line's scans

    private func ofScans(_ stretches: [ClosedRange<Int64>]) throws(StoreError) -> [Salvage.Loss] {
        let rows = try copy.statement(
            """
            SELECT first_sequence, last_sequence, t0, t1 FROM span WHERE scan_group = ?1
            UNION ALL SELECT sequence, sequence, time, time FROM waiting WHERE scan_group = ?1
            UNION ALL SELECT sequence, sequence, time, time FROM hot
                WHERE scan_group = ?1 AND ordinal > (SELECT cut FROM scan_group WHERE id = ?1)
            ORDER BY 1, 2
            """)
        rows.bind(group.id, at: 1)
        var losses: [Salvage.Loss] = []
        func tell(_ count: Int64?, _ start: Int64, _ end: Int64) {
            if let loss = loss(count, start, end, stretches) { losses.append(loss) }
        }
        var newest: (sequence: Int64, time: Int64)?
        while try rows.step() {
            let (first, last, start, end) = (rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3))
            if let newest {
                if first - newest.sequence > 1 { tell(first - newest.sequence - 1, newest.time, start) }
            } else if first > 1 {
                // Scans are numbered from 1; after retention nobody knows which was the first that was kept.
                tell(horizon == nil ? first - 1 : nil, max(horizon ?? .min, holes.bounds.lowerBound) - 1, start)
            }
            if last >= newest?.sequence ?? .min { newest = (last, max(end, newest?.time ?? .min)) }
        }
        let (sequence, time) = newest ?? (0, holes.bounds.lowerBound - 1)
        let end = holes.bounds.upperBound + 1
        if group.newest > sequence {
            tell(group.newest - sequence, time, end)
        } else if let hole = stretches.first(where: { isNextDue(after: time, in: $0) }) {
            // No number says that there was another scan, but there should have been one.
            tell(nil, time, min(end, hole.upperBound.addingReportingOverflow(1).partialValue))
        }
        return losses
    }

    /// Whether the scan after the newest one would be in a hole that ends: an open one is told for all groups at once.
    private func isNextDue(after time: Int64, in hole: ClosedRange<Int64>) -> Bool {
        guard hole.upperBound < holes.bounds.upperBound else { return false }
        let (due, overflow) = time.addingReportingOverflow(max(1, group.period))
        return !overflow && hole.contains(due)
    }

    /// - Parameters:
    ///   - start, end: times of the scans on both sides.
    /// - Returns: `nil` where no hole touches the time between.
    private func loss(
        _ count: Int64?, _ start: Int64, _ end: Int64, _ stretches: [ClosedRange<Int64>]
    ) -> Salvage.Loss? {
        let between = min(start, end)...max(start, end)
        let touching = stretches.filter { $0.overlaps(between) }
        guard let first = touching.map(\.lowerBound).min(), let last = touching.map(\.upperBound).max() else {
            return nil
        }
        let from = max(between.lowerBound + 1, first)
        let to = min(between.upperBound, last.addingReportingOverflow(1).partialValue)
        // Scans of one millisecond, or of a clock that was set back, leave no time between.
        guard from < to || count != nil else { return nil }
        return Salvage.Loss(
            subject: group.name, start: from, end: max(from + 1, to),
            text: count.map { "\($0) scans on pages that cannot be read" } ?? "scans on pages that cannot be read")
    }

    // MARK: Imported readings

    /// They are numbered as they came, not in the order of time. One that another replaced has lost its number, too.
    private func ofImports(_ stretches: [ClosedRange<Int64>]) throws(StoreError) -> [Salvage.Loss] {
        let found = try copy.integer(
            """
            SELECT (SELECT ifnull(sum(n), 0) FROM span WHERE scan_group = ?1)
                + (SELECT count(*) FROM waiting WHERE scan_group = ?1)
            """, group.id)
        let missing = group.newest - (found ?? 0)
        guard missing > 0 else { return [] }
        let count = horizon == nil ? ", at most \(missing) of \(group.newest)" : ""
        let bounds = try timesOfImports()
        return stretches.compactMap { stretch in
            guard stretch.overlaps(bounds) else { return nil }
            let range = stretch.clamped(to: bounds)
            return Salvage.Loss(
                subject: group.name, start: range.lowerBound, end: range.upperBound + 1,
                text: "imported readings on pages that cannot be read\(count)")
        }
    }

    /// What the events of the imports say that they brought.
    private func timesOfImports() throws(StoreError) -> ClosedRange<Int64> {
        let tag = group.name.dropFirst(StoredNames.importPrefix.count)
        let rows = try copy.statement(
            "SELECT min(t0), max(t1) FROM event WHERE kind = 'import' AND (subject IS NULL OR subject = ?)")
        rows.bind(String(tag), at: 1)
        guard try rows.step(), !rows.isNull(0), !rows.isNull(1), rows.integer(0) <= rows.integer(1) else {
            return holes.bounds
        }
        return rows.integer(0)...rows.integer(1)
    }
}
