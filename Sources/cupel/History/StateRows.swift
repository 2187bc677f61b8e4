import Archive

/// How long each state of discrete tags stood: `time,tag,value,state,seconds`, a row for each interval and state; or
/// wide, a column for each tag and state.
struct StateRows<Source: QuerySource>: RowSource {
    let source: Source
    let question: FigureQuestion
    var isWide = false

    var columns: [Column] {
        guard isWide else { return [.time, .tag, .number("value"), Column(name: "state"), .number("seconds")] }
        return [.time] + question.tags.flatMap { tag in tag.stateColumns.map { .values("\(tag.name):\($0)") } }
    }

    func estimate(atMost: Int) throws -> Int {
        try source.estimate(question.intervals, of: question.tags, in: question.range, atMost: atMost)
    }

    func rows(_ sink: RowSink) throws { isWide ? try wideRows(sink) : try longRows(sink) }

    private var options: AggregateOptions {
        var options = question.options
        options.withStates = true
        return options
    }

    private func longRows(_ sink: RowSink) throws {
        let range = question.range
        for (number, tag) in question.tags.enumerated() {
            func reached(_ time: Int64) throws {
                try sink.reached(time, of: range, tag: number, of: question.tags.count)
            }
            try question.aggregates(of: tag, options, in: source, reached: reached) { aggregate in
                for (raw, milliseconds) in aggregate.states.sorted(by: { $0.key < $1.key }) where milliseconds > 0 {
                    try sink.row([
                        .time(aggregate.start), .text(tag.name), .integer(raw), .text(tag.state(raw)),
                        .seconds(milliseconds),
                    ])
                }
            }
        }
    }

    private func wideRows(_ sink: RowSink) throws {
        let width = columns.count - 1
        for page in try question.pages(of: source) {
            var rows: [Int64: [Cell?]] = [:]
            var place = 0
            for tag in question.tags {
                let names = tag.stateColumns
                try sink.reached(page.lowerBound, of: question.range, tag: 0, of: 1)
                try source.aggregates(
                    of: tag, from: page.lowerBound, to: page.upperBound, question.intervals.buckets, options
                ) { aggregate in
                    guard aggregate.goodMilliseconds > 0 else { return }
                    var sums = Array(repeating: Int64(0), count: names.count)
                    for (raw, milliseconds) in aggregate.states {
                        let column = names.dropLast().firstIndex(of: tag.state(raw)) ?? names.count - 1
                        sums[column] += milliseconds
                    }
                    let start = aggregate.start
                    var cells = rows[start] ?? Array(repeating: nil, count: width)
                    for (column, sum) in sums.enumerated() { cells[place + column] = .seconds(sum) }
                    rows[start] = cells
                }
                place += names.count
            }
            for (start, cells) in rows.sorted(by: { $0.key < $1.key }) { try sink.row([.time(start)] + cells) }
        }
    }
}

extension Cell {
    /// Milliseconds as seconds, exact.
    static func seconds(_ milliseconds: Int64) -> Cell {
        let (whole, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
        let sign = milliseconds < 0 ? "-" : ""
        guard rest > 0 else { return .number("\(sign)\(whole)") }
        var digits = String(rest + 1000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return .number("\(sign)\(whole).\(digits)")
    }
}

extension StoredTag {
    /// The names of its states in the order of their values, and `other` for values without a name.
    fileprivate var stateColumns: [String] {
        let named = states.keys.compactMap { Int64($0) }.sorted()
        let values = kind == "bool" ? Array(Set(named + [0, 1])).sorted() : named
        var names: [String] = []
        for name in values.map(state) where !names.contains(name) { names.append(name) }
        return names + ["other"]
    }
}
