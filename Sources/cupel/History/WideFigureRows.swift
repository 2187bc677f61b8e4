import Archive

/// One row for each interval, a column for each tag and figure. A tag without data has an empty cell; an interval
/// without any has no row.
struct WideFigureRows<Source: QuerySource>: RowSource {
    let source: Source
    let question: FigureQuestion

    /// `TAG`, or `TAG:figure` where several figures are asked for.
    var columns: [Column] {
        let figures = question.figures
        return [.time]
            + question.tags.flatMap { tag in
                figures.map { .values(figures.count == 1 ? tag.name : "\(tag.name):\($0.column)") }
            }
    }

    func estimate(atMost: Int) throws -> Int {
        try source.estimate(question.intervals, of: question.tags, in: question.range, atMost: atMost)
            / max(1, question.tags.count)
    }

    func rows(_ sink: RowSink) throws {
        let width = question.tags.count * question.figures.count
        var lanes = try question.tags.map { try Lane(source: source, question: question, tag: $0) }
        for page in try question.pages(of: source) {
            var rows: [Int64: [Cell?]] = [:]
            let figures = question.figures.count
            for index in lanes.indices {
                let tag = lanes[index].tag
                try sink.reached(page.lowerBound, of: question.range, tag: 0, of: 1)
                try lanes[index].rows(of: page) { row in
                    var cells = rows[row.start] ?? Array(repeating: nil, count: width)
                    for (number, value) in row.values.enumerated() {
                        cells[index * figures + number] = value?.cell(of: tag)
                    }
                    rows[row.start] = cells
                }
            }
            for (start, cells) in rows.sorted(by: { $0.key < $1.key }) { try sink.row([.time(start)] + cells) }
        }
    }
}

/// One tag's part of wide rows, page after page.
private struct Lane<Source: QuerySource> {
    let source: Source
    let question: FigureQuestion
    let tag: StoredTag
    private var filler: Filler?
    /// The first row with values behind the pages so far, and how far was looked for it.
    private var ahead: FigureRow?
    private var lookedUntil = Int64.min

    init(source: Source, question: FigureQuestion, tag: StoredTag) throws {
        (self.source, self.question, self.tag) = (source, question, tag)
        filler = try question.filler(of: tag, in: source)
    }

    mutating func rows(of page: Range<Int64>, _ emit: (FigureRow) -> Void) throws {
        try aggregates(page) { row in
            if filler == nil {
                if row.values.contains(where: { $0 != nil }) { emit(row) }
            } else {
                filler?.take(row, emit)
            }
        }
        switch question.fill {
        case .none: break
        case .previous: filler?.fill(until: page.upperBound, towards: nil, emit)
        case .linear:
            try lookAhead(from: page.upperBound)
            filler?.fill(until: page.upperBound, towards: ahead, emit)
        }
    }

    /// A line through a gap needs its far end, which may be pages away: it is looked for once.
    private mutating func lookAhead(from end: Int64) throws {
        if end < lookedUntil { return }
        ahead = nil
        lookedUntil = question.range.upperBound
        guard end < question.range.upperBound, let filler else { return }
        var found: FigureRow?
        do {
            try aggregates(end..<question.range.upperBound) { row in
                guard !filler.isHollow(row) else { return }
                found = row
                throw Enough()
            }
        } catch is Enough {}
        ahead = found
        if let found { lookedUntil = found.start + 1 }
    }

    private func aggregates(_ part: Range<Int64>, _ body: (FigureRow) throws -> Void) throws {
        try source.aggregates(
            of: tag, from: part.lowerBound, to: part.upperBound, question.intervals.buckets, question.options
        ) { try body(question.row($0)) }
    }
}
