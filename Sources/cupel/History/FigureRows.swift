import Archive
import Plant

/// What a query with figures asks for.
struct FigureQuestion {
    /// Intervals that are gathered at a time for wide rows, so that memory stays that of a page of rows.
    static let page = 256

    let tags: [StoredTag]
    /// UTC milliseconds.
    let range: Range<Int64>
    let intervals: Intervals
    let figures: [Figure]
    /// The mean counts readings, not time.
    var isSimple = false
    var options = AggregateOptions()
    var fill = FillChoice.none

    /// It begins with what stood before the range: whether an interval is filled must not hang on where the range begins.
    func filler(of tag: StoredTag, in source: some QuerySource) throws -> Filler? {
        guard case .grid(let grid) = intervals else { return nil }
        let isStepped = tag.isStepped || options.interpolation == .steps
        var filler = Filler(figures, fill, grid, isStepped: isStepped)
        if fill != .none, let standing = try source.standing(at: range.lowerBound - 1, [tag]).first?.reading,
            standing.quality.isGood
        {
            filler.begin(standing, at: range.lowerBound)
        }
        return filler
    }

    /// Intervals that a long query asks for at a time: a page of them is in memory, however short they are.
    private static let part = 16_384

    /// Hands over the aggregates of one tag, in the order of time. What is short against an hour has only readings to
    /// answer for it, so a stretch without any is passed at once.
    ///
    /// - Parameter reached: told how far it is, also where nothing is.
    func aggregates(
        of tag: StoredTag, _ options: AggregateOptions, in source: some QuerySource, reached: (Int64) throws -> Void,
        _ body: (Aggregate) throws -> Void
    ) throws {
        var start = range.lowerBound
        while start < range.upperBound {
            let part = intervals.page(from: start, to: range.upperBound, intervals: Self.part)
            try reached(part.lowerBound)
            var isEmpty = true
            try source.aggregates(
                of: tag, from: part.lowerBound, to: part.upperBound, intervals.buckets, options
            ) { aggregate in
                isEmpty = false
                try reached(aggregate.end)
                try body(aggregate)
            }
            start = part.upperBound
            guard isEmpty, part.upperBound - part.lowerBound < Self.rolledUp, start < range.upperBound else { continue }
            guard let next = try source.first(of: tag, from: start, to: range.upperBound)?.time else { return }
            start = max(start, intervals.start(of: next))
        }
    }

    /// From pages of this length on, roll-ups answer where no reading is left: an hour's intervals, in milliseconds.
    private static let rolledUp: Int64 = 3_600_000 * Int64(part)

    /// The parts in which wide rows are gathered. They begin where there is anything: a range that begins years before
    /// its history costs nothing.
    func pages(of source: some QuerySource) throws -> some Sequence<Range<Int64>> {
        var start = range.lowerBound
        if case .grid(let grid) = intervals, try source.standing(at: start - 1, tags).isEmpty {
            var first = range.upperBound
            for tag in tags {
                first = min(first, try source.first(of: tag, from: start, to: range.upperBound)?.time ?? first)
            }
            start = first == range.upperBound ? first : max(start, grid.bucket(containing: first).lowerBound)
        }
        return intervals.pages(of: start..<range.upperBound, intervals: Self.page)
    }

    /// The one unit of all figures that have one; `nil` where they have several.
    func unit(of tag: StoredTag) -> String? {
        let units = Set(figures.compactMap { $0.unit(of: tag) })
        return units.count == 1 ? units.first : units.contains(tag.unit ?? "") ? tag.unit : nil
    }

    func row(_ aggregate: Aggregate) -> FigureRow {
        FigureRow(
            start: aggregate.start,
            values: figures.map { $0.value(of: aggregate, within: range, isSimple: isSimple) })
    }
}

/// One row for each tag and interval: `time,tag,mean,max,unit`. An interval without data has none.
struct FigureRows<Source: QuerySource>: RowSource {
    let source: Source
    let question: FigureQuestion

    var columns: [Column] { [.time, .tag] + question.figures.map { .number($0.column) } + [.unit] }

    func estimate(atMost: Int) throws -> Int {
        try source.estimate(question.intervals, of: question.tags, in: question.range, atMost: atMost)
    }

    func rows(_ sink: RowSink) throws {
        let range = question.range
        for (number, tag) in question.tags.enumerated() {
            let unit = question.unit(of: tag)
            func emit(_ row: FigureRow) throws {
                let cells = row.values.map { $0?.cell(of: tag) }
                try sink.row([.time(row.start), .text(tag.name)] + cells + [unit.map(Cell.text)])
            }
            var filler = try question.filler(of: tag, in: source)
            func reached(_ time: Int64) throws {
                try sink.reached(time, of: range, tag: number, of: question.tags.count)
            }
            try question.aggregates(of: tag, question.options, in: source, reached: reached) { aggregate in
                let row = question.row(aggregate)
                if filler == nil {
                    if row.values.contains(where: { $0 != nil }) { try emit(row) }
                } else {
                    try filler?.take(row, emit)
                }
            }
            try filler?.fill(until: range.upperBound, towards: nil, emit)
        }
    }
}
