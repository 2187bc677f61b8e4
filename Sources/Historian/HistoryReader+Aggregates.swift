public import Archive

/// What an interval comes to.
public typealias Bucket = Aggregate

extension HistoryReader {
    /// A query is answered in parts of about so many readings, each in a read transaction of its own: some tens of
    /// milliseconds.
    static let partReadings: Int64 = 1_000_000

    /// Hands over one bucket after another, in the order of time. An interval in which nothing was read and nothing
    /// stood has no bucket: it is a gap, not a zero.
    ///
    /// - Parameter utcOffset: local time minus UTC in milliseconds, for buckets that follow people's clocks.
    public func buckets(
        tag: String, from start: Int64, to end: Int64, every interval: Duration,
        utcOffset: @escaping @Sendable (Int64) -> Int64 = { _ in 0 }, _ body: (Bucket) throws -> Void
    ) throws {
        try aggregates(
            tag: tag, from: start, to: end, .grid(BucketGrid(every: interval, utcOffset: utcOffset)),
            AggregateOptions(), body)
    }

    /// Hands over one aggregate after another, in the order of time, without those in which nothing was read and
    /// nothing stood. Ends early when `body` throws.
    ///
    /// - Throws: `HistoryError`, or what `body` throws.
    public func aggregates(
        tag: String, from start: Int64, to end: Int64, _ buckets: Buckets, _ options: AggregateOptions = .init(),
        _ body: (Aggregate) throws -> Void
    ) throws {
        let (known, extent, step) = try read { archive in
            let tag = try self.tag(tag, in: archive)
            return (tag, try archive.rolledExtent(of: tag), try archive.period(of: tag) * HistoryReader.partReadings)
        }
        guard let extent, start < end else { return }
        // A bucket that reaches over the end of a part is put together from both.
        var open: Aggregate?
        var begin = max(start, extent.lowerBound)
        let last = min(end, extent.upperBound)
        while begin < last {
            let part = begin..<min(last, begin + step)
            var page: [Aggregate] = []
            try read { archive in
                try archive.aggregates(of: known, from: start, to: end, buckets, options, within: part) {
                    page.append($0)
                }
            }
            for aggregate in page {
                if var whole = open, whole.start == aggregate.start {
                    whole.merge(aggregate)
                    open = whole
                } else {
                    if let whole = open { try body(whole) }
                    open = aggregate
                }
            }
            begin = part.upperBound
        }
        if let whole = open { try body(whole) }
    }

    /// When no good reading of a tag stood, and why.
    ///
    /// - Parameters:
    ///   - now: what will be read later is not missing.
    ///   - pending: milliseconds that a reading needs at most until it is in the history.
    public func gaps(
        tag: String, from start: Int64, to end: Int64, now: Int64 = .max, pending: Int64 = Archive.pending
    ) throws(HistoryError) -> [Gap] {
        let (known, range, step) = try read { archive in
            let tag = try self.tag(tag, in: archive)
            let range = try archive.gapRange(of: tag, from: start, to: min(end, now))
            return (tag, range, try archive.period(of: tag) * HistoryReader.partReadings)
        }
        var gaps: [Gap] = []
        guard let range else { return gaps }
        for begin in stride(from: range.lowerBound, to: range.upperBound, by: Int(step)) {
            let part = try read {
                let end = min(begin + step, range.upperBound)
                return try $0.gaps(of: known, from: begin, to: end, now: now, pending: pending)
            }
            for gap in part {
                if let last = gaps.last, last.end == gap.start, last.cause == gap.cause {
                    gaps[gaps.count - 1] = Gap(start: last.start, end: gap.end, cause: gap.cause)
                } else {
                    gaps.append(gap)
                }
            }
        }
        return gaps
    }

    /// About how many readings a range holds, to ask before too much is printed.
    ///
    /// - Parameter limit: counting ends there.
    public func count(
        of tags: [StoredTag], from start: Int64, to end: Int64, atMost limit: Int
    ) throws(HistoryError) -> Int {
        try read { try $0.count(of: tags, from: start, to: end, atMost: limit) }
    }
}
