/// Which bucket an instant of a query lies in.
struct BucketCutter {
    private let range: Range<Int64>
    private let buckets: Buckets

    /// - Parameter range: the whole query, UTC milliseconds; not empty.
    init(_ range: Range<Int64>, _ buckets: Buckets) {
        (self.range, self.buckets) = (range, buckets)
    }

    /// Parts that a range can be cut into: more than a screen, and few enough to count without overflow.
    static let partsMax: Int64 = 1 << 20

    /// No bucket is longer, but where a clock is set back: milliseconds.
    var longest: Int64 {
        switch buckets {
        case .grid(let grid): grid.interval
        case .whole: range.upperBound - range.lowerBound
        case .equal(let parts):
            (range.upperBound - range.lowerBound) / min(max(1, Int64(clamping: parts)), BucketCutter.partsMax) + 1
        }
    }

    /// - Parameter time: within the range.
    func bucket(containing time: Int64) -> Range<Int64> {
        switch buckets {
        case .grid(let grid): return grid.bucket(containing: time)
        case .whole: return range
        case .equal(let parts):
            let parts = min(max(1, Int64(clamping: parts)), BucketCutter.partsMax)
            let length = range.upperBound - range.lowerBound
            func border(_ index: Int64) -> Int64 { range.lowerBound + length * index / parts }
            var index = (time - range.lowerBound) * parts / length
            // Borders are rounded down, so the guess may be one too low; of more parts than milliseconds, some are
            // empty.
            while index + 1 < parts, border(index + 1) <= time { index += 1 }
            return border(index)..<border(index + 1)
        }
    }
}
