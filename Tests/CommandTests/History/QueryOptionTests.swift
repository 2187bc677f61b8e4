import ArgumentParser
import Historian
import Testing

@testable import cupel

struct QueryOptionTests {
    @Test(
        arguments: [
            "X.a --every 1m --agg mean,percent-good,time-weighted", "X.a --max-points 3",
            "X.a --max-points 10 --every 1m", "X.a --agg time-in-state,mean",
            "X.a --agg time-in-state --every 1h --fill previous",
            "X.a --simple", "X.a --bounds outside --wide", "X.a --bounds interpolated --every 1m", "X.a --fill linear",
            "X.a --wide --fill linear", "X.a --agg mean --fill previous", "X.a --utc --zone Asia/Seoul",
            "X.a --zone Asia/Atlantis", "X.a --format xml", "",
        ])
    func refuses(line: String) {
        #expect(throws: (any Error).self) { try Query.parse(line.split(separator: " ").map(String.init)) }
    }

    @Test(arguments: [
        "X.a", "X.a --every 1d --agg mean,min,max,first,last,count,range,stddev,percent-good,rate,increase",
        "X.a --agg time-in-state --wide", "X.a --max-points 4 --wide", "X.a --every 1h --simple --step --fill linear",
        "X.a --bounds interpolated --step", "X.a --wide --fill previous", "X.a --from -8h --to *-1h --zone Asia/Seoul",
        "X.a --from today --epoch-ms --utc --format ndjson --force",
    ])
    func takes(line: String) throws {
        _ = try Query.parse(line.split(separator: " ").map(String.init))
    }

    @Test func figuresAreNamedOnce() throws {
        #expect(try Figure.list("mean,percent-good") == [.mean, .percentGood])
        #expect(Figure.percentGood.column == "percent_good")
        #expect(throws: (any Error).self) { try Figure.list("mean,avg") }
        #expect(throws: (any Error).self) { try Figure.list("mean,max,mean") }
    }

    @Test(arguments: ["X.a --width 29", "X.a --width 1001", "X.a --height 3", "X.a --height 201"])
    func refusesChartsThatNobodyCanSee(line: String) {
        #expect(throws: (any Error).self) { try Plot.parse(line.split(separator: " ").map(String.init)) }
    }

    @Test func aTimeThatIsNoneIsToldWhatIsExpected() {
        #expect {
            try Query.parse(["X.a", "--from", "2026-13-01"])
        } throws: { error in
            Query.fullMessage(for: error).contains("expected a time such as 2026-01-03, 2026-01-03T14:00")
        }
    }

    @Test func anEmptyRangeIsRefused() throws {
        let options = try RangeOptions.parse(["--from", "2026-01-03", "--to", "2026-01-03"])
        #expect(throws: ExitCode.validationFailure) { try options.range(on: .utc) }
    }

    @Test(arguments: [(999, "999"), (1000, "1,000"), (5_000_000, "5,000,000"), (12_345_678, "12,345,678")])
    func largeNumbersAreGrouped(number: Int, expected: String) {
        #expect(RowGuard.grouped(number) == expected)
    }
}
