import Testing

@testable import cupel

@Suite struct ProgramRefusalsTests {
    @Test func complainsAtOnceAndThenEachMinute() {
        var refusals = ProgramRefusals(program: "page")
        let seconds: [Int64] = [0, 30, 59, 60, 119, 120]
        let said = seconds.map { refusals.note("exit 1", at: $0 * 1_000_000_000) }
        #expect(said.map { $0 != nil } == [true, false, false, true, false, true])
        #expect(said[0] == "cupel: page: exit 1; it gets the event again until it takes it")
        #expect(said[3]?.hasSuffix("(4 tries so far)") == true)
    }

    @Test func pausesDoubleUpToAMinute() {
        var refusals = ProgramRefusals(program: "page")
        let pauses = (0..<8).map { _ in
            _ = refusals.note("exit 1", at: 0)
            return refusals.pause
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60])
    }
}
