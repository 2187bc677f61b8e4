/// How new readings of one tag become spans at once, without waiting for company.
struct ImportCuts {
    /// Neighbours that belong together.
    struct Part {
        let range: Range<Int>
        /// Enough for a span of its own.
        let isSpan: Bool
    }

    /// Fewer readings wait: a span costs some hundred bytes besides them, and neighbours may come with another file.
    static let fewest = 300

    private(set) var parts: [Part] = []
    /// From here on the readings are left for the next piece, which brings more of their kind.
    private(set) var end = 0

    /// - Parameters:
    ///   - times: of the readings, ascending, UTC milliseconds.
    ///   - layouts: what their numbers mean.
    ///   - isComplete: no more of this tag come.
    init(times: [Int64], layouts: [Int64], period: Int64, isComplete: Bool) {
        var start = 0
        for index in times.indices {
            let next = index + 1
            let isLast = next == times.count
            guard
                isLast || layouts[next] != layouts[index]
                    || SpanRule.breaks(times[index], times[next], period: period)
            else { continue }
            if isLast, !isComplete { addFull(start..<next) } else { addEqual(start..<next) }
            start = next
        }
    }

    /// Of a run that the next piece goes on with: only spans that are full.
    private mutating func addFull(_ run: Range<Int>) {
        for part in 0..<run.count / ImportSealer.scans {
            let start = run.lowerBound + part * ImportSealer.scans
            parts.append(Part(range: start..<start + ImportSealer.scans, isSpan: true))
            end = start + ImportSealer.scans
        }
    }

    private mutating func addEqual(_ run: Range<Int>) {
        let count = run.count < ImportCuts.fewest ? 1 : (run.count + ImportSealer.scans - 1) / ImportSealer.scans
        for part in 0..<count {
            let start = run.lowerBound + run.count * part / count
            let end = run.lowerBound + run.count * (part + 1) / count
            parts.append(Part(range: start..<end, isSpan: run.count >= ImportCuts.fewest))
        }
        end = run.upperBound
    }
}
