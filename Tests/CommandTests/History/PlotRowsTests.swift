import Archive
import Plant
import TestSupport
import Testing

@testable import cupel

struct PlotRowsTests {
    static let tag = StoredTag.analog(1, "T")

    static func history(_ readings: [StoredReading]) -> MadeUpHistory { MadeUpHistory([(tag, readings)]) }

    static func points(_ readings: [StoredReading], _ range: Range<Int64>, most: Int) throws -> [(Int64, String)] {
        let rows = PlotRows(source: history(readings), tags: [tag], range: range, most: most)
        var points: [(Int64, String)] = []
        try rows.rows(
            RowSink(row: { cells in
                guard case .time(let time) = cells[0], case .number(let text) = cells[2] else { return }
                points.append((time, text))
            }))
        return points
    }

    /// Whatever the curve: no more than asked for, in order, each a reading that was taken, the lowest and the highest of
    /// all among them, and the first and the last.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func outlinesKeepSpikes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var readings: [StoredReading] = []
        var time: Int64 = 0
        for _ in 0..<(100 + random.next() % 200) {
            time += random.chance(3) ? Int64(random.next() % 400) : Int64(1 + random.next() % 4)
            let spike = random.chance(2) ? 1000.0 : 0
            readings.append(
                random.chance(5) ? .bad(time) : .good(time, spike + Double(random.next() % 40) - 20))
        }
        let most = Int(4 + random.next() % 60)
        let points = try Self.points(readings, 0..<(time + 1), most: most)
        let good = readings.filter { $0.quality.isGood }
        #expect(points.count <= most, "seed \(seed)")
        #expect(zip(points, points.dropFirst()).allSatisfy { $0.0 <= $1.0 }, "seed \(seed)")
        #expect(
            points.allSatisfy { point in good.contains { $0.time == point.0 && $0.text == point.1 } }, "seed \(seed)")
        let numbers = points.compactMap { Double($0.1) }
        #expect(numbers.max() == good.compactMap(\.number).max(), "seed \(seed)")
        #expect(numbers.min() == good.compactMap(\.number).min(), "seed \(seed)")
        #expect(points.first?.0 == good.first?.time, "seed \(seed)")
        #expect(points.last?.0 == good.last?.time, "seed \(seed)")
        #expect(Set(points.map { "\($0)" }).count == points.count, "seed \(seed)")
    }

    @Test func firstLowestHighestAndLastInTheOrderOfTime() throws {
        let readings = [5.0, 9, 1, 4, 4, 4, 4, 4, 4, 4].enumerated().map { StoredReading.good(Int64($0), $1) }
        let points = try Self.points(readings, 0..<10, most: 8)
        #expect(points.map { "\($0.0):\($0.1)" } == ["0:5", "1:9", "2:1", "4:4", "5:4", "9:4"])
    }

    @Test func partsAreThoseOfTheTimeThatHasReadings() throws {
        let readings = (0..<1000).map { StoredReading.good(Int64($0) * 10, Double($0 % 7)) }
        let wide = try Self.points(readings, -100_000_000..<100_000_000, most: 100)
        #expect(wide.count <= 100)
        #expect(wide.count > 80)
    }

    @Test func fewReadingsAreGivenAsTheyAre() throws {
        let history = Self.history([.good(0, 1), .bad(1), .good(2, 1), .good(3, 1)])
        let rows = PlotRows(source: history, tags: [Self.tag], range: 0..<10, most: 4)
        #expect(
            try rows.csv() == """
                time,tag,value,unit,quality
                1970-01-01T00:00:00.000Z,T,1,degC,good
                1970-01-01T00:00:00.001Z,T,,degC,bad:timeout
                1970-01-01T00:00:00.002Z,T,1,degC,good
                1970-01-01T00:00:00.003Z,T,1,degC,good

                """)
    }

    @Test func aGapStaysAGap() throws {
        let readings = (0..<100).map { StoredReading.good(Int64($0), 1) } + (900..<1000).map { .good(Int64($0), 2) }
        let points = try Self.points(readings, 0..<1000, most: 40)
        #expect(!points.contains { (100..<900).contains($0.0) })
        #expect(points.count == 4)
    }

    @Test func wideOutlinesShareTheirTimes() throws {
        let other = StoredTag.analog(2, "U")
        let history = MadeUpHistory([
            (Self.tag, (0..<8).map { .good(Int64($0), Double($0)) }), (other, [.good(0, 5), .good(3, 6)]),
        ])
        let rows = PlotRows(source: history, tags: [Self.tag, other], range: 0..<8, most: 4, isWide: true)
        #expect(
            try rows.csv() == """
                time,T,U
                1970-01-01T00:00:00.000Z,0,5
                1970-01-01T00:00:00.003Z,,6
                1970-01-01T00:00:00.007Z,7,

                """)
    }

    @Test func chartsKeepSpikesToo() throws {
        var chart = Chart(from: 0, to: 1000, width: 40, height: 4)
        var readings = (0..<1000).map { StoredReading.good(Int64($0), 1) }
        readings[517] = .good(517, 99)
        try chart.draw(Self.tag, of: Self.history(readings))
        #expect(chart.scale.high == 99)
        #expect(chart.columns.allSatisfy { $0 != nil })
    }
}
