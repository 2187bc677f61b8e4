import Plant

@testable import Detection

/// A chart under test, with the samples it was shown.
struct Chart {
    var chart: LotChart
    var memory = LotMemory()
    private(set) var time: Int64 = 0

    init(_ rule: LotChart.Rule, scale: LotChart.Scale = .linear) {
        chart = LotChart(lot: 1, scale: scale, rule: rule)
    }

    @discardableResult
    mutating func take(_ lot: Double, _ value: Double) -> LotVerdict? {
        time += 1000
        return memory.take(chart, priority: .high, value: value, lot: lot, at: time)
    }

    /// Takes one lot after another, numbered from 1 or another first number.
    @discardableResult
    mutating func take(_ values: [Double], from first: Int = 1) -> [LotVerdict?] {
        values.enumerated().map { take(Double(first + $0.offset), $0.element) }
    }
}

extension LotVerdict? {
    var isIn: Bool { self?.finding.verdict.level != nil }
    var detail: String { self?.finding.detail ?? "" }
}

extension Centre {
    static let standard = Centre(mean: 0, sigma: 1)
}

/// Published series.
enum Published {
    /// Montgomery, Introduction to Statistical Quality Control, Table 9.1: mean 10, sigma 1.
    static let montgomery = [
        9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.2, 10.34, 9.03, 11.47, 10.51, 9.4, 10.08, 9.37, 10.62,
        10.31, 8.52, 10.84, 10.9, 9.33, 12.29, 11.5, 10.6, 11.08, 10.38, 11.62, 11.31, 10.52,
    ]

    /// The column C+ of the same table, lots 1...29; 30 from the text of Example 9.1.
    static let montgomeryUpper = [
        0, 0, 0, 1.16, 2.82, 2.5, 0.04, 1, 0, 0, 0, 0.97, 0.98, 0, 0, 0, 0.12, 0, 0, 0.34, 0.74, 0, 1.79, 2.79, 2.89,
        3.47, 3.35, 4.47, 5.28, 5.3,
    ]

    /// Viscosity of 35 batches, Montgomery, as in luca-scr/qcc; phase I is the first 20. At batch 4 the temperature
    /// controller of the process had failed.
    static let viscosity = [
        34.05, 34.40, 33.59, 35.96, 34.70, 33.51, 33.79, 34.04, 34.52, 33.75, 33.27, 33.71, 34.03, 34.58, 34.02, 33.97,
        34.05, 34.04, 33.73, 34.05, 34.39, 33.75, 33.40, 33.27, 34.65, 34.80, 34.55, 35.40, 34.75, 34.50, 34.70, 34.29,
        34.61, 34.49, 35.03,
    ]
}
