import Archive
import Historian
import TestSupport
import Testing

@testable import cupel

struct FigureRowsTests {
    static let temperature = StoredTag.analog(1, "T")
    static let energy = StoredTag.counter(2, "E")
    static let history = MadeUpHistory(
        period: 100,
        [
            (
                temperature,
                [.good(0, 0), .good(100, 10), .good(200, 20), .bad(300), .bad(1100), .good(2000, 7), .good(2050, 9)]
            ),
            (energy, [.state(0, 100), .state(900, 130), .state(1000, 5), .state(1900, 25)]),
        ])

    static func question(
        _ tags: [StoredTag], _ range: Range<Int64>, every: Int64? = 1000, _ figures: [Figure], isSimple: Bool = false,
        options: AggregateOptions = AggregateOptions(), fill: FillChoice = .none
    ) -> FigureQuestion {
        FigureQuestion(
            tags: tags, range: range, intervals: every.map { .grid(WallClock.utc.grid(every: $0)) } ?? .whole,
            figures: figures, isSimple: isSimple, options: options, fill: fill)
    }

    static func rows(_ question: FigureQuestion) -> FigureRows<MadeUpHistory> {
        FigureRows(source: history, question: question)
    }

    /// From 0 to 200 on the line, then 20 until the bad reading: 10 x 200 + 20 x 100 over 300 ms.
    @Test func figuresOfIntervals() throws {
        let question = Self.question(
            [Self.temperature], 0..<2100,
            [.mean, .min, .max, .first, .last, .count, .range, .stddev, .percentGood])
        #expect(
            try Self.rows(question).csv() == """
                time,tag,mean,min,max,first,last,count,range,stddev,percent_good,unit
                1970-01-01T00:00:00.000Z,T,13.3333333333333,0,20,0,20,3,20,0,30,degC
                1970-01-01T00:00:01.000Z,T,,,,,,0,,,0,degC
                1970-01-01T00:00:02.000Z,T,8.5,7,9,7,9,2,2,0,100,degC

                """)
    }

    @Test func aGapIsNoRowAndTheMeanHasItsChoices() throws {
        #expect(
            try Self.rows(Self.question([Self.temperature], 0..<2100, [.mean])).csv() == """
                time,tag,mean,unit
                1970-01-01T00:00:00.000Z,T,13.3333333333333,degC
                1970-01-01T00:00:02.000Z,T,8.5,degC

                """)
        let simple = Self.question([Self.temperature], 0..<1000, [.mean], isSimple: true)
        #expect(try Self.rows(simple).csv().contains(",T,10,degC\n"))
        let steps = Self.question([Self.temperature], 0..<1000, [.mean], options: .init(interpolation: .steps))
        #expect(try Self.rows(steps).csv().contains(",T,10,degC\n"))
        let whole = Self.question([Self.temperature], 0..<2100, every: nil, [.max, .count])
        #expect(
            try Self.rows(whole).csv() == "time,tag,max,count,unit\n1970-01-01T00:00:00.000Z,T,20,5,degC\n")
    }

    /// What was read is written as its float32 register would be, what was worked out as a number.
    @Test func readValuesKeepTheirForm() throws {
        let tag = StoredTag.analog(1, "F", type: "float32")
        let number = Double(Float(1451.2817))
        let history = MadeUpHistory(
            period: 100,
            [(tag, [.good(0, number), .good(100, number)])])
        let question = Self.question([tag], 0..<100, [.mean, .max, .count])
        #expect(
            try FigureRows(source: history, question: question).csv()
                == "time,tag,mean,max,count,unit\n1970-01-01T00:00:00.000Z,F,1451.28173828125,1451.2817,1,degC\n")
    }

    /// 30 up to the reset, then 5 from zero, then 20; over the whole, 55 in 1.9 s.
    @Test func countersHaveRates() throws {
        #expect(
            try Self.rows(Self.question([Self.energy, Self.temperature], 0..<2000, [.increase, .rate])).csv() == """
                time,tag,increase,rate,unit
                1970-01-01T00:00:00.000Z,E,30,30,kWh
                1970-01-01T00:00:01.000Z,E,25,25,kWh

                """)
        // Only the part within the query counts for the rate.
        let part = Self.question([Self.energy], 500..<1000, [.increase, .rate])
        #expect(try Self.rows(part).csv().contains("00.000Z,E,30,60,kWh"))
    }

    @Test(arguments: [
        ([Figure.rate], "kWh/s"), ([.count], ""), ([.percentGood], "%"), ([.count, .percentGood], "%"),
        ([.mean, .count], "kWh"), ([.rate, .percentGood], ""), ([.max, .rate], "kWh"),
    ])
    func theUnitIsTheFigures(figures: [Figure], unit: String) {
        #expect(Self.question([Self.energy], 0..<2000, figures).unit(of: Self.energy) ?? "" == unit)
    }

    @Test func guessesTheRowsBeforeThereAreTooMany() throws {
        let question = Self.question([Self.temperature, Self.energy], 0..<2000, [.mean])
        #expect(try Self.rows(question).estimate(atMost: 1000) == 6)
        #expect(try RowGuard.refusal(of: Self.rows(question)) == nil)
        // From 1970 on, but the readings are those of 1.1 seconds.
        let careless = Self.question([Self.temperature], -100_000_000_000..<2000, every: 1, [.mean])
        #expect(try Self.rows(careless).estimate(atMost: 1_000_000_000) == 1102)
        let rows = ManyRows()
        let refusal = try #require(try RowGuard.refusal(of: rows))
        #expect(refusal.contains("about 7,000,000 rows, more than 5,000,000"))
        #expect(refusal.contains("--force"))
    }

    struct ManyRows: RowSource {
        let columns: [Column] = []
        func estimate(atMost: Int) -> Int { 7_000_000 }
        func rows(_ sink: RowSink) {}
    }
}

struct FillTests {
    static let grid = WallClock.utc.grid(every: 10)

    static func filled(_ choice: FillChoice, isStepped: Bool = false, until end: Int64 = 60) -> [String] {
        var filler = Filler([.mean, .count], choice, grid, isStepped: isStepped)
        var rows: [String] = []
        func emit(_ row: FigureRow) {
            let cells = row.values.map { value in
                if case .number(let number) = value { "\(number)" } else { "-" }
            }
            rows.append("\(row.start) \(cells.joined(separator: " "))")
        }
        filler.take(FigureRow(start: 10, values: [.number(1), .number(3)]), emit)
        // Only bad readings: a row without a mean.
        filler.take(FigureRow(start: 20, values: [nil, .number(0)]), emit)
        filler.take(FigureRow(start: 40, values: [.number(4), .number(1)]), emit)
        filler.fill(until: end, towards: nil, emit)
        return rows
    }

    /// Whether an interval is filled does not hang on where the range begins.
    @Test(arguments: [
        (FillChoice.previous, [StoredReading.good(15, 7), .good(45, 9)], ["20 7.0 0.0", "30 7.0 0.0", "40 9.0 1.0"]),
        (.previous, [.good(5, 7), .bad(15), .good(45, 9)], ["40 9.0 1.0"]),
        (.linear, [.good(15, 7), .good(45, 9)], ["40 9.0 1.0"]),
        (.none, [.good(15, 7), .good(45, 9)], ["40 9.0 1.0"]),
    ])
    func beginsWithWhatStoodBefore(fill: FillChoice, readings: [StoredReading], expected: [String]) throws {
        let tag = StoredTag.analog(1, "T")
        let source = MadeUpHistory(period: 1, [(tag, readings)])
        let question = FigureQuestion(
            tags: [tag], range: 20..<50, intervals: .grid(Self.grid), figures: [.mean, .count], fill: fill)
        var rows: [String] = []
        for isWide in [false, true] {
            rows = []
            let sink = RowSink(row: { cells in
                guard case .time(let time) = cells[0] else { return }
                let numbers = cells.compactMap { cell in
                    if case .number(let text) = cell { Double(text)?.description } else { nil as String? }
                }
                rows.append(([String(time)] + numbers).joined(separator: " "))
            })
            if isWide {
                try WideFigureRows(source: source, question: question).rows(sink)
            } else {
                try FigureRows(source: source, question: question).rows(sink)
            }
            #expect(rows == expected, "wide: \(isWide)")
        }
    }

    @Test func nothingIsFilledByItself() {
        #expect(Self.filled(.none) == ["10 1.0 3.0", "20 - 0.0", "40 4.0 1.0"])
    }

    @Test func previousGoesOnToTheEnd() {
        #expect(
            Self.filled(.previous) == [
                "10 1.0 3.0", "20 1.0 0.0", "30 1.0 0.0", "40 4.0 1.0", "50 4.0 0.0",
            ])
    }

    @Test func aLineNeedsBothEnds() {
        #expect(Self.filled(.linear) == ["10 1.0 3.0", "20 2.0 0.0", "30 3.0 0.0", "40 4.0 1.0"])
    }

    @Test func statesAreNeverInterpolated() {
        #expect(Self.filled(.linear, isStepped: true) == Self.filled(.previous))
    }
}

struct WideFigureRowsTests {
    static func history(seed: UInt64) -> MadeUpHistory {
        var random = SeededRandom(seed: seed)
        let tags = [StoredTag.analog(1, "A"), .counter(2, "B"), .analog(3, "C")]
        return MadeUpHistory(
            period: 5,
            tags.map { tag in
                var readings: [StoredReading] = []
                var time = Int64(random.next() % 600)
                for _ in 0..<25 {
                    // Gaps of more than a page of intervals among them.
                    time += random.chance(20) ? Int64(random.next() % 900) : Int64(1 + random.next() % 8)
                    readings.append(random.chance(15) ? .bad(time) : .good(time, Double(random.next() % 50)))
                }
                return (tag, readings)
            })
    }

    /// Wide rows are the long ones turned, whatever lies at the borders of the pages that they are gathered in.
    @Test(arguments: [11, 12, 13] as [UInt64], FillChoice.allCases)
    func wideIsLongTurned(seed: UInt64, fill: FillChoice) throws {
        let history = Self.history(seed: seed)
        let tags = history.past.map(\.tag)
        let question = FigureQuestion(
            tags: tags, range: 3..<2997, intervals: .grid(WallClock.utc.grid(every: 4)),
            figures: [.mean, .max, .count],
            fill: fill)
        var turned: [Int64: [Cell?]] = [:]
        try FigureRows(source: history, question: question).rows(
            RowSink(row: { cells in
                guard case .time(let time) = cells[0], case .text(let name) = cells[1],
                    let place = tags.firstIndex(where: { $0.name == name })
                else { return }
                turned[time, default: Array(repeating: nil, count: 9)].replaceSubrange(
                    (place * 3)..<(place * 3 + 3), with: cells[2..<5])
            }))
        var wide: [Int64: [Cell?]] = [:]
        var times: [Int64] = []
        let rows = WideFigureRows(source: history, question: question)
        try rows.rows(
            RowSink(row: { cells in
                guard case .time(let time) = cells[0] else { return }
                times.append(time)
                wide[time] = Array(cells.dropFirst())
            }))
        #expect(wide == turned, "seed \(seed)")
        #expect(times == times.sorted() && Set(times).count == times.count, "seed \(seed)")
        #expect(rows.columns.map(\.name).prefix(4) == ["time", "A:mean", "A:max", "A:count"])
    }

    @Test func emptyCellsAndNoEmptyRows() throws {
        let question = FigureRowsTests.question(
            [FigureRowsTests.temperature, FigureRowsTests.energy], 0..<2100, [.mean])
        let rows = WideFigureRows(source: FigureRowsTests.history, question: question)
        #expect(
            try rows.csv(#require(WallClock(named: "Asia/Seoul"))) == """
                time,T,E
                1970-01-01T09:00:00.000+09:00,13.3333333333333,115
                1970-01-01T09:00:01.000+09:00,,15
                1970-01-01T09:00:02.000+09:00,8.5,

                """)
    }
}

struct StateRowsTests {
    static let phase = StoredTag.states(1, "P", ["1": "melt", "2": "soak", "3": "cast"])
    static let running = StoredTag(
        id: 2, name: "R", unit: nil, description: nil, kind: "bool", type: "bool", states: [:], isStepped: true,
        isCounter: false)
    static let history = MadeUpHistory(
        period: 1000,
        [
            (phase, [.state(0, 1), .state(400, 2), .state(1500, 9), .bad(1750)]),
            (running, [.state(0, 1), .state(500, 0), .state(1000, 1)]),
        ])

    static func question(_ range: Range<Int64> = 0..<2000) -> FigureQuestion {
        FigureRowsTests.question([phase, running], range, [.timeInState])
    }

    @Test func aRowForEachState() throws {
        #expect(
            try StateRows(source: Self.history, question: Self.question()).csv() == """
                time,tag,value,state,seconds
                1970-01-01T00:00:00.000Z,P,1,melt,0.4
                1970-01-01T00:00:00.000Z,P,2,soak,0.6
                1970-01-01T00:00:01.000Z,P,2,soak,0.5
                1970-01-01T00:00:01.000Z,P,9,9,0.25
                1970-01-01T00:00:00.000Z,R,0,false,0.5
                1970-01-01T00:00:00.000Z,R,1,true,0.5
                1970-01-01T00:00:01.000Z,R,1,true,1

                """)
    }

    @Test func aColumnForEachState() throws {
        #expect(
            try StateRows(source: Self.history, question: Self.question(), isWide: true).csv() == """
                time,P:melt,P:soak,P:cast,P:other,R:false,R:true,R:other
                1970-01-01T00:00:00.000Z,0.4,0.6,0,0,0.5,0.5,0
                1970-01-01T00:00:01.000Z,0,0.5,0,0.25,0,1,0

                """)
    }
}
