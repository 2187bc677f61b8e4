/// What SQLite is told that a walk over `reading` costs, for it to choose the order of a join.
///
/// The unit is a row. What counts is that a tag alone costs less than all of them, and a bounded time less than an
/// unbounded one.
struct ReadingEstimate {
    let rows: Double
    let cost: Double

    /// What a tag is thought to have: some weeks of seconds.
    static let readingsOfATag = 2_000_000.0
    /// What is thought to lie behind one bound, or between two that are not known yet.
    static let behindOneBound = 0.25
    static let betweenTwoBounds = 0.01
    /// Tags, however few there are: SQLite takes a table without statistics, as that of the tags is, to have 2^20 rows,
    /// and would go over all readings first if they came from fewer tags than that.
    static let tags = Double(1 << 21)
    /// Of the tags, what a pattern is thought to let through.
    static let behindAPattern = 0.1
    /// To find the first reading of a tag, in rows.
    static let openingATag = 50.0
    /// A second between readings, where the statement itself says how long its range is.
    static let period = 1000.0

    init(
        _ plan: ReadingPlan, _ bounds: (lower: ReadingTable.Bound?, upper: ReadingTable.Bound?),
        _ question: borrowing PlanQuestion
    ) {
        let tags =
            switch plan.tags {
            case .equal: 1.0
            case .list: 8.0
            case .glob, .like: ReadingEstimate.tags * ReadingEstimate.behindAPattern
            case .any: ReadingEstimate.tags
            }
        let share =
            switch (plan.lower, plan.upper) {
            case (.equal, _): 1 / ReadingEstimate.readingsOfATag
            case (nil, nil): 1.0
            case (nil, _), (_, nil): ReadingEstimate.behindOneBound
            default: ReadingEstimate.betweenTwoBounds
            }
        var rowsOfATag = ReadingEstimate.readingsOfATag * share
        if let lower = bounds.lower, let upper = bounds.upper, let from = question.constant(lower.constraint),
            let to = question.constant(upper.constraint)
        {
            var range = TimeRange.everything
            range.restrict(lower.comparison, from.number)
            range.restrict(upper.comparison, to.number)
            let length = range.isEmpty ? 0 : Double(range.to) - Double(range.from)
            rowsOfATag = min(ReadingEstimate.readingsOfATag, max(1, length / ReadingEstimate.period))
        }
        rows = tags * rowsOfATag
        cost = tags * ReadingEstimate.openingATag + rows
    }
}
