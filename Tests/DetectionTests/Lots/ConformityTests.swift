import Plant
import Testing

@testable import Detection

@Suite struct ConformityTests {
    struct Assay: Sendable, CustomTestStringConvertible {
        let value: Double
        let level: AlarmLevel?
        var lower: Double? = 99.9
        var upper: Double?
        var guardBand = 0.0
        var decimals: Int?
        var figure: Double?
        var testDescription: String { "\(value) against \(lower ?? upper ?? .nan)" }
    }

    static let assays: [Assay] = [
        // At the limit conforms: 99.900 meets "min 99.9".
        Assay(value: 99.900, level: nil, decimals: 1),
        Assay(value: 99.9, level: nil),
        Assay(value: 99.899, level: .lowLow),
        Assay(value: 99.899, level: nil, decimals: 1, figure: 99.9),
        // A half goes to the even digit (ASTM E29, rounding method).
        Assay(value: 99.85, level: .lowLow, decimals: 1, figure: 99.8),
        Assay(value: 99.851, level: nil, decimals: 1, figure: 99.9),
        Assay(value: 99.95, level: .highHigh, lower: nil, upper: 99.9, decimals: 1, figure: 100),
        Assay(value: 0.0025, level: nil, lower: nil, upper: 0.002, decimals: 3, figure: 0.002),
        Assay(value: 0.0035, level: .highHigh, lower: nil, upper: 0.003, decimals: 3, figure: 0.004),
        Assay(value: -0.5, level: nil, lower: 0, decimals: 0, figure: 0),
        Assay(value: -1.5, level: .lowLow, lower: -1, decimals: 0, figure: -2),
        // What a register of 32 bits and a scale factor make of them.
        Assay(value: Double(Float(99.9)), level: nil, decimals: 1),
        Assay(value: Double(Float(99.95)), level: nil, lower: 99.95),
        Assay(value: Double(Float(99.85)), level: .lowLow, decimals: 1, figure: 99.8),
        Assay(value: Double(Float(99.75)), level: nil, lower: 99.8, decimals: 1, figure: 99.8),
        Assay(value: 0.1 + 0.2, level: nil, lower: nil, upper: 0.3),
        Assay(value: 1005 * 0.001 * 1.1, level: nil, lower: nil, upper: 1.1055),
        // A whole number may have more digits than such a register.
        Assay(value: 1_099_511_627_776, level: .highHigh, lower: nil, upper: 1_099_511_620_000),
        // Within the expanded uncertainty of the limit nobody knows.
        Assay(value: 99.92, level: .low, guardBand: 0.03),
        Assay(value: 99.9, level: .low, guardBand: 0.03),
        Assay(value: 99.89, level: .lowLow, guardBand: 0.03),
        Assay(value: 0.3, level: nil, lower: 0.1, guardBand: 0.2),
        Assay(value: 0.1, level: nil, lower: nil, upper: 0.3, guardBand: 0.2),
        Assay(value: 480, level: .high, lower: nil, upper: 500, guardBand: 25),
        Assay(value: 475, level: nil, lower: nil, upper: 500, guardBand: 25),
        Assay(value: 500.1, level: .highHigh, lower: nil, upper: 500, guardBand: 25),
        Assay(value: 1e-7, level: nil, lower: nil, upper: 0.002, decimals: 3, figure: 0),
        Assay(value: 1e300, level: .highHigh, lower: nil, upper: 500, guardBand: 25, decimals: 1),
        Assay(value: .leastNonzeroMagnitude, level: nil, lower: nil, upper: 500, guardBand: 25, decimals: 1, figure: 0),
    ]

    @Test(arguments: assays)
    func `an assay is judged as it was written`(assay: Assay) {
        let rule = Conformity(
            lower: assay.lower, upper: assay.upper, guardBand: assay.guardBand, decimals: assay.decimals)
        var chart = Chart(.conformity(rule))
        let verdict = chart.take(7, assay.value)
        #expect(verdict?.finding.verdict == (assay.level.map { .alarm($0) } ?? .out))
        if let figure = assay.figure { #expect(verdict?.finding.figure == figure) }
    }

    @Test func `a reject and an indeterminate lot read differently`() {
        var chart = Chart(.conformity(Conformity(lower: 99.9, upper: nil, guardBand: 0.05, decimals: 2)))
        let reject = chart.take(105, 99.8449)
        #expect(reject?.finding.limit == 99.9)
        #expect(reject.detail == "reject: lot 105, 99.84 (assay 99.8449) below 99.9")
        #expect(chart.take(106, 99.92).detail == "indeterminate: lot 106, 99.92 is within 0.05 of 99.9")
        #expect(chart.take(107, 99.95)?.finding.verdict == .out)
    }

    @Test func `a retest that confirms the failure is a step up, and says that it is a retest`() {
        var chart = Chart(.conformity(Conformity(lower: 99.9, upper: nil, guardBand: 0.05)))
        chart.take(105, 99.92)
        let retest = chart.take(105, 99.88)
        #expect(retest?.finding.verdict == .alarm(.lowLow))
        #expect(
            retest.detail == """
                amended lot 105: 99.92 -> 99.88; indeterminate no longer fires; reject now fires; \
                reject: lot 105, 99.88 below 99.9
                """)
        #expect(retest?.isAmended == true)
    }

    @Test func `new limits judge the lot that is there`() {
        var chart = Chart(.conformity(Conformity(lower: 99.9, upper: nil)))
        #expect(chart.take(1, 99.85).isIn)
        #expect(chart.take(1, 99.85) == nil)
        chart.chart = LotChart(lot: 1, rule: .conformity(Conformity(lower: 99.8, upper: nil)))
        chart.memory.restart()
        #expect(chart.take(1, 99.85)?.finding.verdict == .out)
        #expect(chart.take(1, 99.85) == nil)
    }

    @Test func `no lot is too old to be judged`() {
        var chart = Chart(.conformity(Conformity(lower: 99.9, upper: nil)))
        chart.take(Array(repeating: 99.95, count: 250))
        #expect(chart.take(3, 99.5)?.finding.verdict == .alarm(.lowLow))
        #expect(chart.memory.points.count == LotMemory.pointLimit)
    }
}
