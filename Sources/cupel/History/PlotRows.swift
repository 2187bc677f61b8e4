import Archive
import Plant

/// Not more than so many readings of each tag, chosen so that a line through them looks as the line through all.
///
/// Of each of N/4 equal parts of the range the first, lowest, highest and last reading are kept, each at its own time
/// (M4: Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014). So a spike of one reading
/// is never lost, and a part without readings stays a gap. A tag with fewer readings gives all of them.
struct PlotRows<Source: QuerySource>: RowSource {
    /// Fewer would not hold the four of one part.
    static var fewest: Int { 4 }

    let source: Source
    let tags: [StoredTag]
    /// UTC milliseconds.
    let range: Range<Int64>
    /// At least `fewest`.
    let most: Int
    var isWide = false

    var columns: [Column] {
        isWide ? [.time] + tags.map { .values($0.name) } : [.time, .tag, .number("value"), .unit, .quality]
    }

    func estimate(atMost: Int) throws -> Int {
        let (product, isTooLarge) = most.multipliedReportingOverflow(by: tags.count)
        return isTooLarge ? atMost : min(product, atMost)
    }

    func rows(_ sink: RowSink) throws {
        if isWide { return try wideRows(sink) }
        for (number, tag) in tags.enumerated() {
            for point in try points(of: tag, { try sink.reached($0, of: range, tag: number, of: tags.count) }) {
                try sink.row([
                    .time(point.time), .text(tag.name), point.cell, tag.unit.map(Cell.text), .text(point.quality),
                ])
            }
        }
    }

    /// In memory there is what will be printed, and no more.
    private func wideRows(_ sink: RowSink) throws {
        var all: [(point: PlotPoint, place: Int)] = []
        for (number, tag) in tags.enumerated() {
            let points = try points(of: tag) { try sink.reached($0, of: range, tag: number, of: tags.count) }
            all += points.map { ($0, number) }
        }
        all.sort { ($0.point.time, $0.place) < ($1.point.time, $1.place) }
        var row = AlignedRow(width: tags.count, carries: false)
        for (point, place) in all {
            if let done = row.take(point.cell, at: place, point.time) { try sink.row(done) }
        }
        if let done = row.finish() { try sink.row(done) }
    }

    private func points(of tag: StoredTag, _ reached: (Int64) throws -> Void) throws -> [PlotPoint] {
        if let few = try fewReadings(of: tag) { return few }
        var points: [PlotPoint] = []
        // Parts of the time that has readings: a range of a year over a month of them gets as many points.
        guard let first = try source.first(of: tag, from: range.lowerBound, to: range.upperBound),
            let last = try source.standing(at: range.upperBound - 1, [tag]).first
        else { return points }
        try source.aggregates(
            of: tag, from: first.time, to: last.reading.time + 1, .equal(most / 4), AggregateOptions()
        ) { part in
            try reached(part.end)
            points += PlotPoint.extremes(of: part, tag)
        }
        return points
    }

    /// All readings, when they are no more than asked for.
    private func fewReadings(of tag: StoredTag) throws -> [PlotPoint]? {
        var few: [PlotPoint] = []
        do {
            try source.readings(of: tag, from: range.lowerBound, to: range.upperBound, .ascending) { reading in
                if few.count == most { throw Enough() }
                few.append(PlotPoint(time: reading.time, cell: tag.cell(reading), quality: reading.quality.name))
            }
        } catch is Enough {
            return nil
        }
        return few
    }
}

/// A reading that was chosen.
struct PlotPoint: Hashable {
    let time: Int64
    let cell: Cell?
    let quality: String

    /// First, lowest, highest and last of a part, in the order of time, each once.
    static func extremes(of part: Aggregate, _ tag: StoredTag) -> [PlotPoint] {
        let pairs = [
            (part.firstTime, part.first), (part.minTime, part.min), (part.maxTime, part.max),
            (part.lastTime, part.last),
        ]
        var chosen: [(time: Int64, number: Double)] = []
        for case (let time?, let number?) in pairs where !chosen.contains(where: { $0 == (time, number) }) {
            chosen.append((time, number))
        }
        if chosen.isEmpty, let time = part.lastTime, let text = part.lastText {
            return [PlotPoint(time: time, cell: .text(text), quality: "good")]
        }
        // Two values of one millisecond stay in the order in which they were chosen.
        let ordered = chosen.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        return ordered.map { _, point in
            PlotPoint(time: point.time, cell: FigureValue.reading(point.number).cell(of: tag), quality: "good")
        }
    }
}
