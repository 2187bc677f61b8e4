import Plant
import TestSupport
import Testing

@testable import Detection

@Suite struct CapabilityTests {
    /// luca-scr/qcc tests/testthat/test-capability.R @ af35099934f8: three subgroups of four, limits 9.9 and 10.1.
    static let subgroups = [[10.0, 10.02, 9.98, 10.01], [10.03, 9.99, 10.01, 10.0], [9.97, 10.04, 10.02, 9.99]]

    @Test func `the indices and their intervals are those of qcc`() throws {
        let overall = Moments(Self.subgroups.joined())
        // Mean range by d2(4), as qcc rounds it: 0.04, 0.04, 0.07.
        let within = (0.04 + 0.04 + 0.07) / 3 / 2.059
        let cp = try #require(
            CapabilityIndices(mean: overall.mean, sigma: within, count: 12, lower: 9.9, upper: 10.1))
        #expect((try #require(cp.toLower) - 1.4413).magnitude < 1e-6)
        #expect((try #require(cp.toUpper) - 1.304033).magnitude < 1e-6)
        #expect(cp.least == cp.toUpper)
        let interval = try #require(cp.interval)
        #expect((interval.lowerBound - 0.727408).magnitude < 1e-6)
        #expect((interval.upperBound - 1.880659).magnitude < 1e-6)

        let sigma = try #require(overall.overall)
        let pp = try #require(CapabilityIndices(mean: overall.mean, sigma: sigma, count: 12, lower: 9.9, upper: 10.1))
        #expect((try #require(pp.toLower) - 1.693228).magnitude < 1e-6)
        #expect((try #require(pp.least) - 1.531968).magnitude < 1e-6)
        #expect((try #require(pp.interval).lowerBound - 0.864608).magnitude < 1e-6)
        #expect((try #require(pp.interval).upperBound - 2.199329).magnitude < 1e-6)
    }

    @Test(arguments: [(9.9, nil, 1.4413), (nil, 10.1, 1.304033)] as [(Double?, Double?, Double)])
    func `one limit is enough`(lower: Double?, upper: Double?, least: Double) throws {
        let mean = Moments(Self.subgroups.joined()).mean
        let indices = try #require(
            CapabilityIndices(mean: mean, sigma: 0.05 / 2.059, count: 12, lower: lower, upper: upper))
        #expect((try #require(indices.least) - least).magnitude < 1e-6)
    }

    @Test func `the lower bound stays below an index of 0 and less`() throws {
        for mean in [9.9, 9.8] {
            let indices = try #require(CapabilityIndices(mean: mean, sigma: 0.1, count: 30, lower: 9.9, upper: nil))
            let bound = try #require(indices.interval).lowerBound
            #expect(bound < (try #require(indices.least)))
        }
        #expect(CapabilityIndices(mean: 1, sigma: 0, count: 30, lower: 0, upper: 2) == nil)
    }

    /// NIST StRD NumAcc3 and NumAcc4: 1001 numbers, certified sd 0.1 exactly. In binary the data themselves are off by
    /// 1e-10 and 2e-9.
    @Test(arguments: [(1_000_000.0, 1e-9), (10_000_000.0, 1e-8)])
    func `a scatter far below the mean keeps its digits`(base: Double, tolerance: Double) throws {
        let numbers = [base + 0.2] + (0..<500).flatMap { _ in [base + 0.1, base + 0.3] }
        let moments = Moments(numbers)
        #expect(moments.count == 1001)
        #expect((moments.mean - base - 0.2).magnitude < tolerance)
        #expect((try #require(moments.overall) - 0.1).magnitude < tolerance)
    }

    /// Printed in luca-scr/qcc docs/articles/qcc.html, with d2 rounded to 1.128.
    @Test func `phase I of the viscosities is estimated as qcc does`() throws {
        let phase = Array(Published.viscosity.prefix(20))
        let all = try #require(Centre.estimate(points: phase, date: "2026-01-01", by: "kim"))
        #expect((all.mean - 34.088).magnitude < 1e-9)
        #expect((all.sigma * Moments.d2 / 1.128 - 0.5076521).magnitude < 1e-7)
        #expect((all.sigma / 0.5076521 - 1).magnitude < 3.4e-4)
        #expect(all.points == 20 && all.date == "2026-01-01" && all.by == "kim")
        let without = try #require(Centre.estimate(points: phase.prefix(3) + phase.dropFirst(4)))
        #expect((without.mean - 33.98947).magnitude < 1e-5)
        #expect((without.sigma * Moments.d2 / 1.128 - 0.4117415).magnitude < 1e-7)
        #expect((try #require(Moments(phase).overall) / 0.5769854 - 1).magnitude < 0.02)
        #expect(Centre.estimate(points: [1.0]) == nil)
        #expect(Centre.estimate(points: [1.0, 1.0]) == nil)
        let logs = try #require(Centre.estimate(points: [10, 0, 1000], scale: .log10))
        #expect(logs.mean == 2 && logs.points == 2)
    }

    /// Purity 99.9 and 99.92 in turn: mean 99.91, moving range 0.02.
    static func lots(_ count: Int) -> [Double] { (0..<count).map { $0 % 2 == 0 ? 99.9 : 99.92 } }

    @Test func `nothing is said before thirty lots`() {
        var chart = Chart(.capability(Capability(lower: 99.8, upper: nil)))
        let verdicts = chart.take(Self.lots(30))
        #expect(verdicts.dropLast().allSatisfy { $0?.finding.verdict == .unknown })
        #expect(verdicts[11].detail == "capability needs 30 lots, 12 so far")
        #expect(verdicts[29]?.finding.verdict == .out)
    }

    @Test func `the lower bound counts, not the index`() {
        // Cpl = 0.11 / (3 x 0.02 / 1.128...) = 2.07; its bound is 1.52.
        let sigma = 0.02 / Moments.d2
        let cpl = 0.11 / (3 * sigma)
        let bound = cpl - 1.959964 * (1 / 270 + cpl * cpl / 58).squareRoot()
        for (least, isIn) in [(bound - 1e-6, false), (bound + 1e-6, true), (cpl - 1e-6, true)] {
            var chart = Chart(.capability(Capability(lower: 99.8, upper: nil, least: least)))
            let last = chart.take(Self.lots(30)).last ?? nil
            #expect(last.isIn == isIn, "least \(least)")
            #expect(((last?.finding.figure ?? .nan) - bound).magnitude < 1e-6)
            #expect(last.detail == "Cpk 2.07, at least 1.52 with 95 % confidence, Ppk 3.61, 30 lots to 30")
        }
    }

    @Test func `the window holds the last lots only`() {
        var chart = Chart(.capability(Capability(lower: 99.8, upper: nil)))
        chart.take(Array(repeating: 99.0, count: 3) + Self.lots(29))
        #expect(chart.take(33, 99.92)?.finding.verdict == .out)
        var longer = Chart(.capability(Capability(lower: 99.8, upper: nil, lots: 33)))
        longer.take(Array(repeating: 99.0, count: 3) + Self.lots(29))
        #expect(longer.take(33, 99.92).isIn)
    }

    @Test func `lots that are all equal have no capability`() {
        var chart = Chart(.capability(Capability(lower: 99.8, upper: nil)))
        #expect(chart.take(Array(repeating: 99.9, count: 30)).last??.finding.verdict == .unknown)
    }
}
