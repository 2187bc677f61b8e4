import Annunciation
import Journal
import Plant
import Testing

@testable import Daemon

@Suite struct StreamedLineTests {
    /// What a reader makes of a line is what the daemon's own sinks have of it.
    @Test func isTheLineThatWasSent() throws {
        let notice = AlarmNotice(
            plant: "Smelter", boot: "b", seq: 4, id: "hot:T-1", occ: 2, rev: 3, what: "clear", state: "RTNUN",
            priority: "medium", tag: "T-1", value: 12.5, unit: "C", limit: 10, sourceTime: 1000, receivedTime: 1001,
            effectiveTime: 1002, guidance: "open the damper", responseSeconds: 60, text: "T-1 \"is\" hot",
            who: "alice", annunciated: true, onlyTo: ["pager"], topPriority: "critical", raisedTime: 900)
        let sent = AlarmLine(notice)
        let line = try AlarmLine(streamed: sent.json)
        #expect(line.fields == sent.fields)
        #expect(line.fields[.occurrence] == "2")
        #expect((line.sequence, line.rank, line.topRank, line.announces) == (4, 1, 3, true))
        #expect(line.only == ["pager"])
    }

    @Test func whatIsNoEventIsNone() {
        #expect(throws: (any Error).self) { try AlarmLine(streamed: "{\"what\":\"gap\",\"lost\":1}") }
    }
}
