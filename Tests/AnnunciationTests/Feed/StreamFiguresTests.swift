import Annunciation
import Testing

@Suite struct StreamFiguresTests {
    private static let second: Int64 = 1_000_000_000

    private func line(_ sequence: Int64, published: Int64? = nil) -> FeedLine {
        FeedLine(
            line: AlarmLine(
                sequence: sequence, json: "{}\n", text: "", severity: 1, rank: 3, announces: true),
            published: published)
    }

    private func figures(acknowledges: Bool = true) -> StreamFigures {
        let figures = StreamFigures(who: "alice", via: .socket, connected: 0)
        figures.introduce(name: "horn", acknowledges: acknowledges, after: 10)
        return figures
    }

    @Test func timesFromTheCommitToTheWriteAndToTheAcknowledgement() throws {
        let figures = figures()
        let lines = [line(11, published: 1_000_000), line(12, published: 2_000_000)]
        figures.willWrite(lines, at: 3_000_000)
        figures.didWrite(lines, at: 4_000_000)
        #expect(figures.acknowledge(12, at: 9_000_000) == nil)
        let report = figures.report(behind: 0, at: 9_000_000)
        #expect(report.sent == 2)
        #expect(report.acked == 12)
        #expect(try #require(report.written).p50 == 2)
        #expect(try #require(report.written).p99 == 3)
        #expect(try #require(report.acknowledged).p99 == 8)
        #expect(!report.dead)
    }

    @Test func anAcknowledgementOfWhatWasNotSentIsAMistake() {
        let figures = figures()
        figures.willWrite([line(11)], at: 0)
        // While it is still being written: the other end may be quicker than we.
        #expect(figures.acknowledge(11, at: 0) == nil)
        #expect(figures.acknowledge(12, at: 0) == 11)
        // Repetitions and older ones change nothing.
        #expect(figures.acknowledge(3, at: 0) == nil)
        #expect(figures.report(behind: 0, at: 0).acked == 11)
    }

    /// What was under way when the journal turned out to be another acknowledges that one's numbers.
    @Test func anAcknowledgementFromBeforeARestartIsNoMistake() {
        let figures = figures()
        figures.restart(after: 5)
        for stale in [10, 8, 3] as [Int64] { #expect(figures.acknowledge(stale, at: 0) == nil) }
        #expect(figures.report(behind: 0, at: 0).acked == 5)
        figures.willWrite([line(6)], at: 0)
        #expect(figures.acknowledge(10, at: 0) == nil)
        #expect(figures.report(behind: 0, at: 0).acked == 5)
        #expect(figures.acknowledge(6, at: 0) == nil)
        #expect(figures.report(behind: 0, at: 0).acked == 6)
        #expect(figures.acknowledge(10, at: 0) == 6)
    }

    @Test(arguments: [(true, 30, false), (true, 31, true), (false, 31, false)])
    func aSilentReaderIsDeadWhenItPromisedToAcknowledge(acknowledges: Bool, seconds: Int64, dead: Bool) {
        let figures = figures(acknowledges: acknowledges)
        figures.willWrite([line(11)], at: 0)
        figures.didWrite([line(11)], at: 0)
        #expect(figures.report(behind: 0, at: seconds * Self.second).dead == dead)
        _ = figures.acknowledge(11, at: seconds * Self.second)
        #expect(!figures.report(behind: 0, at: 1000 * Self.second).dead)
    }

    @Test func aReaderThatTakesNothingIsDead() {
        let figures = figures(acknowledges: false)
        figures.willWrite([line(11)], at: 0)
        let report = figures.report(behind: 5, at: 31 * Self.second)
        #expect(report.dead)
        #expect(report.trouble == "has not read for 31 s")
        #expect(report.acked == nil)
    }
}
