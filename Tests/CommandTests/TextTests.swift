import Annunciation
import ArgumentParser
import Glibc
import Testing

@testable import cupel

struct TextTests {
    @Test func socketPathsAreEscapedForAURL() {
        #expect(DaemonClient.escape("/run/cupel/a b.sock") == "%2Frun%2Fcupel%2Fa%20b.sock")
        #expect(DaemonClient.escape("F-*.melt_temp") == "F-%2A.melt_temp")
    }

    @Test func columnsAreAligned() {
        var table = Table(headers: ["TAG", "VALUE"], rightAligned: [1])
        table.rows = [["a", "1"], ["long", "1000.5"]]
        #expect(table.text() == "TAG    VALUE\na          1\nlong  1000.5\n")
    }

    /// What operators type must not break a line in two, nor speak to the terminal.
    @Test func aCellStaysOnItsLine() {
        var table = Table(headers: ["NOTE", "LAST"])
        table.rows = [["a\nb \u{1B}[31mred", "\u{9B}2J"], ["c", "d"]]
        #expect(table.text() == "NOTE          LAST\na b  [31mred   2J\nc             d\n")
        #expect(CellText.table("a\u{9B}\tb") == "a  b")
    }

    @Test(arguments: [
        (#"{"what":"gap","text":"lost\u001b[2J"}"#, "GAP lost [2J\n"), ("no json \u{1B}[2J", "no json  [2J\n"),
    ])
    func aLineOfTheStreamStaysOne(line: String, expected: String) {
        #expect(text(ofAlarmLine: line) == expected)
    }

    @Test(arguments: [
        (0.51234, "0.512"), (7, "7"), (31.249, "31.2"), (99.96, "100"), (1097.059724, "1097"), (3819.662301, "3820"),
        (0, "0"), (0.0001234, "0.000123"),
    ])
    func latenciesHaveThreeDigits(milliseconds: Double, expected: String) {
        #expect(SinkStatus.Latency.milliseconds(milliseconds) == expected)
    }

    /// No word of a library.
    @Test func whyTheDaemonCannotBeReached() {
        func text(_ fault: Unreachable.Fault) -> String { Unreachable(socket: "/s", fault).text }
        #expect(text(.silent(seconds: 60)) == "the daemon at /s does not answer within 60 s")
        #expect(text(.stranger).hasPrefix("no daemon answers at /s: what listens there is no con"))
        #expect(text(.hungUp).hasPrefix("the daemon at /s ended the connection"))
        #expect(text(.system(ENOENT)).contains("(No such file or directory)"))
        #expect(text(.system(EACCES)).hasPrefix("this user may not use /s"))
    }

    @Test(arguments: [
        ["alarms", "history", "--limit", "0"], ["alarms", "history", "--limit=-1"],
        ["alarms", "history", "--since=-5"],
        ["alarms", "history", "--limit", "10001"], ["sinks", "deliveries", "--limit", "0"],
        ["sinks", "deliveries", "--limit=-1"], ["sinks", "deliveries", "--seq", "0"],
        ["sinks", "deliveries", "--seq=-3"],
    ])
    func aNumberThatCannotBeIsMisuse(_ arguments: [String]) {
        do {
            _ = try Cupel.parseAsRoot(arguments)
            Issue.record("taken: \(arguments)")
        } catch {
            #expect(Cupel.exitCode(for: error) == .validationFailure)
        }
    }

    @Test(arguments: [(300, "0.3 s"), (9_999, "9.9 s"), (12_000, "12 s"), (300_000, "5 min"), (10_800_000, "3 h")])
    func agesAreShort(milliseconds: Int64, expected: String) {
        #expect(Now.age(milliseconds) == expected)
    }
}
