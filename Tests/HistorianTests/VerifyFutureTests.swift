import Store
import TestSupport
import Testing

@testable import Historian

@Suite("Times that are still to come")
struct VerifyFutureTests {
    let scratch: Scratch
    let history: WrittenHistory

    init() throws {
        scratch = try Scratch()
        history = try WrittenHistory(scratch.history)
    }

    private func findings(now: Int64) throws -> [Finding] {
        let report = try Verify(path: history.path, depth: .quick, now: now).history()
        #expect(report.isSound)
        return report.findings
    }

    private var newest: Int64 { history.time(history.scans - 1) }

    /// In `hot`, in `waiting`, and in spans; a minute of difference between two clocks is none.
    @Test(
        arguments: [
            (0, []), (-59_000, []), (-60_001, ["C1/fast", "C2/fast"]), (-300_000, ["C1/fast", "C2/fast"]),
            (-86_400_000, ["C1/fast", "C2/fast"]),
        ] as [(Int64, [String])])
    func readingsThere(offset: Int64, subjects: [String]) throws {
        let found = try findings(now: newest + offset)
        #expect(found.map(\.subject) == subjects)
        #expect(found.allSatisfy { $0.kind == .future && $0.severity == .warning && $0.end == newest + 1 })
        #expect(found.allSatisfy { $0.line.contains("warning: future: ") })
    }

    /// Of three tables the newest rows alone are ahead.
    @Test(arguments: ["span", "waiting", "hot"])
    func eachTableIsLookedAt(table: String) throws {
        let history = try WrittenHistory(scratch.path + "/other.db", waiting: 200, hot: 200)
        let sealed = history.spans * history.spanScans
        let before = ["span": sealed - 100, "waiting": sealed + 20, "hot": sealed + 220][table] ?? 0
        // The rows behind them are gone; the beacon, too, would miss them.
        let behind = ["span": "DELETE FROM waiting; DELETE FROM hot", "waiting": "DELETE FROM hot"][table] ?? ""
        try history.change(behind)
        let report = try Verify(path: history.path, depth: .quick, now: history.time(before)).history()
        #expect(report.findings.filter { $0.kind == .future }.map(\.subject) == ["C1/fast", "C2/fast"])
    }

    @Test func aHorizonThatHidesWhatIsReadNow() throws {
        let horizon = newest + 10 * 86_400_000
        try history.change("INSERT INTO mark(name, value) VALUES ('raw_from', \(horizon))")
        let found = try findings(now: newest)
        #expect(found.map(\.kind) == [.future])
        #expect(found.first?.subject == nil && found.first?.end == horizon + 1)
        #expect(try findings(now: horizon) == [])
    }
}
