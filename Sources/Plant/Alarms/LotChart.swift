/// One value for each lot against its specification or its own history.
///
/// Never on a signal of 1 Hz: its samples depend on each other, and every rule here assumes that they do not.
public struct LotChart: Hashable, Sendable {
    /// The tag that changes with each lot: its number, or a count of assays. A sample becomes a point when it is good
    /// and this tag has another good value than at the last point; a new value under the same lot amends the point.
    public let lot: Tag.ID
    public let scale: Scale
    public let rule: Rule

    /// What is charted. The mean and sigma of a `Centre` are on this scale; limits of a specification are in the
    /// tag's unit on either.
    public enum Scale: String, Hashable, Sendable, CaseIterable {
        case linear
        /// log10 of the value: impurities in ppm are bounded below and skewed. A value of 0 or less is below
        /// detection and cannot be charted. A conformity chart compares the value itself on either scale.
        case log10
    }

    public enum Rule: Hashable, Sendable {
        case conformity(Conformity)
        case runs(RunRules, Centre)
        /// Exponentially weighted moving average (Montgomery 9.2). `lambda` in 0..<=1, 0.2 by custom; the limits are
        /// `width` sigma of the average wide, 2.7 to 3 by custom.
        case ewma(lambda: Double, width: Double, Centre)
        /// Tabular cumulative sums (Montgomery 9.1). Allowance `k` and decision interval `h` in sigma: 0.5 and 5 give
        /// a false alarm in 465 lots and find a shift of one sigma in 10.4. After a signal the sums go on, or begin
        /// again at 0 with `restarts`.
        case cusum(k: Double, h: Double, restarts: Bool, Centre)
        case capability(Capability)
    }

    public init(lot: Tag.ID, scale: Scale = .linear, rule: Rule) {
        (self.lot, self.scale, self.rule) = (lot, scale, rule)
    }
}

/// What the process did when it was known to be in control (phase I). Frozen: the chart never moves it.
///
/// `mean` and `sigma` are on the chart's scale; `sigma` is positive.
public struct Centre: Hashable, Sendable {
    public let mean: Double
    public let sigma: Double
    /// From how many points, when, and by whom; for the record.
    public let points: Int?
    public let date: String?
    public let by: String?

    public init(mean: Double, sigma: Double, points: Int? = nil, date: String? = nil, by: String? = nil) {
        (self.mean, self.sigma, self.points, self.date, self.by) = (mean, sigma, points, date, by)
    }
}

/// A product's specification. Limits are exclusive of failure: a value at the limit conforms.
public struct Conformity: Hashable, Sendable {
    public let lower: Double?
    public let upper: Double?
    /// Expanded uncertainty of the assay, in the tag's unit: a value that conforms by less is indeterminate. 0 for none.
    public let guardBand: Double
    /// Decimals of the limits, 0...9: the value is rounded to them before it is compared, a half to the even digit
    /// (ASTM E29, rounding method); `nil` does not round (ASTM E29, absolute method).
    public let decimals: Int?

    public init(lower: Double?, upper: Double?, guardBand: Double = 0, decimals: Int? = nil) {
        (self.lower, self.upper, self.guardBand, self.decimals) = (lower, upper, guardBand, decimals)
    }
}

/// Nelson's eight rules (Journal of Quality Technology 16, 1984), numbered as he did, with the lengths that are in use.
public struct RunRules: Hashable, Sendable {
    /// 1...8, ascending.
    public let rules: [Int]
    /// Points of the pattern of rule 2, one of `sides`: so many in a row on one side of the centre, or of 11, 14 and
    /// 20 at least 10, 12 and 16 (SAS/QC SHEWHART, TEST2RUN=; Kume 1985).
    public let side: Int
    /// Points of a trend for rule 3, one of `trends`: 6 (Nelson), 7 (Kume), 8 (SAS/QC SHEWHART, TEST3RUN=).
    public let trend: Int

    public static let sides = [7, 8, 9, 11, 14, 20]
    public static let trends = 6...8

    /// 7 and 8 are left out: they hint at wrong limits rather than at the process. 4 is left out as well: lots that
    /// alternate come from two furnaces or two operators on one chart.
    public static let usual = RunRules(rules: [1, 2, 3, 5, 6])
    /// All eight as Nelson gave them.
    public static let nelson = RunRules(rules: Array(1...8))
    /// The four zone rules of the Western Electric handbook (1956): one beyond 3 sigma, two of three beyond 2, four of
    /// five beyond 1, eight on one side.
    public static let westernElectric = RunRules(rules: [1, 2, 5, 6], side: 8)

    public init(rules: [Int], side: Int = 9, trend: Int = 6) {
        (self.rules, self.side, self.trend) = (rules, side, trend)
    }
}

/// In alarm when the lower confidence bound of the capability Cpk is below `least`; unknown below 30 lots.
public struct Capability: Hashable, Sendable {
    public let lower: Double?
    public let upper: Double?
    /// 1.33 by convention.
    public let least: Double
    /// The last so many lots, one of `windows`.
    public let lots: Int

    /// With fewer the estimate is worth nothing, and more are not kept.
    public static let windows = 30...200

    public init(lower: Double?, upper: Double?, least: Double = 1.33, lots: Int = 30) {
        (self.lower, self.upper, self.least, self.lots) = (lower, upper, least, lots)
    }
}
