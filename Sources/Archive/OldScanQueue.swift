import Chunks

/// The rows of the first schema that are not sealed yet, in the order of their ordinals, in which they lie.
///
/// There may be millions, so that they are fetched one after the other and not listed, as those of `hot` are.
struct OldScanQueue {
    private let range: Range<Int64>
    /// The first and the last row with a time in the range; found once, because none are added.
    private var bounds: ClosedRange<Int64>?
    private var isSearched = false
    /// The next row, once it was looked for.
    private var head: (run: Run, layout: Int64)?
    private var isAtEnd = false
    /// One row, by layout, in memory that is used again.
    private var memory: [Int64: Run] = [:]

    init(_ range: Range<Int64>) { self.range = range }

    /// Rows may have been sealed.
    mutating func renew(_ archive: Archive) throws(ArchiveError) {
        (head, isAtEnd) = (nil, !archive.hasOldScans)
        guard archive.hasOldScans, !isSearched else { return }
        isSearched = true
        let statement = try archive.prepare(
            "SELECT min(id), max(id) FROM scans_1 WHERE time >= ?1 AND time < ?2")
        statement.bind(range.lowerBound, range.upperBound)
        if try statement.step(), !statement.isNull(0) { bounds = statement.int(0)...statement.int(1) }
    }

    /// The ordinal of the next scan; `nil` when there is none.
    mutating func first(
        _ archive: Archive, _ selection: Selection, after ordinal: Int64
    ) throws(ArchiveError) -> Int64? {
        if let head, let next = head.run.scans.ordinals.first, next > ordinal { return next }
        guard !isAtEnd, let bounds else { return nil }
        head = nil
        let statement = try archive.statements[.oldQueue]
        defer { statement.reset() }
        statement.bind(
            max(ordinal, bounds.lowerBound - 1), bounds.upperBound, range.lowerBound, range.upperBound)
        guard try statement.step(), let values = statement.text(6) else {
            isAtEnd = true
            return nil
        }
        let (layout, number) = (statement.int(3), statement.int(7))
        let run: Run
        if let known = memory[layout] {
            run = known
            run.clear()
        } else {
            run = Run(group: try archive.state(of: number), slots: selection.slots[layout] ?? [])
            memory[layout] = run
        }
        run.append(statement, values)
        head = (run, layout)
        return statement.int(2)
    }

    /// The scan whose ordinal `first` gave.
    mutating func take(_ archive: Archive) throws(ArchiveError) -> (run: Run, index: Int, layout: Int64)? {
        defer { head = nil }
        return head.map { ($0.run, 0, $0.layout) }
    }
}
