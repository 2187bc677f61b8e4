import Chunks
public import Plant

/// Goes through whole scans in the order in which the watch saw them complete: that of their ordinals.
///
/// It outlives a transaction; in each new one `renew` must be called first.
public final class ScanCursor {
    private let archive: Archive
    private let wanted: [Tag]
    private let range: Range<Int64>
    private var layouts: [Int64: RecordedLayout] = [:]
    private var selection: Selection
    private var spans: [SpanQueue] = []
    private var rows: RowQueue
    private var oldScans: OldScanQueue
    /// Of the scan that was handed over last.
    private var ordinal = Int64.min
    private var version: Int64?

    init(_ archive: Archive, _ tags: [Tag], _ range: Range<Int64>) throws(ArchiveError) {
        (self.archive, wanted, self.range) = (archive, tags, range)
        selection = Selection(groups: [], slots: [:], longestPeriod: 1, shortestPeriod: 1)
        rows = RowQueue()
        oldScans = OldScanQueue(range)
        try renew()
    }

    /// Looks anew where the scans are: rows may have moved into spans, and new ones may have come.
    public func renew() throws(ArchiveError) { try renew(anyway: false) }

    /// - Parameter anyway: also when no other connection wrote since.
    func renew(anyway: Bool) throws(ArchiveError) {
        let statement = try archive.statements[.dataVersion]
        defer { statement.reset() }
        let now = try statement.step() ? statement.int(0) : 0
        guard anyway || now != version else { return }
        version = now
        try findTags()
        for group in selection.groups where !spans.contains(where: { $0.group.id == group.id }) {
            spans.append(SpanQueue(group, range))
        }
        for index in spans.indices { try spans[index].extend(archive) }
        try rows.fill(archive, selection, range, after: ordinal)
        try oldScans.renew(archive)
    }

    /// - Parameter scan: becomes the next one; keeps its memory from scan to scan.
    /// - Returns: false at the end.
    public func next(into scan: inout RecordedScan) throws(ArchiveError) -> Bool {
        while true {
            var nearest: Int?
            var first = rows.first ?? .max
            for index in spans.indices {
                guard let head = try spans[index].first(archive, selection, after: ordinal), head < first else {
                    continue
                }
                (nearest, first) = (index, head)
            }
            let found: (run: Run, index: Int, layout: Int64)?
            if let old = try oldScans.first(archive, selection, after: ordinal), old < first {
                first = old
                found = try oldScans.take(archive)
            } else if let nearest {
                found = try spans[nearest].take(archive, selection)
            } else if rows.first != nil {
                found = try rows.take(archive, selection)
            } else {
                return false
            }
            ordinal = first
            guard let (run, index, layout) = found, range.contains(run.scans.times[index]),
                let recorded = layouts[layout]
            else { continue }
            scan.take(run, index, layout, recorded)
            return true
        }
    }

    /// Layouts are only ever added.
    private func findTags() throws(ArchiveError) {
        var stored: [StoredTag] = []
        var places: [Tag] = []
        let known = Dictionary(try archive.tags().map { ($0.name, $0) }) { first, _ in first }
        for tag in wanted {
            guard let here = known[tag.name] else { continue }
            stored.append(here)
            places.append(tag)
        }
        selection = try archive.selection(of: stored)
        let groups = try archive.prepare("SELECT id, name FROM scan_group WHERE imported = 0 ORDER BY id")
        var names: [Int64: String] = [:]
        selection.groups = []
        while try groups.step() {
            names[groups.int(0)] = groups.string(1) ?? ""
            selection.groups.append(try archive.state(of: groups.int(0)))
        }
        let all = try archive.prepare("SELECT id, scan_group FROM layout")
        while try all.step() {
            guard let name = names[all.int(1)] else { continue }
            let slots = selection.slots[all.int(0)] ?? []
            layouts[all.int(0)] = RecordedLayout(group: name, slots: slots.map { RecordedSlot($0, places[$0.index]) })
        }
    }
}

extension Archive {
    /// The scans of all groups that the recorder wrote.
    ///
    /// - Parameters:
    ///   - tags: the tags in question, of the configuration that asks. Others are not decoded.
    ///   - start: UTC milliseconds, as is `end`; half-open, by the times of the scans.
    public func scans(of tags: [Tag], from start: Int64, to end: Int64) throws(ArchiveError) -> ScanCursor {
        try ScanCursor(self, tags, clamped(start, end) ?? 0..<0)
    }
}
