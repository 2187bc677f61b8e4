import Plant
import Testing

@testable import Detection

@Suite struct WeightedSumTests {
    static let centre = Centre(mean: 10, sigma: 1)

    @Test func `C+ is the column of Montgomery's Table 9_1`() {
        var cusum = CUSUM()
        for (index, x) in Published.montgomery.enumerated() {
            cusum.take(Self.centre.z(x), lot: Double(index + 1), k: 0.5)
            let published = Published.montgomeryUpper[index]
            #expect((cusum.upper.sum - published).magnitude < 0.0051, "lot \(index + 1)")
            // C- of lots 2 and 3, from a public test of the same example.
            if index == 1 { #expect((cusum.lower.sum - 1.56).magnitude < 1e-9) }
            if index == 2 { #expect((cusum.lower.sum - 1.77).magnitude < 1e-9) }
        }
    }

    @Test func `Montgomery's Example 9_1 signals at 29, a shift since 23, to 11_25`() {
        var chart = Chart(.cusum(k: 0.5, h: 5, restarts: false, Self.centre))
        let verdicts = chart.take(Published.montgomery)
        #expect(verdicts.indices.filter { verdicts[$0].isIn }.map { $0 + 1 } == [29, 30])
        #expect(verdicts[28].detail == "C+ 5.28 above 5 at lot 29, shift since lot 23 (N 7), new mean 11.2543")
        #expect(verdicts[28]?.finding.limit == 5)
    }

    @Test func `a cusum that restarts after a signal begins at 0`() {
        var chart = Chart(.cusum(k: 0.5, h: 5, restarts: true, Self.centre))
        let verdicts = chart.take(Published.montgomery)
        #expect(verdicts.indices.filter { verdicts[$0].isIn }.map { $0 + 1 } == [29])
        #expect(((verdicts[29]?.finding.figure ?? .nan) - 0.02).magnitude < 1e-9)
    }

    /// luca-scr/qcc tests/testthat/test-cusum.R @ af35099934f8.
    @Test func `a sum at H exactly is no signal, on either side`() {
        let points = [1.5, 0.5, 0.6, -1.5, -0.5, -0.8]
        let (upper, lower) = ([1, 1, 1.1, 0, 0, 0], [0, 0, 0, 1, 1, 1.3])
        var cusum = CUSUM()
        for (index, x) in points.enumerated() {
            cusum.take(x, lot: 0, k: 0.5)
            #expect((cusum.upper.sum - upper[index]).magnitude < 1e-12)
            #expect((cusum.lower.sum - lower[index]).magnitude < 1e-12)
        }
        var chart = Chart(.cusum(k: 0.5, h: 1, restarts: false, .standard))
        let verdicts = chart.take(points)
        #expect(verdicts.indices.filter { verdicts[$0].isIn } == [2, 5])
        #expect(verdicts[5].detail.hasPrefix("C- 1.3 above 1 at lot 6, shift since lot 4 (N 3), new mean -0.93"))
    }

    @Test func `the average of Montgomery's Example 9_2 signals at 29 and 30`() {
        var chart = Chart(.ewma(lambda: 0.1, width: 2.7, Self.centre))
        let verdicts = chart.take(Published.montgomery)
        let published = [1: 9.945, 2: 9.7495, 3: 9.70355, 29: 10.6468, 30: 10.6341]
        for (lot, value) in published {
            #expect(((verdicts[lot - 1]?.finding.figure ?? .nan) - value).magnitude < 6e-5, "lot \(lot)")
        }
        #expect(verdicts.indices.filter { verdicts[$0].isIn }.map { $0 + 1 } == [29, 30])
        #expect(((verdicts[29]?.finding.limit ?? .nan) - 10.6189).magnitude < 6e-5)
        #expect(verdicts[29].detail == "EWMA 10.6341 above 10.6189, lot 30, 0.63 sigma from the centre")
    }

    /// luca-scr/qcc tests/testthat/test-ewma.R @ af35099934f8.
    @Test func `the sigma of the average is exact for each point`() {
        let spreads = [1, 1.118033988749895, 1.14564392373896]
        let averages = [10.5, 11.75, 11.875]
        let centre = Centre(mean: 10, sigma: 2)
        var average = EWMA()
        for (index, x) in [11.0, 13, 12].enumerated() {
            average.take(centre.z(x), lambda: 0.5)
            #expect((10 + 2 * average.value - averages[index]).magnitude < 1e-12)
            #expect((2 * average.spread(lambda: 0.5) - spreads[index]).magnitude < 1e-12)
        }
        var shewhart = Chart(.ewma(lambda: 1, width: 2, .standard))
        #expect(shewhart.take([0, 0, 0, 5]).map(\.isIn) == [false, false, false, true])
        #expect(shewhart.take(5, -2)?.finding.verdict == .out)
    }

    /// Piston rings, means of five, phase I of 25 samples: printed in luca-scr/qcc docs/articles/qcc.html.
    @Test(arguments: [
        (3.0, 1, 73.99855, 74.0038), (3, 2, 73.99781, 74.00454), (3, 25, 73.9968, 74.00555),
        (2.7, 1, 73.99881, 74.00354), (2.7, 2, 73.99815, 74.0042), (2.7, 40, 73.99724, 74.00511),
    ])
    func `the limits around the piston rings are those of qcc`(
        width: Double, count: Int, lower: Double, upper: Double
    ) {
        let sigma = 0.009785039 / 5.0.squareRoot()
        var average = EWMA()
        for _ in 0..<count { average.take(0, lambda: 0.2) }
        let half = width * sigma * average.spread(lambda: 0.2)
        #expect((74.00118 - half - lower).magnitude < 1.1e-5)
        #expect((74.00118 + half - upper).magnitude < 1.1e-5)
    }
}
