/// The spans of a group that overlap a range, in the order of time. What they hold is decoded only when it is needed.
final class SpanSource: RunSource {
    private let search: Search
    private let group: GroupState
    /// Found, and not opened yet.
    private var found: [SpanRow] = []
    /// Where the next page begins.
    private var key: (time: Int64, id: Int64)
    private var pageRows = 8
    private var isComplete = false

    /// Most queries need a few; a long one fetches more and more at once, up to this many.
    static let pageRowsMax = 512

    init(_ search: Search, _ group: GroupState) {
        (self.search, self.group) = (search, group)
        switch search.order {
        case .ascending: key = (search.range.lowerBound.clampedSubtracting(group.longest), .min)
        case .descending: key = (search.range.upperBound - 1, .max)
        }
    }

    var bound: Int64? {
        // Going up, the spans come by their beginnings, and the next page begins no earlier than this one ended. Going
        // down, a span that begins earlier may end later, by the length of the longest.
        switch search.order {
        case .ascending: return found.first.map { max($0.first, search.range.lowerBound) } ?? pageBound
        case .descending:
            let here = found.last.map { min($0.last, search.range.upperBound - 1) }
            guard let here else { return pageBound }
            return max(here, pageBound ?? here)
        }
    }

    private var pageBound: Int64? {
        if isComplete { return nil }
        return search.order == .ascending
            ? max(key.time, search.range.lowerBound)
            : min(key.time.clampedAdding(group.longest), search.range.upperBound - 1)
    }

    func open(_ archive: Archive) throws(ArchiveError) -> [Run] {
        let span: SpanRow
        switch search.order {
        case .ascending:
            if found.isEmpty { try fetch(archive) }
            guard !found.isEmpty else { return [] }
            span = found.removeFirst()
        case .descending:
            while let page = pageBound, found.last.map({ $0.last <= page }) ?? true { try fetch(archive) }
            guard let last = found.popLast() else { return [] }
            span = last
        }
        guard let slots = search.selection.slots[span.layout] else { return [] }
        let run = Run(group: group, slots: slots, span: span)
        try run.trim(to: search.range, archive)
        return run.rest.isEmpty ? [] : [run]
    }

    private func fetch(_ archive: Archive) throws(ArchiveError) {
        let isUp = search.order == .ascending
        let statement = try archive.statements[isUp ? .spansUp : .spansDown]
        defer { statement.reset() }
        let end = isUp ? search.range.upperBound : search.range.lowerBound.clampedSubtracting(group.longest)
        statement.bind(group.id, key.time, key.id, end, Int64(pageRows))
        var rows = 0
        while try statement.step() {
            let span = SpanRow(statement)
            rows += 1
            key = (span.first, span.id)
            if span.first < search.range.upperBound, span.last >= search.range.lowerBound { found.append(span) }
        }
        isComplete = rows < pageRows
        pageRows = min(pageRows * 4, SpanSource.pageRowsMax)
        if !isUp { found.sort { ($0.last, $0.id) < ($1.last, $1.id) } }
    }
}

extension Int64 {
    func clampedAdding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }
    func clampedSubtracting(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }
}
