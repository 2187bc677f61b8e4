/// The range of times that constraints leave, in UTC milliseconds and half-open.
///
/// The constraints may compare a time with any value of SQL. What is left is exactly what the comparison of an integer
/// column with that value leaves, so that SQLite need not check the rows again.
struct TimeRange: Hashable {
    private(set) var from: Int64
    private(set) var to: Int64

    /// All times. No reading has the last one.
    static let everything = TimeRange(from: .min, to: .max)

    var isEmpty: Bool { from >= to }

    /// How a time is compared with a value.
    enum Comparison: Int32 {
        case above = 1
        case atLeast, below, atMost, equal
    }

    mutating func restrict(_ comparison: Comparison, _ value: SQLValue.Number) {
        switch comparison {
        case .above: from = max(from, TimeRange.first(above: value) ?? .max)
        case .atLeast: from = max(from, TimeRange.first(notBelow: value) ?? .max)
        case .below:
            guard !value.isNull else { return clear() }
            to = min(to, TimeRange.first(notBelow: value) ?? .max)
        case .atMost:
            guard !value.isNull else { return clear() }
            to = min(to, TimeRange.first(above: value) ?? .max)
        case .equal:
            restrict(.atLeast, value)
            restrict(.atMost, value)
        }
    }

    private mutating func clear() { (from, to) = (.max, .max) }

    /// The first time above a value; `nil` when there is none, as above NULL.
    private static func first(above value: SQLValue.Number) -> Int64? {
        switch value {
        case .integer(let time): time == .max ? nil : time + 1
        case .real(let time):
            if let whole = whole(time.rounded(.down)) { whole == .max ? nil : whole + 1 } else { time < 0 ? .min : nil }
        case .null, .beyond: nil
        }
    }

    private static func first(notBelow value: SQLValue.Number) -> Int64? {
        switch value {
        case .integer(let time): time
        case .real(let time): whole(time.rounded(.up)) ?? (time < 0 ? .min : nil)
        case .null, .beyond: nil
        }
    }

    /// A double without a fraction as an integer; `nil` where it is larger or smaller than any.
    private static func whole(_ value: Double) -> Int64? { Int64(exactly: value) }
}

extension SQLValue.Number {
    var isNull: Bool { if case .null = self { true } else { false } }
}
