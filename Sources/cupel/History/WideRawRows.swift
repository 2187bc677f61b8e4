import Archive

/// Readings as they were taken, a column a tag: a row for each time at which any of the tags was read.
struct WideRawRows<Source: QuerySource>: RowSource {
    let source: Source
    let tags: [StoredTag]
    /// UTC milliseconds.
    let range: Range<Int64>
    /// A tag without a reading at a time shows the one before, until a bad one.
    var carries = false

    var columns: [Column] { [.time] + tags.map { .values($0.name) } }

    /// As many as the busiest tag has readings: those of one controller share their times.
    func estimate(atMost: Int) throws -> Int {
        try tags.map {
            try source.count(of: [$0], from: range.lowerBound, to: range.upperBound, atMost: atMost)
        }.max() ?? 0
    }

    func rows(_ sink: RowSink) throws {
        let places = Dictionary(
            tags.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        var row = AlignedRow(width: tags.count, carries: carries)
        if carries, range.lowerBound > .min {
            for standing in try source.standing(at: range.lowerBound - 1, tags) {
                guard let place = places[standing.tag.id] else { continue }
                row.carry(standing.tag.cell(standing.reading), at: place)
            }
        }
        try source.slice(of: tags, from: range.lowerBound, to: range.upperBound) { tag, reading in
            guard let place = places[tag.id] else { return }
            if let done = row.take(tag.cell(reading), at: place, reading.time) {
                try sink.reached(reading.time, of: range, tag: 0, of: 1)
                try sink.row(done)
            }
        }
        if let done = row.finish() { try sink.row(done) }
    }
}

/// Gathers the cells of one time. A tag that was read twice in a millisecond, as when the clock was set back, begins
/// another row of the same time.
struct AlignedRow {
    private let carries: Bool
    private var time: Int64?
    private var cells: [Cell?]
    private var isTaken: [Bool]

    init(width: Int, carries: Bool) {
        self.carries = carries
        cells = Array(repeating: nil, count: width)
        isTaken = Array(repeating: false, count: width)
    }

    /// What stands before the first row.
    mutating func carry(_ cell: Cell?, at place: Int) { cells[place] = cell }

    /// Takes the next cell in the order of time, and gives the row before when that is complete.
    mutating func take(_ cell: Cell?, at place: Int, _ time: Int64) -> [Cell?]? {
        let done = time != self.time || isTaken[place] ? finish() : nil
        self.time = time
        cells[place] = cell
        isTaken[place] = true
        return done
    }

    /// The last row; `nil` when nothing was taken.
    mutating func finish() -> [Cell?]? {
        guard let time else { return nil }
        let row = [Cell.time(time)] + cells
        self.time = nil
        isTaken = Array(repeating: false, count: cells.count)
        if !carries { cells = Array(repeating: nil, count: cells.count) }
        return row
    }
}
