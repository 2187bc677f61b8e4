import Archive
import ArgumentParser

/// What stands in an interval without a value.
enum FillChoice: String, ExpressibleByArgument, CaseIterable {
    /// Nothing: a gap stays a gap.
    case none
    /// The values of the interval before.
    case previous
    /// Values on the straight line between the intervals around it; `previous` for tags that are stepped.
    case linear
}

/// Puts rows where intervals have none. Rows come in the order of time; between two of them any number of intervals may
/// be missing, and memory stays that of one row.
struct Filler {
    let figures: [Figure]
    let choice: FillChoice
    let grid: BucketGrid
    /// The last row that had values of its own.
    private var last: FigureRow?
    /// Where the first interval begins that no row was given for.
    private var next: Int64?

    /// - Parameter isStepped: no value of the tag lies between two others.
    init(_ figures: [Figure], _ choice: FillChoice, _ grid: BucketGrid, isStepped: Bool) {
        self.figures = figures
        self.choice = choice == .linear && isStepped ? .previous : choice
        self.grid = grid
    }

    /// Goes on from what stood before the first interval.
    ///
    /// - Parameters:
    ///   - standing: the last good reading before the range.
    ///   - start: of the range.
    mutating func begin(_ standing: StoredReading, at start: Int64) {
        guard choice == .previous else { return }
        let value = standing.number.map(FigureValue.reading) ?? standing.text.map(FigureValue.text)
        let first = grid.bucket(containing: start).lowerBound
        last = FigureRow(start: first, values: figures.map { $0.isValue ? value : nil })
        next = first
    }

    /// Takes the next row, after those that are missing before it.
    mutating func take(_ row: FigureRow, _ emit: (FigureRow) throws -> Void) rethrows {
        guard choice != .none else {
            if row.values.contains(where: { $0 != nil }) { try emit(row) }
            return
        }
        guard !isHollow(row) else { return }
        try fill(until: row.start, towards: row, emit)
        try emit(row)
        last = row
        next = grid.bucket(containing: row.start).upperBound
    }

    /// Gives the missing rows that begin before an instant.
    ///
    /// - Parameter towards: the next row that has values; `nil` when there is none, or none is known.
    mutating func fill(until end: Int64, towards: FigureRow?, _ emit: (FigureRow) throws -> Void) rethrows {
        guard choice != .none, let last, choice == .previous || towards != nil else { return }
        while let start = next, start < end {
            try emit(FigureRow(start: start, values: values(at: start, last, towards)))
            next = grid.bucket(containing: start).upperBound
        }
    }

    /// Whether a row has no value that could be filled in.
    func isHollow(_ row: FigureRow) -> Bool {
        !zip(figures, row.values).contains { figure, value in value != nil && (figure.isValue || !hasValues) }
    }

    private var hasValues: Bool { figures.contains(where: \.isValue) }

    private func values(at start: Int64, _ before: FigureRow, _ after: FigureRow?) -> [FigureValue?] {
        figures.indices.map { index in
            switch figures[index] {
            case .count, .percentGood: return .number(0)
            case let figure where !figure.isValue: return nil
            default: break
            }
            guard choice == .linear, let after else { return before.values[index] }
            guard let low = before.values[index]?.number, let high = after.values[index]?.number else { return nil }
            let part = Double(start - before.start) / Double(after.start - before.start)
            return .number(low + (high - low) * part)
        }
    }
}
