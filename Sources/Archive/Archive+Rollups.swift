/// An interval whose aggregate is stored.
struct RolledUp {
    let range: Range<Int64>
    /// Bears the ends of the bucket it lies in.
    var aggregate: Aggregate
}

/// The stored aggregates that can answer for parts of a query, in the order of time.
///
/// The rule: a row of `hour` or `day` answers when it lies inside the query and inside one bucket, and when none of its
/// hours is in `rollup_due`. A day goes before its hours. Where there is no such row, the readings answer: an hour
/// without a row may be one that nobody has rolled up yet. Rows before the horizon answer too: they outlive the
/// readings they were made from.
struct RolledUps {
    private let archive: Archive
    private let tag: StoredTag
    private let range: Range<Int64>
    private let cutter: BucketCutter
    private var hours: Rows
    private var days: Rows

    /// Milliseconds.
    static let hour: Int64 = 3_600_000
    /// A local day has at least 23 hours.
    private static let shortestDay = 23 * hour

    /// - Parameters:
    ///   - longest: no bucket is longer, milliseconds.
    ///   - withDays: false takes hours only.
    fileprivate init(
        _ archive: Archive, _ tag: StoredTag, _ range: Range<Int64>, _ cutter: BucketCutter, longest: Int64,
        withDays: Bool
    ) {
        (self.archive, self.tag, self.range, self.cutter) = (archive, tag, range, cutter)
        hours = Rows(.hours, isOver: longest < RolledUps.hour)
        days = Rows(.days, isOver: !withDays || longest < RolledUps.shortestDay)
    }

    /// The first one at or behind a time.
    mutating func next(after time: Int64) throws(ArchiveError) -> RolledUp? {
        let day = try days.next(archive, tag, time..<range.upperBound, cutter)
        let limit = day?.range.lowerBound ?? range.upperBound
        // An hour may begin before a day of a zone that is half an hour off, and end in it.
        let hour = try hours.next(archive, tag, time..<max(time, limit), cutter)
        return hour ?? day
    }
}

/// One of the two tables, a page at a time.
private struct Rows {
    private let query: Query
    private var page: [RolledUp] = []
    private var place = 0
    /// Where the next page begins.
    private var at = Int64.min
    private var isOver: Bool

    /// Rows fetched at once: hours between two days, or a month of days.
    private static let pageRows: Int64 = 32

    init(_ query: Query, isOver: Bool) { (self.query, self.isOver) = (query, isOver) }

    /// The first row that begins and ends in a range, and lies in one bucket. Stays there until the range is behind it.
    mutating func next(
        _ archive: Archive, _ tag: StoredTag, _ range: Range<Int64>, _ cutter: BucketCutter
    ) throws(ArchiveError) -> RolledUp? {
        while true {
            while place < page.count {
                var row = page[place]
                if row.range.lowerBound >= range.lowerBound {
                    if row.range.upperBound > range.upperBound { return nil }
                    let bucket = cutter.bucket(containing: row.range.lowerBound)
                    if row.range.upperBound <= bucket.upperBound {
                        (row.aggregate.start, row.aggregate.end) = (bucket.lowerBound, bucket.upperBound)
                        return row
                    }
                }
                place += 1
            }
            if isOver || range.isEmpty { return nil }
            at = max(at, range.lowerBound)
            try fetch(archive, tag)
        }
    }

    private mutating func fetch(_ archive: Archive, _ tag: StoredTag) throws(ArchiveError) {
        let statement = try archive.statements[query]
        defer { statement.reset() }
        statement.bind(tag.id, at, Rows.pageRows)
        page.removeAll(keepingCapacity: true)
        place = 0
        while try statement.step() {
            page.append(RolledUp(statement))
            at = statement.int(0) + 1
        }
        isOver = page.count < Int(Rows.pageRows)
    }
}

extension RolledUp {
    /// From the columns start, end, count, bad, min, min_at, max, max_at, first, first_at, last, last_at, sum, squares,
    /// area, good_ms, rise.
    fileprivate init(_ statement: Statement) {
        let (start, end) = (statement.int(0), statement.int(1))
        func time(_ column: Int32) -> Int64? { statement.isNull(column) ? nil : statement.int(column) }
        var found = Aggregate(start: start, end: end)
        (found.count, found.bad) = (Int(clamping: statement.int(2)), Int(clamping: statement.int(3)))
        (found.min, found.minTime) = (statement.double(4), time(5))
        (found.max, found.maxTime) = (statement.double(6), time(7))
        (found.first, found.firstTime) = (statement.double(8), time(9))
        (found.last, found.lastTime) = (statement.double(10), time(11))
        (found.sum, found.squares) = (statement.double(12) ?? 0, statement.double(13) ?? 0)
        (found.area, found.goodMilliseconds) = (statement.double(14) ?? 0, statement.int(15))
        found.rise = statement.double(16)
        self.init(range: start..<max(start, end), aggregate: found)
    }
}

extension Archive {
    /// `nil` where only the readings can answer: roll-ups know no text, no time in state, and analog tags as lines.
    func rolledUp(
        _ tag: StoredTag, _ range: Range<Int64>, _ cutter: BucketCutter, _ options: AggregateOptions
    ) throws(ArchiveError) -> RolledUps? {
        guard options.useRollups, options.interpolation == .byKind, !options.withStates, options.rollUp != .hour,
            tag.kind != "text" || options.rollUp == .day, cutter.longest >= RolledUps.hour
        else { return nil }
        return RolledUps(self, tag, range, cutter, longest: cutter.longest, withDays: options.rollUp != .day)
    }

    /// The last good reading before the horizon, which may be deleted.
    func lastRolledUp(_ tag: StoredTag) throws(ArchiveError) -> Double? {
        let statement = try statements[.lastHour]
        defer { statement.reset() }
        statement.bind(tag.id, horizon)
        return try statement.step() ? statement.double(0) : nil
    }

    /// Between which times readings of a tag, or their roll-ups, can say something; `nil` when there are none.
    public func rolledExtent(of tag: StoredTag) throws(ArchiveError) -> Range<Int64>? {
        let statement = try prepare("SELECT min(start), max(start) FROM hour WHERE tag = ?1")
        statement.bind(tag.id)
        let raw = try extent(of: tag)
        guard try statement.step(), !statement.isNull(0) else { return raw }
        let rolled = statement.int(0)..<(statement.int(1) + RolledUps.hour)
        guard let raw else { return rolled }
        return min(raw.lowerBound, rolled.lowerBound)..<max(raw.upperBound, rolled.upperBound)
    }
}
