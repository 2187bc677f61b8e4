import Glibc
public import Plant

extension Centre {
    /// Centre and sigma of individual lots, for an engineer who freezes the limits of a chart (phase I).
    ///
    /// Sigma is the mean moving range of two by d2 = 2/sqrt(pi), in full precision; textbooks and qcc round it to
    /// 1.128. The moving range sees the scatter between neighbours only, so a slow drift does not widen the limits. Leave
    /// out lots with a known cause beforehand; then the lots around them count as neighbours (as in qcc).
    ///
    /// - Parameters:
    ///   - points: in the tag's unit, in the order of the lots; 20 to 25 are the usual least.
    ///   - scale: of the chart. Values that cannot be charted on it are left out.
    /// - Returns: `nil` for fewer than two points and when all are equal, which leaves no sigma.
    public static func estimate(
        points: some Sequence<Double>, scale: LotChart.Scale = .linear, date: String? = nil, by: String? = nil
    ) -> Centre? {
        let moments = Moments(points.compactMap(scale.number))
        guard let sigma = moments.within, sigma > 0, sigma.isFinite else { return nil }
        return Centre(mean: moments.mean, sigma: sigma, points: moments.count, date: date, by: by)
    }

    /// How many sigma a number on the chart's scale is above the centre.
    ///
    /// A number nearer to a whole sigma than the numbers themselves can tell is on it: 100.2 is exactly 3 sigma of 0.1
    /// above 99.9, but (100.2 - 99.9) / 0.1 is not 3. Cut off at a thousand million, lest a slip of the pen overflow
    /// the sums.
    public func z(_ number: Double) -> Double {
        let z = min(max((number - mean) / sigma, -1e9), 1e9)
        let whole = z.rounded()
        let resolution = 2 * max(number.magnitude, mean.magnitude).ulp
        return (number - (mean + whole * sigma)).magnitude <= resolution ? whole : z
    }
}

extension LotChart.Scale {
    /// The value on this scale; `nil` when it cannot be charted.
    func number(_ value: Double) -> Double? {
        switch self {
        case .linear: value.isFinite ? value : nil
        case .log10: value > 0 && value.isFinite ? Glibc.log10(value) : nil
        }
    }
}
