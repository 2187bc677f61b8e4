import Chunks
import Plant

extension Archive {
    /// When no good reading of a tag stood, and why. Before its first reading there is no gap.
    ///
    /// - Parameters:
    ///   - now: what will be read later is not missing, nor is what the recorder has not committed yet.
    ///   - pending: milliseconds that a reading needs at most until it is in the history.
    public func gaps(
        of tag: StoredTag, from start: Int64, to end: Int64, now: Int64 = .max, pending: Int64 = Archive.pending
    ) throws(ArchiveError) -> [Gap] {
        guard let range = try gapRange(of: tag, from: start, to: min(end, now)) else { return [] }
        let selection = try selection(of: tag)
        var finder = GapFinder(range)
        let reach = SlotFormat.latePeriods * selection.longestPeriod
        if let before = clamped(range.lowerBound.clampedSubtracting(reach), range.lowerBound) {
            let search = Search(selection: selection, range: before, order: .descending)
            if let (run, index) = try ReadingCursor(self, search, after: nil).advance() {
                finder.begin(run.scans.times[index], run.quality(index), run.slots[0])
            }
        }
        let behind = min(range.upperBound.clampedAdding(reach).clampedAdding(1), Archive.times.upperBound)
        let merge = try RunMerge(
            self, Search(selection: selection, range: range.lowerBound..<behind, order: .ascending))
        while !finder.isComplete, let stretch = try merge.next() {
            switch stretch {
            case .run(let run, let rows):
                let slot = run.slots[0]
                if !run.hasColumns, let span = run.span, rows.count == span.count, try statistics(span, slot) != nil {
                    finder.add(good: span.first...span.last, slot)
                } else {
                    try run.load(self)
                    for row in rows where !finder.isComplete {
                        finder.add(run.scans.times[row], run.quality(row), slot)
                    }
                }
            case .tie(let scans):
                for scan in ReadingCursor.visible(scans) where !finder.isComplete {
                    try scan.run.load(self)
                    finder.add(scan.run.scans.times[scan.index], scan.run.quality(scan.index), scan.run.slots[0])
                }
            }
        }
        finder.finish(complete: now.clampedSubtracting(pending))
        return try explained(finder.findings, tag, selection)
    }

    /// A commit a second is usual, and it may take its time.
    public static let pending: Int64 = 2000

    /// The part of a range in which a tag can have gaps.
    public func gapRange(of tag: StoredTag, from start: Int64, to end: Int64) throws(ArchiveError) -> Range<Int64>? {
        try extent(of: tag).flatMap { clamped(max(start, $0.lowerBound), end) }
    }

    private func explained(
        _ findings: [GapFinder.Finding], _ tag: StoredTag, _ selection: Selection
    ) throws(ArchiveError) -> [Gap] {
        guard let first = findings.first, let last = findings.last else { return [] }
        var subjects: Set<String> = [tag.name]
        for group in selection.groups { subjects.formUnion(try name(ofGroup: group.id).map { [$0] } ?? []) }
        let events = try events(from: first.range.lowerBound, to: last.range.upperBound).filter { event in
            event.explainsGaps && event.subject.map(subjects.contains) ?? true
        }
        return findings.map { finding in
            let cause = finding.quality?.name ?? Archive.cause(of: finding.range, events)
            return Gap(start: finding.range.lowerBound, end: finding.range.upperBound, cause: cause)
        }
    }

    /// The event that covers most of a gap; one that is about the tag's group goes before one about the whole plant.
    private static func cause(of gap: Range<Int64>, _ events: [StoredEvent]) -> String {
        var best: (cover: Int64, isOwn: Bool, event: StoredEvent)?
        for event in events {
            let end = event.end ?? .max
            let cover = min(end, gap.upperBound) - max(event.start, gap.lowerBound)
            guard cover > 0 else { continue }
            let isOwn = event.subject != nil
            if let best, (best.cover, best.isOwn ? 1 : 0) >= (cover, isOwn ? 1 : 0) { continue }
            best = (cover, isOwn, event)
        }
        guard let event = best?.event else {
            // Whatever loses scans has an event, so these were not asked for in time.
            return gap.upperBound - gap.lowerBound < Gap.told ? Gap.late : Gap.unexplained
        }
        return event.text.map { "\(event.kind): \($0)" } ?? event.kind
    }

    private func name(ofGroup group: Int64) throws(ArchiveError) -> String? {
        let statement = try prepare("SELECT name FROM scan_group WHERE id = ?1")
        statement.bind(group)
        return try statement.step() ? statement.string(0) : nil
    }
}

extension StoredEvent {
    /// What a person noted, or that a daemon began, is no reason for readings to be missing.
    fileprivate var explainsGaps: Bool { !["started", "annotation", "import"].contains(kind) }
}
