import Chunks
import Plant

extension Archive {
    /// Hands over one aggregate after another, in the order of time. A bucket in which nothing was read and nothing
    /// stood is left out: it is a gap, not a zero. Ends early when `body` throws.
    ///
    /// - Parameter part: only what lies in this part of the range. A bucket that reaches over its ends is then handed
    ///   over in part; `Aggregate.merge` puts the parts together.
    /// - Throws: `ArchiveError`, or what `body` throws.
    public func aggregates(
        of tag: StoredTag, from start: Int64, to end: Int64, _ buckets: Buckets, _ options: AggregateOptions = .init(),
        within part: Range<Int64>? = nil, _ body: (Aggregate) throws -> Void
    ) throws {
        let query = start..<max(start, end)
        let whole = query.clamped(to: Archive.times)
        let range = whole.clamped(to: part ?? whole)
        guard !range.isEmpty else { return }
        let cutter = BucketCutter(whole, buckets)
        // The parts of a bucket come one after the other.
        var open: Aggregate?
        func join(_ aggregate: Aggregate) throws {
            if open?.start == aggregate.start {
                open?.add(aggregate)
            } else {
                if let open { try body(open) }
                open = aggregate
            }
        }
        var rolled = try rolledUp(tag, range, cutter, options)
        var at = range.lowerBound
        while at < range.upperBound {
            let next = try rolled?.next(after: at)
            let until = next?.range.lowerBound ?? range.upperBound
            if at < until { try rawAggregates(of: tag, at..<until, cutter, options, join) }
            if let next, !next.aggregate.isEmpty { try join(next.aggregate) }
            at = next?.range.upperBound ?? range.upperBound
        }
        if let open { try body(open) }
    }

    /// From the readings themselves.
    private func rawAggregates(
        of tag: StoredTag, _ wanted: Range<Int64>, _ cutter: BucketCutter, _ options: AggregateOptions,
        _ body: (Aggregate) throws -> Void
    ) throws {
        let selection = try selection(of: tag)
        guard let range = clamped(wanted.lowerBound, wanted.upperBound), !selection.groups.isEmpty else { return }
        var builder = AggregateBuilder(cutter, range, options)
        let reach = selection.longestPeriod.multipliedReportingOverflow(by: SlotFormat.latePeriods).partialValue
        let isMaking = options.rollUp != nil
        try begin(&builder, selection, before: range.lowerBound, reach, behindHorizon: isMaking ? tag : nil)
        // The first reading behind the range says how the last one in it stood.
        let behind = range.upperBound.clampedAdding(reach).clampedAdding(1)
        let search = Search(
            selection: selection, range: range.lowerBound..<min(behind, Archive.times.upperBound), order: .ascending)
        let merge = try RunMerge(self, search)
        while !builder.isComplete, let stretch = try merge.next() {
            switch stretch {
            case .run(let run, let rows):
                if !run.hasColumns, !run.isImported, let span = run.span, rows.count == span.count,
                    builder.takesStatistics(of: span, run.slots[0]),
                    let statistics = try statistics(span, run.slots[0])
                {
                    let readings = GoodReadings(
                        count: span.count, times: span.first...span.last, statistics: statistics)
                    try builder.add(readings, run.slots[0], body)
                } else {
                    try run.load(self)
                    try builder.add(run, run.isImported ? run.withoutReplaced(rows) : [rows], body)
                    if run.rest.isEmpty { recycle(run) }
                }
            case .tie(let scans):
                for scan in ReadingCursor.visible(scans) where !builder.isComplete {
                    try scan.run.load(self)
                    try builder.add(scan.run, scan.index, body)
                }
            }
        }
        try builder.finish(body)
    }

    /// Finds the reading that stands where a range begins, and from where a counter counts.
    ///
    /// - Parameter tag: looks behind the horizon too, for this one's roll-ups.
    private func begin(
        _ builder: inout AggregateBuilder, _ selection: Selection, before start: Int64, _ reach: Int64,
        behindHorizon tag: StoredTag?
    ) throws(ArchiveError) {
        let isCounter = selection.slots.values.contains { $0[0].isCounter }
        let near = start.clampedSubtracting(reach)
        let wanted = max(isCounter ? .min : near, horizon, Archive.times.lowerBound)
        let first = tag == nil ? wanted : min(wanted, near)
        guard first < start else { return }
        let search = Search(selection: selection, range: first..<start, order: .descending)
        let cursor = try ReadingCursor(self, search, after: nil)
        var isFirst = true
        while let (run, index) = try cursor.advance() {
            if isFirst { builder.begin(after: run, index) }
            isFirst = false
            guard isCounter else { return }
            guard run.quality(index).isGood, run.slots[0].isCounter else { continue }
            return builder.count(from: run, index)
        }
        if isCounter, let tag, let last = try lastRolledUp(tag) { builder.count(from: last) }
    }
}

extension AggregateBuilder {
    fileprivate mutating func add(
        _ run: Run, _ parts: [Range<Int>], _ emit: (Aggregate) throws -> Void
    ) rethrows {
        for rows in parts { try add(run, rows, emit) }
    }
}

extension Run {
    /// Without the imported readings that a later one of the same millisecond replaced.
    fileprivate func withoutReplaced(_ rows: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = rows.lowerBound
        for index in rows where index + 1 < rows.upperBound && scans.times[index + 1] == scans.times[index] {
            if start < index { parts.append(start..<index) }
            start = index + 1
        }
        if start < rows.upperBound { parts.append(start..<rows.upperBound) }
        return parts
    }
}
