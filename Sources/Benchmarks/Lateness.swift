import Acquisition

/// What many scan groups say about their punctuality.
struct Lateness {
    let scans: Int
    /// Scans that began more than a tenth of their period late, and those left out.
    let late: Int
    let skipped: Int
    /// Milliseconds behind the grid: the mean and the p99 of a group, each the median over all groups, and the worst
    /// scan of all.
    let mean: Double
    let p99: Double
    let max: Double

    /// - Precondition: at least one group.
    init(_ groups: [GroupStatus]) {
        scans = groups.map(\.scans).reduce(0, +)
        late = groups.map(\.late).reduce(0, +)
        skipped = groups.map(\.skipped).reduce(0, +)
        mean = Sample(groups.map { $0.lateness_mean_ms ?? 0 }).median
        p99 = Sample(groups.map { $0.lateness_p99_ms ?? 0 }).median
        max = Sample(groups.map { $0.lateness_max_ms ?? 0 }).most
    }
}
