import Testing

@testable import cupel_bench

@Suite
struct LineTallyTests {
    private let line = """
        {"boot":"b","id":"storm:S-0.t001","seq":7,"t_received":"2026-01-03T10:20:30.456Z","what":"raise"}

        """

    @Test func linesMayBeCutAnywhere() {
        let bytes = Array(line.utf8)
        for cut in bytes.indices {
            let tally = LineTally("t")
            tally.take(bytes[..<cut])
            #expect(tally.take(bytes[cut...]) == 7, "cut at \(cut)")
            #expect(tally.latencies.count == 1)
        }
    }

    @Test func whatIsMissingIsCountedAndRepeatsAreNot() {
        let tally = LineTally("t")
        for sequence in [1, 2, 2, 5] { tally.take("{\"seq\":\(sequence)}\n".utf8) }
        #expect(tally.missing(upTo: 5) == 2)
        #expect(tally.missing(upTo: 2) == 0)
        #expect(tally.newest == 5)
        #expect(tally.lastArrival(in: 1...2) > 0)
        #expect(tally.lastArrival(in: 3...4) == 0)
    }

    @Test func whatAReaderIsToldToHaveLostAddsUp() {
        let tally = LineTally("t")
        tally.take("{\"from\":3,\"lost\":40,\"to\":90,\"what\":\"gap\"}\n{\"lost\":2,\"what\":\"gap\"}\n".utf8)
        #expect(tally.toldLost == 42)
        #expect(tally.newest == 0)
    }

    @Test func theTimeOfTheDayIsReadToTheMillisecond() {
        let time = LineTally.time(after: "\"t_received\":\"", in: Array(line.utf8)[...])
        #expect(time == 37_230_456)
        #expect(LineTally.time(after: "\"t_source\":\"", in: Array(line.utf8)[...]) == nil)
    }
}
