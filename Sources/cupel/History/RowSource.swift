/// Rows that a query gives, one after another.
protocol RowSource {
    var columns: [Column] { get }
    /// About how many rows it gives; counting ends at `atMost`.
    func estimate(atMost: Int) throws -> Int
    /// Hands each row over. Ends early when the sink throws.
    func rows(_ sink: RowSink) throws
}

/// Where rows go.
struct RowSink {
    /// One cell for each column.
    let row: ([Cell?]) throws -> Void
    /// How much of the work is done, 0...1; also when there is no row to show for it.
    var reached: (Double) throws -> Void = { _ in }

    /// Of work that is done tag by tag.
    func reached(_ time: Int64, of range: Range<Int64>, tag: Int, of tags: Int) throws {
        let part = Double(time - range.lowerBound) / Double(max(1, range.upperBound - range.lowerBound))
        try reached((Double(tag) + min(max(part, 0), 1)) / Double(max(1, tags)))
    }
}
