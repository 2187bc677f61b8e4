import Plant

/// How well a process keeps its specification (Montgomery 8; names as in ISO 22514-2 and qcc).
public struct CapabilityIndices: Hashable, Sendable {
    /// The distance of the mean to a limit by three sigma; `nil` without that limit.
    public let toLower: Double?
    public let toUpper: Double?
    public let count: Int

    /// Cpk with the scatter within, Ppk with the overall one; `nil` without any limit.
    public var least: Double? { [toLower, toUpper].compactMap(\.self).min() }

    /// - Returns: `nil` without scatter: there is no capability of lots that are all equal.
    public init?(mean: Double, sigma: Double, count: Int, lower: Double?, upper: Double?) {
        guard sigma > 0, sigma.isFinite, mean.isFinite, count > 1 else { return nil }
        toLower = lower.map { (mean - $0) / (3 * sigma) }
        toUpper = upper.map { ($0 - mean) / (3 * sigma) }
        self.count = count
    }

    /// The two-sided 95 % confidence interval of the least index, after Bissell (Applied Statistics 39, 1990),
    /// Montgomery 8.3.4, the formula of qcc:
    /// Cpk (1 +- 1.96 sqrt(1/(9 n Cpk^2) + 1/(2 (n - 1)))), written so that it holds at 0 and below too.
    ///
    /// It counts n - 1 degrees of freedom. A sigma from moving ranges has fewer, so its true interval is wider.
    public var interval: ClosedRange<Double>? {
        guard let least else { return nil }
        let n = Double(count)
        let half = Self.normal975 * (1 / (9 * n) + least * least / (2 * (n - 1))).squareRoot()
        return least - half...least + half
    }

    /// The 97.5 % point of the normal distribution.
    private static let normal975 = 1.959_963_984_540_054
}

extension Capability {
    /// Judges the window that ends at a lot.
    ///
    /// - Parameter numbers: the last lots on the chart's scale.
    func judge(_ numbers: [Double], lot: Double, scale: LotChart.Scale, priority: Priority) -> LotJudgement {
        let moments = Moments(numbers.suffix(lots))
        func indices(_ sigma: Double?) -> CapabilityIndices? {
            CapabilityIndices(
                mean: moments.mean, sigma: sigma ?? 0, count: moments.count, lower: lower.flatMap(scale.number),
                upper: upper.flatMap(scale.number))
        }
        func unknown(_ why: String) -> LotJudgement {
            LotJudgement(lot: lot, Finding(.unknown, limit: least, priority: priority, detail: why))
        }
        guard moments.count >= Self.windows.lowerBound else {
            return unknown("capability needs \(Self.windows.lowerBound) lots, \(moments.count) so far")
        }
        guard let within = indices(moments.within), let cpk = within.least, let bound = within.interval?.lowerBound,
            let ppk = indices(moments.overall)?.least
        else { return unknown("capability needs scatter and a limit") }
        let isIn = bound < least
        let detail = """
            Cpk \(plain(cpk, decimals: 2)), at least \(plain(bound, decimals: 2)) with 95 % confidence, \
            Ppk \(plain(ppk, decimals: 2)), \(moments.count) lots to \(lotName(lot))
            """
        let finding = Finding(
            isIn ? .alarm(.fault) : .out, figure: bound, limit: least, priority: priority, detail: detail)
        return LotJudgement(lot: lot, finding, signals: isIn ? ["Cpk"] : [])
    }
}
