/// How often readings of a tag come, measured.
struct Spacing {
    /// A median needs no more.
    static let samples = 1001

    private var last: Int64?
    private var gaps: [Int64] = []

    mutating func note(_ time: Int64) {
        defer { last = time }
        guard let last, time != last, gaps.count < Spacing.samples else { return }
        gaps.append(abs(time - last))
    }

    /// The median in milliseconds; of two digits when nine in ten are not exactly that, for then it is a measurement.
    /// `nil` for a single reading.
    var period: Int64? {
        guard !gaps.isEmpty else { return nil }
        let median = gaps.sorted()[gaps.count / 2]
        if gaps.count(where: { $0 == median }) * 10 >= gaps.count * 9 { return median }
        var unit: Int64 = 1
        while median / unit >= 100 { unit *= 10 }
        return (median + unit / 2) / unit * unit
    }
}
