/// Where runs come from, one page after another.
protocol RunSource: AnyObject {
    /// No run that is still to come has a reading before this time, or behind it when time goes down; `nil` when there
    /// is none to come.
    var bound: Int64? { get }
    /// Fetches more.
    func open(_ archive: Archive) throws(ArchiveError) -> [Run]
}

/// What a query looks for.
struct Search {
    let selection: Selection
    /// UTC milliseconds.
    let range: Range<Int64>
    let order: ReadingOrder

    /// Whether a time comes before another one in this order.
    @inline(__always)
    func isBefore(_ a: Int64, _ b: Int64) -> Bool { order == .ascending ? a < b : a > b }

    /// Where it begins.
    var start: Int64 { order == .ascending ? range.lowerBound : range.upperBound - 1 }
}
