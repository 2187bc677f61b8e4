extension Archive {
    /// About how many readings there are, for a guard before too much is printed: a span that lies across an end of
    /// the range counts in proportion, and what imports hide counts too.
    ///
    /// - Parameter limit: counting ends there.
    public func count(
        of tags: [StoredTag], from start: Int64, to end: Int64, atMost limit: Int
    ) throws(ArchiveError) -> Int {
        let selection = try selection(of: tags)
        guard let range = clamped(start, end) else { return 0 }
        var count = 0
        for group in selection.groups {
            for counted in [try spans(group, range, selection, limit - count), try waiting(group, range, selection)] {
                count += counted
                if count >= limit { return limit }
            }
        }
        let hot = try prepare("SELECT layout, scan_group, ordinal FROM hot WHERE id >= ?1 AND id < ?2")
        hot.bind(range.lowerBound << HotSource.ordinalBits, range.upperBound << HotSource.ordinalBits)
        try self.count(hot, selection, &count, atMost: limit)
        if hasOldScans {
            let old = try prepare("SELECT layout, scan_group, id FROM scans_1 WHERE time >= ?1 AND time < ?2")
            old.bind(range.lowerBound, range.upperBound)
            try self.count(old, selection, &count, atMost: limit)
        }
        return min(count, limit)
    }

    /// - Parameter rows: the columns layout, scan_group, ordinal.
    private func count(
        _ rows: Statement, _ selection: Selection, _ count: inout Int, atMost limit: Int
    ) throws(ArchiveError) {
        let cuts = Dictionary(selection.groups.map { ($0.id, $0.cut) }) { first, _ in first }
        while count < limit, try rows.step() {
            guard let cut = cuts[rows.int(1)], rows.int(2) > cut else { continue }
            count += selection.slots[rows.int(0)]?.count ?? 0
        }
    }

    private func spans(
        _ group: GroupState, _ range: Range<Int64>, _ selection: Selection, _ limit: Int
    ) throws(ArchiveError) -> Int {
        let statement = try statements[.spansUp]
        defer { statement.reset() }
        statement.bind(
            group.id, range.lowerBound.clampedSubtracting(group.longest), .min, range.upperBound, .max)
        var count = 0
        while count < limit, try statement.step() {
            let span = SpanRow(statement)
            guard span.last >= range.lowerBound, let slots = selection.slots[span.layout] else { continue }
            let here = (span.first..<(span.last + 1)).clamped(to: range)
            let share = Double(here.upperBound - here.lowerBound) / Double(span.last + 1 - span.first)
            count += Int((Double(span.count) * share).rounded(.up)) * slots.count
        }
        return count
    }

    private func waiting(
        _ group: GroupState, _ range: Range<Int64>, _ selection: Selection
    ) throws(ArchiveError) -> Int {
        let statement = try prepare(
            """
            SELECT layout, count(*) FROM waiting WHERE scan_group = ?1 AND time >= ?2 AND time < ?3 GROUP BY layout
            """)
        statement.bind(group.id, range.lowerBound, range.upperBound)
        var count = 0
        while try statement.step() {
            count += Int(clamping: statement.int(1)) * (selection.slots[statement.int(0)]?.count ?? 0)
        }
        return count
    }
}
