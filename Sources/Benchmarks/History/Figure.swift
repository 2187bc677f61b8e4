/// One line of what was measured: the historian's figure beside that of plain rows.
struct Figure {
    enum Better { case less, more }

    let name: String
    let unit: String
    let ours: Sample
    /// Absent where plain rows would take too long.
    let rows: Sample?
    let better: Better
    /// What the product promises.
    let target: Double?
    var decimals = 2

    init(
        _ name: String, unit: String, _ ours: [Double], rows: [Double]? = nil, better: Better = .less,
        target: Double? = nil, decimals: Int = 2
    ) {
        (self.name, self.unit, self.better, self.target, self.decimals) = (name, unit, better, target, decimals)
        self.ours = Sample(ours)
        self.rows = rows.map { Sample($0) }
    }

    /// How many times better ours is than rows, by the medians.
    private var ratio: Double? {
        guard let rows, ours.median > 0, rows.median > 0 else { return nil }
        return better == .less ? rows.median / ours.median : ours.median / rows.median
    }

    private var isMet: Bool? {
        target.map { better == .less ? ours.median <= $0 : ours.median >= $0 }
    }

    static let heading = cupel_bench.heading(
        "figure", "unit", "cupel: median", "least", "most", "plain rows", "times better", "target", "")

    var line: String {
        row(
            name, unit, ours.median.text(decimals), ours.least.text(decimals), ours.most.text(decimals),
            rows?.median.text(decimals) ?? "-", ratio?.text(1) ?? "-",
            target.map { (better == .less ? "≤ " : "≥ ") + $0.text(decimals) } ?? "-",
            isMet.map { $0 ? "met" : "MISSED" } ?? "")
    }
}
