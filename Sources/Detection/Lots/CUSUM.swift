import Plant

/// The two cumulative sums of a chart (Montgomery 9.1, tabular form), in sigma.
public struct CUSUM: Codable, Hashable, Sendable {
    /// C+ and C-; both are 0 or more.
    public private(set) var upper = Side()
    public private(set) var lower = Side()

    public struct Side: Codable, Hashable, Sendable {
        public internal(set) var sum = 0.0
        /// N: for how many lots the sum has been above 0.
        public internal(set) var count = 0
        /// The first of them: where the shift began, as far as the chart can tell.
        public internal(set) var start: Double?

        mutating func take(_ excess: Double, lot: Double) {
            sum += excess
            guard sum > 0 else { return self = Side() }
            if count == 0 { start = lot }
            count += 1
        }

        /// How far the mean has moved, in sigma: k + C/N.
        public func shift(k: Double) -> Double { count > 0 ? k + sum / Double(count) : 0 }
    }

    public init() {}

    public mutating func take(_ z: Double, lot: Double, k: Double) {
        upper.take(z - k, lot: lot)
        lower.take(-z - k, lot: lot)
    }

    mutating func judge(
        _ number: Double, lot: Double, k: Double, h: Double, restarts: Bool, _ centre: Centre, _ priority: Priority
    ) -> LotJudgement {
        take(centre.z(number), lot: lot, k: k)
        let sides = [("C+", upper, 1.0), ("C-", lower, -1.0)]
        let fired = sides.filter { $0.1.sum > h }
        let figure = max(upper.sum, lower.sum)
        guard !fired.isEmpty else {
            return LotJudgement(lot: lot, Finding(.out, figure: figure, limit: h, priority: priority))
        }
        let details = fired.map { name, side, sign in
            let mean = centre.mean + sign * centre.sigma * side.shift(k: k)
            return """
                \(name) \(plain(side.sum, decimals: 2)) above \(plain(h)) at lot \(lotName(lot)), \
                shift since lot \(lotName(side.start ?? lot)) (N \(side.count)), new mean \(plain(mean, decimals: 4))
                """
        }
        if restarts { self = CUSUM() }
        let detail = details.joined(separator: "; ")
        let finding = Finding(.alarm(.fault), figure: figure, limit: h, priority: priority, detail: detail)
        return LotJudgement(lot: lot, finding, signals: fired.map(\.0))
    }
}
