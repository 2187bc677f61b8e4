import Chunks

/// The newest scan of a group in a range.
struct NewestScan {
    let run: Run
    let index: Int
    let time: Int64

    /// Whether another scan counts instead of this one, for a tag that both have.
    static func < (a: NewestScan, b: NewestScan) -> Bool {
        func key(_ scan: NewestScan) -> (Int64, Int, Int64) {
            (scan.time, scan.run.isImported ? 1 : 0, scan.run.group)
        }
        return key(a) < key(b)
    }

    init?(endOf run: Run) {
        guard !run.rest.isEmpty else { return nil }
        (self.run, index, time) = (run, run.rest.upperBound - 1, run.last)
    }

    /// Whether another scan of the same group is newer.
    func isBefore(_ other: NewestScan) -> Bool {
        (time, run.sequence(index)) < (other.time, other.run.sequence(other.index))
    }

    func reading(_ column: Int, _ archive: Archive) throws(ArchiveError) -> StoredReading {
        let slot = run.slots[column]
        guard let span = run.span else { return run.reading(index, of: column) }
        return try archive.reading(span, slot, index, time: time)
    }
}

/// Finds the newest scan of each group before a time, with as little decoding as can be.
struct NewestScans {
    private let archive: Archive
    private let selection: Selection
    private let range: Range<Int64>

    init(_ archive: Archive, _ selection: Selection, _ range: Range<Int64>) {
        (self.archive, self.selection, self.range) = (archive, selection, range)
    }

    /// - Returns: by group; those without a scan are missing.
    func find() throws(ArchiveError) -> [Int64: NewestScan] {
        var found: [Int64: NewestScan] = [:]
        for group in selection.groups {
            found[group.id] = try sealed(group)
            if let waiting = try waiting(group), found[group.id].map({ $0.isBefore(waiting) }) ?? true {
                found[group.id] = waiting
            }
        }
        for isOld in archive.hasOldScans ? [false, true] : [false] {
            for (group, scan) in try rows(after: found, isOld) where found[group].map({ $0.isBefore(scan) }) ?? true {
                found[group] = scan
            }
        }
        return found
    }

    /// The span with the newest scan begins at most `longest_ms` before it.
    private func sealed(_ group: GroupState) throws(ArchiveError) -> NewestScan? {
        let statement = try archive.statements[.spansDown]
        defer { statement.reset() }
        statement.bind(group.id, range.upperBound - 1, .max, Int64.min, .max)
        var best: NewestScan?
        while try statement.step() {
            let span = SpanRow(statement)
            if let best, span.first.clampedAdding(group.longest) < best.time { break }
            if let best, span.last < best.time { continue }
            let run = Run(group: group, slots: selection.slots[span.layout] ?? [], span: span)
            try run.trim(to: range, archive)
            guard let scan = NewestScan(endOf: run), best.map({ $0.isBefore(scan) }) ?? true else { continue }
            best = scan
        }
        return best
    }

    private func waiting(_ group: GroupState) throws(ArchiveError) -> NewestScan? {
        let statement = try archive.statements[.waitingDown]
        defer { statement.reset() }
        statement.bind(group.id, range.upperBound, .min, range.lowerBound, 1)
        var page = RowPage(selection.slots, keepsOthers: true)
        if try statement.step() { page.add(statement, group) }
        return page.finished().first.flatMap(NewestScan.init(endOf:))
    }

    /// Of each group the newest row in `hot`; one that is older than what is known already may be left out.
    ///
    /// Groups that scan often are among the newest rows; for the others one pass goes over the rest.
    ///
    /// - Parameter isOld: in the table of the first schema instead.
    private func rows(
        after known: [Int64: NewestScan], _ isOld: Bool
    ) throws(ArchiveError) -> [Int64: NewestScan] {
        var keys = HotKeys(selection.groups)
        let recent = try archive.statements[isOld ? .oldKeysDown : .hotKeysDown]
        defer { recent.reset() }
        let rows = NewestScans.recentRows + 4 * selection.groups.count
        recent.bind(range.upperBound << HotSource.ordinalBits, Int64(rows))
        var last: Int64?
        while try recent.step() {
            last = recent.int(0)
            keys.note(recent)
        }
        let missing = selection.groups.filter { keys.newest[$0.id] == nil }
        if let last, !missing.isEmpty {
            let oldest = missing.map { known[$0.id]?.time ?? range.lowerBound }.min() ?? range.lowerBound
            let names = missing.map { String($0.id) }.joined(separator: ", ")
            let rest = try archive.prepare(
                isOld
                    ? """
                    SELECT (time << 20) | (id & 0xFFFFF), id, scan_group, sequence FROM scans_1
                    WHERE time <= ?1 >> 20 AND time >= ?2 >> 20 AND scan_group IN (\(names)) ORDER BY time DESC
                    """
                    : """
                    SELECT id, ordinal, scan_group, sequence FROM hot
                    WHERE id < ?1 AND id >= ?2 AND scan_group IN (\(names)) ORDER BY id DESC
                    """)
            rest.bind(last, max(oldest, range.lowerBound) << HotSource.ordinalBits)
            while try rest.step() { keys.note(rest) }
        }
        var found: [Int64: NewestScan] = [:]
        for (group, key) in keys.newest where key.time >= range.lowerBound {
            let statement = try archive.statements[isOld ? .oldRow : .hotRow]
            defer { statement.reset() }
            statement.bind(isOld ? key.ordinal : key.id)
            var page = RowPage(selection.slots, keepsOthers: true)
            if try statement.step(), let state = keys.groups[group] { page.add(statement, state) }
            found[group] = page.finished().first.flatMap(NewestScan.init(endOf:))
        }
        return found
    }

    /// Looked at before a pass is made for those that are missing.
    private static let recentRows = 64
}

/// The newest visible row of each group, as rows come by.
private struct HotKeys {
    let groups: [Int64: GroupState]
    private(set) var newest: [Int64: (id: Int64, ordinal: Int64, time: Int64, sequence: UInt64)] = [:]

    init(_ groups: [GroupState]) {
        self.groups = Dictionary(groups.map { ($0.id, $0) }) { first, _ in first }
    }

    /// - Parameter statement: the columns id, ordinal, scan_group, sequence.
    mutating func note(_ statement: Statement) {
        let group = statement.int(2)
        guard let state = groups[group], statement.int(1) > state.cut else { return }
        let (id, sequence) = (statement.int(0), UInt64(bitPattern: statement.int(3)))
        let time = id >> HotSource.ordinalBits
        if let known = newest[group], (known.time, known.sequence) > (time, sequence) { return }
        newest[group] = (id, statement.int(1), time, sequence)
    }
}
