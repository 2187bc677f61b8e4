import Plant

/// When the newest transactions were durable, for who tells of their events much later.
struct CommitTimes {
    /// Half an hour of the 35 transactions a second that 100 alarms a second were measured to make; 1.5 MB.
    static let limit = 1 << 16

    private var commits: [(first: Int64, last: Int64, time: Moment)] = []

    /// Notes a transaction with the events `first` to `last`, which are later than those before.
    mutating func note(_ first: Int64, _ last: Int64, at time: Moment) {
        if commits.count == CommitTimes.limit { commits.removeFirst(CommitTimes.limit / 2) }
        commits.append((first, last, time))
    }

    func time(of sequence: Int64) -> Moment? {
        var range = commits.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if commits[middle].last < sequence {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        guard range.lowerBound < commits.count, commits[range.lowerBound].first <= sequence else { return nil }
        return commits[range.lowerBound].time
    }
}
