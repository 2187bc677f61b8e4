import Plant
import Testing

@testable import Detection

/// The run rules on published minimal series: luca-scr/qcc tests/testthat/test-rules.R @ af35099934f8. Centre 0,
/// sigma 1, points counted from 1.
@Suite struct RunRuleTests {
    struct Series: Sendable, CustomTestStringConvertible {
        let rule: Int
        let points: [Double]
        let fires: [Int]
        var rules = RunRules.nelson
        var testDescription: String { "rule \(rule) fires at \(fires)" }
    }

    static let mixed = [2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 3.2]
    static let western: [Series] = [
        Series(rule: 1, points: [0, 3.2, -3.5, 2.9], fires: [2, 3]),
        Series(rule: 5, points: [0, 2.5, 1.0, 2.6, 0], fires: [4]),
        Series(rule: 6, points: [0, 1.2, 1.3, 0.2, 1.4, 1.5], fires: [6]),
        Series(rule: 2, points: [-1, -1, -1, -1, -1, -1, -1, -1, 1], fires: [8]),
        Series(rule: 2, points: mixed, fires: [8]),
        Series(rule: 6, points: mixed, fires: [5, 6, 7, 8]),
        Series(rule: 5, points: mixed, fires: [3, 4, 5, 6, 7, 8]),
        Series(rule: 1, points: mixed, fires: [8]),
    ].map { Series(rule: $0.rule, points: $0.points, fires: $0.fires, rules: .westernElectric) }

    static let nelson: [Series] = [
        Series(rule: 1, points: [0, 3.2, -3.4, 3], fires: [2, 3]),
        Series(
            rule: 2, points: Array(repeating: 0.5, count: 10) + Array(repeating: -0.5, count: 10),
            fires: [9, 10, 19, 20]),
        Series(rule: 3, points: [1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1], fires: [6, 7, 13, 14]),
        Series(rule: 4, points: [1, 3, 2, 4, 3, 5, 4, 6, 5, 7, 6, 8, 7, 9, 8], fires: [14, 15]),
        Series(rule: 4, points: [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0], fires: [14, 15]),
        Series(rule: 5, points: [0, 2.3, 0.4, 2.2, -2.4, -0.2, -2.5], fires: [4, 7]),
        Series(rule: 6, points: [1.2, 1.3, 0.2, 1.4, 1.5, -1.2, -1.3, -0.1, -1.4, -1.5], fires: [5, 10]),
        Series(rule: 7, points: Array(repeating: 0.3, count: 16) + [1.2], fires: [15, 16]),
        Series(rule: 8, points: [1.2, -1.3, 1.1, -1.4, 1.5, -1.2, 1.3, -1.1, 0.2], fires: [8]),
        Series(rule: 8, points: Array(repeating: 1.2, count: 8), fires: []),
    ]

    /// Not published: the edges that a wrong comparison would move.
    static let edges: [Series] = [
        Series(rule: 2, points: [1, 1, 1, 1, 0, 1, 1, 1, 1, 1], fires: []),
        Series(rule: 2, points: Array(repeating: 1, count: 8), fires: []),
        Series(rule: 3, points: [1, 2, 3, 3, 4, 5, 6], fires: []),
        Series(rule: 4, points: [0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0], fires: []),
        Series(rule: 5, points: [2, 2, 2, 2], fires: []),
        // The last point must be one of the two.
        Series(rule: 5, points: [2.5, 2.5, 0, 0], fires: []),
        Series(rule: 5, points: [2.5, 2.5, 2], fires: []),
        Series(rule: 6, points: [1.5, 1.5, 1.5, 1.5, 1], fires: []),
        Series(rule: 6, points: [1, 1, 1, 1, 1, 1], fires: []),
        Series(rule: 7, points: Array(repeating: 1, count: 15), fires: [15]),
        Series(rule: 7, points: Array(repeating: 0.5, count: 14), fires: []),
        Series(rule: 8, points: [1.2, -1.3, 1.1, -1.4, 1.5, -1, 1.3, -1.1], fires: []),
    ]

    static func runs(_ length: Int, _ odd: [Int]) -> [Double] { (1...length).map { odd.contains($0) ? -1 : 1 } }

    /// SAS/QC SHEWHART, TEST2RUN= and TEST3RUN= (support.sas.com, qcug 63922, "Modifying Standard Tests").
    static let variants: [Series] = [
        Series(rule: 2, points: runs(8, []), fires: [7, 8], rules: RunRules(rules: [2], side: 7)),
        Series(rule: 2, points: runs(9, []), fires: [8, 9], rules: RunRules(rules: [2], side: 8)),
        Series(rule: 2, points: runs(11, [4]), fires: [11], rules: RunRules(rules: [2], side: 11)),
        Series(rule: 2, points: runs(11, [4, 5]), fires: [], rules: RunRules(rules: [2], side: 11)),
        Series(rule: 2, points: runs(14, [4, 9]), fires: [14], rules: RunRules(rules: [2], side: 14)),
        Series(rule: 2, points: runs(14, [4, 5, 9]), fires: [], rules: RunRules(rules: [2], side: 14)),
        Series(rule: 2, points: runs(20, [1, 4, 9, 11]), fires: [20], rules: RunRules(rules: [2], side: 20)),
        Series(rule: 2, points: runs(20, [1, 4, 5, 9, 11]), fires: [], rules: RunRules(rules: [2], side: 20)),
        Series(rule: 2, points: runs(20, [20]), fires: [], rules: RunRules(rules: [2], side: 20)),
        Series(rule: 3, points: [1, 2, 3, 4, 5, 6, 7], fires: [7], rules: RunRules(rules: [3], trend: 7)),
        Series(rule: 3, points: [8, 7, 6, 5, 4, 3, 2, 1], fires: [8], rules: RunRules(rules: [3], trend: 8)),
    ]

    @Test(arguments: nelson + western + edges + variants)
    func `a point fires a rule when it completes the pattern`(series: Series) {
        let scan = RunRuleScan(series.points, rules: series.rules, centre: .standard)
        #expect(scan.indices(of: series.rule).map { $0 + 1 } == series.fires)
    }

    @Test(arguments: nelson + western + edges + variants)
    func `mirrored points fire the same rules on the other side`(series: Series) {
        let scan = RunRuleScan(series.points, rules: series.rules, centre: .standard)
        let mirrored = RunRuleScan(series.points.map { -$0 }, rules: series.rules, centre: .standard)
        #expect(mirrored.hits.map(\.index) == scan.hits.map(\.index))
        #expect(mirrored.hits.map(\.violation.rule) == scan.hits.map(\.violation.rule))
        #expect(mirrored.hits.map(\.violation.side) == scan.hits.map { -$0.violation.side })
    }

    @Test(arguments: nelson + western + variants)
    func `a chart fires lot by lot as the scan does over all`(series: Series) {
        var chart = Chart(.runs(series.rules, .standard))
        let verdicts = chart.take(series.points)
        let scan = RunRuleScan(series.points, rules: series.rules, centre: .standard)
        let fired = verdicts.indices.filter { verdicts[$0].isIn }
        #expect(fired == Set(scan.hits.map(\.index)).sorted())
    }

    @Test func `a point exactly on a limit that binary fractions cannot hold is not beyond it`() {
        let centre = Centre(mean: 99.9, sigma: 0.1)
        #expect((100.2 - 99.9) / 0.1 != 3)
        #expect(centre.z(100.2) == 3)
        #expect(centre.z(99.6) == -3)
        #expect(RunRuleScan([100.2, 99.6, 100.21], rules: .nelson, centre: centre).indices(of: 1) == [2])
        // NIST/SEMATECH e-Handbook 6.3.3.1: c chart, mean 16; wafer 3 with 28 is on the limit, wafer 24 with 31 beyond.
        let counts = RunRuleScan([28, 31], rules: .nelson, centre: Centre(mean: 16, sigma: 4))
        #expect(counts.indices(of: 1) == [1])
    }

    @Test func `the batch with the failed temperature controller is found`() {
        let all = Centre(mean: 34.088, sigma: 0.5076521)
        let scan = RunRuleScan(Published.viscosity.prefix(20), rules: .nelson, centre: all)
        #expect(scan.indices(of: 1) == [3])
        // Limits without it: 32.75425 to 35.2247 (qcc vignette).
        let refit = Centre(mean: 33.98947, sigma: 0.4117415)
        let later = RunRuleScan(Published.viscosity.dropFirst(20), rules: .nelson, centre: refit)
        #expect(later.indices(of: 1).map { $0 + 21 } == [28])
    }

    @Test func `a finding names the rule, the lots and z`() {
        var chart = Chart(.runs(.usual, Centre(mean: 99.8, sigma: 0.05)))
        let verdicts = chart.take(Array(repeating: 99.82, count: 9), from: 101)
        let last = verdicts[8]
        #expect(last?.finding.verdict == .alarm(.fault))
        #expect(last?.finding.limit == 0)
        #expect(last?.finding.priority == .high)
        #expect(last.detail == "rule 2: 9 points above the centre, lots 101-109, z 0.4")
        #expect(verdicts[7]?.finding.verdict == .out)
        let beyond = chart.take(110, 99.6)
        #expect(beyond.detail == "rule 1: 1 point more than 3 sigma below, lot 110, z -4")
        #expect(beyond?.finding.limit == -3)
    }
}
