/// Where a span ends.
enum SpanRule {
    /// Scans that make a span of a live group: 600 to 900. Fewer cost bytes for the beginnings of chunks, more keep
    /// rows in `hot` for longer and make a query decode more (measured: 512 scans 0.365 bytes a reading, 900 0.362,
    /// 3 600 0.358). The targets differ from group to group, so that groups which began together drift apart and do
    /// not seal in the same second.
    static func target(of group: Int64) -> Int { 600 + Int((group % 301 &* 131) % 301) }

    /// Scans of the longest span of a live group.
    static let longest = 900

    /// Readings in a span: with more slots than 291, a span has fewer scans. It bounds what one transaction writes and
    /// how long it takes: about a quarter of a megabyte and 50 ms.
    static let readings = 1 << 18

    /// The target for rows of so many slots.
    static func target(of group: Int64, width: Int) -> Int { min(target(of: group), max(1, readings / max(1, width))) }

    /// A gap that ends a span, in milliseconds: whoever looks for the spans that overlap a range must look back by the
    /// longest span of the group. A group read more seldom than that may take a few periods.
    static let gap: Int64 = 3_600_000
    static let gapPeriods: Int64 = 4

    /// Two scans, one after the other, that cannot share a span: what their numbers mean changed, or the time fell, or
    /// nothing was read for long.
    static func breaks(_ earlier: Ledger.Entry, _ later: Ledger.Entry, period: Int64) -> Bool {
        earlier.layout != later.layout || breaks(earlier.time, later.time, period: period)
    }

    static func breaks(_ earlier: Int64, _ later: Int64, period: Int64) -> Bool {
        later < earlier || later - earlier > max(gap, period.multipliedReportingOverflow(by: gapPeriods).partialValue)
    }
}
