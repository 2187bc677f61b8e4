import Historian
import Testing

@testable import cupel

struct ChartTests {
    /// 40 columns: 11 for the scale, 29 characters of two dots each.
    static func chart() -> Chart { Chart(from: 0, to: 5800, width: 40, height: 4) }

    @Test func aColumnKeepsItsSpike() {
        var chart = Self.chart()
        for time in stride(from: Int64(0), to: 5800, by: 10) { chart.add(time: time, value: 1) }
        chart.add(time: 3005, value: 9)
        #expect(chart.scale.high == 9)
        #expect(chart.columns[30]?.low == 1)
        #expect(chart.columns[30]?.high == 9)
    }

    @Test func aGapStaysAGap() {
        var chart = Self.chart()
        chart.add(time: 0, value: 1)
        chart.add(time: 5799, value: 2)
        let filled = chart.columns.filter { $0 != nil }.count
        #expect(filled == 2)
        let middle = chart.text().split(separator: "\n").map { String($0.dropFirst(20).prefix(8)) }
        #expect(middle.prefix(4).allSatisfy { $0 == "        " })
    }

    static let extremes: [[Double]] = [
        [1e308, -1e308], [.greatestFiniteMagnitude, -.greatestFiniteMagnitude], [.leastNonzeroMagnitude, 0], [5, 5],
        [.greatestFiniteMagnitude],
    ]

    @Test(arguments: extremes)
    func drawsTheEndsOfDoubles(values: [Double]) {
        var chart = Self.chart()
        for (number, value) in values.enumerated() { chart.add(time: Int64(number) * 1000, value: value) }
        let lines = chart.text().split(separator: "\n")
        #expect(lines.count == 5)
    }

    @Test func itIsAsLargeAsAScreenAtMost() {
        let chart = Chart(from: 0, to: 10, width: 100_000, height: 100_000)
        #expect(chart.width == 1000 - Chart.scaleColumns)
        #expect(chart.height == 200)
    }

    @Test func whatLiesOutsideIsLeftOut() {
        var chart = Self.chart()
        chart.add(time: -1, value: 1)
        chart.add(time: 5800, value: 1)
        #expect(chart.isEmpty)
    }

    @Test func itsEndsAreThoseOfAClock() throws {
        let seoul = TimeColumn(try #require(WallClock(named: "Asia/Seoul")))
        let ends = try #require(Self.chart().text(seoul).split(separator: "\n").last)
        #expect(ends.hasPrefix("1970-01-01T09:00:00.000+09:00 ") && ends.hasSuffix(" 1970-01-01T09:00:05.800+09:00"))
        #expect(Self.chart().text().contains("1970-01-01T00:00:05.800Z"))
    }

    @Test func aConstantIsDrawnInTheMiddle() {
        var chart = Self.chart()
        for time in stride(from: Int64(0), to: 5800, by: 100) { chart.add(time: time, value: 50) }
        #expect(chart.scale == (49.5, 50.5))
        let rows = chart.text().split(separator: "\n", omittingEmptySubsequences: false)
        #expect(rows[0].dropFirst(11).allSatisfy { $0 == " " })
        #expect(!rows[1].dropFirst(11).allSatisfy { $0 == " " } || !rows[2].dropFirst(11).allSatisfy { $0 == " " })
    }
}
