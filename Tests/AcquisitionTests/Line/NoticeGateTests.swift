import Testing

@testable import Acquisition

@Suite struct NoticeGateTests {
    private static let second: Int64 = 1_000_000_000
    private func begin(_ cause: String = "busy", of subject: String = "F-01") -> LineNotice {
        LineNotice(subject: subject, cause: cause)
    }
    private func end(of subject: String = "F-01") -> LineNotice {
        LineNotice(subject: subject, cause: "busy", ended: true)
    }

    @Test func aFaultIsToldWithItsEnd() {
        var gate = NoticeGate()
        #expect(gate.pass(begin(), at: 0) == begin())
        #expect(gate.pass(end(), at: 5 * Self.second) == end())
    }

    @Test func aFaultThatComesAndGoesIsToldOnceAMinuteWithItsCount() throws {
        var gate = NoticeGate()
        var told: [LineNotice] = []
        for half in 0..<240 {
            let notice = half.isMultiple(of: 2) ? begin() : end()
            if let notice = gate.pass(notice, at: Int64(half) * Self.second / 2) { told.append(notice) }
        }
        #expect(told.map(\.ended) == [false, true, false, true], "two minutes")
        let second = try #require(told.dropFirst(2).first)
        #expect(second.cause == "busy (and 59 times more since it was told last)")
    }

    @Test func faultsThatOverlapHaveTheirEndsEach() {
        var gate = NoticeGate()
        let frozen = LineNotice(subject: "F-01", cause: "the heartbeat stands still")
        let moves = LineNotice(subject: "F-01", cause: "the heartbeat stands still", ended: true)
        #expect(gate.pass(begin(), at: 0) != nil && gate.pass(frozen, at: 1) != nil)
        #expect(gate.pass(moves, at: 2) == moves && gate.pass(end(), at: 3) == end())
    }

    @Test func faultsOfTheDistantPastAreForgotten() {
        var gate = NoticeGate()
        for number in 0..<10_000 {
            let fault = LineNotice(subject: "F-01", cause: "cause \(number)")
            #expect(gate.pass(fault, at: Int64(number) * Self.second) != nil)
            _ = gate.pass(LineNotice(subject: "F-01", cause: fault.cause, ended: true), at: Int64(number) * Self.second)
        }
        #expect(gate.remembered <= NoticeGate.rememberedMax + 60)
    }

    @Test func anotherCauseOfAnOpenFaultIsNews() {
        var gate = NoticeGate()
        _ = gate.pass(begin("timeout"), at: 0)
        #expect(gate.pass(begin("refused"), at: Self.second) == begin("refused"))
    }

    @Test func oneSubjectDoesNotHideAnother() {
        var gate = NoticeGate()
        _ = gate.pass(begin(), at: 0)
        _ = gate.pass(end(), at: 1)
        #expect(gate.pass(begin(), at: 2) == nil && gate.pass(begin(of: "F-02"), at: 2) != nil)
        #expect(gate.pass(end(), at: 3) == nil, "the end of what was not told is not told")
    }
}
