import Archive
import ArgumentParser

struct Plot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draws history in the terminal: each column shows the lowest to the highest value, gaps stay gaps.")

    @OptionGroup var history: HistoryOptions
    @OptionGroup var range: RangeOptions
    @Option(help: "Columns; the terminal's otherwise.") var width: Int?
    @Option(help: "Rows of each chart.") var height = 12
    @Argument(help: "Tags, patterns or /expressions/.") var tags: [String]

    func validate() throws {
        if let width, !Chart.widths.contains(width) {
            throw ValidationError(
                "--width: found \(width), expected \(Chart.widths.lowerBound) to \(Chart.widths.upperBound)")
        }
        if !Chart.heights.contains(height) {
            throw ValidationError(
                "--height: found \(height), expected \(Chart.heights.lowerBound) to \(Chart.heights.upperBound)")
        }
    }

    func run() throws {
        var isEmpty = true
        let opened = try history.look()
        let reader = opened.reader
        let clock = range.clocks.clock(opened)
        let span = try range.range(on: clock)
        for tag in try history.tags(tags, in: reader) {
            var chart = Chart(
                from: span.lowerBound, to: span.upperBound, width: width ?? Output.size.columns, height: height)
            try history.explaining { try chart.draw(tag, of: reader) }
            isEmpty = isEmpty && chart.isEmpty
            Output.line("\(tag.name)\(tag.unit.map { " [\($0)]" } ?? "")")
            Output.write(
                chart.isEmpty
                    ? "no readings between \(range.from) and \(range.to)\n" : chart.text(range.clocks.times(clock)))
        }
        if isEmpty { throw ExitCode(1) }
    }
}

extension Chart {
    /// Adds the lowest and the highest value of each of its columns.
    mutating func draw(_ tag: StoredTag, of source: some QuerySource) throws {
        try source.aggregates(of: tag, from: from, to: to, .equal(columns.count), AggregateOptions()) { part in
            // Borders of parts and of columns are rounded apart by a millisecond; their middles never are.
            let middle = part.start + (part.end - part.start) / 2
            if let low = part.min { add(time: middle, value: low) }
            if let high = part.max { add(time: middle, value: high) }
        }
    }
}
