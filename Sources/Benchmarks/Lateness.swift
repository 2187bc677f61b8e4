import Acquisition

/// What many scan groups say about their punctuality.
struct Lateness {
    let scans: Int
    let failed: Int
    /// Scans that began more than a tenth of their period late, and those left out.
    let late: Int
    let skipped: Int
    /// Milliseconds behind the grid: of all scans, of the worst hundredth of a group in the middle, of the worst scan.
    let mean: Double
    let p99: Double
    let max: Double

    /// - Precondition: at least one group.
    init(_ groups: [GroupStatus]) {
        scans = groups.map(\.scans).reduce(0, +)
        failed = groups.map(\.failed).reduce(0, +)
        late = groups.map(\.late).reduce(0, +)
        skipped = groups.map(\.skipped).reduce(0, +)
        mean = groups.map { $0.lateness_mean_ms ?? 0 }.reduce(0, +) / Double(groups.count)
        p99 = Sample(groups.map { $0.lateness_p99_ms ?? 0 }).median
        max = Sample(groups.map { $0.lateness_max_ms ?? 0 }).most
    }
}
