import Archive

/// How a query with figures cuts its range: on a clock, or not at all.
enum Intervals {
    case grid(BucketGrid)
    case whole

    var buckets: Buckets {
        switch self {
        case .grid(let grid): .grid(grid)
        case .whole: .whole
        }
    }

    /// About how many there are in a range.
    func count(in range: Range<Int64>) -> Int {
        switch self {
        case .grid(let grid): Int((range.upperBound - range.lowerBound) / grid.interval) + 1
        case .whole: 1
        }
    }

    /// Where the interval begins that an instant lies in.
    func start(of time: Int64) -> Int64 {
        switch self {
        case .grid(let grid): grid.bucket(containing: time).lowerBound
        case .whole: time
        }
    }

    /// The first part of a range, of so many intervals at most.
    func page(from start: Int64, to end: Int64, intervals: Int) -> Range<Int64> {
        guard case .grid(let grid) = self else { return start..<end }
        var bound = start
        for _ in 0..<intervals where bound < end { bound = grid.bucket(containing: bound).upperBound }
        return start..<min(bound, end)
    }

    /// Parts of the range that together are the range, each of so many intervals at most.
    func pages(of range: Range<Int64>, intervals: Int) -> some Sequence<Range<Int64>> {
        sequence(state: range.lowerBound) { start -> Range<Int64>? in
            guard start < range.upperBound else { return nil }
            let page = page(from: start, to: range.upperBound, intervals: intervals)
            start = page.upperBound
            return page
        }
    }
}

extension QuerySource {
    /// About how many rows intervals give. Where that is many, only the time from each tag's first reading to its last
    /// is counted: nobody looks up when a history begins before asking for all of it.
    func estimate(
        _ intervals: Intervals, of tags: [StoredTag], in range: Range<Int64>, atMost: Int
    ) throws -> Int {
        let (most, isTooLarge) = intervals.count(in: range).multipliedReportingOverflow(by: tags.count)
        if !isTooLarge, most <= RowGuard.limit { return most }
        var rows = 0
        for tag in tags where rows < atMost {
            if let extent = try extent(of: tag, in: range) { rows += intervals.count(in: extent) }
        }
        return min(rows, atMost)
    }
}
