import Archive
import Plant
import Testing

@testable import cupel

struct RawRowsTests {
    static let temperature = StoredTag.analog(1, "T", type: "float32")
    static let phase = StoredTag.states(2, "P", ["1": "melt", "2": "soak"])
    static let history = MadeUpHistory([
        (
            temperature,
            [
                .good(0, 10), .good(1000, 20), StoredReading(time: 2000, value: .single(1487.0675), quality: .stale),
                .bad(3000), .good(4000, 40), .good(9000, 90),
            ]
        ),
        (phase, [.state(500, 1), .state(1000, 2)]),
    ])

    @Test func readingsTagByTag() throws {
        let rows = RawRows(source: Self.history, tags: [Self.temperature, Self.phase], range: 1000..<9000)
        #expect(
            try rows.csv() == """
                time,tag,value,unit,quality
                1970-01-01T00:00:01.000Z,T,20,degC,good
                1970-01-01T00:00:02.000Z,T,1487.0675,degC,uncertain:stale
                1970-01-01T00:00:03.000Z,T,,degC,bad:timeout
                1970-01-01T00:00:04.000Z,T,40,degC,good
                1970-01-01T00:00:01.000Z,P,2,,good

                """)
        #expect(try rows.estimate(atMost: 100) == 5)
    }

    struct Ends: CustomTestStringConvertible {
        let range: Range<Int64>
        let choice: BoundChoice
        var steps = false
        let start: String?
        let end: String?
        var testDescription: String { "\(range) \(choice) \(steps)" }
    }

    static let ends: [Ends] = [
        Ends(range: 500..<1500, choice: .none, start: nil, end: nil),
        Ends(range: 500..<1500, choice: .outside, start: "0 10 good", end: "2000 1487.0675 uncertain:stale"),
        // On the line from 10 to 20; towards an uncertain reading nobody draws one.
        Ends(range: 500..<1500, choice: .interpolated, start: "500 15 interpolated", end: "1500 20 held"),
        Ends(range: 500..<1500, choice: .interpolated, steps: true, start: "500 10 held", end: "1500 20 held"),
        // A reading lies at the start by itself; one at the end would not be in the range.
        Ends(range: 0..<1000, choice: .interpolated, start: nil, end: "1000 20 good"),
        Ends(range: 1000..<4000, choice: .outside, start: "0 10 good", end: "4000 40 good"),
        Ends(range: 1000..<4000, choice: .interpolated, start: nil, end: "4000 40 good"),
        // Nothing good stood: behind a bad reading, before the first one, a period behind the last.
        Ends(range: 3500..<3600, choice: .interpolated, start: nil, end: nil),
        Ends(range: -500..<100, choice: .interpolated, start: nil, end: "100 11 interpolated"),
        Ends(range: 9500..<12_000, choice: .interpolated, start: "9500 90 held", end: nil),
        // The next reading is late by four periods: a gap, and no line through it.
        Ends(range: 4500..<6000, choice: .interpolated, start: "4500 40 held", end: nil),
    ]

    @Test(arguments: ends)
    func bounds(_ ends: Ends) throws {
        let finder = RangeEnds(source: Self.history, tag: Self.temperature, range: ends.range, steps: ends.steps)
        #expect(try finder.start(ends.choice).map(Self.text) == ends.start)
        #expect(try finder.end(ends.choice).map(Self.text) == ends.end)
    }

    @Test func stepsAreHeld() throws {
        let finder = RangeEnds(source: Self.history, tag: Self.phase, range: 700..<1200, steps: false)
        #expect(try finder.start(.interpolated).map(Self.text) == "700 1 held")
        #expect(try finder.end(.interpolated).map(Self.text) == "1200 2 held")
    }

    @Test func boundsStandAroundTheReadings() throws {
        let rows = RawRows(
            source: Self.history, tags: [Self.temperature], range: 500..<1500, bounds: .interpolated)
        #expect(
            try rows.csv() == """
                time,tag,value,unit,quality
                1970-01-01T00:00:00.500Z,T,15,degC,interpolated
                1970-01-01T00:00:01.000Z,T,20,degC,good
                1970-01-01T00:00:01.500Z,T,20,degC,held

                """)
    }

    static func text(_ bound: Bound) -> String {
        guard case .number(let value) = bound.cell else { return "\(bound.time) - \(bound.quality)" }
        return "\(bound.time) \(value.hasSuffix(".0") ? String(value.dropLast(2)) : value) \(bound.quality)"
    }
}

struct WideRawRowsTests {
    static let tags = [StoredTag.analog(1, "A"), .analog(2, "B"), .states(3, "C", [:])]
    static let history = MadeUpHistory([
        (tags[0], [.good(-500, 0), .good(0, 1), .good(1000, 2), .good(1000, 3), .good(2000, 4)]),
        (tags[1], [.good(0, 10), .bad(1000), .good(2500, 30)]),
        (tags[2], [.state(-900, 7)]),
    ])

    @Test func rowsAreAlignedByTheirExactTime() throws {
        let rows = WideRawRows(source: Self.history, tags: Self.tags, range: 0..<3000)
        #expect(
            try rows.csv() == """
                time,A,B,C
                1970-01-01T00:00:00.000Z,1,10,
                1970-01-01T00:00:01.000Z,2,,
                1970-01-01T00:00:01.000Z,3,,
                1970-01-01T00:00:02.000Z,4,,
                1970-01-01T00:00:02.500Z,,30,

                """)
        #expect(try rows.estimate(atMost: 100) == 4)
    }

    /// A value is carried until the next reading, and a bad one ends it.
    @Test func previousValuesAreCarriedWhenAskedFor() throws {
        let rows = WideRawRows(source: Self.history, tags: Self.tags, range: 0..<3000, carries: true)
        #expect(
            try rows.csv() == """
                time,A,B,C
                1970-01-01T00:00:00.000Z,1,10,7
                1970-01-01T00:00:01.000Z,2,10,7
                1970-01-01T00:00:01.000Z,3,,7
                1970-01-01T00:00:02.000Z,4,,7
                1970-01-01T00:00:02.500Z,4,30,7

                """)
    }

    @Test func jsonHasAKeyForEveryTag() throws {
        let rows = WideRawRows(source: Self.history, tags: Self.tags, range: 2500..<3000)
        #expect(try rows.printed(.ndjson) == #"{"time":"1970-01-01T00:00:02.500Z","A":null,"B":30,"C":null}"# + "\n")
    }
}
